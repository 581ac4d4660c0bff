"""Which decisions of a round go against its rules, and whether a second person agreed."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from decisions import decided_set, rounds
from decisions.models import Decision, GrantedException
from decisions.states import POSITIVE, ExceptionKind
from proposals.states import Answer
from reviews.grounds import aim_of
from reviews.models import RankedLetter


@dataclass(frozen=True)
class Case:
    """One thing against the rules; `decision` is None for what concerns all selected projects.

    `granted` is the last that was said about exactly this: None while nobody asked.
    """

    kind: ExceptionKind
    what: str
    decision: Decision | None
    mass: Decimal | None
    granted: GrantedException | None
    set_sha256: str = ""

    @property
    def is_granted(self) -> bool:
        return self.granted is not None and self.granted.answer == Answer.YES

    @property
    def is_awaited(self) -> bool:
        return self.granted is not None and self.granted.answer == Answer.AWAITED


def of(call_round, without=()) -> list[Case]:
    """Every case of the round: letters by reference, then the mass, then the adopted set.

    Letters of `without` are left out, and so are mass and set for whoever does not see all of them.
    """
    said = list(
        GrantedException.objects.filter(round=call_round)
        .exclude(answer=Answer.TAKEN_BACK)
        .select_related("proposed_by", "answered_by")
        .order_by("proposed_at")
    )
    cases = _below(call_round, without, said)
    if not list(without):
        cases += [*_overweight(call_round, said), *_otherwise(call_round, said)]
    return cases


def missing(call_round, without=()) -> list[str]:
    """What still lacks a reason or a second person, one sentence each."""
    return [case.what for case in of(call_round, without) if not case.is_granted]


def mass_is_granted(call_round, mass) -> bool:
    """Whether two people let the selected projects weigh this much."""
    granted = GrantedException.objects.filter(
        round=call_round, kind=ExceptionKind.MASS, answer=Answer.YES, mass_kg__gte=mass
    )
    return granted.exists()


def allows_mass(call_round, mass, publication) -> bool:
    """Whether the round can be told, or was, with this mass on the lander."""
    if mass <= call_round.call.lander_mass_kg:
        return True
    return (publication is not None and publication.is_released) or mass_is_granted(
        call_round, mass
    )


def _below(call_round, without, said) -> list[Case]:
    passing = aim_of(call_round).threshold
    totals = dict(
        RankedLetter.objects.filter(ranking__round=call_round, total__lt=passing).values_list(
            "letter", "total"
        )
    )
    decisions = (
        rounds.decisions_of(call_round, without)
        .filter(outcome__in=POSITIVE, letter__in=totals)
        .select_related("letter")
        .order_by("letter__reference")
    )
    last = {(one.letter_id, one.version): one for one in said if one.kind == ExceptionKind.TOTAL}
    return [
        Case(
            kind=ExceptionKind.TOTAL,
            what=_("%(reference)s goes forward with a total of %(total)s; %(passing)s passes")
            % {
                "reference": decision.letter.reference,
                "total": rounds.plain(totals[decision.letter_id]),
                "passing": rounds.plain(passing),
            },
            decision=decision,
            mass=None,
            granted=last.get((decision.letter_id, decision.version)),
        )
        for decision in decisions
    ]


def _overweight(call_round, said) -> list[Case]:
    mass, limit = rounds.mass_on_the_lander(call_round), call_round.call.lander_mass_kg
    if not call_round.is_final or mass <= limit:
        return []
    enough = [one for one in said if one.kind == ExceptionKind.MASS and one.mass_kg >= mass]
    return [
        Case(
            kind=ExceptionKind.MASS,
            what=_("The selected projects weigh %(mass)s kg; the lander carries %(limit)s kg")
            % {"mass": rounds.plain(mass), "limit": rounds.plain(limit)},
            decision=None,
            mass=mass,
            granted=enough[-1] if enough else None,
        )
    ]


def _otherwise(call_round, said) -> list[Case]:
    adopted = decided_set.adopted_in(call_round)
    if adopted is None or adopted.agrees:
        return []
    sha256 = adopted.kept.sha256
    same = [one for one in said if one.kind == ExceptionKind.SET and one.set_sha256 == sha256]
    return [
        Case(
            kind=ExceptionKind.SET,
            what="; ".join(_ways_apart(adopted)),
            decision=None,
            mass=None,
            granted=same[-1] if same else None,
            set_sha256=sha256,
        )
    ]


def _ways_apart(adopted):
    """How the decided letters differ from the adopted set, and which of its rules they break."""
    name = adopted.scenario.name
    if adopted.entering or adopted.leaving:
        yield _("Not the set “%(name)s” that the panel adopted: %(change)s") % {
            "name": name,
            "change": adopted.change,
        }
    if adopted.kept.broken:
        yield _("Against rules of “%(name)s” (%(mass)s kg with margins): %(rules)s") % {
            "mass": rounds.plain(adopted.kept.mass),
            "name": name,
            "rules": ", ".join(adopted.kept.broken),
        }
