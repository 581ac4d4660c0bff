"""Our papers as PDF: packaged fonts, nothing from the network, and bounds on what one may cost."""

import os
import subprocess
import sys
from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent.parent
WALL_SECONDS = 30
# A letter of intent with every answer at its limit has about 60,000 characters of HTML.
MOST_CHARACTERS = 600_000


class Unprintable(Exception):
    """The paper could not be set within the limits, or the machine lacks what it takes."""


def pdf_from(html: str, style: Path) -> bytes:
    """Set one HTML document in a child process with limits on time and memory.

    The same text gives the same bytes. Raises `Unprintable`.
    """
    if len(html) > MOST_CHARACTERS:
        raise Unprintable(f"{len(html)} characters of HTML")
    start = (
        f"import sys; sys.path.insert(0, {str(_ROOT)!r}); sys.argv[1:] = [{str(style)!r}]; "
        "from proposals.printing.child import main; main()"
    )
    try:
        child = subprocess.run(
            # -I: no module is looked for in the current folder or where PYTHONPATH points.
            [sys.executable, "-I", "-c", start],
            input=html.encode(),
            capture_output=True,
            timeout=WALL_SECONDS,
            env=environment(),
            check=True,
        )
    except subprocess.TimeoutExpired as error:
        raise Unprintable("out of time") from error
    except subprocess.CalledProcessError as error:
        raise Unprintable(error.stderr.decode(errors="replace")[-500:]) from error
    if not child.stdout.startswith(b"%PDF-") or not child.stdout.rstrip().endswith(b"%%EOF"):
        raise Unprintable("no PDF came out")
    return child.stdout


def environment() -> dict:
    """No secrets; a home, where fontconfig keeps its cache; one date for every subset of a font, or
    the same text would not give the same bytes.
    """
    kept = {name: os.environ[name] for name in ("HOME", "PATH") if name in os.environ}
    return kept | {"SOURCE_DATE_EPOCH": "1700000000"}
