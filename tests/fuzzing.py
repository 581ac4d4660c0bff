"""Requests that a calls' description makes possible, hostile ones among them, in this process.

What is generated is the same each time.
"""

import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.specs.openapi import checks

CHECKED = [
    schemathesis.checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.ignored_auth,
    checks.missing_required_header,
    checks.negative_data_rejection,
]
QUIET = settings(
    max_examples=12,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def whole(application):
    """The application as a server runs it: an answer is read to its end and closed."""

    def served(environ, start_response):
        answer = application(environ, start_response)
        try:
            return [b"".join(answer)]
        finally:
            answer.close()

    return served


def operations_for(program) -> dict:
    """Every described call by its label, served by this process."""
    schema = schemathesis.openapi.from_dict(program.get("/openapi.json").json())
    schema.app = whole(get_wsgi_application())
    return {found.ok().label: found.ok() for found in schema.get_all_operations()}


def made_of(operation):
    """Requests in and out of the described form."""
    return st.one_of(
        operation.as_strategy(generation_mode=GenerationMode.POSITIVE),
        operation.as_strategy(generation_mode=GenerationMode.NEGATIVE),
    )


class SignalsOff:
    """As Django's own test client does: the test's transaction outlives the requests."""

    SIGNALS = (request_started, request_finished)

    def __enter__(self):
        for signal in self.SIGNALS:
            signal.disconnect(close_old_connections)

    def __exit__(self, *_error):
        for signal in self.SIGNALS:
            signal.connect(close_old_connections)
