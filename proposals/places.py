"""The places for files: four in section H of the form, three in the fuller proposal, as data."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from proposals import files
from proposals.states import AttachmentKind


@dataclass(frozen=True)
class Place:
    kind: AttachmentKind
    help: str | Promise
    # By the ends of the names; what the file holds is looked at when it is stored.
    accepts: tuple[str, ...]
    # Above this many pages we say so, and take the file all the same.
    pages_advised: int | None = None

    @property
    def label(self) -> str:
        return self.kind.label

    @property
    def accept(self) -> str:
        """For the browser's file dialogue."""
        return ",".join(f".{end}" for end in self.accepts)


def _by_kind(*places) -> dict:
    return {place.kind: place for place in places}


PLACES = _by_kind(
    Place(
        AttachmentKind.LETTER,
        _(
            "A signed letter or a fuller description. PDF, at most 10 MB and 200 pages; one to "
            "five pages are enough."
        ),
        files.PDF,
        pages_advised=5,
    ),
    Place(
        AttachmentKind.DRAWING,
        _("What it looks like and how large it is. PDF, PNG or JPEG, at most 10 MB."),
        files.PICTURE,
    ),
    Place(
        AttachmentKind.ENDORSEMENT,
        _(
            "Your government's or agency's word that it stands behind the project. PDF, at "
            "most 10 MB. Not needed now; it must be here before the final selection."
        ),
        files.PDF,
    ),
    Place(
        AttachmentKind.CV,
        _("What the principal investigator has done before. PDF, at most 10 MB."),
        files.PDF,
    ),
)

# The implementation scheme is what a fuller proposal cannot be filed without.
FULLER_PLACES = _by_kind(
    Place(
        AttachmentKind.SCHEME,
        _(
            "How the project will be carried out: design, work packages, schedule, tests, people. "
            "PDF, at most 10 MB and 200 pages. Needed."
        ),
        files.PDF,
    ),
    Place(
        AttachmentKind.ANNEX,
        _("Drawings, budgets of mass and power, test reports. PDF, at most 10 MB."),
        files.PDF,
    ),
    Place(
        AttachmentKind.BACKING,
        _(
            "Your government's or agency's word that it stands behind the project. PDF, at most "
            "10 MB. It must be here before the final selection, unless it came with the letter."
        ),
        files.PDF,
    ),
)
EVERY_PLACE = PLACES | FULLER_PLACES
