"""Cells of a table that a spreadsheet shows and does not calculate (OWASP, CSV injection)."""

_STARTS = ("=", "+", "-", "@", "\t", "\r")


def harmless(text: str) -> str:
    """The same text, marked as text where a spreadsheet would take it for a formula."""
    return f"'{text}" if text.startswith(_STARTS) else text
