#!/usr/bin/env python3
"""Check a receipt with nothing of the portal: Python 3.11 and the package `cryptography`.

    python verify_receipt.py RECEIPT.json KEY.pem [FILE ...]

KEY.pem is the portal's public key, from its address /verify/key.pem. Each further FILE is a file
that was attached, or the filed content as the portal hands it out; its SHA-256 must stand in the
receipt. Exit 0: genuine. Exit 1: not, with the reason.
"""

import base64
import hashlib
import json
import re
import sys
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

PEM = re.compile(rb"-----BEGIN PUBLIC KEY-----.+?-----END PUBLIC KEY-----", re.DOTALL)


def once(pairs):
    """A JSON object in which no name stands twice."""
    if len(dict(pairs)) != len(pairs):
        raise ValueError("a name stands twice in it")
    return dict(pairs)


def keys_in(path):
    """Key id (the first 16 digits of the SHA-256 of its 32 bytes) to public key."""
    keys = [load_pem_public_key(pem) for pem in PEM.findall(Path(path).read_bytes())]
    raw = [
        (key.public_bytes(Encoding.Raw, PublicFormat.Raw), key)
        for key in keys
        if isinstance(key, Ed25519PublicKey)
    ]
    return {hashlib.sha256(data).hexdigest()[:16]: key for data, key in raw}


def canonical(value):
    """The bytes that are hashed and signed: sorted keys, no white space, UTF-8."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def genuine(data, keys):
    """The text of a receipt from its file's bytes; ValueError or InvalidSignature if it is none."""
    receipt = json.loads(data.decode("utf-8-sig"), object_pairs_hook=once)
    signature = base64.b64decode(receipt.pop("signature"), validate=True)
    if receipt["key"] not in keys:
        raise ValueError(f"it was signed with the key {receipt['key']}, not with this one")
    keys[receipt["key"]].verify(signature, canonical(receipt))
    return receipt


def visible(text):
    """A text of a stranger's that does nothing to the terminal: its signs are shown as numbers."""
    return "".join(one if one.isprintable() else ascii(one)[1:-1] for one in str(text))


def verify(receipt_path, key_path, *file_paths):
    """Return the receipt's text; ValueError or InvalidSignature if it is not genuine."""
    receipt = genuine(Path(receipt_path).read_bytes(), keys_in(key_path))
    known = {receipt["sha256"]: "the content"}
    known |= {item["sha256"]: f"the file {item['name']!r}" for item in receipt["files"]}
    for path in file_paths:
        digest = hashlib.sha256(Path(path).read_bytes()).hexdigest()
        if digest not in known:
            raise ValueError(f"{path} is not what was filed (SHA-256 {digest})")
        print(f"{path} is {known[digest]} that was filed")
    return receipt


def main(arguments):
    # Some terminals have no Chinese: a name is no reason to break off.
    sys.stdout.reconfigure(errors="backslashreplace")
    if len(arguments) < 2:
        print(__doc__)
        return 1
    try:
        receipt = verify(*arguments)
    except InvalidSignature:
        print("NOT GENUINE: the signature does not fit, something was changed")
        return 1
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        print(f"NOT GENUINE: {visible(error)}")
        return 1
    print(
        f"GENUINE: {receipt['reference']} version {receipt['version']} of {receipt['agency']}, "
        f"accepted {receipt['accepted_at']}, SHA-256 {receipt['sha256']}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
