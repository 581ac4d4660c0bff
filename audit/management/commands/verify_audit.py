from django.core.management.base import BaseCommand, CommandError

from audit import chain
from audit.models import Entry


class Command(BaseCommand):
    help = "Verify the hash chain of the audit record; exit 1 with the first fault if it is broken."

    def handle(self, *args, **options):
        fault = chain.first_fault()
        if fault:
            raise CommandError(fault)
        self.stdout.write(f"{Entry.objects.count()} entries, chain whole, head {chain.head()}")
