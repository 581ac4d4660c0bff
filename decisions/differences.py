"""What changed since the last proposal: what the second person should look at first."""

from dataclasses import dataclass

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

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
    """One letter that is new, gone, or says something else; outcomes in words, empty if none."""

    reference: str
    title: str
    before: str
    after: str
    changed: list[str]


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
    return earlier, [difference for difference in found if difference.changed]


def _facts(publication) -> dict:
    """One letter a project, since all languages are of one decision; with the words of each."""
    rows = publication.letters.of_publication().order_by("number").values_list("facts", flat=True)
    english = {facts["reference"]: facts for facts in rows if facts["language"] == "en"}
    said: dict = {reference: {} for reference in english}
    for facts in rows:
        said[facts["reference"]][facts["language"]] = facts.get("texts")
    return {reference: facts | {"texts": said[reference]} for reference, facts in english.items()}


def _difference(reference, old, new) -> Difference:
    some = new or old
    if old and new:
        changed = [str(label) for name, label in _LABELS.items() if old.get(name) != new.get(name)]
    else:
        changed = [_("New in this proposal") if new else _("No longer in this proposal")]
    return Difference(reference, some["title"], _outcome(old), _outcome(new), changed)


def _outcome(facts) -> str:
    return wording.word_of(facts["outcome"], get_language()) if facts else ""
