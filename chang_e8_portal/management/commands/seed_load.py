import json

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from chang_e8_portal.load import seeding


class Command(BaseCommand):
    help = "Make data for load tests from a seed, and print ids, users and API tokens as JSON."

    def add_arguments(self, parser):
        parser.add_argument("--letters", type=int, default=2000, metavar="N")
        parser.add_argument("--reviewers", type=int, default=60, metavar="R")
        parser.add_argument("--reviews-per-letter", type=int, default=3, metavar="K")
        parser.add_argument("--seed", type=int, default=1, metavar="S")
        parser.add_argument(
            "--open", action="store_true", help="leave the call open: letters filed, no reviews"
        )
        parser.add_argument(
            "--in-production",
            action="store_true",
            help="do it although DEBUG=0: on a machine that is there to be measured",
        )

    def handle(self, *, letters, reviewers, reviews_per_letter, seed, in_production, **options):
        if settings.PRODUCTION and not in_production:
            raise CommandError(
                "Load data bring people whose passwords and tokens anyone can work out. "
                "They are not made in production (DEBUG=0) without --in-production."
            )
        if min(letters, reviewers, reviews_per_letter, seed) < 0 or seed > 999_999:
            raise CommandError("The numbers start at 0, and the seed ends at 999999.")
        try:
            made = seeding.seed(
                letters=letters,
                reviewers=reviewers,
                reviews_per_letter=reviews_per_letter,
                seed=seed,
                is_open=options["open"],
            )
        except seeding.Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        seeding.analyse()
        self.stdout.write(json.dumps(made, ensure_ascii=False))
