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
_BRACKETS = ("()", "[]", "{}")
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
                drawn = [_lines_of(page) for page in file.pages]
        except (pikepdf.PdfError, UnicodeDecodeError, KeyError) as error:
            raise Unreadable(str(error)) from error
        self.pages = [_text_of(lines, as_read, rtl=rtl) for lines in drawn]
        # The same if every line were in a paragraph of the file's own direction.
        self.turned = [_text_of(lines, as_read_there, rtl=rtl) for lines in drawn]
        # The same if every line were in a paragraph of the other direction, as a title may be.
        self.across = [_text_of(lines, as_read, rtl=not rtl) for lines in drawn]

    @property
    def text(self) -> str:
        """All pages, a form feed between them."""
        return "\f".join(self.pages)


def _text_of(lines, read, *, rtl) -> str:
    return "\n".join(read(glyphs, rtl=rtl) for glyphs in lines)


def _lines_of(page) -> list[list[str]]:
    """The glyphs of each block of one page; what is no content (head and foot) left out."""
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
                lines.append(glyphs)
    return lines


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


def as_read_there(glyphs: list[str], *, rtl: bool) -> str:
    """A line that need not tell in which direction its paragraph runs, read as that of the file.

    Where words of the other direction fill a whole line, only the signs before and behind them are
    drawn in the order of the paragraph.
    """
    if not rtl or any(map(is_rtl, glyphs)):
        return as_read(glyphs, rtl=rtl)
    words = [at for at, glyph in enumerate(glyphs) if _is_ltr(glyph)]
    if not words:
        return "".join(glyphs)
    first, behind = _with_their_brackets(glyphs, words[0], words[-1] + 1)
    signs = (reversed(part) for part in (glyphs[behind:], glyphs[:first]))
    before, after = ("".join(part).translate(_MIRROR) for part in signs)
    return before + "".join(glyphs[first:behind]) + after


def _with_their_brackets(glyphs, first, behind):
    """Where words of one direction begin and end, with a bracket whose other half is among them."""
    for opening, closing in _BRACKETS:
        words = glyphs[first:behind]
        if behind < len(glyphs) and glyphs[behind] == closing:
            behind += words.count(opening) > words.count(closing)
        if first and glyphs[first - 1] == opening:
            first -= words.count(closing) > words.count(opening)
    return first, behind


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
