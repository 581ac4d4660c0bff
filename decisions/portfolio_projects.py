"""What signed rules say of single candidates: points, interfaces, and projects of two letters.

These stand under `letters` in signed rules, beside what a scenario calls its rules:

    {"priority": [{"letter": ..., "points": 3.0, "reason": ...}],
     "interface": [{"letter": ..., "kg": 1.5}],
     "merges": [{"letters": [..., ...], "kg": 40.0}]}

`kg` of a merger is the mass of the project; without it the masses of its letters add up.
"""

from decimal import Decimal

from decisions.portfolio_check import counted, exact

LETTERS = "letters"
_LISTS = ("agencies", "countries", "categories", "objectives")


def key_of(references) -> str:
    """The name of a project of several letters."""
    return " + ".join(sorted(references))


def adjusted(candidates, said, rules) -> list[dict]:
    """The candidates with their points and interfaces, and after them the projects of two.

    What is said of letters that are not there is left out.
    """
    points = {one["letter"]: one["points"] for one in said.get("priority", ())}
    kilograms = {one["letter"]: one["kg"] for one in said.get("interface", ())}
    found = {}
    for one in candidates:
        about = {}
        if one["key"] in points:
            about["priority"] = points[one["key"]]
        if one["key"] in kilograms and "mass" in one:
            about["interface"] = kilograms[one["key"]]
        found[one["key"]] = one | about
    projects = [
        _alternative([found[key] for key in merger["letters"]], merger.get("kg"), rules)
        for merger in said.get("merges", ())
        if all(key in found for key in merger["letters"])
    ]
    return [*found.values(), *projects]


def together(parts, rules) -> dict:
    """What several candidates are as one: their lists, masses and uses. All fields but the others.

    What each may grow by, and its interface, are added as they are.
    """
    project = {field: sorted({name for one in parts for name in one[field]}) for field in _LISTS}
    landed = [one for one in parts if "mass" in one]
    if not landed:
        return project
    mass = sum(exact(one["mass"]) for one in landed)
    growth = sum(counted(one, rules) for one in landed) - mass
    uses: dict = {}
    for one in landed:
        for name, use in one["uses"].items():
            uses[name] = round(uses.get(name, 0) + use, 3)
    kilograms = {"mass": float(mass), "margin": 0, "interface": float(round(growth, 3))}
    return project | kilograms | {"uses": uses}


def _alternative(parts, kg, rules) -> dict:
    """A project that may fly instead of its letters; its merit is the mean of theirs."""
    project = {
        "key": key_of(one["key"] for one in parts),
        "receipt": min(one["receipt"] for one in parts),
        "merit": round(float(sum(exact(one["merit"]) for one in parts) / len(parts)), 4),
        "level": _level(parts),
        "priority": float(sum(exact(one.get("priority", 0)) for one in parts)),
        "merges": sorted(one["key"] for one in parts),
        **together(parts, rules),
    }
    if kg is not None and "mass" in project:
        # A mass of its own: what it may grow by is what the rules say.
        project["mass"], project["interface"] = float(Decimal(str(kg))), 0.0
        del project["margin"]
    reasons = [one["ineligible"] for one in parts if "ineligible" in one]
    return project | ({"ineligible": reasons[0]} if reasons else {})


def _level(parts) -> str:
    """It rides with the lander if one of its letters does, as a module if one of them is one."""
    levels = {one["level"] for one in parts}
    return next(level for level in ("system", "unit", "mission") if level in levels)
