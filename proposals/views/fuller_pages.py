"""The side bar of the fuller proposal: its three pages, and how complete they are."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from proposals import actions
from proposals.places import FULLER_PLACES
from proposals.states import AttachmentKind


def entries(letter, *, current=None) -> list[dict]:
    """What `includes/section_nav.html` takes."""
    proposal = actions.fuller_of(letter)
    gaps = actions.gaps_in(proposal)
    answers = [name for name in gaps if name != AttachmentKind.SCHEME.lower()]
    attached = letter.attachments.filter(kind__in=FULLER_PLACES).exists()
    scheme = len(answers) == len(gaps)
    return [
        {
            "letter": "1",
            "title": _("Figures and changes"),
            "url": reverse("proposals:fuller_edit", args=[letter.pk]),
            "state": "done" if not answers else "part" if proposal.pk else "empty",
            "note": ngettext("%(n)d answer missing", "%(n)d answers missing", len(answers))
            % {"n": len(answers)}
            if answers
            else "",
            "current": current == "edit",
        },
        {
            "letter": "2",
            "title": _("Files"),
            "url": reverse("proposals:fuller_files", args=[letter.pk]),
            "state": "done" if scheme else "part" if attached else "empty",
            "note": "" if scheme else _("the implementation scheme is missing"),
            "current": current == "files",
        },
        {
            "letter": "3",
            "title": _("Check and file"),
            "url": reverse("proposals:fuller_submit", args=[letter.pk]),
            "state": "done" if letter.fuller_versions.exists() else "empty",
            "note": "",
            "current": current == "submit",
        },
    ]
