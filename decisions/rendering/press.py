"""The press of decision letters: the kept one of the house, in the letters' own style."""

from pathlib import Path

from proposals.printing.kept import KeptPress

STYLE = Path(__file__).resolve().parent.parent / "letter_assets" / "letter.css"

_press = KeptPress(STYLE)


def pdf_from(html):
    """Set one HTML document as a decision letter. Raises `proposals.printing.Unprintable`."""
    return _press.pdf_from(html)
