"""The results as PDF: made once for each language and telling, and kept under their hash."""

import logging
from contextlib import suppress
from copy import copy
from threading import Lock

from django.core.cache import caches
from django.db import transaction

from accounts.states import Language
from audit import chain
from decisions import pdf_signature, results, telling
from decisions.models import Publication, ResultsPaper
from decisions.telling import addresses, paper
from proposals import files
from proposals.printing import Unprintable
from proposals.states import RoundKind

# Whoever asks while a paper is being set is asked to come again, instead of having the same one set
# twice: each that waits would hold a thread of this process, which has two for everybody.
_turn = Lock()
# What could not be made is not tried again so long, for every try costs seconds.
_REST_SECONDS = 60

# What keeps a paper from being made. OSError: no room to set it or to keep it.
_REASONS = (Unprintable, pdf_signature.KeyUnusable, pdf_signature.StampUnavailable, OSError)

log = logging.getLogger(__name__)


class NotPrinted(Exception):
    """There is no paper now; in `again_in` seconds there may be one."""

    def __init__(self, again_in):
        super().__init__(again_in)
        self.again_in = again_in


def paper_of(told, language, *, at) -> bytes:
    """The bytes of the paper that holds now; whoever asks before a worker made it has it made.

    `told` is what was released, `results.Told`. The paper is signed like a decision letter. Raises
    KeyError for a language without words, `NotPrinted` where it cannot be made, or not for so many
    at once.
    """
    holds = telling.of(told, language)
    row = ResultsPaper(publication=told.publication, language=language, told=holds.digest)
    if found := _stored(row):
        return found
    failed = f"results:no-paper:{row.publication_id}:{language}:{row.told}"
    if caches["drawn"].get(failed):
        raise NotPrinted(_REST_SECONDS)
    if not _turn.acquire(blocking=False):
        raise NotPrinted(5)
    try:
        return _made(row, told, holds, failed, at=at)
    finally:
        _turn.release()


def print_told(*, at) -> int:
    """Make the papers that a release or a correction made due, before a reader has to wait for one;
    how many were made.
    """
    there = set(ResultsPaper.objects.values_list("publication", "language", "told"))
    finals = Publication.objects.released().filter(round__kind=RoundKind.FINAL)
    made = 0
    for publication in finals.select_related("round__call"):
        told = results.of(publication.round.call)
        for language in Language.values:
            if (publication.pk, language, telling.of(told, language).digest) in there:
                continue
            # What cannot be made rests a while, and holds up no other language.
            with suppress(NotPrinted):
                paper_of(told, language, at=at)
                made += 1
    return made


def unprintable(publication, *, at) -> list[str]:
    """Set and sign the paper of each language as if a proposal were released at `at`; the names of
    the languages in which it cannot be made.

    None of them is kept: before the release there is nothing to be found, and the day of the
    release, which stands in it, may be another one.
    """
    as_released = copy(publication)
    as_released.released_at = at
    told, without = results.Told(as_released, publication.page, None), []
    for language, name in Language.choices:
        try:
            is_whole = pdf_signature.look(_set(told, telling.of(told, language), at=at)).is_whole
        except _REASONS:
            log.exception("the results in %s could not be printed", language)
            is_whole = False
        if not is_whole:
            without.append(name)
    return without


def _set(told, holds, *, at) -> bytes:
    code = told.publication.round.call.code
    address = addresses.page_of(code, language=holds.said["language"])
    return pdf_signature.signed(paper.pdf_of(holds, address=address), at=at)


def _made(row, told, holds, failed, *, at) -> bytes:
    try:
        return _keep(row, _set(told, holds, at=at), at=at)
    except _REASONS as why:
        log.exception("the results in %s cannot be printed", row.language)
        caches["drawn"].set(failed, True, _REST_SECONDS)
        raise NotPrinted(_REST_SECONDS) from why


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
