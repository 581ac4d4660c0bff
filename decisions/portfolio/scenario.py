"""What the selection is computed from, read strictly: candidates, rules, nothing else.

The names of the fields here are the format of the file; docs/arithmetic.md says what they mean.
"""

from collections.abc import Iterator
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError


class Unreadable(ValueError):
    """The data are no scenario. `faults` holds one line each: the path of the field, then why."""

    def __init__(self, faults):
        self.faults = tuple(faults)
        super().__init__("\n".join(self.faults))


def read(data: object) -> "Scenario":
    """Make a scenario of plain data: dictionaries, lists, text and numbers.

    A float counts as the shortest decimal that reads as it, so 0.1 is a tenth. Raises Unreadable,
    with every fault found at once.
    """
    try:
        scenario = Scenario.model_validate(data)
    except ValidationError as error:
        raise Unreadable(
            f"{_path(fault['loc'])}: {fault['msg']}"
            for fault in error.errors(include_url=False, include_input=False, include_context=False)
        ) from None
    faults = list(_loose_ends(scenario))
    if faults:
        raise Unreadable(faults)
    return scenario


def _exact(value):
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise PydanticCustomError("number", "a number is needed")
    return Decimal(str(value))


# Bounds far outside what means anything, so that no sum leaves what doubles hold exactly enough.
_Number = Annotated[Decimal, BeforeValidator(_exact)]
Points = Annotated[_Number, Field(ge=-1000, le=1000)]
Amount = Annotated[_Number, Field(ge=0, le=1_000_000, decimal_places=3)]
Percent = Annotated[_Number, Field(ge=0, le=100, decimal_places=2)]
Factor = Annotated[_Number, Field(gt=0, le=10, decimal_places=4)]
Text = Annotated[str, Field(strict=True, min_length=1, max_length=500)]
Count = Annotated[int, Field(strict=True, ge=0, le=1_000_000)]
AtLeastOne = Annotated[int, Field(strict=True, ge=1, le=1_000_000)]


class Level(StrEnum):
    """The call's three levels of cooperation. Only a mission brings its own launcher."""

    MISSION = "mission"
    SYSTEM = "system"
    UNIT = "unit"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Candidate(_Strict):
    """A letter, or a project merged from several that stands in their place."""

    key: Text
    receipt: Count
    merit: Points
    level: Level
    mass: Amount = Decimal(0)
    margin: Percent | None = None
    interface: Amount = Decimal(0)
    priority: Points = Decimal(0)
    ineligible: Text | None = None
    uses: dict[Text, Amount] = {}
    agencies: frozenset[Text] = frozenset()
    countries: frozenset[Text] = frozenset()
    categories: frozenset[Text] = frozenset()
    objectives: frozenset[Text] = frozenset()
    merges: Annotated[frozenset[Text], Field(min_length=2)] | None = None

    @property
    def rides_on_the_lander(self) -> bool:
        return self.level != Level.MISSION


class Limit(_Strict):
    """Of one resource of the lander: `total` for the set, `each` for one candidate."""

    total: Amount | None = None
    each: Amount | None = None
    hard: Annotated[bool, Field(strict=True)] = False


class Span(_Strict):
    min: Count = 0
    max: Count | None = None


class Need(_Strict):
    letter: Text
    needs: Annotated[frozenset[Text], Field(min_length=1)]


class Pin(_Strict):
    letter: Text
    reason: Text


class Synergy(_Strict):
    letters: Annotated[frozenset[Text], Field(min_length=2, max_length=2)]
    value: Points


class Rules(_Strict):
    zero_point: Points
    threshold: Points | None = None
    mass: Amount = Decimal(200)
    module_mass: Amount = Decimal(100)
    margin: Percent = Decimal(20)
    scope: dict[Level, Factor] = {}
    limits: dict[Text, Limit] = {}
    agency_max: AtLeastOne | None = None
    country_max: AtLeastOne | None = None
    categories: dict[Text, Span] = {}
    count: Span = Span()
    exclusive: tuple[Annotated[frozenset[Text], Field(min_length=2)], ...] = ()
    needs: tuple[Need, ...] = ()
    must: tuple[Pin, ...] = ()
    barred: tuple[Pin, ...] = ()
    objectives: dict[Text, Annotated[Points, Field(ge=0)]] = {}
    synergies: tuple[Synergy, ...] = ()


class Scenario(_Strict):
    candidates: tuple[Candidate, ...]
    rules: Rules
    merit_draws: tuple[tuple[Points, ...], ...] = ()
    capacities: tuple[Amount, ...] = tuple(Decimal(kg) for kg in range(80, 301, 10))
    best_sets: Annotated[AtLeastOne, Field(le=100)] = 10


def _path(steps) -> str:
    """("candidates", 3, "mass") as candidates[3].mass"""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
    return text.lstrip(".") or "the file"


def _loose_ends(scenario) -> Iterator[str]:
    """What no single field can know: names that point nowhere, or twice at the same."""
    rules, merged = scenario.rules, {c.key for c in scenario.candidates if c.merges}
    if not scenario.candidates:
        yield "candidates: at least one is needed"
    seen = {}
    for at, one in enumerate(scenario.candidates):
        here = f"candidates[{at}]"
        if one.key in seen:
            yield f"{here}.key: {one.key} is candidates[{seen[one.key]}] already"
        seen.setdefault(one.key, at)
        if one.rides_on_the_lander and not one.mass:
            yield f"{here}.mass: more than 0 kg is needed at {one.level} level"
        for name in sorted(one.uses.keys() - rules.limits.keys()):
            yield f"{here}.uses.{name}: rules.limits has no such resource"
        for name in sorted((one.merges or frozenset()) & merged):
            yield f"{here}.merges: {name} is merged itself; name its letters"
    for path, names in _names(scenario):
        for name in sorted(names - seen.keys()):
            yield f"{path}: no candidate has the key {name}"
    for path, span in _spans(rules):
        if span.max is not None and span.min > span.max:
            yield f"{path}: min is more than max"
    for at, draw in enumerate(scenario.merit_draws):
        if len(draw) != len(scenario.candidates):
            yield (
                f"merit_draws[{at}]: {len(draw)} merits for {len(scenario.candidates)} candidates"
            )


def _names(scenario) -> Iterator[tuple[str, frozenset[str]]]:
    for at, one in enumerate(scenario.candidates):
        yield f"candidates[{at}].merges", one.merges or frozenset()
    rules = scenario.rules
    for at, group in enumerate(rules.exclusive):
        yield f"rules.exclusive[{at}]", group
    for at, need in enumerate(rules.needs):
        yield f"rules.needs[{at}].letter", frozenset({need.letter})
        yield f"rules.needs[{at}].needs", need.needs
    for field, pins in (("must", rules.must), ("barred", rules.barred)):
        for at, pin in enumerate(pins):
            yield f"rules.{field}[{at}].letter", frozenset({pin.letter})
    for at, synergy in enumerate(rules.synergies):
        yield f"rules.synergies[{at}].letters", synergy.letters


def _spans(rules) -> Iterator[tuple[str, Span]]:
    yield "rules.count", rules.count
    for name, span in rules.categories.items():
        yield f"rules.categories.{name}", span
