"""The practice letter of a call: one invented letter with experts' marks, for whoever is new.

It is data of the call (`facts["practice"]`): title, sections, and for each criterion a mark with a
sentence why. What somebody practises counts nowhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from proposals.models import Call
from proposals.models.call import in_language
from reviews import scoring
from reviews.models import Practice
from reviews.scoring import HALF_MARKS


@dataclass(frozen=True)
class Letter:
    """The practice letter in the reader's language."""

    title: str
    # (title, text) of each section.
    sections: list[tuple[str, str]]
    # Criterion code to (mark, why).
    experts: dict[str, tuple[Decimal, str]]


@dataclass(frozen=True)
class Line:
    """One criterion: one's own mark (None cannot judge) beside the experts', and their reason."""

    criterion: object
    own: Decimal | None
    comment: str
    experts: Decimal
    why: str

    @property
    def is_far(self) -> bool:
        """Whether the two are a whole mark or more apart."""
        return self.own is not None and abs(self.own - self.experts) >= 1


def letter_of(call: Call) -> Letter | None:
    """The letter of a call, or None where it has none."""
    fact = call.facts.get("practice")
    if not fact:
        return None
    return Letter(
        title=in_language(fact["title"]),
        sections=[(in_language(one["title"]), in_language(one["text"])) for one in fact["letter"]],
        experts={
            code: (Decimal(one["mark"]), in_language(one["why"]))
            for code, one in fact["marks"].items()
        },
    )


def check(fact: Mapping, codes) -> None:
    """Raise KeyError or ValueError for a practice letter that does not hold together."""
    fact["title"]["en"]
    for section in fact["letter"]:
        section["title"]["en"], section["text"]["en"]
    if strange := set(fact["marks"]) ^ set(codes):
        raise ValueError(f"practice: a mark for each criterion, not {', '.join(sorted(strange))}")
    for code, one in fact["marks"].items():
        if Decimal(one["mark"]) not in HALF_MARKS or not one["why"]["en"]:
            raise ValueError(f"practice: {code}: a mark in half steps, as text, and why")


def owed_by(user) -> Call | None:
    """The newest call whose practice letter `user` has neither marked nor declined."""
    settled = Practice.objects.filter(user=user).settled().values("call")
    calls = Call.objects.filter(facts__has_key="practice").exclude(pk__in=settled)
    return calls.only("code").order_by("-opens_at", "code").first()


def compared(letter: Letter, practice: Practice, criteria) -> list[Line]:
    """The rubric's lines; a criterion that the experts were never asked about is not among them."""
    lines = []
    for criterion in criteria:
        if criterion.code in letter.experts:
            given = practice.marks.get(criterion.code, {})
            mark = given.get("mark")
            own = None if mark is None else Decimal(mark)
            lines.append(
                Line(criterion, own, given.get("comment", ""), *letter.experts[criterion.code])
            )
    return lines


def totals(lines: list[Line]) -> tuple[Decimal | None, Decimal | None]:
    """One's own weighted total and the experts', 0 to 100."""
    weights = {line.criterion.code: line.criterion.weight for line in lines}
    own = {line.criterion.code: line.own for line in lines}
    experts = {line.criterion.code: line.experts for line in lines}
    return scoring.weighted_total(own, weights), scoring.weighted_total(experts, weights)
