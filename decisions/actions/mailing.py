"""The mails that a release owes, written by a worker right after it."""

from django.db import transaction

from decisions.models import Mailing, Publication
from decisions.telling import mail
from proposals import actions as letters_room


def mail_told(*, at) -> int:
    """Write the mails of every release whose mails are owed; returns of how many releases.

    All of a release's or none: a worker that dies leaves them to the next that comes by. One whose
    mails cannot be written keeps no other waiting; raises the faults when all were tried.
    """
    owed = Publication.objects.unmailed().values_list("pk", flat=True)
    written, faults = 0, []
    for key in list(owed):
        try:
            written += _mail(key, at=at)
        except Exception as fault:
            faults.append(fault)
    if faults:
        raise ExceptionGroup("the mails of a release could not be written", faults)
    return written


@transaction.atomic
def _mail(key, *, at) -> bool:
    owed = Publication.objects.unmailed().filter(pk=key).select_related("round")
    publication = owed.select_for_update(of=("self",), skip_locked=True).first()
    if publication is None:  # another worker has it in hand
        return False
    write_mails(publication)
    Mailing.objects.create(publication=publication, written_at=at)
    return True


def write_mails(publication) -> None:
    """Owe them in the transaction of who asks: the worker's, or a rehearsal's, for the count."""
    letters = publication.letters.of_publication().values_list(
        "decision__letter",
        "decision__letter__reference",
        "decision__letter__agency__letter_language",
    )
    letters_room.mail_announced(
        {key: mail.first_words(reference, language) for key, reference, language in letters},
        round_kind=publication.round.kind,
        at=publication.released_at,
    )
