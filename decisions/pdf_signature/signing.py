"""One signature appended to a finished letter: PAdES-B-B, or B-T where a time-stamp service is set.

The signature certifies: readers tell whoever changes anything afterwards that it is not allowed. It
is drawn nowhere. Its field lies outside the page, which is how a file can be signed and still be
PDF/A-2a and PDF/UA-1 (the one forbids hidden fields, the other asks for tags on any that show).
"""

import asyncio
import io
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from asn1crypto import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.conf import settings
from django.core.cache import cache
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import InvisSigSettings, MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers import cms_embedder
from pyhanko.sign.signers.constants import ESIC_EXTENSION_1
from pyhanko.sign.signers.pdf_byterange import SignatureObject
from pyhanko.sign.signers.pdf_cms import Signer
from pyhanko.sign.timestamps import HTTPTimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

from decisions.pdf_signature import checking, keys

_HASH = "sha256"
_FIELD = "Signature"
# Bytes kept free for what is not known beforehand: the signature itself, and a service's answer,
# which carries certificates of its own.
_ROOM, _ROOM_FOR_STAMP = 2048, 12 * 1024
_STAMP_SECONDS = 5
_AWAY, _AWAY_SECONDS = "pdf-signature:stamps-away", 60


class StampUnavailable(Exception):
    """The time-stamp service gave no stamp; the message says what it did instead."""


def signed(pdf: bytes, *, at: datetime) -> bytes:
    """The same file with one signature behind it, made at `at` by the portal's clock.

    The bytes before it stay untouched. Raises `keys.KeyUnusable`; and `StampUnavailable`, after
    which for a minute no letter asks the service.
    """
    at = at.astimezone(UTC)
    who = keys.signatory(at=at)
    stamps = _Stamps() if settings.PDF_TIMESTAMP_URL else None
    file = io.BytesIO(pdf)
    writer = _Appended(file)
    writer.register_extension(ESIC_EXTENSION_1)
    steps = _steps(writer, at=at, room=_room(who, stamps))
    digest, _file = steps.send(cms_embedder.SigIOSetup(md_algorithm=_HASH, in_place=True))
    try:
        mark = _awaited(
            _Signer(who).async_sign(
                digest.document_digest, _HASH, use_pades=True, timestamper=stamps
            )
        )
    except StampUnavailable:
        _note_away()
        raise
    steps.send(mark)
    done = file.getvalue()
    _ensure_whole(done, pdf, who)
    return done


def waits_for_stamps() -> bool:
    """Whether the time-stamp service failed within the last minute, so that letters wait."""
    return bool(settings.PDF_TIMESTAMP_URL) and cache.get(_AWAY) is not None


def _awaited(coroutine):
    """Its answer. In a thread of its own, because the caller's may be running an event loop."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(asyncio.run, coroutine).result()


def _steps(writer, *, at, room):
    """What pyHanko does to a file, one `send` a step, up to where it asks for the digest."""
    field = SigFieldSpec(
        _FIELD,
        invis_sig_settings=InvisSigSettings(box_out_of_bounds=True),
        readable_field_name=_FIELD,
    )
    steps = cms_embedder.PdfCMSEmbedder(new_field_spec=field).write_cms(_FIELD, writer)
    next(steps)
    steps.send(
        cms_embedder.SigObjSetup(
            sig_placeholder=SignatureObject(
                # Two hexadecimal digits a byte.
                bytes_reserved=2 * room,
                subfilter=SigSeedSubFilter.PADES,
                timestamp=at,
            ),
            mdp_setup=cms_embedder.SigMDPSetup(
                md_algorithm=_HASH, certify=True, docmdp_perms=MDPPerm.NO_CHANGES
            ),
        )
    )
    return steps


def _room(who, stamps):
    own = sum(len(one.public_bytes(Encoding.DER)) for one in (who.certificate, *who.chain))
    return own + _ROOM + (_ROOM_FOR_STAMP if stamps else 0)


def _ensure_whole(done, pdf, who):
    """Look at the file as anybody will, before it is kept."""
    found = checking.look(done)
    if settings.PDF_TIMESTAMP_URL and found.stamped_at is None:
        _note_away()
        raise StampUnavailable("it answered with a stamp of something else")
    if not (
        done.startswith(pdf)
        and found.state == checking.State.WHOLE
        and found.fingerprint == keys.fingerprint(who.certificate)
    ):
        raise RuntimeError(f"the signature did not come out whole: {found.state}")


def _note_away():
    # Or hundreds of letters would each wait for a service that hangs, and mail behind them.
    cache.set(_AWAY, True, _AWAY_SECONDS)


class _Appended(IncrementalPdfFileWriter):
    """Appends to a file, and leaves what it says of itself alone.

    pyHanko would write its own name and the machine's time into the metadata; the portal's clock is
    another one in the demo, and a letter's own date is that of the decision.
    """

    def _update_meta(self):
        pass


class _Signer(Signer):
    """Signs with a key that was loaded and checked once; pyHanko's own loads it for each file."""

    def __init__(self, who: keys.Signatory):
        self._key = who.key
        known = SimpleCertificateStore()
        known.register_multiple(_for_pyhanko(one) for one in who.chain)
        super().__init__(signing_cert=_for_pyhanko(who.certificate), cert_registry=known)

    async def async_sign_raw(self, data, digest_algorithm, dry_run=False):
        return self._key.sign(data)


class _Stamps(HTTPTimeStamper):
    """The service the settings name (RFC 3161)."""

    def __init__(self):
        super().__init__(settings.PDF_TIMESTAMP_URL, timeout=_STAMP_SECONDS)

    async def async_timestamp(self, message_digest, md_algorithm):
        try:
            return await super().async_timestamp(message_digest, md_algorithm)
        # OSError: no answer, a refusal, or an answer to something else. The others: no answer that
        # can be read.
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            reason = error.__cause__ or error
            raise StampUnavailable(f"{type(reason).__name__}: {reason}") from error


def _for_pyhanko(certificate):
    return x509.Certificate.load(certificate.public_bytes(Encoding.DER))
