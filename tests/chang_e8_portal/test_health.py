"""What load balancers ask: one word, no detail, no login."""

import pytest
from django.db import OperationalError, connection


def test_live_needs_nothing(client):
    # Bad input IH30.
    answer = client.get("/health/live")
    assert (answer.status_code, answer.content) == (200, b"live\n")


@pytest.mark.django_db
def test_ready_asks_the_database(client):
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.content) == (200, b"ready\n")


@pytest.mark.django_db
def test_not_ready_without_the_database_and_no_word_of_why(client, monkeypatch):
    def gone():
        raise OperationalError("password=secret host=db")

    monkeypatch.setattr(connection, "cursor", gone)
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.content) == (503, b"not ready\n")


@pytest.mark.parametrize("address", ["/health/live", "/health/ready"])
def test_only_reading(client, address):
    assert client.post(address).status_code == 405
