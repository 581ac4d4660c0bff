"""The portfolio in words: rules by their paths, and why a letter is in or out of a set."""

import re
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from decisions.portfolio_input import NEEDS_MISSING, NO_MASS, NOT_ELIGIBLE, POWER
from decisions.portfolio_projects import LETTERS, key_of
from decisions.rounds import plain
from proposals.models.call import in_language
from proposals.states import Level

# A merit is a total of marks, 0 to 100.
MOST_MERIT = 100


def category_name(call, code) -> str:
    """The call's name of a priority area, or the code of one it does not know."""
    return _named(call.priorities, code)


def objective_name(call, code) -> str:
    return _named(call.objectives, code)


def reason(text) -> str:
    """Why a letter cannot fly: the screening's words, or the portal's own."""
    return {
        NOT_ELIGIBLE: _("not eligible by the screening"),
        NO_MASS: _("it states no mass; ask the agency"),
        NEEDS_MISSING: _("the letter that it needs is no longer there"),
    }.get(text, text)


def rule(path, data, call) -> str:
    """What the rule of this path of `data` asks for, as a sentence without its full stop."""
    rules, parts = data["rules"], path.split(".")
    if found := re.fullmatch(r"candidates\[(\d+)\]\.ineligible", path):
        one = data["candidates"][int(found[1])]
        return _("%(letter)s cannot fly: %(reason)s") % {
            "letter": one["key"],
            "reason": reason(one["ineligible"]),
        }
    if found := re.fullmatch(r"rules\.(exclusive|needs|must|barred)\[(\d+)\]", path):
        return _about_letters(found[1], rules[found[1]][int(found[2])])
    match parts[1:]:
        case ["mass"]:
            return _("at most %(kg)s kg on the lander, margins included") % {
                "kg": figure(rules["mass"])
            }
        case ["module_mass"]:
            return _("a stand-alone module has at most %(kg)s kg") % {
                "kg": figure(rules.get("module_mass", 100))
            }
        case ["threshold"]:
            return _("a merit of at least %(points)s") % {"points": figure(rules["threshold"])}
        case ["agency_max"]:
            return ngettext(
                "at most %(count)s letter of one agency",
                "at most %(count)s letters of one agency",
                rules["agency_max"],
            ) % {"count": rules["agency_max"]}
        case ["country_max"]:
            return ngettext(
                "at most %(count)s letter of one country",
                "at most %(count)s letters of one country",
                rules["country_max"],
            ) % {"count": rules["country_max"]}
        case ["count", bound]:
            return _bound(bound, rules["count"][bound], _("letters in all"))
        case ["categories", code, bound]:
            return _bound(bound, rules["categories"][code][bound], category_name(call, code))
        case ["limits", name, bound]:
            return limit(name, bound, rules["limits"][name][bound])
    return path


def limit(name, bound, amount) -> str:
    """A limit of a resource: of all together, or of each."""
    figures = {"what": _("power"), "amount": figure(amount), "unit": "W"}
    if name != POWER:
        figures |= {"what": name, "unit": ""}
    if bound == "total":
        return _("%(what)s: at most %(amount)s %(unit)s in all") % figures
    return _("%(what)s: at most %(amount)s %(unit)s for each") % figures


def listed(content, call) -> list[str]:
    """Every rule of signed rules, one a line; what counts for the value comes first."""
    data = {"candidates": [], "rules": content}
    lines = [
        _("a letter counts for what its merit exceeds %(points)s points by")
        % {"points": figure(content["zero_point"])}
    ]
    lines += [
        _("%(points)s points for covering “%(name)s”")
        % {"points": figure(points), "name": objective_name(call, code)}
        for code, points in content.get("objectives", {}).items()
    ]
    lines.append(
        _("%(percent)s %% margin where a letter states none")
        % {"percent": figure(content.get("margin", 20))}
    )
    lines += [
        _("%(level)s: its points count %(factor)s times")
        % {"level": Level(level.upper()).label, "factor": figure(factor)}
        for level, factor in content.get("scope", {}).items()
    ]
    lines += _of_single_letters(content)
    lines += [rule(path, data, call) for path in _paths(content)]
    for name, bounds in content.get("limits", {}).items():
        lines += [
            _("%(limit)s (a warning)") % {"limit": limit(name, bound, bounds[bound])}
            for bound in ("total", "each")
            if bounds.get(bound) is not None
        ]
    return [f"{line[:1].upper()}{line[1:]}" for line in lines]


def _of_single_letters(content):
    """What is said of a letter's points and mass, of pairs, and of projects of two."""
    said = content.get(LETTERS, {})
    for one in said.get("priority", ()):
        yield _("%(letter)s: %(points)s points: %(reason)s") % {
            "letter": one["letter"],
            "points": signed(one["points"]),
            "reason": one["reason"],
        }
    for pair in content.get("synergies", ()):
        yield _("%(letters)s: %(points)s points if both fly") % {
            "letters": " + ".join(pair["letters"]),
            "points": signed(pair["value"]),
        }
    for one in said.get("interface", ()):
        yield _("%(letter)s: the lander adds %(kg)s kg for it") % {
            "letter": one["letter"],
            "kg": figure(one["kg"]),
        }
    for merger in said.get("merges", ()):
        letters = {"letters": key_of(merger["letters"])}
        if merger.get("kg") is None:
            yield _("%(letters)s may fly as one project") % letters
        else:
            yield _("%(letters)s may fly as one project of %(kg)s kg") % {
                **letters,
                "kg": figure(merger["kg"]),
            }


