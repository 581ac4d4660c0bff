"""Small scenarios as plain data, and all their sets: what the solver's answers are held against.

The sums here are whole numbers in numpy, for all subsets at once; nothing of the solver is used.
"""

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from hypothesis import strategies as st

# Few different numbers, so that sets tie in value and in mass and fill the limit to the gram.
MERITS = [59.5, 60, 62.5, 64, 64.01, 70, 71.25, 80]
MASSES = [0.001, 5, 10, 12.345, 40, 83.333, 100, 100.001, 180]
LIMITS = [60, 100, 119.999, 120, 200]


@dataclass(frozen=True)
class Found:
    """One set: keys in the order of receipts, value in millionths, mass in tenths of milligrams."""

    keys: tuple
    value: int
    mass: int


def candidate(key, **fields):
    return {"key": key, "receipt": 1, "merit": 70, "level": "unit", "mass": 10} | fields


def scenario(*candidates, **rules):
    return {"candidates": list(candidates), "rules": {"zero_point": 60} | rules}


@st.composite
def scenarios(draw, most=7):
    """Up to `most` candidates and any of the kinds of rules."""
    keys = [f"L{i}" for i in range(draw(st.integers(1, most)))]
    one_of, some_of = st.sampled_from, lambda pool, **k: st.lists(st.sampled_from(pool), **k)
    candidates = []
    for i, key in enumerate(keys):
        fields = {
            "receipt": draw(st.integers(0, 3)),
            "merit": draw(one_of(MERITS)),
            "level": draw(one_of(["unit", "unit", "system", "system", "mission"])),
            "mass": draw(one_of(MASSES)),
        }
        optional = {
            "margin": one_of([0, 12.5, 33.33]),
            "interface": one_of([0, 0.5, 2.001]),
            "priority": one_of([-3, 0.5, 4]),
            "ineligible": st.just("no peaceful use"),
            "uses": st.fixed_dictionaries({"power": one_of([5, 20.5, 49.999, 60])}),
            "agencies": some_of("AB", max_size=2, unique=True),
            "countries": some_of("XYZ", max_size=2, unique=True),
            "categories": some_of(["robots", "rovers"], max_size=2, unique=True),
            "objectives": some_of(["soil", "sky"], max_size=2, unique=True),
        }
        if i >= 2:
            # Only of the first, which merge nothing themselves.
            optional["merges"] = st.just(keys[:2])
        rare = {"ineligible", "merges", "margin", "priority"}
        for name, values in optional.items():
            if draw(st.integers(0, 4)) < (1 if name in rare else 3):
                fields[name] = draw(values)
        candidates.append(candidate(key, **fields))
    key, several = one_of(keys), some_of(keys, min_size=2, max_size=3, unique=True)
    span = one_of([{"min": 1}, {"max": 2}, {"min": 1, "max": 1}, {"min": 2, "max": 3}])
    pin = st.fixed_dictionaries({"letter": key, "reason": st.just("minute 4")})
    optional = {
        "threshold": one_of([60, 64, 64.01]),
        "mass": one_of(LIMITS),
        "module_mass": one_of([40, 100]),
        "margin": one_of([0, 20, 30]),
        "scope": one_of([{"system": 1.5}, {"unit": 0.3333, "mission": 2}]),
        "agency_max": one_of([1, 2]),
        "country_max": one_of([1, 2]),
        "categories": st.dictionaries(one_of(["robots", "rovers"]), span, max_size=2),
        "count": span,
        "needs": st.lists(
            st.fixed_dictionaries(
                {"letter": key, "needs": some_of(keys, min_size=1, max_size=2, unique=True)}
            ),
            max_size=2,
        ),
        "must": st.lists(pin, max_size=1),
        "barred": st.lists(pin, max_size=1),
        "objectives": one_of([{"soil": 3}, {"soil": 2, "sky": 6.01}]),
    }
    if len(keys) > 1:
        optional["exclusive"] = st.lists(several, max_size=2)
        pair = some_of(keys, min_size=2, max_size=2, unique=True)
        bond = st.fixed_dictionaries({"letters": pair, "value": one_of([-6, 3, 9.5])})
        optional["synergies"] = st.lists(bond, max_size=2)
    rules = {
        "limits": {
            "power": {"total": draw(one_of([30, 60, 120])), "each": 50, "hard": draw(st.booleans())}
        }
    }
    for name, values in optional.items():
        if draw(st.integers(0, 3)) == 0:
            rules[name] = draw(values)
    return scenario(*candidates, **rules)


