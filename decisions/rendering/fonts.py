"""The letter's four typefaces, taken from installed packages, never from the machine.

Source Serif and Source Sans are the Latin of Noto Serif SC and Noto Sans SC (one design team),
so a line may change script without changing voice. All are static: WeasyPrint was measured to be
29 times slower with variable ones. The Chinese faces come in one weight, which suits the language:
it stresses with the sans face (黑体 beside 宋体), not with a bolder one.
"""

from functools import cache
from importlib.resources import files

from fontTools.ttLib import TTFont

# name used in letter.css -> package, file
FILES = {
    "serif": ("font_source_serif_pro", "files/SourceSerifPro-Regular.ttf"),
    "serif-italic": ("font_source_serif_pro", "files/SourceSerifPro-It.ttf"),
    "serif-semibold": ("font_source_serif_pro", "files/SourceSerifPro-Semibold.ttf"),
    "sans": ("font_source_sans_pro", "files/SourceSansPro-Regular.ttf"),
    "sans-semibold": ("font_source_sans_pro", "files/SourceSansPro-Semibold.ttf"),
    "song": ("pylopdf_fonts_zh_cn", "NotoSerifSC-Regular.otf"),
    "hei": ("pylopdf_fonts_zh_cn", "NotoSansSC-Regular.otf"),
}

# A text may be set in either pair, so a character must be in one face of both.
PAIRS = [("serif", "song"), ("sans", "hei")]


def path(name):
    """Return where the font file of this name is installed."""
    package, file = FILES[name]
    return files(package) / file


@cache
def coverage():
    """Return the code points that can be set wherever they appear in the letter."""
    return frozenset.intersection(
        *(frozenset().union(*(_characters(name) for name in pair)) for pair in PAIRS)
    )


def _characters(name):
    with TTFont(path(name), lazy=True) as font:
        return frozenset(font.getBestCmap())
