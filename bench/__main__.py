"""Measure what the portal promises about speed, part by part, and print figures beside targets.

make bench                          every part, the better part of an hour
make bench ARGS="--quick"           every part, small: not the figures promised
make bench ARGS="intake reviewing"  these parts: intake, reviewing, telling, arithmetic

Each part is a program of its own (`python -m bench.intake --help`). Exit 1 if a target is missed.
"""

import argparse
import subprocess
import sys

# part: what makes it short
PARTS = {
    "intake": ["--quick"],
    "reviewing": ["--letters", "41", "--repeats", "15"],
    "telling": ["--letters", "41", "--press", "5"],
    "arithmetic": ["calibration"],
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench")
    parser.add_argument("parts", nargs="*", metavar="part", help=", ".join(PARTS))
    parser.add_argument("--quick", action="store_true")
    asked = parser.parse_args()
    chosen = asked.parts or list(PARTS)
    if unknown := sorted(set(chosen) - set(PARTS)):
        parser.error(f"no such part: {', '.join(unknown)}; there are {', '.join(PARTS)}")
    missed = 0
    for part in chosen:
        print(f"\n# {part}", flush=True)
        words = PARTS[part] if asked.quick else []
        missed |= subprocess.run([sys.executable, "-m", f"bench.{part}", *words]).returncode
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
