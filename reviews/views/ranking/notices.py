"""What a scoring run warns of, in sentences."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

_WHY_NOT = {
    "one_review_per_reviewer": gettext_lazy(
        "Severity is not removed: every reviewer wrote one review, so that a severe reviewer and a "
        "weak letter look the same."
    ),
    "no_evidence_of_severity": gettext_lazy(
        "Severity is not removed: the reviewers differ no more than chance explains."
    ),
    "all_totals_equal": gettext_lazy("Severity is not removed: all totals are equal."),
    "nothing_rateable": gettext_lazy("Nothing can be calibrated yet: no letter has two reviews."),
}
# So many sizes of groups are named.
_NAMED = 10


def notices_of(summary: dict) -> list[str]:
    """The warnings of a board's run, a sentence or two each."""
    said = {
        "no_correction": _no_correction,
        "groups": _groups,
        "not_rateable": _not_rateable,
    }
    return [said[code](summary) for code in summary.get("notices", ()) if code in said]


def _no_correction(summary):
    return str(_WHY_NOT[summary["reason"]])


def _groups(summary):
    sizes = summary["groups"]
    named = ", ".join(map(str, sizes[:_NAMED])) + (", …" if len(sizes) > _NAMED else "")
    if summary["bridges"]:
        first = _(
            "The letters fall into %(count)s groups that cannot be compared (%(sizes)s letters): "
            "no reviewer, or one review alone, ties them together."
        )
    else:
        first = _(
            "The letters fall into %(count)s groups that cannot be compared (%(sizes)s letters): "
            "no reviewer ties them together."
        )
    rest = _(
        "Expected ranks are places inside a group, and the chance of being among the best takes "
        "the groups' reviewers to be equally severe on average. A reviewer who reads letters of "
        "two groups ties them."
    )
    return f"{first % {'count': len(sizes), 'sizes': named}} {rest}"


def _not_rateable(summary):
    count = summary["not_rateable"]
    text = ngettext(
        "%(count)s letter has fewer than two reviews and is not rateable: nothing is filled in.",
        "%(count)s letters have fewer than two reviews and are not rateable: nothing is filled in.",
        count,
    )
    return text % {"count": count}
