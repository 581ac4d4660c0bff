"""The portfolio: a chair signs rules before any score is there, and asks for a scenario of each.

The scenarios wait for the demo's worker, as anybody's do: nobody who starts it waits for them.
"""

from accounts.states import Role
from chang_e8_portal import clock
from chang_e8_portal.demo.story import who_and_when
from decisions import actions as decisions_room
from decisions import portfolio_input
from decisions.models import PortfolioRules, PortfolioScenario
from decisions.querysets import conflicts_of
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
)


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
