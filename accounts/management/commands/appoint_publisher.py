from django.core.management.base import BaseCommand, CommandError

from accounts import actions
from accounts.models import User
from chang_e8_portal import clock


class Command(BaseCommand):
    help = (
        "Make an account that is there already a publisher, while there are fewer than two. "
        "Recorded and mailed; from two on publishers appoint each other in the portal."
    )

    def add_arguments(self, parser):
        parser.add_argument("email", help="the address of the account")
        parser.add_argument("--reason", required=True, help="kept in the audit record")

    def handle(self, *args, email, reason, **options):
        person = User.objects.filter(email=email.lower()).first()
        if person is None:
            raise CommandError(f"No account has the address {email}. The operator can make one.")
        try:
            actions.appoint_first_publisher(person, reason=reason, at=clock.now())
        except actions.Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"{person} is a publisher now.")
