"""Look into a file from a stranger: `python inspection.py pdf|picture PATH` prints what it found.

{"pages": n, "extension": "pdf"} or {"fault": code}. `pdf` takes a PDF alone, `picture` a PDF, a PNG
or a JPEG. Run as a child of `check`, in a process that may use little memory and time and knows no
secret, since a file of 3 kB can unpack to a gigabyte. Without Django: it starts fast and holds
nothing.
"""

import contextlib
import json
import re
import resource
import struct
import sys
import warnings
import zipfile
from pathlib import Path

import pikepdf
from PIL import Image

MOST_PAGES = 200
# A drawing of A3 at 600 dots an inch would be 70 million; unpacked, these are 200 MB at the most.
MOST_PIXELS = 50_000_000
_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8\xff"
_JPEG_END = b"\xff\xd9"
# Two hundred inches, the largest page that PDF 1.7 readers need to show.
MOST_POINTS = 14_400
FEWEST_POINTS = 18
# A line break and some padding are common; a second file behind the first is not.
MOST_BYTES_AFTER_END = 64
CPU_SECONDS = 10
MEMORY_BYTES = 512 * 1024 * 1024

# Actions that run something, send something, or open something outside the file.
_ACTIONS = {
    "/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/GoToR", "/GoToE", "/Thread",
    "/Rendition", "/Movie", "/Sound", "/RichMediaExecute",
}  # fmt: skip
# Entries that hold scripts, files or forms of their own, wherever they stand.
_ENTRIES = {
    "/JS", "/JavaScript", "/AA", "/XFA", "/EF", "/EmbeddedFiles", "/RichMediaContent",
    "/RichMediaSettings",
}  # fmt: skip
_ANNOTATIONS = {"/RichMedia", "/Movie", "/Sound", "/Screen", "/3D", "/FileAttachment"}
_NO_LINKS = ("file:", "smb:", "javascript:", "vbscript:", "data:", "\\\\")


class Bad(Exception):
    """The file cannot be taken; the argument is the code of the fault."""


def verdict_on(kind, path) -> dict:
    """What the file is. Raises `Bad`."""
    with Path(path).open("rb") as handle:
        start = handle.read(len(_PNG))
    if kind == "picture":
        if start == _PNG:
            return picture(path, "PNG")
        if start.startswith(_JPEG):
            return picture(path, "JPEG")
        if not start.startswith(b"%PDF-"):
            raise Bad("not_a_picture")
    return {"pages": pages_of(path), "extension": "pdf"}


def picture(path, kind) -> dict:
    """A PNG or JPEG that unpacks, whole, to one picture and holds nothing behind its end."""
    # The size stands in the head: a bomb is refused before anything of it is unpacked.
    Image.MAX_IMAGE_PIXELS = None
    try:
        with warnings.catch_warnings(), Image.open(path, formats=[kind]) as image:
            warnings.simplefilter("ignore")
            if image.width * image.height > MOST_PIXELS:
                raise Bad("too_many_pixels")
            if kind == "PNG" and getattr(image, "n_frames", 1) > 1:
                raise Bad("animated")
            image.load()
    except (OSError, SyntaxError, ValueError, struct.error):
        raise Bad("damaged") from None
    data = Path(path).read_bytes()
    after = _after_png(data) if kind == "PNG" else _after_jpeg(data)
    if len(after) > MOST_BYTES_AFTER_END or zipfile.is_zipfile(path):
        raise Bad("two_files_in_one")
    return {"pages": 0, "extension": "png" if kind == "PNG" else "jpg"}


def _after_png(data):
    """What follows the last chunk."""
    at, has_picture = len(_PNG), False
    while at + 12 <= len(data):
        length, name = struct.unpack(">I4s", data[at : at + 8])
        at += 12 + length
        # Pillow draws a PNG without image data as a black one.
        has_picture = has_picture or name == b"IDAT"
        if name == b"IEND" and has_picture:
            return data[at:]
    raise Bad("damaged")


def _after_jpeg(data):
    """What follows the last end mark; padding is common, and telephones add a second picture."""
    _picture, end, after = data.rpartition(_JPEG_END)
    if not end:
        raise Bad("damaged")
    return after


