"""A scenario as sums over places: what each candidate is worth and weighs, and which sets may be.

Candidates stand in the order of their receipts, so that the order of a file changes nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from decisions.portfolio import rules
from decisions.portfolio.rules import Row
from decisions.portfolio.scenario import Candidate, Rules, Scenario

# Values count in millionths of a point: two sets that agree to that are equally good.
MILLIONTH = Decimal("0.000001")


@dataclass(frozen=True)
class Bonus:
    """Points a set earns for holding one of its members (an objective) or all (a synergy)."""

    points: Decimal
    members: frozenset[int]
    needs_all: bool

    def earned_by(self, chosen: frozenset[int]) -> bool:
        return self.members <= chosen if self.needs_all else bool(self.members & chosen)


@dataclass(frozen=True)
class Choice:
    """A set of candidates: keys in the order of receipts, points, kilograms on the lander."""

    keys: tuple[str, ...]
    value: Decimal
    mass: Decimal


@dataclass(frozen=True)
class Difference:
    """From one set to another: who comes, who goes, points and kilograms gained."""

    entering: tuple[str, ...]
    leaving: tuple[str, ...]
    value: Decimal
    mass: Decimal


class Problem:
    """`values` in points and `masses` in kg, one a candidate; `rules`; `bonuses`."""

    def __init__(self, scenario: Scenario):
        self.scenario = scenario
        self.candidates = sorted(scenario.candidates, key=lambda one: (one.receipt, one.key))
        self.place = {one.key: i for i, one in enumerate(self.candidates)}
        self.values = [value_of(one, scenario.rules) for one in self.candidates]
        self.masses = [rules.counted_mass(one, scenario.rules) for one in self.candidates]
        self.rules = tuple(rules.of(scenario, self.candidates))
        self.merges = rules.merges(self.candidates)
        self.bonuses = tuple(self._bonuses())

    def rows(self, *, without: Iterable[str] = ()) -> list[Row]:
        """All rows but those of the rules whose paths are left out."""
        return [
            *self.merges,
            *(row for rule in self.rules if rule.path not in without for row in rule.rows),
        ]

    @property
    def gains(self) -> list[Decimal]:
        """Points of each candidate, then of each bonus."""
        return [*self.values, *(bonus.points for bonus in self.bonuses)]

    def value(self, chosen: Iterable[int]) -> Decimal:
        chosen = frozenset(chosen)
        earned = (bonus.points for bonus in self.bonuses if bonus.earned_by(chosen))
        return sum((self.values[i] for i in chosen), Decimal(0)) + sum(earned)

    def mass(self, chosen: Iterable[int]) -> Decimal:
        return sum((self.masses[i] for i in chosen), Decimal(0))

    def choice(self, chosen: Iterable[int]) -> Choice:
        keys = tuple(self.candidates[i].key for i in sorted(chosen))
        return Choice(keys, self.value(chosen), self.mass(chosen))

    def places(self, keys: Iterable[str]) -> frozenset[int]:
        """Raises KeyError for a key that no candidate has."""
        return frozenset(self.place[key] for key in keys)

    def difference(self, one: Iterable[str], other: Iterable[str]) -> Difference:
        """From set `one` to set `other`, as "+ {9, 40} - {5, 11}: -0.78"."""
        before, after = self.places(one), self.places(other)
        return Difference(
            entering=self.choice(after - before).keys,
            leaving=self.choice(before - after).keys,
            value=self.value(after) - self.value(before),
            mass=self.mass(after) - self.mass(before),
        )

    def with_rules(self, **changes) -> "Problem":
        return self._with(rules=self.scenario.rules.model_copy(update=changes))

    def with_merits(self, merits: Iterable[Decimal]) -> "Problem":
        """The same with other merits, in the order of the scenario's candidates."""
        pairs = zip(self.scenario.candidates, merits, strict=True)
        return self._with(candidates=tuple(c.model_copy(update={"merit": m}) for c, m in pairs))

    def with_candidate(self, key: str, **changes) -> "Problem":
        return self._with(
            candidates=tuple(
                one.model_copy(update=changes) if one.key == key else one
                for one in self.scenario.candidates
            )
        )

    def _with(self, **changes) -> "Problem":
        return Problem(self.scenario.model_copy(update=changes))

    def _bonuses(self):
        for name, points in self.scenario.rules.objectives.items():
            members = (i for i, one in enumerate(self.candidates) if name in one.objectives)
            yield Bonus(points.quantize(MILLIONTH), frozenset(members), needs_all=False)
        for pair in self.scenario.rules.synergies:
            yield Bonus(pair.value.quantize(MILLIONTH), self.places(pair.letters), needs_all=True)


def value_of(candidate: Candidate, these: Rules) -> Decimal:
    """Points: (merit - zero point) * scope of its level + priority, to a millionth."""
    points = (candidate.merit - these.zero_point) * scope_of(candidate, these) + candidate.priority
    return points.quantize(MILLIONTH)


def scope_of(candidate: Candidate, these: Rules) -> Decimal:
    return these.scope.get(candidate.level, Decimal(1))
