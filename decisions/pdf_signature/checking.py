"""Whether a file carries a whole signature of the portal's. For any bytes that anybody sends.

A letter of ours has a known shape: one signature that covers the whole file but its own digits. So
the file is not parsed, which is where readers of PDF were led astray before (objects shadowed by
later ones, several signatures, ranges with holes); whatever deviates from that shape was changed.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from asn1crypto import cms
from cryptography import x509
from pyhanko.sign.general import extract_certificate_info, extract_signer_info
from pyhanko.sign.validation.generic_cms import validate_sig_integrity

from decisions.pdf_signature import keys

_RANGE = re.compile(rb"/ByteRange\s{0,9}\[\s{0,9}(\d{1,9}) (\d{1,9}) (\d{1,9}) (\d{1,9})\s{0,9}\]")
# `M`, when it was signed, as it is written: a string in which the colon may stand as an octal.
_WHEN = re.compile(rb"/M \(D(?::|\\072)(\d{14})Z")
_MOST_DIGITS = 128 * 1024


class State(StrEnum):
    """What a look at a file found."""

    NONE = "none"  # no signature
    FOREIGN = "foreign"  # one by another certificate, or one that cannot be read
    CHANGED = "changed"  # one by ours, of another content
    WHOLE = "whole"  # one by ours, and not a byte beside it


@dataclass(frozen=True)
class Signature:
    """What was found. Everything but the state is of a whole signature only.

    `stamped_at` is the time that a time-stamp service of the name `stamped_by` vouches for. Whether
    to trust that service is up to the reader.
    """

    state: State
    fingerprint: str = ""
    name: str = ""
    signed_at: datetime | None = None
    stamped_at: datetime | None = None
    stamped_by: str = ""

    @property
    def is_whole(self) -> bool:
        return self.state == State.WHOLE


def look(pdf: bytes) -> Signature:
    """Look at a file's signature. Nothing is fetched, and no bytes make it raise.

    A few bytes of a signature are covered by nothing (a version, say); the file's hash covers them.
    """
    ranges = _RANGE.findall(pdf)
    if not ranges:
        return Signature(State.NONE)
    ours = keys.certificates()
    # Hostile bytes make parsers raise what they like. What cannot be read is not whole.
    try:
        found = _Found(pdf, *(int(digits) for digits in ranges[0]))
    except Exception:
        return Signature(State.FOREIGN)
    certificate = ours.get(found.fingerprint)
    if certificate is None:
        return Signature(State.FOREIGN)
    try:
        return found.judged(certificate, is_only=len(ranges) == 1)
    except Exception:
        return Signature(State.CHANGED)


class _Found:
    """The first signature in a file, and the bytes it covers."""

    def __init__(self, pdf, start, before, after, rest):
        """Read it; raises anything if these bytes hold none."""
        gap = pdf[before:after]
        if not (gap.startswith(b"<") and gap.endswith(b">") and len(gap) <= _MOST_DIGITS):
            raise ValueError("no digits where the signature should be")
        self.digits = gap[1:-1]
        self.content = cms.ContentInfo.load(bytes.fromhex(self.digits.decode("ascii")))
        self.mark = self.content["content"]
        self.covers_all = (start, after + rest) == (0, len(pdf))
        self.covered = pdf[start : start + before] + pdf[after : after + rest]
        signer = extract_certificate_info(self.mark).signer_cert
        self.fingerprint = keys.fingerprint(x509.load_der_x509_certificate(signer.dump()))

    def judged(self, certificate, *, is_only) -> Signature:
        """Whether it is ours, of this file as it is; raises anything if it is damaged."""
        signer = extract_signer_info(self.mark)
        # What fills up the room that was kept free is covered by nothing, so it must be nothing.
        digits = self.content.dump().hex().upper().encode().ljust(len(self.digits), b"0")
        if not (
            is_only
            and self.covers_all
            and self.digits == digits
            and _fits(signer, self.mark, "data", self.covered)
        ):
            return Signature(State.CHANGED)
        when = _WHEN.search(self.covered)[1].decode() + "+0000"
        stamped_at, stamped_by = _stamp(signer)
        return Signature(
            State.WHOLE,
            fingerprint=self.fingerprint,
            name=keys.name_of(certificate),
            signed_at=datetime.strptime(when, "%Y%m%d%H%M%S%z"),
            stamped_at=stamped_at,
            stamped_by=stamped_by,
        )


def _stamp(signer):
    """When the signature was stamped and by whom, or (None, ""); ValueError for a false stamp."""
    attributes = signer["unsigned_attrs"]
    stamps = [one for one in attributes if one["type"].native == "signature_time_stamp_token"]
    if not stamps:
        return None, ""
    mark = stamps[0]["values"][0]["content"]
    said = mark["encap_content_info"]["content"]
    info = said.parsed
    imprint = info["message_imprint"]
    algorithm = imprint["hash_algorithm"]["algorithm"].native
    digest = hashlib.new(algorithm, signer["signature"].native).digest()
    if imprint["hashed_message"].native != digest or not _fits(
        extract_signer_info(mark), mark, "tst_info", bytes(said)
    ):
        raise ValueError("a stamp of something else")
    by = extract_certificate_info(mark).signer_cert
    name = keys.name_of(x509.load_der_x509_certificate(by.dump()))
    return info["gen_time"].native, name


def _fits(signer, mark, kind, covered):
    """Whether the certificate that comes along signed these very bytes."""
    digest = hashlib.new(signer["digest_algorithm"]["algorithm"].native, covered).digest()
    return all(
        validate_sig_integrity(signer, extract_certificate_info(mark).signer_cert, kind, digest)
    )
