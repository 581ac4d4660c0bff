import hashlib
import json
from decimal import Decimal, InvalidOperation
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from decisions import portfolio, portfolio_check
from reviews import answer_file


class Command(BaseCommand):
    help = (
        "Find the best set of letters for a scenario and explain it. "
        "The format of both files is in docs/arithmetic.md."
    )

    # Arithmetic on a file: works where no database can be reached.
    requires_system_checks = ()

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, help="the scenario, JSON")
        parser.add_argument("--out", type=Path, help="file for the JSON; without it, it is printed")
        parser.add_argument(
            "--brief", action="store_true", help="the set alone: for thousands of letters"
        )

    def handle(self, *, file, out, brief, **options):
        try:
            written = file.read_bytes()
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}") from error
        data = _plain(written, file)
        try:
            scenario = portfolio.read(data)
        except portfolio.Unreadable as fault:
            raise CommandError(f"{file} is no scenario:\n{fault}") from fault
        answer = portfolio.report(portfolio.Problem(scenario), brief=brief)
        _check(data, answer)
        answer["source"] = {"file": file.name, "sha256": hashlib.sha256(written).hexdigest()}
        answer_file.write(answer, out=out, stdout=self.stdout)
        if out:
            self.stdout.write(_summary(answer))


def _check(data, answer):
    """No set leaves here that the independent check does not pass."""
    sets = answer.get("best_sets", [answer["set"]]) if answer["feasible"] else []
    for found in sets:
        faults = portfolio_check.faults(
            data, found["keys"], value=found["value"], mass=found["mass"]
        )
        if faults:
            raise CommandError(f"Nothing was written, the check found: {'; '.join(faults)}")


def _plain(written, file):
    """The file as dictionaries, lists, text, whole numbers and exact decimals."""
    try:
        return json.loads(
            written.decode("utf-8"),
            parse_float=Decimal,
            parse_constant=_refuse_constant,
            object_pairs_hook=_once_each,
        )
    except (ValueError, RecursionError, InvalidOperation) as fault:
        raise CommandError(f"{file} is no JSON: {fault}") from fault


def _refuse_constant(name):
    raise ValueError(f"{name} is not a number")


def _once_each(pairs):
    fields = dict(pairs)
    if len(fields) < len(pairs):
        names = [name for name, _ in pairs]
        twice = sorted({name for name in names if names.count(name) > 1})
        raise ValueError(f"a field is given twice: {', '.join(twice)}")
    return fields


def _summary(answer):
    if not answer["feasible"]:
        rules = "\n".join(f"{rule['rule']}: {rule['says']}" for rule in answer["conflict"])
        return f"No set keeps all rules. These cannot be kept together:\n{rules}"
    found = answer["set"]
    return f"{found['count']} chosen, {found['value']} points, {found['mass']} kg, checked"
