"""Files for tests, good and bad, made on the spot."""

import struct
import zlib
from io import BytesIO

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream, String
from PIL import Image


def pdf(pages=1, change=None, **saving) -> bytes:
    """A small PDF; `change(pdf)` spoils it before it is saved."""
    with pikepdf.new() as made:
        for _ in range(pages):
            made.add_blank_page(page_size=(595, 842))
        if change:
            change(made)
        data = BytesIO()
        made.save(data, **saving)
    return data.getvalue()


def _action(**entries):
    def change(made):
        made.Root.OpenAction = made.make_indirect(Dictionary(Type=Name.Action, **entries))

    return pdf(change=change)


def _page_script(made):
    script = Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))
    made.pages[0].AA = Dictionary(O=script)


def _link(address):
    return _action(S=Name.URI, URI=String(address))


def _data_elsewhere(made):
    made.pages[0].Contents = Stream(made, b"", F=String(r"\\evil\x"))


def _page_elsewhere(made):
    form = Stream(made, b"", Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 9, 9]))
    form.Ref = Dictionary(F=String(r"\\evil\x"), Page=0)
    made.pages[0].Resources = Dictionary(XObject=Dictionary(Fm0=form))


def _annotation(subtype):
    def change(made):
        note = Dictionary(Type=Name.Annot, Subtype=Name(subtype), Rect=Array([0, 0, 9, 9]))
        made.pages[0].Annots = Array([made.make_indirect(note)])

    return pdf(change=change)


def _attached_file(made):
    made.attachments["inner.pdf"] = pdf()


def _xfa(made):
    made.Root.AcroForm = Dictionary(Fields=Array(), XFA=made.make_stream(b"<xdp/>"))


def _no_pages(made):
    del made.pages[0]


def _huge_page(made):
    made.pages[0].MediaBox = Array([0, 0, 2_000_000_000, 2_000_000_000])


def _flat_page(made):
    made.pages[0].MediaBox = Array([0, 0, 595, 0])


def _huge_by_inheritance(made):
    del made.pages[0].obj.MediaBox
    made.Root.Pages.MediaBox = Array([0, 0, 2_000_000_000, 2_000_000_000])


def heavy(size) -> bytes:
    """A PDF of a little more than so many bytes."""

    def change(made):
        made.Root.Weight = made.make_stream(bytes(size))

    return pdf(change=change, compress_streams=False)


def _bomb(made):
    # Six hundred megabytes of nothing in one page's content.
    _content(made, zlib.compress(bytes(600_000_000), 9), Name.FlateDecode)


def _nested_bomb(made):
    # Packed twice: a few kilobytes that unpack to as much.
    packed = zlib.compress(zlib.compress(bytes(600_000_000), 9), 9)
    _content(made, packed, Array([Name.FlateDecode, Name.FlateDecode]))


def _content(made, packed, how):
    content = Stream(made, b"")
    content.write(packed, filter=how)
    made.pages[0].Contents = made.make_indirect(content)


def bomb(change=_bomb) -> bytes:
    raw = pikepdf.StreamDecodeLevel.none
    return pdf(change=change, stream_decode_level=raw, compress_streams=False)


def nested_bomb() -> bytes:
    return bomb(_nested_bomb)


def picture(kind="PNG", size=(40, 30), **saving) -> bytes:
    data = BytesIO()
    Image.new("RGB", size, "navy").save(data, kind, **saving)
    return data.getvalue()


