"""What the commands of the arithmetic answer: one JSON form, to a file or to the terminal."""

import json

from django.core.management.base import CommandError


def write(answer, *, out, stdout) -> None:
    """Write the answer to the path `out`, or to `stdout` where that is None.

    Raises CommandError if the file cannot be written, and ValueError for what JSON cannot hold.
    """
    text = json.dumps(answer, ensure_ascii=False, allow_nan=False, indent=1)
    if out is None:
        stdout.write(text)
        return
    try:
        out.write_text(text + "\n", encoding="utf-8")
    except OSError as fault:
        raise CommandError(f"{out} cannot be written: {fault.strerror}") from fault
