import argparse
import hashlib
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from reviews import answer_file, calibration, review_table
from reviews.calibration import run


class Command(BaseCommand):
    help = (
        "Tell merit from reviewers' severity in a CSV table of marks, without the database. "
        "Input, output and method: docs/arithmetic.md."
    )
    requires_system_checks = []  # nothing of the portal is used but its arithmetic

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, help="CSV with a line for each mark")
        parser.add_argument("--out", type=Path, help="file for the JSON; without it, it is printed")
        parser.add_argument("--top", type=int, help="how many will be selected")
        parser.add_argument("--threshold", type=float, help="total, 0 to 100, of a vote in favour")
        parser.add_argument("--draws", type=int, default=run.DRAWS)
        parser.add_argument("--seed", type=int, default=run.SEED)
        parser.add_argument("--step", type=float, help="of the scale, if scores have one")
        parser.add_argument("--call", help="which one, if the file holds several")
        parser.add_argument(
            "--weight",
            action="append",
            type=_weight,
            metavar="CRITERION=NUMBER",
            help="once for each criterion; without any, all weigh the same",
        )

    def handle(self, *, file, out, **options):
        try:
            content = file.read_bytes()
        except OSError as fault:
            raise CommandError(f"{file} cannot be read: {fault.strerror}") from fault
        try:
            marks = review_table.marks_in(content, step=options["step"])
            totals = review_table.totals(
                marks,
                weights=dict(options["weight"]) if options["weight"] else None,
                call=options["call"],
            )
            found = calibration.calibrate(
                totals.reviews,
                letters=totals.proposals,
                **{name: options[name] for name in ("top", "threshold", "draws", "seed")},
            )
        except ValueError as fault:
            raise CommandError(f"{file}: {fault}") from fault
        source = {
            "file": file.name,
            "sha256": hashlib.sha256(content).hexdigest(),
            "call": totals.call,
            "weights": totals.weights,
            "step": options["step"],
        }
        record = {"source": source, **found.as_dict()}
        answer_file.write(record, out=out, stdout=self.stdout)
        for notice in found.warnings:
            self.stderr.write(f"warning: {notice.text}")
        if out:
            self.stdout.write(
                f"{len(found.letters)} letters, {len(found.reviewers)} reviewers, "
                f"{len(found.reviews)} reviews: {out}"
            )


def _weight(text):
    name, _equals, number = text.rpartition("=")
    try:
        return name.strip(), float(number)
    except ValueError as fault:
        raise argparse.ArgumentTypeError(f"{text!r} is not CRITERION=NUMBER") from fault
