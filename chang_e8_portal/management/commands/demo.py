import os

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from accounts.states import Role
from chang_e8_portal import clock, processes
from chang_e8_portal.demo import content, story, world


class Command(BaseCommand):
    help = "Run the portal as a demonstration, at a moment of the call's life."

    def add_arguments(self, parser):
        parser.add_argument("--phase", choices=story.PHASES)
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--no-serve", action="store_true", help="only make the data")
        parser.add_argument("--reset", action="store_true", help="forget what was done before")

    def handle(self, *, phase, port, no_serve, reset, **options):
        if settings.PRODUCTION:
            raise CommandError("The demonstration does not run in production (DEBUG=0).")
        environment = {
            "PORTAL_DEMO": "1",
            "PORTAL_CLOCK": f"file:{settings.DATA_DIR / 'clock'}",
            "BASE_URL": f"http://127.0.0.1:{port}",
        }
        # This process has read its settings already; the children read the environment.
        for name, value in environment.items():
            setattr(settings, name, value)
        self.stdout.write("Making the demonstration's world; the first time takes a minute ...")
        world.prepare(phase=phase or "intake", reset=reset)
        if phase and phase != story.phase_at(clock.now()):
            self.stdout.write(
                f"The data of an earlier run are kept, at {clock.now():%Y-%m-%d %H:%M} UTC. "
                "Travel in the bar at the top of each page, or start over with --reset."
            )
        if no_serve:
            return
        self._greet(port)
        code = processes.run(
            processes.portal_commands(port=port, data_dir=settings.DATA_DIR),
            {**os.environ, **environment},
        )
        if code:
            raise CommandError("The demonstration stopped because one of its processes did.")

    def _greet(self, port):
        address = f"http://127.0.0.1:{port}"
        lines = [
            "",
            f"  The portal      {address}/",
            f"  Who is who      {address}/demo/",
            f"  Mailbox         {address}/demo/mail/",
            "",
            f"  Password of everybody: {content.DEMO_PASSWORD}",
            "",
        ]
        for user in _faces():
            what = " ".join(user.role_names) or str(user.memberships.first().get_seat_display())
            lines.append(f"  {what:<28}{user.email}")
        lines += ["", "  Ctrl+C ends all of it; running it again keeps the data.", ""]
        self.stdout.write("\n".join(lines))


def _faces():
    """One or two people of each kind."""
    yield from User.objects.filter(email__endswith="@atlantis.example.org")
    for role in Role.values:
        yield from User.objects.with_role(role).order_by("email")[:2]
