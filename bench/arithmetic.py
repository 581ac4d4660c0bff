"""Measure the arithmetic, part by part, and print figures beside their targets.

python -m bench.arithmetic                 all parts
python -m bench.arithmetic calibration     one of them
"""

import argparse
import sys

from bench import assignment, calibration, portfolio

PARTS = {
    "assignment": assignment.measure,
    "calibration": calibration.measure,
    "portfolio": portfolio.measure,
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench.arithmetic")
    parser.add_argument("parts", nargs="*", metavar="part", help=", ".join(PARTS))
    chosen = parser.parse_args().parts or list(PARTS)
    if unknown := sorted(set(chosen) - set(PARTS)):
        parser.error(f"no such part: {', '.join(unknown)}; there are {', '.join(PARTS)}")
    missed = 0
    for part in chosen:
        for figure in PARTS[part]():
            missed += not figure.kept
            mark = "ok    " if figure.kept else "MISSED"
            print(f"{mark}  {part}: {figure.name}: {figure.value} ({figure.target})", flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
