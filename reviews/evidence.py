"""What the records show of a conflict, as sentences in the reader's language."""

from django.utils.translation import gettext_lazy

from accounts import places

# Keyed by the rule's name; "competing" is the chair's, the others are `reviews.conflicts`.
_SENTENCES = {
    "team": gettext_lazy("The letter names %(theirs)s in its team."),
    "agency": gettext_lazy("Works for the lead agency, %(theirs)s."),
    "organisation": gettext_lazy("Employer %(own)s, and %(theirs)s takes part."),
    "domain": gettext_lazy("E-mail at %(own)s, and the letter's people at %(theirs)s."),
    "excluded": gettext_lazy("The agency asks that %(theirs)s does not judge."),
    "country": gettext_lazy("Both of %(theirs)s."),
    # Which letter is not said: the reader may be barred from it.
    "competing": gettext_lazy("Closely competes with a letter in hard conflict."),
}


def sentences(evidence: list[dict]) -> list[str]:
    """One sentence for each thing the records show; a rule this version does not know is its name.

    `evidence` is a list of {"rule", "own", "theirs"}, as a check keeps it.
    """
    return [_sentence(one) for one in evidence]


def _sentence(one) -> str:
    words = {"own": one.get("own", ""), "theirs": one.get("theirs", "")}
    if one["rule"] == "country":
        words["theirs"] = places.name_of(words["theirs"])
    return str(_SENTENCES[one["rule"]]) % words if one["rule"] in _SENTENCES else one["rule"]


def in_one_line(evidence: list[dict]) -> str:
    """The sentences one after the other, for a cell of a table."""
    return " ".join(sentences(evidence))
