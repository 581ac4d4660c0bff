"""The portfolio: a chair signs rules before any score is there, and asks for a scenario of each.

The scenarios wait for the demo's worker, as anybody's do: nobody who starts it waits for them. The
one that the panel votes for is computed at once, because its decisions follow it.
"""

from accounts.states import Role
from chang_e8_portal import clock
from chang_e8_portal.demo.story import decisions, who_and_when
from decisions import actions as decisions_room
from decisions import portfolio_input
from decisions.models import PortfolioAdoption, PortfolioRules, PortfolioScenario
from decisions.querysets import conflicts_of
from decisions.states import ScenarioState
from proposals.models import LetterOfIntent
from proposals.states import ProjectType

_ROBOT = "Robot floor"
_MERIT_ONLY = ("Merit only", {"agency_max": None})
# What the panel looks at in the final round, beside merit alone.
_RULES = (
    _MERIT_ONLY,
    (_ROBOT, {"agency_max": None}),
    (
        "Breadth of countries",
        {
            "country_max": 1,
            "objectives": dict.fromkeys(("fields", "profiles", "earth", "samples"), 3.0),
        },
    ),
    ("Eleven letters", {"agency_max": None, "count": {"max": 11}}),
)
_VOTED = _RULES[-1][0]
_PINNED = "Minute 5: the panel wants instruments, rovers and robots of many partners."
_MINUTE = "Carried, eleven to one. Illustrative."


def sign(call_round, *, at):
    """The first chair signs the rules, unless whoever tries the demo has signed some."""
    if PortfolioRules.objects.filter(round=call_round).exists():
        return
    clock.travel_to(at)
    usual = portfolio_input.usual_rules(call_round)
    power = usual["limits"][portfolio_input.POWER]
    usual["limits"] = {portfolio_input.POWER: power | {"total": 150.0}}
    for name, changes in _RULES if call_round.is_final else (_MERIT_ONLY,):
        content = {key: value for key, value in (usual | changes).items() if value is not None}
        if name == _ROBOT:
            content["must"] = _heaviest_robot(call_round)
        decisions_room.sign_rules(
            call_round,
            name=name,
            content=content,
            actor=who_and_when.first_with(Role.CHAIR),
            at=clock.now(),
        )


def _heaviest_robot(call_round) -> list[dict]:
    """It flies: the announcement names robots, and by merit alone their mass keeps them out."""
    chair = who_and_when.first_with(Role.CHAIR)
    robots = LetterOfIntent.objects.to_decide_in(call_round).filter(
        project_type=ProjectType.ROBOT, mass_kg__isnull=False
    )
    free = robots.exclude(pk__in=conflicts_of(chair).values("letter"))
    heaviest = free.order_by("-mass_kg", "reference").first()
    reason = "Priority of the announcement: surface robots. Minute 2."
    return [{"letter": heaviest.reference, "reason": reason}] if heaviest else []


def weigh(call_round, *, at):
    """A scenario for each of the rules, unless there are some."""
    if PortfolioScenario.objects.filter(round=call_round).exists():
        return
    clock.travel_to(max(clock.now(), at))
    for rules in PortfolioRules.objects.filter(round=call_round).order_by("number"):
        decisions_room.ask_for_scenario(
            rules,
            name=rules.name,
            actor=who_and_when.first_with(Role.CHAIR),
            at=clock.now(),
        )


def adopt(call_round, *, at):
    """The panel votes for the set of the story, unless it voted for one already."""
    adopted = PortfolioAdoption.objects.filter(scenario__round=call_round).exists()
    rules = PortfolioRules.objects.filter(round=call_round, name=_VOTED).first()
    if adopted or rules is None:
        return
    clock.travel_to(max(clock.now(), at))
    chair = who_and_when.first_with(Role.CHAIR)
    scenario = decisions_room.ask_for_scenario(
        rules,
        name="As the panel voted",
        pins=[
            {"letter": letter.reference, "inside": True, "reason": _PINNED}
            for letter in decisions.meant_to_fly(call_round)
        ],
        actor=chair,
        at=clock.now(),
    )
    decisions_room.compute_scenario(scenario.pk, at=clock.now())
    scenario.refresh_from_db()
    # Letters that were withdrawn or weigh more by now may leave no such set.
    if scenario.state == ScenarioState.READY:
        decisions_room.adopt_scenario(scenario, minute=_MINUTE, actor=chair, at=clock.now())
