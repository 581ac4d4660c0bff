"""Why there is no plan, what would help, and what each rule costs, in the reader's language."""

from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django_countries import countries

# The names of `assignment.price_of_rules`.
RULES = {
    "lift_worst": gettext_lazy("The worst pair is made as good as can be"),
    "one_per_country": gettext_lazy("At most one reviewer of a country or region reads a letter"),
    "an_engineer": gettext_lazy("At least one engineer reads each letter"),
    "a_scientist": gettext_lazy("At least one scientist reads each letter"),
    "least_loads": gettext_lazy("Every reviewer gets at least so many letters"),
    "locks": gettext_lazy("Pairs that are assigned already, or kept by hand"),
}


def why(shortage: Mapping, names: Mapping[str, str]) -> str:
    """One reason why no plan keeps all rules; `names` has a word for each id."""
    letters, people = (_listed(shortage[key], names) for key in ("letters", "reviewers"))
    words = {
        "letters": letters,
        "people": people,
        "wanted": shortage["wanted"],
        "available": shortage["available"],
        "country": _country(shortage["country"]),
    }
    match shortage["lack"]:
        case "reviewers":
            text = _("%(letters)s needs %(wanted)s reviewers, and %(available)s may read it.")
        case "engineer" if people:
            text = _(
                "%(wanted)s letters need one engineer each, and the engineers together can take "
                "%(available)s: %(people)s."
            )
        case "engineer":
            text = _("No engineer may read %(letters)s.")
        case "scientist" if people:
            text = _(
                "%(wanted)s letters need one scientist each, and the scientists together can take "
                "%(available)s: %(people)s."
            )
        case "scientist":
            text = _("No scientist may read %(letters)s.")
        case "countries":
            text = _(
                "%(letters)s needs %(wanted)s reviewers of different countries or regions, and "
                "those who may read it come from so few that there is room for %(available)s."
            )
        case "places":
            text = _(
                "%(letters)s still needs %(wanted)s kinds of expertise, and has %(available)s "
                "places that are not taken."
            )
        case "locks_of_country":
            text = _(
                "%(people)s are kept for %(letters)s, and come from the same country or region: "
                "%(country)s."
            )
        case "locks_of_reviewer":
            text = _("%(people)s is kept for %(wanted)s letters and can take %(available)s.")
        case "capacity":
            text = _(
                "All letters together need %(wanted)s reviews, and all reviewers together can "
                "write %(available)s."
            )
        case "least_loads":
            text = _(
                "The least numbers of letters add up to %(wanted)s, and %(available)s reviews are "
                "needed."
            )
        case "letters":
            text = _("%(people)s must read %(wanted)s letters and may read %(available)s.")
        case _ if letters and people:
            text = _("These letters need the same people: %(letters)s. They are: %(people)s.")
        case _ if letters:
            text = _("The rules leave too few reviewers to these letters together: %(letters)s.")
        case _:
            text = _("The rules leave too few reviewers to all letters together.")
    return text % words


def remedy(change: Mapping, names: Mapping[str, str]) -> str:
    """One exception the chair could allow."""
    by = change["by"]
    words = {
        "letter": names.get(change["letter"] or "", ""),
        "reviewer": names.get(change["reviewer"] or "", ""),
        "country": _country(change["country"]),
        "by": by,
    }
    match change["kind"]:
        case "lower_least":
            text = ngettext(
                "Let %(reviewer)s read %(by)s letter fewer than the least number.",
                "Let %(reviewer)s read %(by)s letters fewer than the least number.",
                by,
            )
        case "raise_load":
            text = ngettext(
                "Let %(reviewer)s read %(by)s letter more.",
                "Let %(reviewer)s read %(by)s letters more.",
                by,
            )
        case "more_of_country":
            text = ngettext(
                "Let %(by)s reviewer more from %(country)s read %(letter)s.",
                "Let %(by)s reviewers more from %(country)s read %(letter)s.",
                by,
            )
        case "no_engineer":
            text = _("Let %(letter)s be read without an engineer.")
        case "no_scientist":
            text = _("Let %(letter)s be read without a scientist.")
        case _:
            text = ngettext(
                "Give %(letter)s %(by)s reviewer fewer.",
                "Give %(letter)s %(by)s reviewers fewer.",
                by,
            )
    return text % words


def _listed(ids, names) -> str:
    return _(", ").join(names[one] for one in ids if one in names)


def _country(code) -> str:
    return countries.name(code) if code else ""
