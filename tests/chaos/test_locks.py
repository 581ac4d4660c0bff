"""A row that somebody holds for too long: everybody else is told to try again, with their text."""

import secrets
from contextlib import contextmanager

import psycopg2
import pytest
from django.db import connection
from django.test import Client

from proposals import content
from proposals.models import SubmitAttempt
from tests import make

pytestmark = pytest.mark.django_db(transaction=True)
TYPED = "Words that took an hour to write."


@pytest.fixture
def letter(it_is):
    return make.letter()


@pytest.fixture
def client(letter):
    person = make.member(letter.agency)
    client = Client(raise_request_exception=False)
    client.force_login(person)
    return make.stepped_up(client)


@contextmanager
def held(table, pk):
    """Hold one row from another connection; ours waits a fifth of a second instead of five."""
    settings = connection.get_connection_params()
    del settings["cursor_factory"]
    other = psycopg2.connect(**settings)
    other.cursor().execute(f"SELECT 1 FROM {table} WHERE id = %s FOR UPDATE", [str(pk)])
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '200ms'")
    try:
        yield
    finally:
        other.close()


def test_nobody_waits_for_ever_and_nobody_sleeps_in_a_transaction(letter):
    with connection.cursor() as cursor:
        for name, limit in (
            ("lock_timeout", "5s"),
            ("idle_in_transaction_session_timeout", "30s"),
        ):
            cursor.execute(f"SHOW {name}")
            assert cursor.fetchone() == (limit,)


@pytest.mark.parametrize("table", ["proposals_letterofintent", "proposals_call"])
def test_a_save_that_cannot_have_the_row_hands_the_text_back(letter, client, table):
    pk = letter.pk if table.endswith("intent") else letter.call_id
    address, form = f"/letters/{letter.pk}/edit/c/", {"goals": TYPED, "revision": letter.revision}

    with held(table, pk):
        page = client.post(address, form, headers={"Origin": "http://testserver"})  # as browsers do
        script = client.post(address, form, headers={"X-Requested-With": "autosave"})

    assert (page.status_code, script.status_code) == (503, 503)
    assert page.headers["Retry-After"]
    assert TYPED in page.content.decode()
    assert script.json()["code"] == "unavailable"
    letter.refresh_from_db()
    assert letter.revision == form["revision"]
    assert client.post(address, form).status_code == 302
    letter.refresh_from_db()
    assert letter.goals == TYPED


@pytest.mark.parametrize("table", ["proposals_letterofintent", "proposals_call"])
def test_a_submission_that_cannot_have_the_row_files_nothing_and_can_be_sent_again(
    letter, client, table
):
    pk = letter.pk if table.endswith("intent") else letter.call_id
    seen = content.digest(content.of(letter, version=1))
    form = {"idempotency_key": secrets.token_urlsafe(24), "seen": seen}
    address = f"/letters/{letter.pk}/submit/"

    with held(table, pk):
        assert client.post(address, form).status_code == 503

    assert not letter.versions.exists()
    assert client.post(address, form).status_code == 302
    assert letter.versions.count() == 1
    assert SubmitAttempt.objects.filter(letter=letter, outcome="accepted").count() == 1
