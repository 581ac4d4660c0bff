"""One signed file of many: a ZIP whose manifest names and hashes every other member.

No database. The same members give the same bytes: sorted names, one date, nothing compressed.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from proposals import files, signing
from reviews import pack_file

MANIFEST, SIGNATURE = "MANIFEST.sha256", "MANIFEST.sig"
_PIECE = 1 << 20


class Damaged(Exception):
    """A stored file has other bytes than its name says."""


@dataclass(frozen=True)
class Stored:
    """A member whose bytes lie in private storage; they are never read into memory whole."""

    sha256: str


def write(members: dict[str, bytes | Path | Stored], folder: Path) -> Path:
    """The ZIP of these members with its manifest and signature, in `folder`, a `workshop`.

    The manifest is what `sha256sum -c` reads; the signature is the portal's over its bytes.
    """
    hashes = {name: _sha256(source) for name, source in members.items()}
    manifest = "".join(f"{hashes[name]}  {name}\n" for name in sorted(hashes)).encode()
    signed = f"{signing.key_id()} {signing.sign(manifest)}\n".encode()
    whole = {**members, MANIFEST: manifest, SIGNATURE: signed}
    out = folder / "dossier.zip"
    pack_file.zipped(_one_after_the_other(whole, folder / "member"), out)
    return out


def _one_after_the_other(members, path) -> Iterator[tuple[str, Path]]:
    for name in sorted(members):
        source = members[name]
        if isinstance(source, Path):
            yield name, source
            continue
        if isinstance(source, Stored):
            _copy(source, path)
        else:
            path.write_bytes(source)
        yield name, path


def _copy(stored, path) -> None:
    with files.open_stored(stored.sha256) as source, path.open("wb") as copy:
        while data := source.read(_PIECE):
            copy.write(data)
    if _sha256(path) != stored.sha256:
        raise Damaged(stored.sha256)


def _sha256(source) -> str:
    if isinstance(source, Stored):
        return source.sha256
    if isinstance(source, bytes):
        return hashlib.sha256(source).hexdigest()
    with source.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
