"""Sets one paper in a process of its own: HTML comes in, a PDF goes out.

What people typed could keep WeasyPrint busy for minutes and fill the memory of a web worker; here
it meets limits, and only this process ends.
"""

import contextlib
import resource
import sys
from pathlib import Path

CPU_SECONDS = 20
MOST_BYTES_OF_MEMORY = 1200 * 1024 * 1024


def main() -> None:
    for kind, most in (
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_AS, MOST_BYTES_OF_MEMORY),
        (resource.RLIMIT_CORE, 0),
    ):
        # macOS knows no limit on address space; the wall clock of the parent still holds.
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (most, most))
    from proposals.printing import finishing, press  # noqa: PLC0415 - after the limits

    html = sys.stdin.buffer.read().decode()
    sys.stdout.buffer.write(finishing.finished(press.pdf_from(html, Path(sys.argv[1])), html))
