"""The files of the working copy: taken in, replaced, removed, put back.

Those of the letter while it may be written, those of the fuller proposal while that is due.
"""

from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from proposals import files, hygiene
from proposals.actions.moments import draft_moment, fuller_moment, lock
from proposals.actions.record import log
from proposals.actions.refusal import Refused
from proposals.models import Attachment
from proposals.places import EVERY_PLACE
from proposals.states import FULLER_KINDS, ScanState

# How long a removed file can be put back.
KEPT_FOR = timedelta(hours=24)


def receive(letter, *, kind, upload, actor) -> Attachment:
    """Check and store an upload and put it in the place of its kind, instead of what was there.

    Raises `files.Rejected` with the code of what is wrong with the file or the agency's room for
    files, `files.Unavailable` if it cannot be stored right now, and `Refused` as `attach` does. In
    none of these cases is anything changed. Not one transaction: the file is looked at before the
    letter is locked.
    """
    # Said before the bytes are checked and stored, and again under the lock.
    _moment(letter, kind)
    accepts = EVERY_PLACE[kind].accepts
    try:
        name = hygiene.file_name(upload.name, accepts)
    except ValidationError as error:
        raise files.Rejected(error.code, error.messages[0]) from None
    _ensure_room(letter, kind=kind, size=upload.size)
    stored = files.store(upload, accepts=accepts)
    # A picture is called what it is, whatever its name claims: that is how it is handed out.
    if files.media_type(name) != files.media_type(stored.extension):
        name = f"{name.rpartition('.')[0]}.{stored.extension}"
    return attach(letter, kind=kind, stored=stored, name=name, actor=actor)


@transaction.atomic
def attach(letter, *, kind, stored, name, actor) -> Attachment:
    """Put a stored and checked file in the place of its kind; `stored` comes from `files.store`.

    What was there before is removed, and can be put back for a day.
    """
    letter = lock(letter)
    at = _moment(letter, kind)
    _ensure_room(letter, kind=kind, size=stored.size)
    letter.attachments.filter(kind=kind).update(removed_at=at)
    attachment = Attachment.objects.create(
        letter=letter,
        kind=kind,
        name=name,
        size=stored.size,
        pages=stored.pages,
        sha256=stored.sha256,
        scan=ScanState.OWED if settings.CLAMAV_ADDRESS else ScanState.NOT_ASKED,
        uploaded_at=at,
        uploaded_by=actor,
    )
    log("letter.file_attached", letter, actor=actor, at=at, data=_facts(attachment))
    return attachment


@transaction.atomic
def remove_attachment(attachment, *, actor) -> None:
    """Take a file out of the working copy. Its bytes stay as long as any version needs them."""
    letter = lock(attachment.letter)
    at = _moment(letter, attachment.kind)
    removed = letter.attachments.filter(pk=attachment.pk).update(removed_at=at)
    if removed:
        log("letter.file_removed", letter, actor=actor, at=at, data=_facts(attachment))


@transaction.atomic
def put_back_attachment(attachment, *, actor) -> Attachment:
    """Take a removal or a replacement back, within a day; what lies in its place is removed."""
    letter = lock(attachment.letter)
    at = _moment(letter, attachment.kind)
    gone = Attachment.every.filter(letter=letter, pk=attachment.pk).first()
    if gone is None or (gone.removed_at and gone.removed_at <= at - KEPT_FOR):
        raise Refused(
            _("This file was removed more than a day ago. Choose it again from your computer."),
            code="gone",
        )
    if gone.removed_at:
        _ensure_room(letter, kind=gone.kind, size=0)
        letter.attachments.filter(kind=gone.kind).update(removed_at=at)
        gone.removed_at = None
        gone.save(update_fields=["removed_at"])
        log("letter.file_put_back", letter, actor=actor, at=at, data=_facts(gone))
    return gone


def forget_removed(*, at) -> int:
    """Drop the rows of files that were removed a day ago, save those a filed version names."""
    forgotten = 0
    lapsed = Attachment.every.filter(removed_at__lte=at - KEPT_FOR)
    for attachment in lapsed.select_related("letter").order_by("removed_at"):
        forgotten += _forget(attachment, at=at)
    return forgotten


@transaction.atomic
def _forget(attachment, *, at) -> int:
    letter = lock(attachment.letter)
    filed = {"attachments": [{"sha256": attachment.sha256}]}
    if any(
        versions.filter(content__contains=filed).exists()
        for versions in (letter.versions, letter.fuller_versions)
    ):
        return 0
    # Asked again under the lock: it may have been put back meanwhile.
    lapsed = Attachment.every.filter(pk=attachment.pk, removed_at__lte=at - KEPT_FOR)
    return lapsed.delete()[0]


def _moment(letter, kind):
    """The moment of this write, or `Refused`: each kind of file has its own time."""
    return fuller_moment(letter) if kind in FULLER_KINDS else draft_moment(letter)


def _ensure_room(letter, *, kind, size):
    """Raise `Rejected` if the agency has no room for one more file of this size.

    Two uploads at the same instant may both be let in: this guards the disk, not the call.
    """
    of_agency = Attachment.objects.filter(letter__agency=letter.agency_id)
    others = of_agency.exclude(letter=letter, kind=kind).count()
    if others >= settings.AGENCY_MOST_FILES:
        sentence = _("Your agency has %(n)d files here, as many as it may. Remove one first.")
        raise files.Rejected("quota", sentence % {"n": others})
    # Replaced files count until they are forgotten: they lie on the disk.
    kept = Attachment.every.filter(letter__agency=letter.agency_id).aggregate(n=Sum("size"))["n"]
    if (kept or 0) + size > settings.AGENCY_MOST_MB * 1024 * 1024:
        sentence = _(
            "Your agency's files take up the %(n)d MB it may have. What was removed or replaced "
            "counts for a day. Remove a file, or write to the address on the call's page."
        )
        raise files.Rejected("quota", sentence % {"n": settings.AGENCY_MOST_MB})


def _facts(attachment):
    return {"kind": attachment.kind, "sha256": attachment.sha256}
