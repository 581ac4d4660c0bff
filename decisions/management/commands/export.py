import os
import tempfile
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError
from django.db.models import F
from django.http import Http404
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.refusal import Refused
from decisions import exports as decided
from decisions.permissions import admit
from decisions.rounds import latest_publication
from proposals.models import Call
from reviews import permissions, rounds, scoreboards, tables
from reviews.actions import ensure_opened
from reviews.exports import assignments, boards, letters, marks, texts
from reviews.grounds import grounds
from reviews.models import ScoreboardLine
from reviews.panel_letters import open_letters, round_letters, with_counts


@dataclass(frozen=True)
class Source:
    """A table: the name of its sheet, and a function of a person and a round that makes it."""

    title: str
    table: Callable


class Command(BaseCommand):
    help = (
        "Write one of the panel's tables into a file: the rows and columns that a person's pages "
        "offer, and no others. See docs/reviewing.md."
    )

    def add_arguments(self, parser):
        parser.add_argument("table", choices=SOURCES)
        parser.add_argument("--format", choices=["csv", "xlsx"], default="csv")
        parser.add_argument(
            "--round", help="preliminary or final; the last one entered if not said"
        )
        parser.add_argument("--call", metavar="CODE", help="the call that opened last if not said")
        parser.add_argument("--out", type=Path, required=True, help="file to write")
        parser.add_argument(
            "--as",
            dest="email",
            metavar="EMAIL",
            required=True,
            help="whose policy and language apply",
        )

    def handle(self, *, table, out, email, **options):
        person = User.objects.active().filter(email__iexact=email).first()
        call_round = _round(options["call"], options["round"])
        if person is None:
            raise CommandError(f"there is no account {email}")
        source = SOURCES[table]
        with translation.override(person.language):
            try:
                header, rows = source.table(person, call_round)
                with _replacing(out) as file:
                    if options["format"] == "csv":
                        file.writelines(tables.csv_lines(header, rows))
                    else:
                        tables.write_workbook(file, source.title, header, rows)
            except (Http404, PermissionDenied) as refusal:
                raise CommandError(f"{email} may not take these along") from refusal
            except Refused as refusal:
                raise CommandError(str(refusal)) from refusal
            except OSError as fault:
                raise CommandError(f"{out} cannot be written: {fault.strerror}") from fault
        self.stdout.write(f"{table} of {call_round} written: {out}")


@contextmanager
def _replacing(path):
    """A file that takes the place of `path` once it is whole, for its owner's eyes alone."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


def _round(code, word):
    calls = Call.objects.all()
    call = calls.filter(code=code).first() if code else calls.current()
    if code and call is None:
        raise CommandError(f"there is no call {code!r}")
    found = rounds.named(call, word) if word else rounds.latest(call)
    if found is None:
        raise CommandError(f"there is no round {word!r}" if call else "there is no call yet")
    return found


def _letters(person, call_round):
    permissions.admit(person, "export")
    ensure_opened(call_round.call)
    filed = open_letters(person, call_round.call).select_related("agency", "screening")
    return letters.table(filed.order_by("reference", "pk"), call_round.call)


def _assignments(person, call_round):
    permissions.admit(person, "export")
    counted = with_counts(round_letters(person, call_round), call_round)
    rows = counted.select_related("agency").order_by("reference", "pk")
    return assignments.table(rows, call_round)


def _reviews(person, call_round):
    permissions.admit(person, "export")
    return marks.table(person, call_round)


def _texts(person, call_round):
    permissions.admit(person, "export")
    return texts.table(person, call_round)


def _ranking(person, call_round):
    lines, _rubric = _board(person, call_round)
    return boards.ranking(lines)


def _scores(person, call_round):
    return boards.criteria(*_board(person, call_round))


def _board(person, call_round):
    permissions.admit(person, "export")
    ground = grounds(call_round)
    permissions.admit_to_ranking(person, ground.ranking)
    board = scoreboards.board_of(person, call_round)
    lines = ScoreboardLine.objects.filter(board=board).visible_to(person).for_list()
    rows = lines.order_by(F("position").asc(nulls_last=True), "letter__reference")
    return rows.iterator(chunk_size=500), ground.rubric


def _decisions(person, call_round):
    admit(person, "see", latest_publication(call_round))
    return decided.table(person, call_round)


SOURCES = {
    "letters": Source(_("Letters of intent"), _letters),
    "assignments": Source(_("Assignments"), _assignments),
    "reviews": Source(_("Reviews"), _reviews),
    "texts": Source(_("Reviews"), _texts),
    "scores": Source(_("Ranking"), _scores),
    "ranking": Source(_("Ranking"), _ranking),
    "decisions": Source(_("Decisions"), _decisions),
}
