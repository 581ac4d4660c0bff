import hashlib
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from accounts.refusal import Refused
from chang_e8_portal import clock
from proposals.models import Call
from reviews import actions, permissions, review_table, rounds


class Command(BaseCommand):
    help = (
        "File reviews out of a CSV table of marks, all or none. Columns: docs/reviewing.md. "
        "A fault anywhere refuses the whole file and is told with its line."
    )

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, help="CSV with a line for each mark")
        parser.add_argument(
            "--round", help="preliminary or final; the last one entered if not said"
        )
        parser.add_argument(
            "--as",
            dest="email",
            metavar="EMAIL",
            help="the chair in whose name, without the letters she or he is in conflict with",
        )
        parser.add_argument("--dry-run", action="store_true", help="look at it and write nothing")

    def handle(self, *, file, dry_run, **options):
        call_round = _round(options["round"])
        actor = _chair(options["email"]) if options["email"] else None
        try:
            content = file.read_bytes()
        except OSError as fault:
            raise CommandError(f"{file} cannot be read: {fault.strerror}") from fault
        try:
            marks = review_table.marks_in(content)
            reviews = actions.import_reviews(
                call_round,
                marks,
                sha256=hashlib.sha256(content).hexdigest(),
                actor=actor,
                at=clock.now(),
                dry_run=dry_run,
            )
        except review_table.BadFile as bad:
            raise CommandError(f"{file}: nothing was written.\n{bad}") from bad
        except Refused as refusal:
            raise CommandError(f"nothing was written. {refusal}") from refusal
        what = "would be filed; nothing was written" if dry_run else "filed"
        self.stdout.write(f"{len(reviews)} reviews {what}.")


def _round(word):
    call = Call.objects.current()
    found = rounds.named(call, word) if word else rounds.latest(call)
    if found is None:
        raise CommandError(f"there is no round {word!r}" if call else "there is no call yet")
    return found


def _chair(email) -> User:
    found = User.objects.active().filter(email__iexact=email).first()
    if found is None or not permissions.can(found, "assign"):
        raise CommandError(f"{email} is no chair of this portal")
    return found
