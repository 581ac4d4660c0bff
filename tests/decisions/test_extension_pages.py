"""The publishers' pages about a later cutoff."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from accounts.states import Role
from proposals import actions
from proposals.models import Call, Extension
from tests import make

pytestmark = pytest.mark.django_db
PAGES = ("extension_propose", "extension_approve")
UNKNOWN = "11111111-2222-4333-8444-555555555555"
FORM = {"closes_at": "2024-01-04T00:00", "reason": "An outage of 50 minutes."}


@pytest.fixture
def call(it_is):
    made = make.call()
    make.member(make.letter(call=made).agency)
    return made


@pytest.fixture
def publishers():
    return make.user(Role.PUBLISHER), make.user(Role.PUBLISHER)


def address(name):
    return reverse(f"decisions:{name}")


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.CHAIR, 403),
        (Role.OPERATOR, 403),
        (Role.AUDITOR, 404),
        (Role.REVIEWER, 404),
        (None, 404),
    ],
)
@pytest.mark.parametrize("closed", [False, True])
def test_nobody_but_a_publisher_gets_in(client, call, it_is, role, status, closed):
    if closed:
        it_is(call.closes_at)
    client.force_login(make.user(role) if role else make.member())
    assert [client.get(address(page)).status_code for page in PAGES] == [status] * 2
    for name in (*PAGES, "extension_take_back"):
        assert client.post(address(name), FORM | {"proposal": UNKNOWN}).status_code == status
    assert not Extension.objects.exists()


def test_one_proposes_and_the_other_approves(client, call, publishers):
    client.force_login(publishers[0])
    assert "1 person who holds a draft" in client.get(address(PAGES[0])).content.decode()
    assert client.post(address(PAGES[0]), FORM).url == address("call")
    extension = Extension.objects.get()
    assert extension.closes_at == datetime(2024, 1, 3, 16, tzinfo=UTC)
    assert client.get(address(PAGES[1])).status_code == 403
    assert client.post(address(PAGES[1]), {"proposal": extension.pk}).status_code == 403
    assert Call.objects.get().closes_at == make.CLOSES

    client.force_login(publishers[1])
    page = client.get(address(PAGES[1])).content.decode()
    for words in ("3 January 2024, 24:00 Beijing time", "2024-01-03 16:00 UTC", FORM["reason"]):
        assert words in page
    answer = client.post(address(PAGES[1]), {"proposal": extension.pk}, follow=True)
    assert "The cutoff has moved for everybody" in answer.content.decode()
    assert Call.objects.get().closes_at == datetime(2024, 1, 3, 16, tzinfo=UTC)
    assert client.post(address(PAGES[1]), {"proposal": extension.pk}).status_code == 302


@pytest.mark.parametrize(
    ("typed", "status"),
    [
        ("2024-01-04T00:00+08:00", 302),
        ("2024-01-03T16:00:00Z", 302),
        ("2024-01-03 12:00-04:00", 302),
        ("04/01/2024 00:00", 422),
        ("1/2/2024", 422),
        ("2024-01-04", 422),
        ("2023-12-31T23:59:60Z", 422),
        ("9999-12-31T00:00", 422),
        ("2024-13-01T00:00", 422),
        ("٢٠٢٤-01-04T00:00", 422),
        ("", 422),
        ("2023-12-31T00:00", 409),
        ("2024-01-01T00:00", 409),
        ("2030-01-01T00:00", 409),
    ],
)
def test_what_is_typed_as_the_new_cutoff(client, call, publishers, typed, status):
    # Bad inputs ID13, ID14, ID15.
    client.force_login(publishers[0])
    answer = client.post(address(PAGES[0]), FORM | {"closes_at": typed})
    assert answer.status_code == status
    if status == 302:
        assert Extension.objects.get().closes_at == datetime(2024, 1, 3, 16, tzinfo=UTC)
    else:
        assert not Extension.objects.exists()
        assert FORM["reason"] in answer.content.decode()


def test_an_hour_that_comes_twice_needs_its_offset(client, it_is, publishers):
    call = make.call(
        zone="Europe/Berlin",
        opens_at=datetime(2023, 9, 1, tzinfo=UTC),
        closes_at=datetime(2023, 10, 20, tzinfo=UTC),
    )
    it_is(datetime(2023, 10, 1, tzinfo=UTC))
    client.force_login(publishers[0])
    twice = client.post(address(PAGES[0]), FORM | {"closes_at": "2023-10-29T02:30"})
    assert twice.status_code == 422
    assert "The clocks change in that hour" in twice.content.decode()
    assert (
        client.post(address(PAGES[0]), FORM | {"closes_at": "2023-10-29T02:30+01:00"}).status_code
        == 302
    )
    assert call.extensions.get().closes_at == datetime(2023, 10, 29, 1, 30, tzinfo=UTC)


def test_after_the_cutoff_the_answer_is_not_now(client, call, publishers, it_is):
    extension = actions.propose_extension(
        call, closes_at=make.CLOSES + timedelta(days=1), reason="An outage.", actor=publishers[0]
    )
    it_is(call.closes_at)
    client.force_login(publishers[1])
    said = client.get(address("call")).content.decode()
    assert "nobody approved it in time" in said
    assert [client.get(address(page)).status_code for page in PAGES] == [409, 409]
    assert client.post(address(PAGES[0]), FORM).status_code == 409
    assert client.post(address(PAGES[1]), {"proposal": extension.pk}).status_code == 409
    assert Call.objects.get().closes_at == make.CLOSES


def test_taking_back_and_refusing(client, call, publishers):
    extension = actions.propose_extension(
        call, closes_at=make.CLOSES + timedelta(days=1), reason="An outage.", actor=publishers[0]
    )
    client.force_login(publishers[1])
    assert "waits for a second publisher" in client.get(address("home")).content.decode()
    answer = client.post(address("extension_take_back"), {"proposal": extension.pk}, follow=True)
    assert "stays where it is" in answer.content.decode()
    assert client.post(address(PAGES[1]), {"proposal": extension.pk}).status_code == 409
    assert client.post(address(PAGES[1]), {"proposal": UNKNOWN}).status_code == 404
