from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from proposals import receipts, signing


class Command(BaseCommand):
    help = "Say whether a file is a receipt of this portal; exit 1 with the reason if not."

    # Works where no database can be reached.
    requires_system_checks = ()

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument("--key", type=Path, help="public key; the portal's own if not given")

    def handle(self, *args, file, key, **options):
        try:
            found = receipts.read(file.read_bytes())
            keys = _keys_in(key) if key else signing.public_keys()
        except OSError as error:
            raise CommandError(f"{error.filename} cannot be read: {error.strerror}") from error
        except (receipts.Unreadable, signing.KeyUnusable) as fault:
            raise CommandError(str(fault)) from fault
        fault = receipts.fault_in(found, keys)
        if fault:
            raise CommandError(f"not genuine: {fault}")
        self.stdout.write(
            f"genuine: {found['reference']} version {found['version']} of {found['agency']}, "
            f"accepted {found['accepted_at']}, SHA-256 {found['sha256']}"
        )


def _keys_in(path):
    try:
        keys = {signing.id_of(key): key for key in signing.read_public(path.read_bytes())}
    except ValueError as error:
        raise CommandError(f"{path} holds no public key") from error
    if not keys:
        raise CommandError(f"{path} holds no Ed25519 public key")
    return keys
