import hashlib
from dataclasses import asdict
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from reviews import answer_file, assignment
from reviews.assignment import files, record

_MOST_SENTENCES = 20


class Command(BaseCommand):
    help = (
        "Find who reads which letter from a table of pairs, without the database. "
        "Input, output and method: docs/arithmetic.md."
    )
    requires_system_checks = ()  # nothing of the portal is used but its arithmetic

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, help=".csv with a line for each pair, or .npz")
        parser.add_argument("--out", type=Path, help="file for the JSON; without it, it is printed")
        number = {"type": int, "metavar": "N"}
        parser.add_argument("--wanted", **number, help="reviewers a letter; 3 without it")
        parser.add_argument("--least", **number, help="letters a reviewer; 0 without it")
        parser.add_argument(
            "--most",
            **number,
            help="letters a reviewer; a third more than an even share without it",
        )
        parser.add_argument("--load-cost", type=float, default=assignment.Rules.load_cost)
        no = {"action": "store_true"}
        parser.add_argument("--any-country", **no, help="several reviewers of a country may read")
        parser.add_argument("--no-engineer", **no, help="no letter needs an engineer")
        parser.add_argument("--no-scientist", **no, help="no letter needs a lunar scientist")
        parser.add_argument("--only-sum", **no, help="do not lift the worst pair first")
        parser.add_argument("--prices", **no, help="add what each rule costs")

    def handle(self, *, file, out, **options):
        try:
            rules = assignment.Rules(
                one_per_country=not options["any_country"],
                an_engineer=not options["no_engineer"],
                a_scientist=not options["no_scientist"],
                lift_worst=not options["only_sum"],
                load_cost=options["load_cost"],
            )
            digest = hashlib.sha256(file.read_bytes()).hexdigest()
            counts = {name: options[name] for name in ("wanted", "least", "most")}
            pool = files.read(file).pool(**counts)
        except OSError as fault:
            raise CommandError(f"{file} cannot be read: {fault.strerror}") from fault
        except ValueError as fault:
            raise CommandError(f"{file}: {fault}") from fault
        prices = None
        try:
            found = assignment.plan(pool, rules)
            if options["prices"] and isinstance(found, assignment.Plan):
                prices = assignment.price_of_rules(pool, rules, found)
        except assignment.Unsolved as fault:
            raise CommandError(f"{file}: the solver gave up: {fault}") from fault
        source = {"file": file.name, "sha256": digest}
        answer = {"source": source, "rules": asdict(rules), **record.as_dict(found, prices)}
        answer_file.write(answer, out=out, stdout=self.stdout)
        if not answer["feasible"]:
            raise CommandError(_no_plan(answer))
        if out:
            self.stdout.write(
                f"{len(pool.letters)} letters, {len(pool.reviewers)} reviewers, "
                f"{len(found.pairs)} pairs: {out}"
            )


def _no_plan(answer):
    few = "The fewest changes that help" if answer["proven"] else "Changes that help"
    why, helps = _some(answer["shortages"]), _some(answer["changes"])
    return "\n".join(["No assignment keeps all rules.", *why, f"{few}:", *helps])


def _some(parts):
    sentences = [each["sentence"] for each in parts[:_MOST_SENTENCES]]
    more = len(parts) - len(sentences)
    return [*sentences, f"and {more} more, in the JSON"] if more else sentences
