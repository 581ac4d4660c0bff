import hashlib
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from decisions.models import DecisionLetter


class Command(BaseCommand):
    help = "Say whether a file is a decision letter of this portal; exit 1 with the reason if not."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)

    def handle(self, *args, file, **options):
        try:
            digest = hashlib.sha256(file.read_bytes()).hexdigest()
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}") from error
        letter = (
            DecisionLetter.objects.released()
            .filter(sha256=digest)
            .select_related("publication", "decision__letter")
            .first()
        )
        if letter is None:
            raise CommandError(f"no letter that was sent has these bytes (SHA-256 {digest})")
        if letter.superseded_at:
            raise CommandError(
                f"superseded: letter {letter.number} came from this portal, but was corrected on "
                f"{letter.superseded_at:%Y-%m-%d}, and a later letter holds"
            )
        self.stdout.write(
            f"genuine: letter {letter.number} about {letter.decision.letter.reference}, "
            f"issued {letter.told_at:%Y-%m-%d}, SHA-256 {digest}"
        )
