from django.core.management.base import BaseCommand, CommandError

from audit import chain


class Command(BaseCommand):
    help = "Verify the hash chain of the audit record; exit 1 with the first fault if it is broken."

    def handle(self, *args, **options):
        verdict = chain.verify()
        if verdict.fault:
            raise CommandError(verdict.fault)
        self.stdout.write(f"{verdict.count} entries, chain whole, head {verdict.head}")
