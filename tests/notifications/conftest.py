import socket

import pytest
from aiosmtpd.controller import Controller


class Sink:
    """A mail server that misbehaves on demand, and keeps what it took."""

    def __init__(self):
        self.mode = "ok"
        self.taken = []

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.mode == "drop before the text":
            server.transport.abort()
        if self.mode in ("451 to the address", "550 to the address"):
            return f"{self.mode[:3]} no"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if self.mode in ("451 to the text", "550 to the text"):
            return f"{self.mode[:3]} no"
        self.taken.append(envelope)
        if self.mode == "drop after the text":
            server.transport.abort()
        return "250 OK"


@pytest.fixture
def sink(sink_later):
    """A running `Sink`, to which the portal sends."""
    return sink_later()


@pytest.fixture
def sink_later(settings):
    """`sink_later()` starts it at a moment of the test's choice."""
    running = []

    def start():
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        handler = Sink()
        controller = Controller(handler, hostname="127.0.0.1", port=port)
        controller.start()
        running.append(controller)
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
        settings.EMAIL_TIMEOUT = 5
        return handler

    yield start
    for controller in running:
        controller.stop()
