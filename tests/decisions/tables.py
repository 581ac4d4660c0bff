"""A round with a frozen ranking and portfolio rules, for the tests of the workbench."""

from decimal import Decimal

from accounts.states import Role
from decisions import actions, portfolio_input
from decisions.models import PortfolioScenario
from proposals.states import Level
from reviews import actions as panel
from reviews.models import RankedLetter
from tests import make
from tests.decisions import stage
from tests.reviews.marks import AT, letter_marked, scored

# Mass in kilograms with its margin, and total: 200 kg hold the first two; without the
# first the second, fourth and fifth are best.
MASSES = (110, 90, 70, 60, 50)
TOTALS = (95, 85, 78, 77, 76)


def ranked(masses=MASSES, totals=TOTALS, *, final=True, **fields):
    """A frozen round with a letter for each mass, which carries its margin already."""
    call = make.call()
    kind = make.shortlisted_letter if final else make.eligible_letter
    letters = [
        kind(
            call=call,
            agency=make.agency(),
            title=f"Instrument {number}",
            mass_kg=min(Decimal(mass), Decimal(100)),
            margin_percent=max(0, mass - 100),
            level=Level.UNIT,
            **fields,
        )
        for number, mass in enumerate(masses, 1)
    ]
    call_round = make.final_round(call) if final else make.first_round(call)
    stage.freeze(call_round, letters)
    for letter, total in zip(letters, totals, strict=False):
        RankedLetter.objects.filter(letter=letter).update(total=total)
    return call_round, letters


def marked(it_is, *, letters=6):
    """A frozen first round with real marks, so that a scoring run stands behind the ranking.

    The lander takes three of the letters.
    """
    call = make.call(lander_mass_kg=Decimal(8))
    make.rubric(call)
    it_is(AT)
    call_round = make.first_round(call)
    people = [make.reviewer() for _ in range(3)]
    made = [
        letter_marked(
            call_round,
            # From good to weak, and reviewers who do not quite agree.
            {
                person: Decimal(9 - number - (at + 1) * (number + 1) % 3) / 2
                for at, person in enumerate(people)
            },
            agency=make.agency(),
            mass_kg=Decimal(6),
            margin_percent=Decimal(20),
        )
        for number in range(letters)
    ]
    scored()
    panel.freeze_ranking(call_round, actor=make.user(Role.CHAIR), at=AT)
    scored()
    return call_round, made


def rules(call_round, actor, *, name="Merit only", reason="The panel asked for it.", **content):
    """Signed rules: the usual ones, changed."""
    return actions.sign_rules(
        call_round,
        name=name,
        content=portfolio_input.usual_rules(call_round) | content,
        reason=reason,
        actor=actor,
        at=stage.late(call_round.call),
    )


def asked(call_round, actor, *, name="Merit only", pins=(), signed=None, **content):
    signed = signed or rules(call_round, actor, **content)
    return actions.ask_for_scenario(
        signed, name=name, pins=list(pins), actor=actor, at=stage.late(call_round.call)
    )


def ready(call_round, actor, **options):
    """A scenario that a worker has computed."""
    scenario = asked(call_round, actor, **options)
    actions.compute_scenario(scenario.pk, at=stage.late(call_round.call))
    return PortfolioScenario.objects.select_related("rules", "asked_by", "round").get(
        pk=scenario.pk
    )


def pin(letter, *, inside=True, reason="Minute 4."):
    return {"letter": letter.reference, "inside": inside, "reason": reason}


def adopted(scenario, actor):
    return actions.adopt_scenario(
        scenario, minute="Nine to one.", actor=actor, at=stage.late(scenario.round.call)
    )
