"""The rules of a selection as rows of numbers, each under the path it has in the scenario.

A path ("rules.categories.robots.min") is how conflicts, prices and explanations name a rule.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from math import ceil, floor

from decisions.portfolio.program import in_whole_numbers
from decisions.portfolio.scenario import Candidate, Level, Rules, Scenario

HUNDRED = Decimal(100)


@dataclass(frozen=True)
class Row:
    """low <= sum of the amounts of those chosen <= high. Amounts are exact; None is no bound."""

    amounts: Mapping[int, Decimal]
    low: Decimal | int | None = None
    high: Decimal | int | None = None

    def holds_for(self, chosen: frozenset[int]) -> bool:
        total = sum(self.amounts[i] for i in chosen if i in self.amounts)
        return (self.low is None or self.low <= total) and (self.high is None or total <= self.high)

    def bars(self, i: int) -> bool:
        """Does it keep candidate `i` out whatever else is chosen?"""
        return self.high is not None and self._only_adds and self.amounts.get(i, 0) > self.high

    @cached_property
    def _only_adds(self) -> bool:
        return all(amount >= 0 for amount in self.amounts.values())

    @cached_property
    def scaled(self) -> tuple[dict[int, float], float | None, float | None]:
        """Amounts, low and high in the unit that suits the solver."""
        amounts, unit = in_whole_numbers(self.amounts.values())
        low, high = (
            None if bound is None else Fraction(bound) / unit for bound in (self.low, self.high)
        )
        if all(amount.is_integer() for amount in amounts):
            # No sum lies between two whole numbers.
            low, high = low and ceil(low), high and floor(high)
        return dict(zip(self.amounts, amounts, strict=True)), low, high


@dataclass(frozen=True)
class Rule:
    path: str
    says: str
    rows: tuple[Row, ...]

    def bars(self, i: int) -> bool:
        return any(row.bars(i) for row in self.rows)

    def holds_for(self, chosen: frozenset[int]) -> bool:
        return all(row.holds_for(chosen) for row in self.rows)


def counted_mass(candidate: Candidate, these: Rules) -> Decimal:
    """Kilograms of the lander's limit it takes: mass * (1 + margin) + interface, exactly.

    A mission flies by itself and takes none.
    """
    if not candidate.rides_on_the_lander:
        return Decimal(0)
    grown = candidate.mass * (HUNDRED + margin_of(candidate, these)) / HUNDRED
    return grown + candidate.interface


def margin_of(candidate: Candidate, these: Rules) -> Decimal:
    """Percent by which its mass may grow."""
    return these.margin if candidate.margin is None else candidate.margin


def merges(candidates: Sequence[Candidate]) -> tuple[Row, ...]:
    """A letter flies alone or in one of its merged projects: no rule, it cannot be two."""
    among = defaultdict(list)
    for i, one in enumerate(candidates):
        for key in one.merges or ():
            among[key].append(i)
    at = {one.key: i for i, one in enumerate(candidates)}
    return tuple(_at_most([at[key], *among[key]], 1) for key in sorted(among))


def of(scenario: Scenario, candidates: Sequence[Candidate]) -> Iterator[Rule]:
    """All rules, in the order of the scenario. Indices of rows are places in `candidates`."""
    yield from _screening(scenario, candidates)
    yield from _resources(scenario.rules, candidates)
    yield from _diversity(scenario.rules, candidates)
    yield from _particular(scenario.rules, {one.key: i for i, one in enumerate(candidates)})


def _screening(scenario, candidates):
    place = {one.key: i for i, one in enumerate(candidates)}
    for at, one in enumerate(scenario.candidates):
        if one.ineligible:
            yield Rule(
                f"candidates[{at}].ineligible",
                f"{one.key} is ineligible: {one.ineligible}",
                (_at_most([place[one.key]], 0),),
            )
    most, least = scenario.rules.module_mass, scenario.rules.threshold
    heavy = [i for i, c in enumerate(candidates) if c.level == Level.SYSTEM and c.mass > most]
    yield Rule(
        "rules.module_mass", f"a stand-alone module has at most {most} kg", (_at_most(heavy, 0),)
    )
    if least is not None:
        weak = [i for i, one in enumerate(candidates) if one.merit < least]
        yield Rule("rules.threshold", f"a merit of at least {least}", (_at_most(weak, 0),))


def _resources(rules, candidates):
    masses = {
        i: counted_mass(one, rules) for i, one in enumerate(candidates) if one.rides_on_the_lander
    }
    yield Rule(
        "rules.mass",
        f"at most {rules.mass} kg on the lander, margins and interfaces included",
        (Row(masses, high=rules.mass),),
    )
    for name, limit in rules.limits.items():
        uses = {
            i: one.uses[name]
            for i, one in enumerate(candidates)
            if one.rides_on_the_lander and one.uses.get(name)
        }
        if limit.hard and limit.total is not None:
            yield Rule(
                f"rules.limits.{name}.total",
                f"at most {limit.total} of {name} in all",
                (Row(uses, high=limit.total),),
            )
        if limit.hard and limit.each is not None:
            greedy = [i for i, use in uses.items() if use > limit.each]
            yield Rule(
                f"rules.limits.{name}.each",
                f"at most {limit.each} of {name} for each",
                (_at_most(greedy, 0),),
            )


def _diversity(rules, candidates):
    for field, most, word in (
        ("agencies", rules.agency_max, "agency"),
        ("countries", rules.country_max, "country"),
    ):
        if most is not None:
            groups = defaultdict(list)
            for i, one in enumerate(candidates):
                for name in getattr(one, field):
                    groups[name].append(i)
            yield Rule(
                f"rules.{word}_max",
                f"at most {most} of one {word}",
                tuple(
                    _at_most(groups[name], most)
                    for name in sorted(groups)
                    if len(groups[name]) > most
                ),
            )
    for name, span in rules.categories.items():
        members = [i for i, one in enumerate(candidates) if name in one.categories]
        yield from _span(f"rules.categories.{name}", f" of category {name}", span, members)
    yield from _span("rules.count", "", rules.count, range(len(candidates)))


def _span(path, what, span, members):
    if span.min:
        row = Row(dict.fromkeys(members, Decimal(1)), low=span.min)
        yield Rule(f"{path}.min", f"at least {span.min}{what}", (row,))
    if span.max is not None:
        yield Rule(f"{path}.max", f"at most {span.max}{what}", (_at_most(members, span.max),))


def _particular(rules, place):
    for at, group in enumerate(rules.exclusive):
        says = f"only one of {', '.join(sorted(group))}"
        yield Rule(f"rules.exclusive[{at}]", says, (_at_most([place[key] for key in group], 1),))
    for at, need in enumerate(rules.needs):
        # A candidate that needs itself is content.
        amounts = {place[need.letter]: Decimal(1)} | {place[key]: Decimal(-1) for key in need.needs}
        says = f"{need.letter} needs {' or '.join(sorted(need.needs))}"
        yield Rule(f"rules.needs[{at}]", says, (Row(amounts, high=0),))
    for at, pin in enumerate(rules.must):
        row = Row({place[pin.letter]: Decimal(1)}, low=1)
        yield Rule(f"rules.must[{at}]", f"{pin.letter} must be in: {pin.reason}", (row,))
    for at, pin in enumerate(rules.barred):
        row = _at_most([place[pin.letter]], 0)
        yield Rule(f"rules.barred[{at}]", f"{pin.letter} is barred: {pin.reason}", (row,))


def _at_most(members, most) -> Row:
    return Row(dict.fromkeys(members, Decimal(1)), high=most)
