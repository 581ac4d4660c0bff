"""The typefaces of our papers, taken from installed packages, never from the machine.

Source Serif and Source Sans are the Latin of Noto Serif SC and Noto Sans SC (one design team),
so a line may change script without changing voice. All are static: WeasyPrint was measured to be
29 times slower with variable ones. The Chinese faces come in one weight, which suits the language:
it stresses with the sans face (黑体 beside 宋体), not with a bolder one. Arabic is Amiri, a Naskh
for books, and IBM Plex Sans Arabic; both have a weight for stress.
"""

from functools import cache
from importlib.resources import files

from fontTools.ttLib import TTFont

# name used in the style sheets -> package, file
FILES = {
    "serif": ("font_source_serif_pro", "files/SourceSerifPro-Regular.ttf"),
    "serif-italic": ("font_source_serif_pro", "files/SourceSerifPro-It.ttf"),
    "serif-semibold": ("font_source_serif_pro", "files/SourceSerifPro-Semibold.ttf"),
    "sans": ("font_source_sans_pro", "files/SourceSansPro-Regular.ttf"),
    "sans-semibold": ("font_source_sans_pro", "files/SourceSansPro-Semibold.ttf"),
    "song": ("pylopdf_fonts_zh_cn", "NotoSerifSC-Regular.otf"),
    "hei": ("pylopdf_fonts_zh_cn", "NotoSansSC-Regular.otf"),
    "naskh": ("fontpkg_amiri", "files/Amiri-Regular.ttf"),
    "naskh-bold": ("fontpkg_amiri", "files/Amiri-Bold.ttf"),
    "plex": ("fontpkg_ibm_plex_sans_arabic", "files/IBMPlexSansArabic-Regular.ttf"),
    "plex-semibold": ("fontpkg_ibm_plex_sans_arabic", "files/IBMPlexSansArabic-SemiBold.ttf"),
}

# A text may be set in any of these families, so a character must be in one face of each.
PAIRS = (("serif", "song"), ("sans", "hei"))
WITH_ARABIC = (("serif", "song", "naskh"), ("sans", "hei", "naskh"))
WITH_BOTH_ARABIC = (("serif", "song", "naskh"), ("sans", "hei", "plex"))


def path(name):
    """Return where the font file of this name is installed."""
    package, file = FILES[name]
    return files(package) / file


@cache
def coverage(families=PAIRS):
    """Return the code points that can be set in every one of these families."""
    return frozenset.intersection(
        *(frozenset().union(*(_characters(name) for name in family)) for family in families)
    )


def _characters(name):
    with TTFont(path(name), lazy=True) as font:
        return frozenset(font.getBestCmap())
