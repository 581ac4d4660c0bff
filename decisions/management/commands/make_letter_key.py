from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from chang_e8_portal import clock
from decisions.pdf_signature import keys


class Command(BaseCommand):
    help = (
        "Make the key that signs decision letters, with a certificate signed by itself, in "
        "PDF_SIGNING_KEY_FILE or in FILE. Never overwrites one."
    )

    # The check that asks for the key must not keep it from being made.
    requires_system_checks = ()

    def add_arguments(self, parser):
        host = urlsplit(settings.BASE_URL).hostname
        parser.add_argument("file", nargs="?", type=Path)
        parser.add_argument(
            "--name",
            default=f"Chang'e-8 portal, {host}",
            help="whom readers of a letter see as the one who signed it",
        )

    def handle(self, *args, file, name, **options):
        path = file or Path(str(settings.PDF_SIGNING_KEY_FILE))
        try:
            certificate = keys.make(path, name=name, since=clock.now())
        except FileExistsError as error:
            raise CommandError(f"{path} is there already; it was not touched.") from error
        except OSError as error:
            raise CommandError(f"{error.filename} cannot be written: {error.strerror}") from error
        except ValueError as error:
            raise CommandError("A name has between 1 and 64 characters.") from error
        self.stdout.write(
            f"{path} made. Keep a copy of it in a safe place, away from this machine.\n"
            f"SHA-256 of its certificate: {keys.fingerprint(certificate)}"
        )
