#!/usr/bin/env python3
"""Check a dossier with nothing of the portal: Python 3.11 and the package `cryptography`.

    python verify_dossier.py DOSSIER.zip KEY.pem [HEADS.txt]

verify_receipt.py lies beside this program. KEY.pem is the portal's public key, from its address
/verify/key.pem, and HEADS.txt the heads of the audit chain, from /verify/heads.txt: whoever kept a
copy of that list earlier checks against what was known then.

Exit 0: genuine and whole. Exit 1: not, with a line for each fault. Exit 2: it cannot be read.
"""

import base64
import hashlib
import json
import re
import sys
import zipfile
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from verify_receipt import canonical, genuine, keys_in, once, visible

MANIFEST, SIGNATURE = "MANIFEST.sha256", "MANIFEST.sig"
LINE = re.compile(r"([0-9a-f]{64})  ([A-Za-z0-9][A-Za-z0-9._/-]*)")
UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError)
PIECE = 1 << 20
# Of the format of ZIP: a name in UTF-8, an extra field with sizes, the end, here without a comment.
UTF8, SIZES, END = 0x800, b"\1\0", b"PK\5\6"


def faults_in(path, keys, heads):
    """One sentence for each thing that is wrong. `heads` is None where nobody has the list."""
    with zipfile.ZipFile(path) as archive:
        if not is_plain(path, archive):
            yield "the archive is not written as the portal writes it"
            return
        names = archive.namelist()
        if len(set(names)) != len(names):
            yield "a file stands in it twice"
        for name in (MANIFEST, SIGNATURE):
            if name not in names:
                yield f"{name} is missing"
                return
        manifest = archive.read(MANIFEST)
        yield from signature_faults(manifest, archive.read(SIGNATURE), keys)
        hashes = {}
        for line in manifest.decode().splitlines():
            found = LINE.fullmatch(line)
            if not found or found[2] in hashes:
                yield f"{MANIFEST} cannot be understood: {line[:80]!r}"
                return
            hashes[found[2]] = found[1]
        own = set(names) - {MANIFEST, SIGNATURE}
        yield from (f"{name} is missing" for name in sorted(hashes.keys() - own))
        yield from (f"{name} was added" for name in sorted(own - hashes.keys()))
        whole = True
        for name in sorted(own & hashes.keys()):
            if sha256_of(archive, name) != hashes[name]:
                whole = False
                yield f"{name} was changed"
        if whole and own == hashes.keys():
            yield from content_faults(archive, hashes, keys, heads)


def is_plain(path, archive):
    """Whether nothing in the archive is compressed, and no byte stands beside its files.

    Programs disagree on what the bytes before, between and behind the files mean: what this one
    finds genuine, another could show as something else.
    """
    with open(path, "rb") as file:
        at = 0
        for one in archive.infolist():
            # Only the sizes of a large file may stand beside the fields that every file has.
            if one.compress_type or one.flag_bits & ~UTF8 or one.extra[:2] not in (b"", SIZES):
                return False
            plain = zipfile.ZipInfo(one.orig_filename, one.date_time)
            plain.CRC, plain.extract_version = one.CRC, one.extract_version
            plain.file_size = plain.compress_size = one.file_size
            headers = [plain.FileHeader(zip64=large) for large in (False, True)]
            file.seek(at)
            found = file.read(max(map(len, headers)))
            length = next((len(header) for header in headers if found.startswith(header)), None)
            if length is None or one.compress_size != one.file_size:
                return False
            at += length + one.file_size
        file.seek(-len(END) - 18, 2)
        end = file.read()
    return at == archive.start_dir and end.startswith(END) and end.endswith(b"\0\0")


def signature_faults(manifest, signed, keys):
    """The signature is one line: the key's id, and the signature in base64, written one way."""
    try:
        key, text = signed.decode("ascii").rstrip("\n").split(" ")
        signature = base64.b64decode(text, validate=True)
    except ValueError:
        yield f"{SIGNATURE} cannot be understood"
        return
    if signed != f"{key} {base64.b64encode(signature).decode()}\n".encode():
        yield f"{SIGNATURE} cannot be understood"
    elif key not in keys:
        yield f"it was signed with the key {key}, not with this one"
    else:
        try:
            keys[key].verify(signature, manifest)
        except InvalidSignature:
            yield f"the signature does not fit {MANIFEST}"


