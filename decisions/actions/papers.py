"""The results as PDF: made once for each language and telling, and kept under their hash."""

from threading import Lock

from django.conf import settings
from django.db import transaction

from audit import chain
from decisions import pdf_signature, telling
from decisions.models import Publication, ResultsPaper
from decisions.telling import paper
from proposals import files

# Whoever asks while a paper is being set waits for it, instead of having the same one set again.
_turn = Lock()


def paper_of(told, language, *, at) -> bytes:
    """The bytes of the paper that holds now; the first to ask after a release has it made.

    `told` is what was released, `results.Told`. The paper is signed like a decision letter. Raises
    KeyError for a language without words; `Unprintable`, or what `pdf_signature.signed` raises,
    where it cannot be made.
    """
    holds = telling.of(told, language)
    row = ResultsPaper(publication=told.publication, language=language, told=holds.digest)
    with _turn:
        if found := _stored(row):
            return found
        made = paper.pdf_of(holds, address=f"{settings.BASE_URL}/results/?lang={language}")
        return _keep(row, pdf_signature.signed(made, at=at), at=at)


def _stored(row) -> bytes | None:
    kept = _rows_like(row).first()
    if kept is None or not files.is_whole(kept.sha256):
        return None
    with files.open_stored(kept.sha256) as handle:
        return handle.read()  # about 110 kB


@transaction.atomic
def _keep(row, made, *, at) -> bytes:
    """Two signatures never have the same bytes: of two processes that were as quick, one keeps."""
    publication = Publication.objects.select_for_update().get(pk=row.publication_id)
    if found := _stored(row):
        return found
    row.sha256, row.made_at = files.store_bytes(made), at
    # Where the file of an earlier row was lost, the row names the new one.
    if not _rows_like(row).update(sha256=row.sha256, made_at=at):
        row.save(force_insert=True)
    chain.append(
        "results.printed",
        subject=f"round:{publication.round_id}",
        at=at,
        data={
            "publication": str(publication.pk),
            "language": row.language,
            "sha256": row.sha256,
        },
    )
    return made


def _rows_like(row):
    return ResultsPaper.objects.filter(
        publication=row.publication_id, language=row.language, told=row.told
    )