def signed(points) -> str:
    """Points with their sign: +3, −0.5."""
    return f"{'+' if points >= 0 else '−'}{figure(abs(points))}"


def _paths(content):
    for name in ("mass", "module_mass", "threshold", "agency_max", "country_max"):
        if content.get(name) is not None:
            yield f"rules.{name}"
    yield from (f"rules.count.{bound}" for bound in content.get("count", {}))
    for code, span in content.get("categories", {}).items():
        yield from (f"rules.categories.{code}.{bound}" for bound in span)
    for field in ("exclusive", "needs", "must", "barred"):
        yield from (f"rules.{field}[{at}]" for at in range(len(content.get(field, ()))))


def why(about, data, call) -> list[str]:
    """Sentences on an explanation of the report: what holds it, what would change it."""
    match about["verdict"]:
        case "ineligible":
            said = [_("It cannot fly, whatever its merit.")]
            return said + [sentence(rule(path, data, call)) for path in about["rules"]]
        case "inside" if about["held_by"]:
            return [_("No set without it keeps all rules:"), *_held(about, data, call)]
        case "outside" if about["held_by"]:
            return [
                _("No set with it keeps all rules, whatever its merit:"),
                *_held(about, data, call),
                *_mass(about, data),
            ]
        case "inside":
            return [
                _("Without it the set would be worth %(points)s points less.")
                % {"points": points_of(about["cushion"])},
                *_changes(about),
                _("It may lose %(points)s points of merit and stay.")
                % {"points": points_of(about["merit_to_lose"])},
            ]
    return [
        _("With it the set would be worth %(points)s points less.")
        % {"points": points_of(about["gap"])},
        *_changes(about),
        _lacking(about, data),
        *_mass(about, data),
    ]


def points_of(value) -> str:
    """Points with two decimals at most, and a minus that is one."""
    # Never "-0".
    return figure(round(float(value), 2) or 0).replace("-", "−")


def figure(value) -> str:
    """A number of a scenario as people write it; one that was stored as 3.2 is 3.2."""
    return plain(Decimal(str(value)))


def difference(entering, leaving) -> str:
    """ "+ {A, B} − {C}", or that nothing differs."""
    signs = (("+", entering), ("−", leaving))
    parts = [f"{sign} {{{', '.join(keys)}}}" for sign, keys in signs if keys]
    return " ".join(parts) or _("the same letters")


def _lacking(about, data) -> str:
    """How much more merit would bring it in, as far as there is so much."""
    lacking = about["merit_lacking"]
    if _candidate(about, data)["merit"] + lacking > MOST_MERIT:
        return _(
            "No merit would bring it in: it lacks %(points)s points, and %(most)s is the most."
        ) % {
            "points": points_of(lacking),
            "most": MOST_MERIT,
        }
    return _("It would be in with %(points)s points of merit more.") % {
        "points": points_of(lacking)
    }


def _candidate(about, data) -> dict:
    return next(c for c in data["candidates"] if c["key"] == about["key"])


def _mass(about, data):
    one = _candidate(about, data)
    if one["level"] == "mission":
        return [_("Mission level: its mass does not count.")]
    if about["mass_to_enter"] is None:
        return [_("No mass would bring it in.")]
    return [
        _("At %(kg)s kg or less it would be in; it states %(now)s kg.")
        % {"kg": figure(about["mass_to_enter"]), "now": figure(one["mass"])}
    ]


def _changes(about):
    if about["entering"]:
        yield _("%(letters)s would enter.") % {"letters": ", ".join(about["entering"])}
    if about["leaving"]:
        yield _("%(letters)s would leave.") % {"letters": ", ".join(about["leaving"])}


def _held(about, data, call):
    return [sentence(rule(path, data, call)) for path in about["held_by"]]


def sentence(text) -> str:
    """With its capital and its full stop."""
    return f"{text[:1].upper()}{text[1:]}" + ("" if text.endswith((".", "。")) else ".")


def _about_letters(field, one) -> str:
    match field:
        case "exclusive":
            return _("only one of %(letters)s") % {"letters": ", ".join(one)}
        case "needs":
            return _("%(letter)s flies only with %(needs)s") % {
                "letter": one["letter"],
                "needs": " / ".join(one["needs"]),
            }
        case "must":
            said = _("%(letter)s must be in: %(reason)s")
        case _:
            said = _("%(letter)s is kept out: %(reason)s")
    return said % {"letter": one["letter"], "reason": reason(one["reason"])}


def _bound(bound, number, what) -> str:
    said = {"min": _("at least %(number)s: %(what)s"), "max": _("at most %(number)s: %(what)s")}
    return said[bound] % {"number": number, "what": what}


def _named(choices, code) -> str:
    return next((in_language(one) for one in choices if one["code"] == code), code)
