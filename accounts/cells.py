"""Cells of a table that a spreadsheet shows and does not calculate (OWASP, CSV injection)."""

# What a spreadsheet would run as a formula; some read the wide forms of East Asia as well, and pass
# over blanks before them.
_FORMULA_STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
_BLANKS, _BREAKS = "\ufeff \t\r\n", ("\t", "\r", "\n")


def harmless(text: str) -> str:
    """The same text, marked as text where a spreadsheet would take it for a formula."""
    would_run = text.lstrip(_BLANKS).startswith(_FORMULA_STARTS) or text.startswith(_BREAKS)
    return f"'{text}" if would_run else text
