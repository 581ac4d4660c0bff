"""How long a call's shortlist is meant to be: data of its preliminary round.

Default: 2.5 to 3 times the mass of the lander, and whoever has a chance of 2 % of being among the
best. The rule of size is that of the European Union's calls in two stages, where the first stage
lets through about three times what can be paid for; the chance guards against leaving out a letter
that a few more reviews would have lifted.
"""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from proposals.states import RoundKind


@dataclass(frozen=True)
class ShortlistRule:
    """Multiples of the mass the lander gives partners; a chance of 0 to 1; a margin in per cent."""

    least: Decimal = Decimal("2.5")
    most: Decimal = Decimal(3)
    chance: Decimal = Decimal("0.02")
    # Where a letter states no margin of its own.
    margin_percent: Decimal = Decimal(20)


def read(data: dict) -> ShortlistRule:
    """The rule from `shortlist` of a round in `call.json`; ValueError for what makes no sense."""
    known = set(ShortlistRule.__dataclass_fields__)
    if unknown := set(data) - known:
        raise ValueError(f"shortlist: unknown {', '.join(sorted(unknown))}")
    try:
        rule = ShortlistRule(**{name: Decimal(str(value)) for name, value in data.items()})
    except InvalidOperation:
        raise ValueError("shortlist: numbers are needed") from None
    if not 0 < rule.least <= rule.most <= 1000:
        raise ValueError("shortlist: least must be above 0, and most not below it")
    if not (0 <= rule.chance <= 1 and 0 <= rule.margin_percent <= 100):
        raise ValueError("shortlist: chance is 0 to 1, margin_percent 0 to 100")
    return rule


def rule_of(call) -> ShortlistRule:
    """What the call says of its shortlist, or the default."""
    rounds = call.facts.get("rounds", ())
    said = next((one for one in rounds if one.get("code") == RoundKind.PRELIMINARY), {})
    return read(said.get("shortlist", {}))
