from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from proposals import signing


class Command(BaseCommand):
    help = "Make the key that signs receipts, in SIGNING_KEY_FILE or in FILE. Never overwrites one."

    # The check that asks for the key must not keep it from being made.
    requires_system_checks = ()

    def add_arguments(self, parser):
        parser.add_argument("file", nargs="?", type=Path)

    def handle(self, *args, file, **options):
        path = file or Path(str(settings.SIGNING_KEY_FILE))
        try:
            signing.make(path)
        except FileExistsError as error:
            raise CommandError(f"{path} is there already; it was not touched.") from error
        except OSError as error:
            raise CommandError(f"{path} cannot be written: {error.strerror}") from error
        self.stdout.write(
            f"{path} made. Keep a copy of it in a safe place, away from this machine."
        )