def png_head(width, height, picture=b"x") -> bytes:
    """A PNG whose head claims this size, with next to nothing behind it, or nothing at all."""

    def chunk(name, body):
        return (
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = chunk(b"IDAT", zlib.compress(picture)) if picture else b""
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + data + chunk(b"IEND", b"")


def _moving_picture() -> bytes:
    frames = [Image.new("RGB", (40, 30), colour) for colour in ("navy", "white")]
    data = BytesIO()
    frames[0].save(data, "PNG", save_all=True, append_images=frames[1:])
    return data.getvalue()


def _zip() -> bytes:
    # The empty archive: nothing but its end.
    return b"PK\x05\x06" + bytes(18)


GOOD = pdf()

# Name of the case -> (bytes, code of the fault).
BAD = {
    "five bytes": (b"%PDF-", "not_a_pdf"),
    "a version and nothing else": (b"%PDF-1.7", "damaged"),
    "a web page": (b"<!doctype html><title>x</title>", "not_a_pdf"),
    "picture and PDF": (b"GIF89a" + GOOD, "not_a_pdf"),
    "drawing and PDF": (b"<svg onload=alert(1)>" + GOOD, "not_a_pdf"),
    "junk first": (b"x" * 1100 + GOOD, "not_a_pdf"),
    "archive behind": (GOOD + _zip(), "two_files_in_one"),
    "archive behind, with an end": (GOOD + b"x" * 200 + _zip(), "two_files_in_one"),
    "junk behind": (GOOD + b"x" * 65, "two_files_in_one"),
    "half": (GOOD[: len(GOOD) // 2], "damaged"),
    "no end": (GOOD.replace(b"%%EOF", b""), "damaged"),
    "script on opening": (_action(S=Name.JavaScript, JS=String("x")), "active_content"),
    "script on a page": (pdf(change=_page_script), "active_content"),
    "script, name in hexadecimal": (
        _action(S=Name("/Twelve_chars")).replace(b"/Twelve_chars", b"/J#61vaScript"),
        "active_content",
    ),
    "launch": (_action(S=Name.Launch, F=String("cmd.exe")), "active_content"),
    "send a form": (_action(S=Name.SubmitForm, F=String("https://evil.example")), "active_content"),
    "fetch a form": (_action(S=Name.ImportData, F=String("x.fdf")), "active_content"),
    "open a file elsewhere": (_action(S=Name.GoToR, F=String(r"\\evil\x")), "active_content"),
    "follow a thread elsewhere": (_action(S=Name.Thread, F=String(r"\\evil\x")), "active_content"),
    "data elsewhere": (pdf(change=_data_elsewhere), "active_content"),
    "a page elsewhere": (pdf(change=_page_elsewhere), "active_content"),
    "a link with a break in it": (_link("java\nscript:alert(1)"), "active_content"),
    "a link behind a mark": (_link("\ufeffjavascript:alert(1)"), "active_content"),
    "open an inner file": (_action(S=Name.GoToE), "active_content"),
    "link to a file": (_action(S=Name.URI, URI=String("FILE:///etc/passwd")), "active_content"),
    "media": (_annotation("/RichMedia"), "active_content"),
    "file as a note": (_annotation("/FileAttachment"), "active_content"),
    "file inside": (pdf(change=_attached_file), "active_content"),
    "dynamic form": (pdf(change=_xfa), "active_content"),
    "password": (
        pdf(encryption=pikepdf.Encryption(user="secret", owner="secret")),
        "encrypted",
    ),
    "restrictions": (pdf(encryption=pikepdf.Encryption(user="", owner="secret")), "encrypted"),
    "no pages": (pdf(change=_no_pages), "no_pages"),
    "too many pages": (pdf(pages=201), "too_many_pages"),
    "huge page": (pdf(change=_huge_page), "page_size"),
    "flat page": (pdf(change=_flat_page), "page_size"),
    "huge pages by inheritance": (pdf(change=_huge_by_inheritance), "page_size"),
}

PNG, JPEG = picture(), picture("JPEG")

# The same for the place that takes pictures as well.
BAD_PICTURES = {
    "a web page": (b"<!doctype html><title>x</title>", "not_a_picture"),
    "a drawing that can hold scripts": (b"<svg onload=alert(1)></svg>", "not_a_picture"),
    "another kind of picture": (picture("GIF"), "not_a_picture"),
    "a script in a PDF": BAD["script on opening"],
    "half a PNG": (PNG[: len(PNG) // 2], "damaged"),
    "half a JPEG": (JPEG[: len(JPEG) // 2], "damaged"),
    "the head of a PNG": (PNG[:8], "damaged"),
    "a PNG without its picture": (png_head(40, 30, picture=b""), "damaged"),
    "a PNG that would fill the memory": (png_head(100_000, 100_000), "too_many_pixels"),
    "a JPEG that would fill the memory": (
        JPEG.replace(struct.pack(">HH", 30, 40), struct.pack(">HH", 60_000, 60_000), 1),
        "too_many_pixels",
    ),
    "an archive behind a PNG": (PNG + _zip(), "two_files_in_one"),
    "an archive behind a JPEG": (JPEG + _zip(), "two_files_in_one"),
    "a page behind a PNG": (PNG + b"<script>" * 20, "two_files_in_one"),
    "a page behind a JPEG": (JPEG + b"<script>" * 20, "two_files_in_one"),
    "a moving picture": (_moving_picture(), "animated"),
}
