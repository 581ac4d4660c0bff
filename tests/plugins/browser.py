"""One Chromium for all tests of a process that look at pages as people do.

A plugin, because Playwright runs once in a process: two conftest files with a browser each would
start it twice.
"""

import os
import shutil

import pytest
from django.db import connections
from playwright.sync_api import expect, sync_playwright

# The first has no window to draw, and is twice as fast.
NAMES = ("chromium-headless-shell", "chromium", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, NAMES)), None)
# Without these Chromium looks for hosts that a test machine may not reach.
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# As patient as what hands do: a page that saves before it submits takes its time under load.
PATIENCE = 60_000  # milliseconds


@pytest.fixture(scope="session")
def browser():
    # The browser's event loop lives in this thread, where Django would refuse to ask the database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    expect.set_options(timeout=PATIENCE)
    # While the loop runs Django keeps other connections than without it. Whichever are out of
    # reach would stay open, and a database in use cannot be removed at the end.
    connections.close_all()
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield running
        running.close()
        connections.close_all()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
