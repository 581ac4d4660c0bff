"""Whether an uploaded file is a PDF we can keep, show and hand out without harm.

The looking is done by `pdf_inspection` in a child process with limits; here its verdict is put into
words.
"""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

_INSPECTION = Path(__file__).with_name("pdf_inspection.py")
WALL_SECONDS = 20

_SENTENCES = {
    "not_a_pdf": gettext_noop("This is not a PDF file. Save your letter as PDF and choose that."),
    "damaged": gettext_noop(
        "This PDF is damaged or was not uploaded whole. Save it anew and choose it again."
    ),
    "two_files_in_one": gettext_noop(
        "There is something else behind the end of this PDF. Save it anew and choose it again."
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
    "unreadable": gettext_noop(
        "This PDF is too complex to be checked. Print it to a new PDF and choose that."
    ),
}


@dataclass(frozen=True)
class Fault:
    """Why a file cannot be taken: a code for programs, a sentence with the remedy for people."""

    code: str
    sentence: str


def fault_in(path) -> Fault | int:
    """What is wrong with the PDF at `path`, or its number of pages if nothing is."""
    verdict = _inspect(path)
    if "pages" in verdict:
        return verdict["pages"]
    code = verdict["fault"]
    return Fault(code, _(_SENTENCES[code]))


def _inspect(path) -> dict:
    try:
        child = subprocess.run(
            # -I: no module is looked for in the current folder or where PYTHONPATH points.
            [sys.executable, "-I", str(_INSPECTION), str(path)],
            capture_output=True,
            timeout=WALL_SECONDS,
            env={},
            check=True,
        )
        return json.loads(child.stdout)
    except (subprocess.SubprocessError, ValueError):
        # Killed by a limit, or out of breath in a way that Python could not report.
        return {"fault": "unreadable"}
