"""
Texts that a spreadsheet would run, written so that it does not (OWASP: CSV injection). Pure.

The mark is the spreadsheets' own mark of text, so that what we write can be read back exactly.
"""

MARK = "'"
BEGINNINGS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""Of what a spreadsheet may take for a formula, also in the width that Chinese is typed in."""


def neutral(text: str) -> str:
    """The text behind a mark, if it begins like a formula, or as if it had been marked before."""
    return MARK + text if text.lstrip(MARK).startswith(BEGINNINGS) else text


def plain(text: str) -> str:
    """What :func:`neutral` was given."""
    marked = text.startswith(MARK) and text.lstrip(MARK).startswith(BEGINNINGS)
    return text[len(MARK) :] if marked else text
