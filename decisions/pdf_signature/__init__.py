"""Decision letters are signed as PAdES (ETSI EN 319 142-1): a file that proves itself anywhere.

`keys` holds the portal's key and certificates, `signing` appends one signature to a finished
letter, `checking` says of any file whether it carries a whole signature of ours. Not the key of
receipts (`proposals.signing`): readers of PDF ask for a certificate, and know no Ed25519.
"""

from decisions.pdf_signature.checking import Signature, State, look
from decisions.pdf_signature.keys import KeyUnusable, ensure_usable
from decisions.pdf_signature.signing import StampUnavailable, signed, waits_for_stamps

__all__ = [
    "KeyUnusable",
    "Signature",
    "StampUnavailable",
    "State",
    "ensure_usable",
    "look",
    "signed",
    "waits_for_stamps",
]
