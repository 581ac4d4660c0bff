"""A second opinion on a set of candidates: does it keep every rule, and do its sums add up?

Written to be read in one sitting and trusted: plain Python on the plain data of a scenario, exact
decimals, and not one line of the program that found the set.
"""

from collections import Counter
from decimal import Decimal


def faults(scenario: dict, keys: list[str], *, value=None, mass=None) -> list[str]:
    """What is wrong with the set, a line each; empty if nothing is. Sums are checked if given.

    `scenario` is data that the program accepted: what is missing in it has its default.
    """
    rules, known = scenario["rules"], {c["key"]: c for c in scenario["candidates"]}
    strangers = [f"{key} is no candidate" for key in keys if key not in known]
    chosen = [known[key] for key in keys if key in known]
    landed = [c for c in chosen if c["level"] != "mission"]
    weight = sum((counted(c, rules) for c in landed), Decimal(0))
    worth = sum((points(c, rules) for c in chosen), bonus(chosen, keys, rules))
    checks = [
        (len(set(keys)) == len(keys), "a candidate is in it twice"),
        (weight <= exact(rules.get("mass", 200)), f"{weight} kg are too many"),
        (mass is None or exact(mass) == weight, f"the mass is {weight} kg, not {mass}"),
        (value is None or exact(value) == worth, f"the value is {worth}, not {value}"),
    ]
    flying = Counter(key for c in chosen for key in (c["key"], *set(c.get("merges") or ())))
    checks += [(times < 2, f"{key} flies {times} times") for key, times in flying.items()]
    for c in chosen:
        module, least = c["level"] == "system", rules.get("threshold")
        light = not module or exact(c["mass"]) <= exact(rules.get("module_mass", 100))
        strong = least is None or exact(c["merit"]) >= exact(least)
        checks += [(light, f"{c['key']} is heavier than a module may be")]
        checks += [(strong, f"{c['key']} is below the threshold")]
        checks += [(not c.get("ineligible"), f"{c['key']} is ineligible")]
    for name, limit in rules.get("limits", {}).items():
        uses = [exact(c.get("uses", {}).get(name, 0)) for c in landed]
        for use, bound in (
            (sum(uses), limit.get("total")),
            (max(uses, default=0), limit.get("each")),
        ):
            over = limit.get("hard") and bound is not None and use > exact(bound)
            checks += [(not over, f"{use} of {name} are too many")]
    for field, bound in ("agencies", "agency_max"), ("countries", "country_max"):
        for name, times in Counter(n for c in chosen for n in set(c.get(field, ()))).items():
            checks += [(rules.get(bound) is None or times <= rules[bound], f"{times} of {name}")]
    spans = [(len(chosen), "chosen", rules.get("count", {}))]
    for name, span in rules.get("categories", {}).items():
        spans += [(sum(name in c.get("categories", ()) for c in chosen), name, span)]
    for times, name, span in spans:
        few, most = times < span.get("min", 0), span.get("max")
        checks += [(not few and (most is None or times <= most), f"{times} {name}")]
    for group in rules.get("exclusive", ()):
        checks += [(len(set(group) & set(keys)) < 2, f"more than one of {', '.join(group)}")]
    for need in rules.get("needs", ()):
        content = need["letter"] not in keys or set(need["needs"]) & set(keys)
        checks += [(content, f"{need['letter']} lacks what it needs")]
    checks += [(p["letter"] in keys, f"{p['letter']} is missing") for p in rules.get("must", ())]
    checks += [(p["letter"] not in keys, f"{p['letter']}: barred") for p in rules.get("barred", ())]
    return strangers + [fault for kept, fault in checks if not kept]


def exact(number) -> Decimal:
    return Decimal(str(number))


def counted(c, rules) -> Decimal:
    margin = c.get("margin")
    percent = exact(rules.get("margin", 20) if margin is None else margin)
    return exact(c["mass"]) * (100 + percent) / 100 + exact(c.get("interface", 0))


def points(c, rules) -> Decimal:
    scope = exact(rules.get("scope", {}).get(c["level"], 1))
    worth = (exact(c["merit"]) - exact(rules["zero_point"])) * scope + exact(c.get("priority", 0))
    return worth.quantize(Decimal("0.000001"))


def bonus(chosen, keys, rules) -> Decimal:
    covered = {name for c in chosen for name in c.get("objectives", ())}
    won = [w for name, w in rules.get("objectives", {}).items() if name in covered]
    won += [s["value"] for s in rules.get("synergies", ()) if set(s["letters"]) <= set(keys)]
    return sum((exact(w).quantize(Decimal("0.000001")) for w in won), Decimal(0))
