"""The decision letter's style, for the press of the house. Import it lazily, as that one."""

from pathlib import Path

from proposals.printing import press

STYLE = Path(__file__).resolve().parent.parent / "letter_assets" / "letter.css"


def pdf_from(html):
    """Set one HTML document as a decision letter and return the bytes of the PDF."""
    return press.pdf_from(html, STYLE)
