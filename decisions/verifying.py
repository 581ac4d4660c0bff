"""Whether a file is a decision letter of this portal or its printed results, by hash and signature.

The hash decides, because it covers every byte, and because only the portal knows what was told. The
signature says why a file has another hash, and holds without the portal, too.
"""

import hashlib
import logging

from decisions import pdf_signature, results, telling
from decisions.models import DecisionLetter, ResultsPaper
from proposals import files

log = logging.getLogger(__name__)


def told_with(sha256: str) -> DecisionLetter | None:
    """The letter with these very bytes, if it was told; it may be superseded by now."""
    letters = DecisionLetter.objects.released().filter(sha256=sha256)
    return letters.select_related("publication", "decision__letter__call").first()


def paper_with(sha256: str) -> ResultsPaper | None:
    """The printed results with these very bytes, from any time since their release."""
    papers = ResultsPaper.objects.filter(sha256=sha256)
    return papers.select_related("publication__round__call").first()


def still_holds(paper) -> bool:
    """Whether printed results say what is told now, or a correction told something else since."""
    told = results.of(paper.publication.round.call)
    return told is not None and telling.of(told, paper.language).digest == paper.told


def signature_of(letter) -> pdf_signature.Signature | None:
    """The signature in the stored file of a letter, or of printed results; None while it cannot be
    looked at as it was.
    """
    try:
        with files.open_stored(letter.sha256) as handle:
            stored = handle.read()
    except (FileNotFoundError, files.Unavailable):
        return None
    if hashlib.sha256(stored).hexdigest() != letter.sha256:
        return None
    return signature_in(stored)


def signature_in(pdf: bytes) -> pdf_signature.Signature | None:
    """The signature in any file; None while the portal's own certificates cannot be read."""
    try:
        return pdf_signature.look(pdf)
    except pdf_signature.KeyUnusable:
        log.exception("no signature can be checked")
        return None


def is_as_stored(letter, signature) -> bool:
    """Whether a letter's file bears the signature that was noted when it was stored.

    Letters of the time before signatures bear none. A certificate that signed must still be kept.
    """
    return signature is not None and signature.fingerprint == letter.certificate
