"""`python plain_child.py copy|words` reads a file from a stranger on its standard input.

`copy` writes the same file without what tells who made it, when and with what: a PDF's properties,
XMP, document id, names of attached files and authors of notes, and what cameras and programs write
into pictures. `words` writes the words on a PDF's pages, and nothing for a picture.

Run as a child of `plain`, with little memory and time. Without Django: it starts fast and holds
nothing.
"""

import contextlib
import io
import resource
import struct
import sys

import pikepdf

CPU_SECONDS = 10
MEMORY_BYTES = 768 * 1024 * 1024
_PNG = b"\x89PNG\r\n\x1a\n"
# What a PNG needs to be drawn as it was meant; all else is words, dates and places.
_CHUNKS = {
    *(b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT"),
    *(b"bKGD", b"pHYs"),
}
# Entries of a PDF that tell of its making, wherever they stand.
_TELLING = (
    *("/Metadata", "/PieceInfo", "/LastModified", "/AF", "/EmbeddedFiles", "/SpiderInfo"),
    *("/Thumb", "/DPartRoot", "/Collection"),
)
# Of a note: who wrote it, when, and under which name.
_OF_A_NOTE = ("/T", "/M", "/NM", "/CreationDate", "/RC")


def plain(data: bytes) -> bytes:
    if data.startswith(_PNG):
        return png(data)
    if data.startswith(b"\xff\xd8"):
        return jpeg(data)
    return pdf(data)


def pdf(data: bytes) -> bytes:
    """Written anew, so that what older versions of the file said is not in it either."""
    with pikepdf.open(io.BytesIO(data)) as file:
        del file.docinfo
        # Its first half is kept by whoever saves a file anew.
        if "/ID" in file.trailer:
            del file.trailer["/ID"]
        _clean(file.Root)
        for item in file.objects:
            _clean(item)
            if isinstance(item, pikepdf.Stream) and item.get("/Filter") == "/DCTDecode":
                item.write(jpeg(item.read_raw_bytes()), filter=pikepdf.Name.DCTDecode)
        out = io.BytesIO()
        # An id made of the content alone.
        file.save(out, deterministic_id=True, min_version="1.4")
    return out.getvalue()


def _clean(item):
    todo = [item]
    while todo:
        item = todo.pop()
        if isinstance(item, pikepdf.Dictionary | pikepdf.Stream):
            names = [name for name in _TELLING if name in item]
            if "/Rect" in item and "/Subtype" in item:
                names += [name for name in _OF_A_NOTE if name in item]
            for name in names:
                del item[name]
            inner = item.values()
        elif isinstance(item, pikepdf.Array):
            inner = item
        else:
            continue
        todo.extend(one for one in inner if isinstance(one, pikepdf.Object) and not one.is_indirect)


def jpeg(data: bytes) -> bytes:
    """Without the segments of applications and comments, but for those that say how it is drawn."""
    kept, at = [data[:2]], 2
    while at + 4 <= len(data) and data[at] == 0xFF and data[at + 1] != 0xDA:
        length = 2 + struct.unpack(">H", data[at + 2 : at + 4])[0]
        kind, body = data[at + 1], data[at + 4 : at + length]
        is_telling = 0xE0 <= kind <= 0xEF or kind == 0xFE
        if not is_telling or body.startswith((b"JFIF", b"Adobe", b"ICC_PROFILE")):
            kept.append(data[at : at + length])
        at += length
    return b"".join([*kept, data[at:]])


def png(data: bytes) -> bytes:
    kept, at = [_PNG], len(_PNG)
    while at + 12 <= len(data):
        length, kind = struct.unpack(">I4s", data[at : at + 8])
        if kind in _CHUNKS:
            kept.append(data[at : at + 12 + length])
        at += 12 + length
    return b"".join(kept)


def words(data: bytes) -> bytes:
    if not data.startswith(b"%PDF-"):
        return b""
    from pypdf import PdfReader  # noqa: PLC0415 - only where it is needed

    pages = PdfReader(io.BytesIO(data)).pages
    return "\n".join(page.extract_text() for page in pages).encode(errors="replace")


def main(what) -> None:
    for kind, most in (
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        # macOS knows no limit on address space; the wall clock of the parent still holds.
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (most, most))
    data = sys.stdin.buffer.read()
    sys.stdout.buffer.write({"copy": plain, "words": words}[what](data))


if __name__ == "__main__":
    main(sys.argv[1])
