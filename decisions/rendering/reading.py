"""The words of a finished letter, taken from what its pages draw.

WeasyPrint draws each line of text as one block, glyph by glyph from left to right, and every glyph
says which characters it stands for. Read by itself, a block gives its words in the order in which
people read them, also from right to left, where readers made for any PDF lose letters.
"""

import io
import re
import unicodedata
from itertools import groupby

import pikepdf

_MIRROR = str.maketrans("()[]{}<>«»‹›", ")(][}{><»«›‹")
_PAIR = re.compile(rb"<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]*)>")


class Unreadable(Exception):
    """The bytes are no PDF, or one that we did not make."""


class Letter:
    """The text of each page, and what the file says of itself."""

    def __init__(self, pdf: bytes):
        """Read a letter; raise `Unreadable` if there is nothing to read."""
        try:
            with pikepdf.open(io.BytesIO(pdf)) as file:
                self.language = str(file.Root.get("/Lang", ""))
                rtl = str(file.Root.get("/ViewerPreferences", {}).get("/Direction", "")) == "/R2L"
                self.pages = [_text_of(page, rtl) for page in file.pages]
        except (pikepdf.PdfError, UnicodeDecodeError, KeyError) as error:
            raise Unreadable(str(error)) from error

    @property
    def text(self) -> str:
        """All pages, a form feed between them."""
        return "\f".join(self.pages)


def _text_of(page, rtl) -> str:
    """The text of one page, a line for each block; what is no content (head and foot) left out."""
    fonts = page.resources.get("/Font", {})
    characters = {name: _characters(font) for name, font in fonts.items()}
    lines, glyphs, font, apart = [], [], {}, []
    for operands, operator in pikepdf.parse_content_stream(page):
        match str(operator):
            case "BMC" | "BDC":
                apart.append(operands[0] == "/Artifact")
            case "EMC":
                apart.pop()
            case "Tf":
                font = characters[str(operands[0])]
            case "BT":
                glyphs = []
            case "Tj":
                glyphs += _shown(operands[0], font)
            case "TJ":
                for part in operands[0]:
                    if isinstance(part, pikepdf.String):
                        glyphs += _shown(part, font)
            case "ET" if not any(apart):
                lines.append(as_read(glyphs, rtl=rtl))
    return "\n".join(lines)


def _characters(font) -> dict[int, str]:
    """Glyph number to the characters it stands for."""
    table = font.get("/ToUnicode")
    if table is None:
        return {}
    return {
        int(glyph, 16): bytes.fromhex(text.decode()).decode("utf-16-be")
        for glyph, text in _PAIR.findall(table.read_bytes().partition(b"beginbfchar")[2])
    }


def _shown(string, font):
    codes = bytes(string)
    return [font.get(int.from_bytes(codes[at : at + 2]), "") for at in range(0, len(codes) - 1, 2)]


def as_read(glyphs: list[str], *, rtl: bool) -> str:
    """A line drawn from left to right, as it is read; `rtl` if the paragraph runs the other way.

    The way back from what is drawn: words of the paragraph's own direction are taken as they come,
    those of the other one are turned round, and their brackets with them.
    """
    if not any(map(is_rtl, glyphs)):
        return "".join(glyphs)
    runs = [(right, list(run)) for right, run in groupby(_with_signs(glyphs), key=lambda g: g[1])]
    if rtl:
        runs.reverse()
    return "".join(
        glyph.translate(_MIRROR) if right else glyph
        for right, run in runs
        for glyph, _right in (reversed(run) if right else run)
    )


def _with_signs(glyphs):
    """Each glyph with its direction; a sign or space between two of one direction has theirs."""
    known = [True if is_rtl(glyph) else False if _is_ltr(glyph) else None for glyph in glyphs]
    found, before = [], None
    for at, direction in enumerate(known):
        if direction is None:
            after = next((later for later in known[at:] if later is not None), None)
            direction = before if before == after and before is not None else True
        else:
            before = direction
        found.append((glyphs[at], direction))
    return found


def is_rtl(text: str) -> bool:
    """Whether a character of the text is of a script that runs from right to left."""
    return any(unicodedata.bidirectional(char) in {"R", "AL"} for char in text)


def _is_ltr(text) -> bool:
    return any(unicodedata.bidirectional(char) in {"L", "EN"} for char in text)
