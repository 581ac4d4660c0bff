"""The whole portal for a journey: web, worker and beat as processes, and people with browsers."""

import os
import socket
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
from django.conf import global_settings
from django.contrib.sessions.models import Session
from django.db import connection
from playwright.sync_api import Browser, Page

from chang_e8_portal import clock
from chang_e8_portal.demo import mailbox
from chang_e8_portal.processes import ProcessTree, portal_commands
from tests.plugins.browser import PATIENCE as PAGE_PATIENCE

PATIENCE = 60  # seconds; a worker on a busy machine takes its time


@dataclass
class Portal:
    """A running portal: where it answers, and where it keeps things."""

    address: str
    data_dir: Path
    browser: Browser
    _cookies: dict = field(default_factory=dict)

    @contextmanager
    def visitor(self, email=None, password=None, **options):
        """A page in a browser of its own, logged in if an address is given.

        Who was here before is still signed in: typing the password once is enough of a test.
        """
        context = self.browser.new_context(
            base_url=self.address, locale="en-GB", timezone_id="Asia/Karachi", **options
        )
        page = context.new_page()
        page.set_default_timeout(PAGE_PATIENCE)
        try:
            if email in self._cookies:
                context.add_cookies(self._cookies[email])
            elif email:
                log_in(page, email, password)
                self._cookies[email] = context.cookies()
            yield page
        except BaseException:
            page.screenshot(path=self.data_dir / "failure.png", full_page=True)
            raise
        finally:
            context.close()

    def sign_everybody_out(self):
        """End all sessions; who comes back types the password again."""
        Session.objects.all().delete()
        self._cookies.clear()

    def mails(self, to=""):
        return mailbox.mails(to=to)


def log_in(page: Page, email: str, password: str) -> None:
    page.goto("/accounts/login/")
    page.locator("[name=login]").fill(email)
    page.locator("[name=password]").fill(password)
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url(lambda address: "/accounts/login/" not in address)


def eventually(condition, what):
    """Wait until `condition()` is true and return what it returned."""
    deadline = time.monotonic() + PATIENCE
    pause = threading.Event()
    while time.monotonic() < deadline:
        if found := condition():
            return found
        pause.wait(0.2)
    raise AssertionError(f"not within {PATIENCE} s: {what}")


@pytest.fixture
def portal(running):
    """Web, worker and beat on the test's own database, with the clock and mail in `tmp_path`."""
    with running("web", "worker", "mailer", "beat") as (found, tree):
        yield found
        assert tree.ended() == []


@pytest.fixture
def running(transactional_db, browser, settings, tmp_path):
    """`with running("web") as (portal, tree): ...` runs these processes of the portal."""
    port = _free_port()
    database = urlsplit(os.environ["DATABASE_URL"])
    name = connection.settings_dict["NAME"]
    settings.DATA_DIR = tmp_path
    settings.PRIVATE_FILES = tmp_path / "files"
    # The keys that the processes make for themselves.
    settings.SIGNING_KEY_FILE = tmp_path / "signing_key.pem"
    settings.PDF_SIGNING_KEY_FILE = tmp_path / "letter_key.p12"
    settings.PDF_SIGNING_CERTIFICATES_FILE = tmp_path / "letter_certificates.pem"
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")
    settings.PORTAL_CLOCK = f"file:{tmp_path / 'clock'}"
    settings.BASE_URL = f"http://127.0.0.1:{port}"
    # The processes know nothing of the quick hashes other tests use.
    settings.PASSWORD_HASHERS = global_settings.PASSWORD_HASHERS
    environment = {
        **os.environ,
        "DATABASE_URL": database._replace(path=f"/{name}").geturl(),
        "DATA_DIR": str(tmp_path),
        "EMAIL_URL": f"filemail:///{tmp_path / 'mail'}",
        "PORTAL_CLOCK": settings.PORTAL_CLOCK,
        "BASE_URL": settings.BASE_URL,
    }

    @contextmanager
    def started(*names):
        commands = portal_commands(port=port, data_dir=tmp_path)
        with (tmp_path / "output").open("a") as output:
            tree = ProcessTree({name: commands[name] for name in names}, environment, output=output)
            tree.start()
            try:
                eventually(lambda: _answers(settings.BASE_URL), "the web server answers")
                yield Portal(settings.BASE_URL, tmp_path, browser), tree
            finally:
                tree.stop()

    return started


@pytest.fixture
def travel(portal):
    """Set the clock of all processes: `travel(moment)`."""
    return clock.travel_to


def _answers(address) -> bool:
    try:
        with urlopen(f"{address}/health/ready", timeout=2) as answer:
            return answer.status == 200
    except OSError:
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