def random_scenario(seed, count):
    """Larger than Hypothesis would make them, with the ordinary rules of a call."""
    random = np.random.default_rng(seed)
    kinds = ["robots", "rovers", "instruments", "instruments", "instruments"]
    return scenario(
        *(
            candidate(
                f"L{i:02}",
                receipt=i,
                merit=round(float(random.normal(70, 8)), 2),
                level=str(random.choice(["unit", "unit", "system", "mission"])),
                mass=round(float(np.clip(random.lognormal(2.6, 0.9), 0.5, 99)), 3),
                uses={"power": round(float(random.lognormal(2.5, 0.7)), 1)},
                agencies=[f"A{random.integers(count)}"],
                countries=[f"C{random.integers(count // 2)}"],
                categories=[str(random.choice(kinds))],
                objectives=[f"O{o}" for o in range(5) if random.random() < 0.3],
            )
            for i in range(count)
        ),
        agency_max=1,
        country_max=3,
        categories={"robots": {"min": 1}, "instruments": {"max": 6}},
        count={"min": 2, "max": 12},
        limits={"power": {"total": 150, "hard": True}},
        objectives={f"O{o}": 2 for o in range(5)},
        exclusive=[["L00", "L01"]],
        needs=[{"letter": "L02", "needs": ["L03", "L04"]}],
        synergies=[{"letters": ["L05", "L06"], "value": 3}],
    )


def all_sets(data):
    """Every set that keeps the rules, best first: value, then mass, then the earliest receipts."""
    rules = data["rules"]
    ordered = sorted(data["candidates"], key=lambda c: (c["receipt"], c["key"]))
    count = len(ordered)
    # The first candidate is the highest bit, so that of two numbers the greater is the earlier.
    numbers = np.arange(2**count)
    holds = (numbers[:, None] >> np.arange(count)[::-1]) & 1
    at = {c["key"]: i for i, c in enumerate(ordered)}
    landed = np.array([c["level"] != "mission" for c in ordered])

    def whole(values, unit):
        return np.array([int(Fraction(str(value)) * unit) for value in values], dtype=np.int64)

    def among(field, name):
        return holds @ np.array([int(name in (c.get(field) or ())) for c in ordered])

    def has(key):
        return holds[:, at[key]].astype(bool)

    percents = [100 + Fraction(str(c.get("margin", rules.get("margin", 20)))) for c in ordered]
    counted = [
        Fraction(str(c["mass"])) * percent / 100 + Fraction(str(c.get("interface", 0)))
        for c, percent in zip(ordered, percents, strict=True)
    ]
    mass = holds @ (np.array([int(kg * 10**7) for kg in counted]) * landed)
    limit = int(Fraction(str(rules.get("mass", 200))) * 10**7)
    keeps = mass <= limit
    for i, c in enumerate(ordered):
        too_heavy = c["level"] == "system" and c["mass"] > rules.get("module_mass", 100)
        if too_heavy or c.get("ineligible") or c["merit"] < rules.get("threshold", -math.inf):
            keeps &= ~holds[:, i].astype(bool)
        for key in c.get("merges") or ():
            rivals = among("merges", key) + has(key)
            keeps &= rivals <= 1
    for name, bound in rules.get("limits", {}).items():
        uses = whole((c.get("uses", {}).get(name, 0) for c in ordered), 1000) * landed
        if bound.get("hard"):
            if "total" in bound:
                keeps &= holds @ uses <= bound["total"] * 1000
            if "each" in bound:
                keeps &= (holds * uses).max(axis=1) <= bound["each"] * 1000
    for field, name in (("agencies", "agency_max"), ("countries", "country_max")):
        for group in {group for c in ordered for group in c.get(field, ())}:
            keeps &= among(field, group) <= rules.get(name, count)
    spans = [(holds.sum(axis=1), rules.get("count", {}))]
    spans += [(among("categories", n), span) for n, span in rules.get("categories", {}).items()]
    for times, span in spans:
        keeps &= (span.get("min", 0) <= times) & (times <= span.get("max", count))
    for group in rules.get("exclusive", ()):
        keeps &= sum(has(key).astype(int) for key in group) <= 1
    for need in rules.get("needs", ()):
        keeps &= ~has(need["letter"]) | np.any([has(key) for key in need["needs"]], axis=0)
    for pin in rules.get("must", ()):
        keeps &= has(pin["letter"])
    for pin in rules.get("barred", ()):
        keeps &= ~has(pin["letter"])
    worth = [
        (Fraction(str(c["merit"])) - Fraction(str(rules["zero_point"])))
        * Fraction(str(rules.get("scope", {}).get(c["level"], 1)))
        + Fraction(str(c.get("priority", 0)))
        for c in ordered
    ]
    value = holds @ np.array([round(points * 10**6) for points in worth])
    for name, points in rules.get("objectives", {}).items():
        value += (among("objectives", name) > 0) * whole([points], 10**6)
    for bond in rules.get("synergies", ()):
        both = has(bond["letters"][0]) & has(bond["letters"][1])
        value += both * whole([bond["value"]], 10**6)
    order = np.lexsort((-numbers, mass, -value))
    return [
        Found(
            tuple(c["key"] for c, inside in zip(ordered, holds[k], strict=True) if inside),
            int(value[k]),
            int(mass[k]),
        )
        for k in order
        if keeps[k]
    ]
