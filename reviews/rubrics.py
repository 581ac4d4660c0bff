"""A call's rubric as one text: what is hashed, compared and kept.

The hash is that of canonical JSON, written as a filed letter is (`proposals.content.canonical`), so
that anybody who has the text can make it again.
"""

from decimal import Decimal

from proposals import content
from reviews.models import RubricVersion

# Weights are whole percentages; a rubric gives out all of them.
WHOLE = 100
TEXTS = ("name", "short_name", "question")


def content_of(criteria) -> list[dict]:
    """Everything a rubric says, in its order: texts by language, weight in per cent.

    The threshold is text, so that it is hashed as it is read; null where a criterion has none.
    """
    return [
        {
            "code": one.code,
            "position": one.position,
            **{name: getattr(one, name) for name in TEXTS},
            "anchors": one.anchors,
            "weight": one.weight,
            "threshold": None if one.threshold is None else f"{Decimal(one.threshold):.1f}",
        }
        for one in criteria
    ]


def digest(said: list[dict]) -> str:
    """SHA-256 of the canonical bytes, in lower-case hexadecimal."""
    return content.digest(said)


def weight_of(said: list[dict]) -> int:
    """Sum of the weights, in per cent."""
    return sum(line["weight"] for line in said)


def latest_of(call) -> RubricVersion | None:
    """The newest version; None for a call whose criteria nobody has versioned yet."""
    return RubricVersion.objects.filter(call=call).first()
