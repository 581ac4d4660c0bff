"""Measure how decisions are told: letters, the release, the mails and the results page.

    python -m bench.telling [--letters N] [--press N]

A call with N letters of intent is decided and proposed. Its decision letters are set beside the
same pages by bare WeasyPrint; then both rounds are released through a running portal, while readers
reload the results page and a mail server of our own takes what is sent.
"""

import argparse
import json
import subprocess
import sys
import time

from aiosmtpd.controller import Controller

from bench.figure import Figure
from bench.ground import Ground, free_port
from bench.machine import machine
from bench.readers import Readers, question

LETTERS, PRESSED = 2000, 60
DATABASE = "telling"
# Share of the rate of bare WeasyPrint; how much faster two workers are than one; bytes a letter.
BARE_SHARE, TWO_WORKERS, MOST_BYTES = 0.85, 1.8, 300_000
RELEASE_SECONDS, LONGEST_WAIT_MS = 2, 500
MAILS_A_SECOND = 50
RESULTS_MS, RESULTS_RATE = 1, 1000
READERS = 8


class Sink:
    """Takes every mail and keeps none."""

    async def handle_DATA(self, server, session, envelope):
        return "250 taken"


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench.telling")
    parser.add_argument("--letters", type=int, default=LETTERS)
    parser.add_argument("--press", type=int, default=PRESSED, help="letters set in each language")
    asked = parser.parse_args()
    print(machine(), flush=True)
    ground, sink = Ground(), Controller(Sink(), hostname="127.0.0.1", port=free_port())
    sink.start()
    ground.mail = f"smtp://127.0.0.1:{sink.port}"
    try:
        figures = [*measured(ground, asked.letters, asked.press)]
    finally:
        ground.close()
        sink.stop()
    for figure in figures:
        mark = "ok    " if figure.kept else "MISSED"
        print(f"{mark}  {figure.name}: {figure.value} ({figure.target})")
    return 0 if all(figure.kept for figure in figures) else 1


def measured(ground, letters, press):
    ground.prepare()
    ground.database(DATABASE)
    words = [f"--letters={letters}", "--reviewers=20", "--reviews-per-letter=3", "--seed=1"]
    ground.run("manage.py", "seed_load", *words, "--in-production", database=DATABASE)
    inside(ground, "decide", "PRELIMINARY")
    yield from figures_of_the_press(ground, press)

    ground.serve(DATABASE)
    first, waited = with_readers(ground.port, lambda: inside(ground, "release", "PRELIMINARY"))
    mails = inside(ground, "mails")
    name = f"release of {letters} decisions"
    yield Figure(
        name,
        f"{first['seconds']:.2f} s with {first['letters']} letters, whose files were read for"
        f" {first['reading']:.2f} s before",
        f"under {RELEASE_SECONDS} s",
        first["seconds"] < RELEASE_SECONDS,
    )
    yield Figure(
        f"{name}: longest wait of {len(waited)} readers' pages",
        f"{max(waited) * 1000:.0f} ms",
        f"under {LONGEST_WAIT_MS} ms",
        max(waited) * 1000 < LONGEST_WAIT_MS,
    )
    rate = mails["mails"] / max(mails["seconds"], 1)
    yield Figure(
        f"{mails['mails']} mails into a local sink",
        f"{rate:.0f} a second, {mails['not_sent']} not sent",
        f"at least {MAILS_A_SECOND} a second, all sent",
        rate >= MAILS_A_SECOND and not mails["not_sent"],
    )

    inside(ground, "decide", "FINAL")
    inside(ground, "release", "FINAL")
    page = inside(ground, "results", "200")
    yield Figure(
        "results page, told",
        f"{page['queries']} queries, {page['cpu_ms']} ms of processor time",
        f"{RESULTS_MS} ms",
        page["cpu_ms"] <= RESULTS_MS,
    )
    _none, waited = with_readers(ground.port, lambda: time.sleep(10))
    yield Figure(
        f"results page, {READERS} readers",
        f"{len(waited) / 10:.0f} requests a second",
        f"at least {RESULTS_RATE}",
        len(waited) / 10 >= RESULTS_RATE,
    )


def figures_of_the_press(ground, count):
    alone = inside(ground, "press", str(count))
    for language, figure in alone.items():
        share = figure["bare_seconds"] / figure["seconds"]
        yield Figure(
            f"letters, {language}",
            f"{figure['letters'] / figure['seconds']:.2f} a second, {share:.0%} of bare WeasyPrint",
            f"at least {BARE_SHARE:.0%}",
            share >= BARE_SHARE,
        )
        yield Figure(
            f"letters, {language}: largest file",
            f"{figure['largest'] / 1000:.0f} kB, press at {figure['press_mb']:.0f} MB",
            f"at most {MOST_BYTES / 1000:.0f} kB",
            figure["largest"] <= MOST_BYTES,
        )
    command = [sys.executable, "-m", "bench.inside_telling", "press", str(count)]
    pair = [
        subprocess.Popen(command, env=ground.env(DATABASE), stdout=subprocess.PIPE, text=True)
        for _worker in range(2)
    ]
    both = [json.loads(one.communicate()[0]) for one in pair]
    spent = [sum(figure["seconds"] for figure in one.values()) for one in (alone, *both)]
    gain = 2 * spent[0] / max(spent[1:])
    yield Figure(
        "letters, two workers",
        f"{gain:.2f} times one",
        f"at least {TWO_WORKERS} times",
        gain >= TWO_WORKERS,
    )


def with_readers(port, do):
    """What `do` returns, and the seconds that each of the readers' pages took meanwhile."""
    readers = Readers(port, [question("/results/")] * READERS)
    return readers.while_doing(do), readers.waits


def inside(ground, *words):
    return json.loads(ground.run("-m", "bench.inside_telling", *words, database=DATABASE))


if __name__ == "__main__":
    sys.exit(main())
