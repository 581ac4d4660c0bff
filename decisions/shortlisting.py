"""The shortlist that the rule of size proposes for a round, in words; nothing is written."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from decisions import rounds
from decisions.querysets import conflicts_of
from decisions.shortlist import Candidate, Place, Why, shortlist, with_margin
from proposals.models import CallRound, LetterOfIntent
from proposals.shortlists import ShortlistRule, rule_of
from proposals.states import Eligibility
from reviews import scoring
from reviews.models import Scoreboard
from reviews.scoreboards import board_of


@dataclass(frozen=True)
class Line:
    """A letter as the page shows it; `mass` is counted with the margin, in kilograms."""

    letter: LetterOfIntent
    place: Place
    mass: Decimal
    chance: str
    words: list[str]

    @property
    def is_in(self) -> bool:
        return self.place.is_in


@dataclass(frozen=True)
class Proposal:
    """The whole walk: `least` and `most` in kilograms, the lines in order of rank."""

    rule: ShortlistRule
    least: Decimal
    most: Decimal
    lines: list[Line]
    # Whose chances these are; none where nothing has been calculated.
    board: Scoreboard | None

    @property
    def chosen(self) -> list[Line]:
        return [line for line in self.lines if line.is_in]

    @property
    def others(self) -> list[Line]:
        return [line for line in self.lines if not line.is_in]

    @property
    def by_chance(self) -> list[Line]:
        return [line for line in self.lines if line.place.why == Why.CHANCE]

    @property
    def mass(self) -> Decimal:
        """What the letters of the shortlist weigh together, with margins."""
        return sum((line.mass for line in self.chosen), Decimal(0))

    @property
    def last(self) -> LetterOfIntent | None:
        """The letter after which the line falls, if one lies below it."""
        walked = [line for line in self.lines if line.place.why in (Why.WITHIN, Why.REACHES)]
        return walked[-1].letter if walked and len(walked) < len(self.lines) else None


def propose(call_round: CallRound, user) -> Proposal:
    """The walk along the frozen ranking, over the letters that `user` may decide.

    Withdrawn letters and those that are not eligible take no part. Chances are those of the
    ranking's scoring run; somebody in conflict with a letter gets everything as if that letter were
    not there.
    """
    call, board = call_round.call, board_of(user, call_round)
    rule = rule_of(call)
    chances = dict(board.lines.values_list("letter", "p_top")) if board else {}
    ranked = (
        rounds.letters_of(call_round, conflicts_of(user).values("letter"))
        .filter(position__isnull=False)
        .exclude(screening__outcome=Eligibility.INELIGIBLE)
        .order_by("position", "reference")
    )
    letters = {letter.pk: letter for letter in ranked}
    least, most = rule.least * call.lander_mass_kg, rule.most * call.lander_mass_kg
    found = shortlist(
        [
            Candidate(pk, letter.position, _counted(letter, rule), chances.get(pk))
            for pk, letter in letters.items()
        ],
        least=least,
        most=most,
        chance=rule.chance,
    )
    return Proposal(
        rule=rule,
        least=least,
        most=most,
        lines=[
            Line(
                letter=letters[place.candidate.key],
                place=place,
                mass=place.candidate.mass,
                chance=_percent(place.candidate.chance),
                words=[
                    *_words(letters[place.candidate.key], place, rule, least=least, most=most),
                    *_weak(letters[place.candidate.key], board),
                ],
            )
            for place in found
        ],
        board=board,
    )


def _counted(letter, rule) -> Decimal:
    if not letter.rides_on_the_lander:
        return Decimal(0)
    return with_margin(letter.mass_kg, letter.margin_percent, default=rule.margin_percent)


def _words(letter, place, rule, *, least, most) -> list[str]:
    said = [_reason(place, rule, least=least, most=most)]
    if place.shares_place:
        said.append(_("Shares its place: letters of one place come together or not at all."))
    if not letter.rides_on_the_lander:
        said.append(_("Mission level: counts 0 kg."))
    elif letter.mass_kg is None:
        said.append(_("States no mass and counts 0 kg here: ask the agency."))
    return said


def _weak(letter, board) -> list[str]:
    """The rule asks for no lowest total; whoever decides should see that one is missed."""
    passing = board and board.summary.get("threshold")
    if not passing or float(letter.total) >= passing:
        return []
    return [
        _("Its total is below %(passing)s, the lowest that passes.") % {"passing": f"{passing:g}"}
    ]


def _reason(place, rule, *, least, most) -> str:
    figures = {
        "least": rounds.plain(least),
        "most": rounds.plain(most),
        "limit": rounds.plain(rule.chance * 100),
        "chance": _percent(place.candidate.chance),
    }
    match place.why:
        case Why.WITHIN:
            return _("Up to here the list stays within %(most)s kg.") % figures
        case Why.REACHES:
            return (
                _("Needed to reach %(least)s kg, although it leads beyond %(most)s kg.") % figures
            )
        case Why.CHANCE:
            return (
                _(
                    "Below the line, but its chance of being among the best is %(chance)s %%, and "
                    "%(limit)s %% is enough."
                )
                % figures
            )
        case Why.UNKNOWN:
            return _("Below the line. Its chance of being among the best is not known.")
    return _("Below the line, and its chance is less than %(limit)s %%.") % figures


def _percent(chance) -> str:
    return "" if chance is None else scoring.percent(chance)
