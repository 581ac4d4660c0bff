import json
from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from chang_e8_portal import clock
from reviews import actions


class Command(BaseCommand):
    help = "Make a call for letters of intent, its rounds and its criteria from two JSON files."

    def add_arguments(self, parser):
        parser.add_argument("call", type=Path, help="as chang_e8_portal/demo/data/call.json")
        parser.add_argument("rubric", type=Path, help="as chang_e8_portal/demo/data/rubric.json")

    def handle(self, *, call, rubric, **options):
        try:
            made = actions.announce_call(_read(call), _read(rubric), at=clock.now())
        except KeyError as missing:
            raise CommandError(f"The data lack {missing}.") from missing
        except (actions.Refused, ValueError, TypeError, OSError, ValidationError) as fault:
            raise CommandError(f"Nothing was written: {fault}") from fault
        self.stdout.write(f"{made.code} opens at {made.opens_at} and closes at {made.closes_at}")


def _read(path):
    return json.loads(path.read_text(encoding="utf-8"))
