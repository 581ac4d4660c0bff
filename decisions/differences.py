"""What changed since the last proposal: what the second person should look at first."""

from dataclasses import dataclass
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from decisions import rounds
from decisions.models import Publication
from decisions.rendering import wording
from decisions.states import PublicationState

# What a letter says and a person would compare; number, date and code differ in any case.
_LABELS = {
    "outcome": gettext_lazy("Outcome"),
    "reason": gettext_lazy("Reason"),
    "strengths": gettext_lazy("Strengths"),
    "weaknesses": gettext_lazy("Weaknesses"),
    "conditions": gettext_lazy("Conditions"),
    "merged_with": gettext_lazy("Merged with"),
    "led_by": gettext_lazy("Led by"),
    "joined_by": gettext_lazy("Joined by"),
    "reserve_rank": gettext_lazy("Reserve rank"),
    "reserve_until": gettext_lazy("Reserve valid until"),
    "mass_allocated_kg": gettext_lazy("Mass allotted"),
    "title": gettext_lazy("Title"),
    "agency": gettext_lazy("Agency"),
    "addressee": gettext_lazy("Addressee"),
    "criteria": gettext_lazy("Marks"),
    "total": gettext_lazy("Total"),
    "letters_received": gettext_lazy("Letters received"),
    "letters_selected": gettext_lazy("Letters that go forward"),
    "texts": gettext_lazy("Wording of the letters"),
}


@dataclass(frozen=True)
class Difference:
    """One letter that is new, gone, or says something else.

    `notice` says the first two; `changes` are (label, before, after) as people read them.
    """

    reference: str
    title: str
    notice: str
    changes: list[tuple[str, str, str]]


def since_the_last(publication) -> tuple[Publication | None, list[Difference]]:
    """The proposal made before this one, or None, and every letter that differs between them."""
    earlier = (
        Publication.objects.filter(round=publication.round_id, state=PublicationState.VOID)
        .exclude(pk=publication.pk)
        .filter(proposed_at__lte=publication.proposed_at)
        .order_by("-proposed_at")
        .first()
    )
    if earlier is None:
        return None, []
    old, new = _facts(earlier), _facts(publication)
    found = [
        _difference(reference, old.get(reference), new.get(reference))
        for reference in sorted(old.keys() | new.keys())
    ]
    return earlier, [one for one in found if one.notice or one.changes]


def _facts(publication) -> dict:
    """One letter a project, since all languages are of one decision; with the words of each."""
    rows = publication.letters.of_publication().order_by("number").values_list("facts", flat=True)
    english = {facts["reference"]: facts for facts in rows if facts["language"] == "en"}
    said: dict = {reference: {} for reference in english}
    for facts in rows:
        said[facts["reference"]][facts["language"]] = facts.get("texts")
    return {reference: facts | {"texts": said[reference]} for reference, facts in english.items()}


def _difference(reference, old, new) -> Difference:
    notice = ""
    if not old:
        notice = _("New in this proposal")
    elif not new:
        notice = _("No longer in this proposal")
    names = [name for name in _LABELS if not (old and new) or old.get(name) != new.get(name)]
    # Of a letter that is new or gone the outcome is enough.
    names = ["outcome"] if notice else names
    changes = [(str(_LABELS[name]), _said(name, old), _said(name, new)) for name in names]
    if old and new and old["outcome"] != new["outcome"]:
        # Another outcome is told in other words anyhow.
        changes = [change for change in changes if change[1] != change[2]]
    return Difference(reference, _title(new or old), notice, changes)


def _title(facts) -> str:
    return (get_language() == "zh-hans" and facts["title_zh"]) or facts["title"]


def _said(name, facts) -> str:
    """One fact as people read it; empty where there is none."""
    value = facts and facts.get(name)
    if not value:
        return ""
    match name:
        case "outcome":
            return wording.word_of(value, get_language())
        case "mass_allocated_kg":
            return f"{rounds.plain(value)} kg"
        case "reserve_until":
            return date_format(date.fromisoformat(value))
        case "conditions":
            return "\n".join(f"{one['text']} ({one['due']})" for one in value)
        case "joined_by":
            return "\n".join(f"{one['agency']}: {one['title']}" for one in value)
        case "criteria":
            return "\n".join(f"{one['name']}: {one['mean'] or '–'}" for one in value)
        case "texts":
            return "\n".join(f"{tongue}: {_version(texts)}" for tongue, texts in value.items())
    return str(value)


def _version(texts) -> str:
    if not (texts and texts["version"]):
        return _("standard")
    return _("version %(number)s") % {"number": texts["version"]}