def pages_of(path) -> int:
    """The number of pages of an acceptable PDF. Raises `Bad`."""
    _check_frame(Path(path).read_bytes())
    if zipfile.is_zipfile(path):
        raise Bad("two_files_in_one")
    try:
        # Recovery would open half of a file, and files that are something else as well.
        pdf = pikepdf.open(path, attempt_recovery=False)
    except pikepdf.PasswordError:
        raise Bad("encrypted") from None
    except pikepdf.PdfError:
        raise Bad("damaged") from None
    with pdf:
        if pdf.is_encrypted:
            raise Bad("encrypted")
        pages = len(pdf.pages)
        if pages < 1:
            raise Bad("no_pages")
        if pages > MOST_PAGES:
            raise Bad("too_many_pages")
        for page in pdf.pages:
            _check_size(page)
        for item in pdf.objects:
            _check_content(item)
        _check_content(pdf.trailer)
    return pages


def _check_frame(data):
    """A PDF from its first byte to its last, and nothing else."""
    if not re.match(rb"%PDF-[0-9]", data):
        raise Bad("not_a_pdf")
    body, end, after = data.rpartition(b"%%EOF")
    if not end or not body:
        raise Bad("damaged")
    if len(after.strip()) > MOST_BYTES_AFTER_END:
        raise Bad("two_files_in_one")


def _check_size(page):
    try:
        left, bottom, right, top = (float(edge) for edge in page.mediabox)
        unit = float(page.obj.get("/UserUnit", 1))
    except (AttributeError, TypeError, ValueError):
        raise Bad("page_size") from None
    for side in (abs(right - left) * unit, abs(top - bottom) * unit):
        if not FEWEST_POINTS <= side <= MOST_POINTS:
            raise Bad("page_size")


def _check_content(item):
    """Look at one object and at what is written inside it; what it refers to comes on its own."""
    todo = [item]
    while todo:
        item = todo.pop()
        if isinstance(item, pikepdf.Dictionary | pikepdf.Stream):
            _check_entries(item)
            inner = item.values()
        elif isinstance(item, pikepdf.Array):
            inner = item
        else:
            continue
        todo.extend(one for one in inner if isinstance(one, pikepdf.Object) and not one.is_indirect)


def _check_entries(item):
    keys = set(item.keys())
    if keys & _ENTRIES:
        raise Bad("active_content")
    if _name(item.get("/S")) in _ACTIONS or _name(item.get("/Subtype")) in _ANNOTATIONS:
        raise Bad("active_content")
    if _name(item.get("/Type")) == "/EmbeddedFile":
        raise Bad("active_content")
    if _plain(item.get("/URI", "")).startswith(_NO_LINKS):
        raise Bad("active_content")
    # A stream whose data, or a picture whose page, lies in a file somewhere else: to show it, a
    # reader fetches that, and with a name of Windows it tells the other side who is there.
    if isinstance(item, pikepdf.Stream) and ("/F" in keys or _is_elsewhere(item.get("/Ref"))):
        raise Bad("active_content")


def _is_elsewhere(value) -> bool:
    return isinstance(value, pikepdf.Dictionary) and "/F" in value


def _plain(address) -> str:
    """As browsers read an address: they pass over what cannot be seen, wherever it stands."""
    return "".join(c for c in str(address) if c.isprintable() and c != " ").lower()


def _name(value) -> str:
    return str(value) if isinstance(value, pikepdf.Name) else ""


def _limit():
    """Give this process little, so that a bomb ends it and nothing else."""
    for kind, most in (
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        # macOS knows no limit on address space; the wall clock of the parent still holds.
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (most, most))


def main(kind, path) -> None:
    _limit()
    try:
        print(json.dumps(verdict_on(kind, path)))
    except Bad as bad:
        print(json.dumps({"fault": bad.args[0]}))
    except (MemoryError, RuntimeError, RecursionError, ValueError, TypeError):
        print(json.dumps({"fault": "unreadable"}))


if __name__ == "__main__":
    main(*sys.argv[1:])
