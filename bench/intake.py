"""Measure what an agency meets, and print figures beside their targets.

python -m bench.intake            2,000 letters and ten minutes of the last hour
python -m bench.intake --quick    300 letters and one minute of it
"""

import argparse
import json
import sys

from bench import last_hour
from bench.ground import Ground
from bench.machine import machine
from chang_e8_portal.processes import WEB_PROCESSES

# figure: (queries, ms of processor time); None where nothing is promised
TARGETS = {
    "call page": (4, 6),
    "saving as one types": (12, 15),
    "submit": (25, 30),
}
# A figure that grows with the number of letters shows at fifty times as many.
MOST_GROWTH = 1.25
MEMORY_MB = 250
PAGE_P95_S, SUBMIT_P95_S = 0.5, 3.0


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench.intake")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--repeats", type=int, help="of each request")
    parser.add_argument("--json", metavar="FILE", help="write the figures there, too")
    asked = parser.parse_args()
    repeats = asked.repeats or (15 if asked.quick else 40)
    few, many = 41, 300 if asked.quick else 2000
    submits, minutes = (30, 1) if asked.quick else (300, 10)

    figures: dict = {"machine": machine(), "inside": {}}
    ground = Ground()
    try:
        say("Preparing ...")
        ground.prepare()
        for letters in (few, many):
            name = f"letters{letters}"
            ground.database(name)
            say(f"Writing {letters} letters ...")
            ground.seed(name, letters, is_open=True)
            say("Measuring single requests ...")
            words = ("-m", "bench.inside", "measure", str(repeats))
            figures["inside"][letters] = json.loads(ground.run(*words, database=name))
        name = f"letters{many}"
        say(f"The last hour: {submits} letters in {minutes} min, {last_hour.READERS} readers ...")
        words = ("-m", "bench.inside", "drafts", str(submits))
        drafts = json.loads(ground.run(*words, database=name))
        ground.serve(name)
        crowd = last_hour.run(port=ground.port, drafts=drafts, minutes=minutes)
        figures["last_hour"] = crowd.figures()
        count = 2_000 if asked.quick else 10_000
        say(f"{count} more requests for the memory of a web worker ...")
        last_hour.reload_page(ground.port, WEB_PROCESSES * count)  # they share them
        figures["memory_mb"] = round(ground.memory() / 1e6, 1)
    finally:
        ground.close()
    verdicts = list(judge(figures, few, many))
    figures["missed"] = [line for line, kept in verdicts if not kept]
    table(figures, few, many)
    for line, kept in verdicts:
        print(f"{'ok    ' if kept else 'MISSED'}  {line}")
    print(json.dumps(figures))
    if asked.json:
        with open(asked.json, "w") as file:
            json.dump(figures, file, indent=1)
    return 1 if figures["missed"] else 0


def judge(figures, few, many):
    """Each promise with its figure, and whether it is kept."""
    for name, (queries, cpu_ms) in TARGETS.items():
        one, other = figures["inside"][few][name], figures["inside"][many][name]
        yield f"{name}: {other['queries']} queries, at most {queries}", other["queries"] <= queries
        yield f"{name}: {other['cpu_ms']} ms, at most {cpu_ms} ms", other["cpu_ms"] <= cpu_ms
    for name, one in figures["inside"][few].items():
        other = figures["inside"][many][name]
        same = other["queries"] == one["queries"]
        yield f"{name}: {one['queries']} and {other['queries']} queries", same
        ratio = other["best_cpu_ms"] / one["best_cpu_ms"]
        yield f"{name}: {ratio:.2f} times the time at {many} letters", ratio <= MOST_GROWTH
    crowd = figures["last_hour"]
    yield f"last hour: {crowd['errors']} errors", crowd["errors"] == 0
    for name, most in (("page", PAGE_P95_S), ("submit", SUBMIT_P95_S)):
        found = crowd[f"{name}_p95_s"]
        kept = found is not None and found < most
        yield f"last hour: {name} {found} s at the 95th percentile, under {most} s", kept
    found = figures["memory_mb"]
    yield f"memory of a web worker: {found} MB, under {MEMORY_MB} MB", found < MEMORY_MB


def table(figures, few, many):
    print(f"\n{figures['machine']}\n")
    head = f"{'':<26}{'queries':>9}{'cpu ms':>9}{'best':>8}{'wall ms':>9}"
    print(f"{head}   {f'at {many}: queries, cpu ms, best, wall ms'}")
    for name, one in figures["inside"][few].items():
        numbers = "".join(
            f"{row['queries']:>9}{row['cpu_ms']:>9}{row['best_cpu_ms']:>8}{row['wall_ms']:>9}"
            for row in (one, figures["inside"][many][name])
        )
        print(f"{name:<26}{numbers}")
    print()


def say(text):
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
