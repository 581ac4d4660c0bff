"""What the order of a round rests on: which letters, which rubric, whose marks."""

import hashlib
import json
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import (
    BigIntegerField,
    CharField,
    Count,
    DecimalField,
    Func,
    QuerySet,
    Sum,
    Value,
)
from django.db.models.functions import Cast, Concat

from proposals.models import CallRound, LetterOfIntent
from reviews.models import Aim, Criterion, RankedLetter, Ranking, Review


@dataclass(frozen=True)
class Grounds:
    """Letters and rubric of a round: those of the frozen ranking where there is one.

    A line of the rubric has code, name, short_name, anchors, weight (%) and threshold (text, or
    None where the criterion has none).
    """

    call_round: CallRound
    ranking: Ranking | None
    letters: QuerySet
    rubric: list[dict]

    def reviews(self, without=()):
        """Reviews that count, without those of the letters with these ids."""
        filed = Review.objects.submitted().filter(assignment__round=self.call_round)
        return filed.filter(assignment__letter__in=self.letters.values("pk")).exclude(
            assignment__letter__in=without
        )


@dataclass(frozen=True)
class Fingerprint:
    """What tells one state of the marks from another, and how much it covers."""

    sha256: str
    letters: int
    reviews: int


def grounds(call_round) -> Grounds:
    """What the round's order rests on now, or rested on when it was frozen."""
    ranking = Ranking.objects.filter(round=call_round).select_related("frozen_by").first()
    if ranking is None:
        letters = LetterOfIntent.objects.in_round(call_round)
        return Grounds(call_round, None, letters, rubric_of(call_round.call_id))
    ranked = RankedLetter.objects.filter(ranking=ranking)
    letters = LetterOfIntent.objects.filter(pk__in=ranked.values("letter"))
    return Grounds(call_round, ranking, letters, ranking.rubric)


def rubric_of(call_id) -> list[dict]:
    """The call's criteria as they stand, in the form a ranking keeps them in."""
    return [
        {
            "code": criterion.code,
            "name": criterion.name,
            "short_name": criterion.short_name,
            "anchors": criterion.anchors,
            "weight": criterion.weight,
            "threshold": None if criterion.threshold is None else str(criterion.threshold),
        }
        for criterion in Criterion.objects.filter(call=call_id)
    ]


def aim_of(call_round) -> Aim:
    """What the chair aims at in the round; the default, not saved, where nobody said."""
    return Aim.objects.filter(round=call_round).first() or Aim(round=call_round)


def fingerprint(ground: Grounds, aim: Aim, without=()) -> Fingerprint:
    """A hash of everything the scores hang on, summed up by the database in two questions.

    Every change of a filed mark raises the revision of its review, so marks need not be read. The
    letters with the ids `without` take no part: whoever may not know of them learns nothing from
    whether this changes.
    """
    reviews = ground.reviews(without).aggregate(
        count=Count("pk"), hashes=_sum_of_hashes("pk", "revision")
    )
    letters = ground.letters.exclude(pk__in=without).aggregate(
        count=Count("pk"), hashes=_sum_of_hashes("pk")
    )
    rubric = [[line["code"], line["weight"], line.get("threshold")] for line in ground.rubric]
    content = {
        "reviews": _texts(reviews),
        "letters": _texts(letters),
        "rubric": rubric,
        "top": aim.top,
        "threshold": str(Decimal(aim.threshold).quantize(Decimal("0.01"))),
    }
    text = json.dumps(content, sort_keys=True)
    return Fingerprint(
        hashlib.sha256(text.encode()).hexdigest(), letters["count"], reviews["count"]
    )


def _sum_of_hashes(*columns):
    """The same for the same rows in any order."""
    parts = [part for column in columns for part in (Value("/"), Cast(column, CharField()))]
    text = Concat(*parts, output_field=CharField())
    # PostgreSQL's own; a sum of bigints is a numeric, which does not overflow.
    hashed = Func(text, Value(0), function="hashtextextended", output_field=BigIntegerField())
    return Sum(hashed, output_field=DecimalField(max_digits=60, decimal_places=0))


def _texts(found) -> list[str]:
    return [str(found["count"]), str(found["hashes"] or 0)]
