"""Whether an uploaded file is one we can keep, show and hand out without harm.

The looking is done by `inspection` in a child process with limits; here its verdict is put into
words.
"""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

_INSPECTION = Path(__file__).with_name("inspection.py")
WALL_SECONDS = 20

_SENTENCES = {
    "not_a_pdf": gettext_noop("This is not a PDF file. Save your document as PDF and choose that."),
    "not_a_picture": gettext_noop(
        "This is not a PDF, PNG or JPEG file. Save your drawing as one of these and choose that."
    ),
    "damaged": gettext_noop(
        "This file is damaged or was not uploaded whole. Save it anew and choose it again."
    ),
    "two_files_in_one": gettext_noop(
        "There is something else behind the end of this file. Save it anew and choose it again."
    ),
    "encrypted": gettext_noop(
        "This PDF is encrypted. Save it without a password and without restrictions."
    ),
    "active_content": gettext_noop(
        "This PDF holds scripts, media or other files. Print it to a new PDF and choose that."
    ),
    "no_pages": gettext_noop("This PDF has no pages. Save it anew and choose it again."),
    "too_many_pages": gettext_noop("This PDF has more than 200 pages. Make it shorter."),
    "page_size": gettext_noop(
        "A page of this PDF is impossibly small or large. Save it on A4 or Letter paper."
    ),
    "too_many_pixels": gettext_noop(
        "This picture has more than 50 million pixels. Save it smaller and choose that."
    ),
    "animated": gettext_noop("This picture moves. Save one frame of it and choose that."),
    "unreadable": gettext_noop(
        "This file is too complex to be checked. Print it to a new PDF and choose that."
    ),
}


@dataclass(frozen=True)
class Fault:
    """Why a file cannot be taken: a code for programs, a sentence with the remedy for people."""

    code: str
    sentence: str


@dataclass(frozen=True)
class Good:
    """A file that can be taken: its pages (0 for a picture), and the end of name that fits it."""

    pages: int
    extension: str


def look(path, *, accepts=("pdf",)) -> Good | Fault:
    """What the file at `path` is, if it is one of `accepts`, or what is wrong with it."""
    verdict = _inspect(path, "picture" if "png" in accepts else "pdf")
    if "fault" not in verdict:
        return Good(verdict["pages"], verdict["extension"])
    code = verdict["fault"]
    return Fault(code, _(_SENTENCES[code]))


def _inspect(path, kind) -> dict:
    try:
        child = subprocess.run(
            # -I: no module is looked for in the current folder or where PYTHONPATH points.
            [sys.executable, "-I", str(_INSPECTION), kind, str(path)],
            capture_output=True,
            timeout=WALL_SECONDS,
            env={},
            check=True,
        )
        return json.loads(child.stdout)
    except (subprocess.SubprocessError, ValueError):
        # Killed by a limit, or out of breath in a way that Python could not report.
        return {"fault": "unreadable"}
