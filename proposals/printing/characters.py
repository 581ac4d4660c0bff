"""What people typed, made safe to set: only characters our fonts have, only flat paragraphs.

Escaping is the template's work. This module keeps a hostile text from costing the paper its
looks or the worker its memory: 50,000 line breaks were measured to kill WeasyPrint after 20 s,
and a character without a glyph would be set from whatever fonts a machine happens to have.
"""

import re
import unicodedata
from functools import partial

from proposals.printing import fonts

# The printer's mark for a character that is not in the case; the letter explains it.
GETA = "〓"

MOST_PARAGRAPHS = 60  # a text with more becomes one paragraph
MOST_CHARACTERS = 12_000  # of one text; the forms take a quarter of it
LONGEST_WORD = 60  # WeasyPrint takes 7 s for one word of 20,000 characters, 1 s for 330 of these
BREAK = "\u200b"  # a place to break the line, of no width
_IN_A_WORD = r"[^\s\u2e80-\uffef]"  # Chinese breaks anywhere by itself
_LONG_RUN = re.compile(rf"{_IN_A_WORD}{{{LONGEST_WORD}}}(?={_IN_A_WORD})")

MOST_MARKS = 2  # accents on one letter; 500 of them would paint over the lines above


def printable(text, *, families=fonts.PAIRS):
    """Return the text on one line, in characters that these families of fonts have.

    Control and direction characters are dropped, and a run of characters without a glyph becomes
    one GETA mark.
    """
    covered = fonts.coverage(families)
    kept, marks = [], 0
    for char in unicodedata.normalize("NFC", str(text)[:MOST_CHARACTERS]):
        category = unicodedata.category(char)
        if char.isspace():
            char = " "
        elif category in {"Cc", "Cf", "Cs"} or "\ufe00" <= char <= "\ufe0f":
            continue
        marks = marks + 1 if category.startswith("M") else 0
        if marks > MOST_MARKS or (marks and kept[-1:] == [GETA]):
            continue
        if ord(char) not in covered:
            if marks or kept[-1:] == [GETA]:
                continue
            char = GETA
        kept.append(char)
    line = " ".join("".join(kept).split())
    line = re.sub(f"{GETA}( {GETA})+", GETA, line)
    return _LONG_RUN.sub(rf"\g<0>{BREAK}", line)


def is_cut(text):
    """Say whether a text is too long to be printed whole."""
    return len(str(text)) > MOST_CHARACTERS


def paragraphs(text, *, families=fonts.PAIRS):
    """Return the lines of a text that hold something, as paragraphs to be set one by one."""
    set_line = partial(printable, families=families)
    lines = [line for line in map(set_line, str(text)[:MOST_CHARACTERS].splitlines()) if line]
    return lines if len(lines) <= MOST_PARAGRAPHS else [set_line(" ".join(lines))]
