"""The PDF that each letter of the load data carries."""

_PAGE = (
    "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R"
    "/Resources<</Font<</F1 5 0 R>>>>>>"
)


def pdf(words: str, *, size: int = 0) -> bytes:
    """One page that says `words` (ASCII, no brackets), with `size` more bytes in it, about."""
    drawing = f"BT /F1 18 Tf 72 760 Td ({words}) Tj ET"
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        _PAGE,
        f"<</Length {len(drawing)}>>stream\n{drawing}\nendstream",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    if size:
        # A stream that no page shows: as heavy as a scanned page, and as quick to make as can be.
        objects.append(f"<</Length {size}>>stream\n{'5' * size}\nendstream")
    made, starts = b"%PDF-1.4\n", []
    for number, text in enumerate(objects, 1):
        starts.append(len(made))
        made += f"{number} 0 obj{text}endobj\n".encode("ascii")
    count = len(objects) + 1
    table = "".join(f"{start:010d} 00000 n \n" for start in starts)
    end = f"trailer<</Size {count}/Root 1 0 R>>\nstartxref\n{len(made)}\n%%EOF\n"
    return made + f"xref\n0 {count}\n0000000000 65535 f \n{table}{end}".encode("ascii")
