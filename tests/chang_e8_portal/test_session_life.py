"""How long a session lives, and what becomes of what was typed when it has ended."""

from datetime import timedelta

import pytest
from django.urls import reverse

from chang_e8_portal import clock
from tests import make

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


@pytest.fixture
def machine_time(monkeypatch):
    """Move the machine's clock: `machine_time(delta)` from the start of the test."""
    start = clock.machine_now()

    def hold(since):
        monkeypatch.setattr(clock, "machine_now", lambda: start + since)

    hold(timedelta(0))
    return hold


def is_in(client, **headers):
    return client.get("/accounts/preferences/", headers=headers).status_code == 200


def test_half_an_hour_alone_ends_a_session(client, machine_time):
    client.force_login(make.user())
    assert is_in(client)
    machine_time(30 * MINUTE)
    assert is_in(client)
    machine_time(61 * MINUTE)
    assert not is_in(client)
    machine_time(0 * MINUTE)
    assert not is_in(client)


def test_twelve_hours_end_every_session(client, machine_time):
    client.force_login(make.user())
    for minutes in range(0, 12 * 60 + 1, 20):
        machine_time(minutes * MINUTE)
        assert is_in(client)
    machine_time((12 * 60 + 1) * MINUTE)
    assert not is_in(client)


def test_what_a_page_asks_by_itself_keeps_no_session_alive(client, machine_time):
    client.force_login(make.user())
    assert is_in(client)
    for minutes in (10, 20, 29):
        machine_time(minutes * MINUTE)
        assert is_in(client, X_Portal_Poll="1")
    machine_time(31 * MINUTE)
    assert not is_in(client)


def test_autosave_is_a_sign_of_life(client, machine_time, it_is):
    letter = make.letter()
    client.force_login(make.member(letter.agency))
    page = reverse("proposals:edit", args=[letter.pk, "a"])
    for minutes in (0, 20, 40):
        machine_time(minutes * MINUTE)
        client.post(page, {"revision": 1}, headers={"X-Requested-With": "autosave"})
    machine_time(60 * MINUTE)
    assert is_in(client)


def test_reading_writes_the_session_once_a_minute(client, machine_time, django_assert_num_queries):
    client.force_login(make.user())
    is_in(client)
    machine_time(MINUTE / 2)
    # session, person, the page's own copy of the person, whether they have a second factor
    with django_assert_num_queries(4):
        is_in(client)


def test_the_demo_may_travel_without_signing_anybody_out(client, it_is):
    client.force_login(make.user())
    assert is_in(client)
    it_is(make.CLOSES + timedelta(days=400))
    assert is_in(client)


# --- somebody else is signed in meanwhile ---


@pytest.mark.parametrize("how", ["field", "header"])
def test_nothing_is_saved_in_the_name_of_whoever_signed_in_meanwhile(client, it_is, how):
    letter = make.letter()
    first, second = (make.member(letter.agency, name=name) for name in ("First", "Second"))
    client.force_login(second)
    page = reverse("proposals:edit", args=[letter.pk, "c"])
    typed = {"goals": "Typed by the first.", "revision": "1"}
    headers = {"Origin": "http://testserver"}
    if how == "field":
        typed["opened_by"] = str(first.pk)
    else:
        headers |= {"X-Portal-Person": str(first.pk), "X-Requested-With": "autosave"}

    response = client.post(page, typed, headers=headers)

    assert response.status_code == 409
    assert "Second" in response.content.decode()
    letter.refresh_from_db()
    assert letter.goals == "A year of records."
    if how == "field":
        assert "Typed by the first." in response.content.decode()
    else:
        assert response.json()["code"] == "other_person"


def test_the_person_of_the_page_is_let_through(client, it_is):
    letter = make.letter()
    person = make.member(letter.agency)
    client.force_login(person)
    page = reverse("proposals:edit", args=[letter.pk, "c"])
    assert str(person.pk) in client.get(page).content.decode()
    client.post(page, {"goals": "Mine.", "revision": "1", "opened_by": str(person.pk)})
    letter.refresh_from_db()
    assert letter.goals == "Mine."


def test_who_is_signed_in_is_told_only_about_oneself(client):
    assert client.get("/accounts/whoami/").json() == {"person": None, "name": ""}
    person = make.user(name="Rania")
    client.force_login(person)
    assert client.get("/accounts/whoami/").json() == {"person": str(person.pk), "name": "Rania"}