def content_faults(archive, hashes, keys, heads):
    """What is said in it fits together: the dossier, its receipts and files, the chain."""
    try:
        facts = json.loads(archive.read("dossier.json"), object_pairs_hook=once)
        part = json.loads(archive.read("chain.json"), object_pairs_hook=once)
        links = yield from chain_faults(part, facts["record"], heads)
        for version in facts["versions"]:
            yield from version_faults(archive, hashes, keys, version, links)
        for round_ in facts["rounds"]:
            for letter in round_["letters"]:
                if hashes.get(letter["member"]) != letter["sha256"]:
                    yield f"{letter['member']} is not the decision letter that was told"
                if hashlib.sha256(canonical(letter["facts"])).hexdigest() != letter["facts_sha256"]:
                    yield f"{letter['number']} says something else than it did"
                yield from decision_faults(facts["letter"], round_, letter)
    except UNREADABLE as error:
        yield f"it cannot be understood: {type(error).__name__} {error}"


def decision_faults(about, round_, letter):
    """The hash printed on a decision letter is that of the decision, where the reader has the salt.

    Without it some of what is hashed is not the reader's to know, or was hashed before salts.
    """
    for decision in round_["decisions"]:
        content = decision["content"]
        if decision["version"] != letter["decision_version"] or not (content or {}).get("salt"):
            continue
        which = {
            "reference": about["reference"],
            "round": round_["kind"],
            "version": decision["version"],
        }
        if digest(which | content) != letter["decision_sha256"]:
            yield f"{letter['number']} was not made from the decision beside it"


def chain_faults(part, record, heads):
    """Follow the chain link by link; returns the hash of each entry by its number."""
    about, links = part["about"], {}
    if {name: value for name, value in about.items() if name != "format"} != record:
        yield "chain.json is not the part of the chain that dossier.json names"
    before, number, followed = about["before"], about["first"], False
    for entry in part["entries"]:
        content = entry if isinstance(entry, str) else None
        if isinstance(entry, dict) and "action" in entry:
            said = {key: value for key, value in entry.items() if key not in ("seq", "hash")}
            if not said["salt"]:
                del said["salt"]
                found = digest({**said, "prev": before, "seq": number})
            else:
                content = digest(said)
                found = None
            if entry["seq"] != number:
                yield f"entry {number} of the chain is missing"
        elif content is None:
            print(f"entry {number}: written before others could be followed; taken as it stands")
            found = entry["hash"]
        if content is None and followed:
            # Or whoever holds the key could join any beginning to any end.
            yield f"entry {number} of the chain cannot be followed, though one before it can"
        if content is not None:
            followed = True
            found = digest({"content": content, "prev": before, "seq": number})
        if isinstance(entry, dict) and found != entry["hash"]:
            yield f"entry {number} of the chain was changed, or does not follow the one before"
        links[number], before, number = found, found, number + 1
    if before != about["head"] or (links and number - 1 != about["last"]):
        yield "the chain does not end in its head"
    if links and heads is not None and about["head"] not in heads:
        yield "the head of the chain is not among those that were made known"
    return links


def version_faults(archive, hashes, keys, version, links):
    """A receipt is genuine, and content and files are those that it names."""
    name = f"{version['about']}, version {version['number']}"
    if version["content"] and hashes.get(version["content"]) != version["sha256"]:
        yield f"{name}: {version['content']} is not what was filed"
    for file in version["files"]:
        if file["member"] and hashes.get(file["member"]) != file["sha256"]:
            yield f"{name}: {file['member']} is not what was filed"
    if not version["receipt"]:
        return
    try:
        receipt = genuine(archive.read(version["receipt"]["member"]), keys)
    except InvalidSignature:
        yield f"{name}: the signature of the receipt does not fit"
        return
    filed = {file["sha256"] for file in version["files"]}
    if receipt["sha256"] != version["sha256"] or {f["sha256"] for f in receipt["files"]} != filed:
        yield f"{name}: the receipt is about something else"
    if links.get(receipt["audit_seq"]) != receipt["audit_head"]:
        yield f"{name}: the chain does not pass through the head in the receipt"


def digest(value):
    return hashlib.sha256(canonical(value)).hexdigest()


def sha256_of(archive, name):
    """Of one file in the archive, piece by piece; empty if its bytes cannot be read."""
    found = hashlib.sha256()
    try:
        with archive.open(name) as member:
            while data := member.read(PIECE):
                found.update(data)
    except zipfile.BadZipFile:
        return ""
    return found.hexdigest()


def heads_in(path):
    return {line.split()[-1] for line in Path(path).read_text().splitlines() if line.strip()}


def main(arguments):
    sys.stdout.reconfigure(errors="backslashreplace")
    if len(arguments) not in (2, 3):
        print(__doc__)
        return 2
    try:
        heads = heads_in(arguments[2]) if len(arguments) == 3 else None
        faults = list(faults_in(arguments[0], keys_in(arguments[1]), heads))
    except (OSError, zipfile.BadZipFile, *UNREADABLE) as error:
        print(f"CANNOT BE READ: {visible(error)}")
        return 2
    for fault in faults:
        print(f"NOT GENUINE: {visible(fault)}")
    if not faults:
        print(f"GENUINE: {visible(arguments[0])} is whole, and the portal signed it")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
