from django.core.management.base import BaseCommand, CommandError

import audit.invariants
import decisions.invariants
import notifications.invariants
import proposals.invariants
import reviews.invariants
from chang_e8_portal import clock


class Command(BaseCommand):
    help = "Ask the database for what must never be; exit 1 with one line a finding."

    def handle(self, *args, **options):
        at = clock.now()
        rooms = (audit, notifications, proposals, reviews, decisions)
        found = [line for room in rooms for line in room.invariants.findings(at=at)]
        for line in found:
            self.stdout.write(line)
        if found:
            raise CommandError(f"{len(found)} findings")
        self.stdout.write("0 findings")
