"""The results as PDF: made once for each language and telling, and kept under their hash."""

from threading import Lock

from django.conf import settings
from django.db import transaction

from audit import chain
from decisions import telling
from decisions.models import ResultsPaper
from decisions.telling import paper
from proposals import files

# Whoever asks while a paper is being set waits for it, instead of having the same one set again.
_turn = Lock()


def paper_of(told, language, *, at) -> bytes:
    """The bytes of the paper that holds now; the first to ask after a release has it made.

    `told` is what was released, `results.Told`. Raises KeyError for a language without words, and
    Unprintable.
    """
    holds = telling.of(told, language)
    with _turn:
        kept = ResultsPaper.objects.filter(
            publication=told.publication, language=language, told=holds.digest
        ).first()
        if kept is not None and files.is_whole(kept.sha256):
            with files.open_stored(kept.sha256) as handle:
                return handle.read()  # about 100 kB
        address = f"{settings.BASE_URL}/results/?lang={language}"
        made = paper.pdf_of(holds, address=address)
        _keep(told.publication, language, holds.digest, files.store_bytes(made), at=at)
        return made


@transaction.atomic
def _keep(publication, language, told, sha256, *, at):
    # Another process may have been as quick, or the file of an earlier row was lost.
    _row, is_new = ResultsPaper.objects.update_or_create(
        publication=publication,
        language=language,
        told=told,
        defaults={"sha256": sha256},
        create_defaults={"sha256": sha256, "made_at": at},
    )
    if is_new:
        chain.append(
            "results.printed",
            subject=f"round:{publication.round_id}",
            at=at,
            data={"publication": str(publication.pk), "language": language, "sha256": sha256},
        )
