"""Which characters the glyphs of a font stand for, where WeasyPrint learns it wrongly.

It takes them from the first text in which it draws a glyph. An Arabic letter has one glyph for each
place in a word and for many neighbours, and where a few letters are drawn as one group it takes the
group's for the first; a bracket in a text from right to left is drawn as its mirror image. Whoever
copies, searches or listens to the text then gets letters twice or not at all, and brackets the
wrong way round. The font itself knows better: each glyph is what it was substituted for.
"""

import re
import unicodedata
from functools import cache

from fontTools.ttLib import TTFont

from proposals.printing import fonts

# How the style sheets name the faces -> name of the file.
_FACES = {
    "Serif": "serif",
    "Serif-Italic": "serif-italic",
    "Serif-Semi-Bold": "serif-semibold",
    "Sans": "sans",
    "Sans-Semi-Bold": "sans-semibold",
    "Song": "song",
    "Hei": "hei",
    "Naskh": "naskh",
    "Naskh-Semi-Bold": "naskh-bold",
    "Plex": "plex",
    "Plex-Semi-Bold": "plex-semibold",
}
_SUBSTITUTED = {"naskh", "naskh-bold"}
# Presentation forms, from here on, are other names of the same Arabic letters.
_FORMS = 0xFB50
_STRETCH = "\N{ARABIC TATWEEL}"
_ENTRY = re.compile(rb"<([0-9a-f]{4})> <([0-9a-f]*)>")


def corrected(table: bytes, base_font: str) -> bytes:
    """The table from glyphs to characters (ToUnicode) with what the font itself says."""
    face = _FACES.get(base_font.partition("+")[2].partition("-")[2])
    if face is None:
        return table
    known = _characters(face) if face in _SUBSTITUTED else {}

    def entry(found):
        glyph, said = int(found[1], 16), bytes.fromhex(found[2].decode()).decode("utf-16-be")
        text = known.get(glyph) or said
        # A glyph with a letter of its own in the font may have learnt another one's, or none.
        if (not text or _is_mirrored(text) or face in _SUBSTITUTED) and glyph in _own(face):
            own = _own(face)[glyph]
            text = text if text and text in own else own[0]
        return b"<%s> <%s>" % (found[1], text.encode("utf-16-be").hex().encode())

    return _ENTRY.sub(entry, table)


def _is_mirrored(text):
    return len(text) == 1 and unicodedata.mirrored(text)


@cache
def _own(face) -> dict[int, str]:
    """Number of a glyph to the characters that the font draws with just this glyph."""
    own = {}
    with TTFont(fonts.path(face), lazy=True) as font:
        for code, name in sorted(font.getBestCmap().items()):
            if code < _FORMS:
                number = font.getGlyphID(name)
                own[number] = own.get(number, "") + chr(code)
    return own


@cache
def _characters(face) -> dict[int, str]:
    """Number of a glyph to its characters, for the glyphs that substitution makes of letters."""
    with TTFont(fonts.path(face)) as font:
        codes = font.getBestCmap()
        number = font.getReverseGlyphMap()
        tables = [
            getattr(table, "ExtSubTable", table)
            for lookup in font["GSUB"].table.LookupList.Lookup
            for table in lookup.SubTable
        ]
        steps = [step for table in tables for step in _substitutions(table)]
        added = {
            part
            for table in tables
            if table.LookupType == 2
            for parts in table.mapping.values()
            for part in parts[1:]
        }
    # Some glyphs are common to letters of several languages: the Arabic language comes first.
    encoded, found = {}, {}
    for most in (0x0653, _FORMS):
        encoded = {name: chr(code) for code, name in codes.items() if code < most}
        found = _spread(encoded | found, steps)
    # What is drawn beside a letter to keep it off its neighbours lengthens the line between them.
    found = {glyph: _STRETCH for glyph in added} | found
    return {number[glyph]: text for glyph, text in found.items() if glyph not in encoded}


def _spread(found, steps):
    """Follow the substitutions until no glyph more gets characters."""
    size = -1
    while len(found) > size:
        size = len(found)
        for parts, glyph in steps:
            if glyph not in found and all(part in found for part in parts):
                found[glyph] = "".join(found[part] for part in parts)
    return found


def _substitutions(table):
    """Each (glyphs before, glyph after) of one to one and many to one."""
    if table.LookupType == 1:
        yield from (([before], after) for before, after in table.mapping.items())
    elif table.LookupType == 2:
        yield from (([before], parts[0]) for before, parts in table.mapping.items())
    elif table.LookupType == 3:
        for before, choices in table.alternates.items():
            yield from (([before], after) for after in choices)
    elif table.LookupType == 4:
        for first, ligatures in table.ligatures.items():
            for ligature in ligatures:
                yield [first, *ligature.Component], ligature.LigGlyph
