"""The page on which one's calendar address is made and revoked."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import CalendarAddress
from audit.models import Entry
from tests import make

pytestmark = pytest.mark.django_db
PAGE = "/accounts/calendar/"


@pytest.fixture
def person(client):
    person = make.member()
    client.force_login(person)
    return person


def made(client) -> str:
    """Make an address, and read it off the page."""
    response = client.post(PAGE, {"do": "make"})
    assert response.status_code == 201
    return re.search(r'value="(https?://[^"]+/calendar/\w{43}\.ics)"', response.content.decode())[1]


def path_of(address) -> str:
    return address[address.index("/calendar/") :]


def test_the_account_page_leads_here(client, person):
    assert PAGE in client.get(reverse("accounts:preferences")).content.decode()
    assert "There is no address yet." in client.get(PAGE).content.decode()


def test_an_address_is_shown_once_and_works(client, person):
    address = made(client)
    assert Client().get(path_of(address)).status_code == 200
    page = client.get(PAGE).content.decode()
    assert address not in page
    assert "It cannot be shown again" in page
    secret = path_of(address).removeprefix("/calendar/").removesuffix(".ics")
    assert secret not in str(list(CalendarAddress.objects.values()))
    assert secret not in str(list(Entry.objects.values()))


def test_a_new_address_ends_the_old_one(client, person):
    old, new = made(client), made(client)
    assert [Client().get(path_of(one)).status_code for one in (old, new)] == [404, 200]
    assert CalendarAddress.objects.count() == 1


def test_revoking_ends_it_and_twice_is_once(client, person):
    address = made(client)
    for _time in range(2):
        assert client.post(PAGE, {"do": "revoke"}).status_code == 302
    assert Client().get(path_of(address)).status_code == 404
    assert list(Entry.objects.values_list("action", flat=True)) == [
        "calendar.made",
        "calendar.revoked",
    ]


def test_one_persons_address_is_nobody_elses_to_revoke(client, person):
    address = made(client)
    other = Client()
    other.force_login(make.member())
    other.post(PAGE, {"do": "revoke"})
    assert Client().get(path_of(address)).status_code == 200


def test_reading_the_page_makes_nothing(client, person):
    client.get(PAGE)
    assert not CalendarAddress.objects.exists()
