from types import SimpleNamespace

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory
from django.urls import NoReverseMatch, reverse

from chang_e8_portal import navigation

ADDRESSES = {
    "call": "/",
    "results": "/results/",
    "proposals:list": "/letters/",
    "accounts:agency": "/agency/",
    "operations:home": "/operations/",
    "accounts:everybody": "/people/",
    "accounts:publishers": "/people/publishers/",
    "reviews:queue": "/reviews/",
    "reviews:conflicts": "/reviews/conflicts/",
    "panel:home": "/panel/",
    "panel:intake": "/panel/intake/",
    "panel:archive": "/panel/archive/",
    "panel:grant_reviewers": "/panel/reviewers/roles/",
    "decisions:home": "/decisions/",
    "audit:log": "/audit/",
    "admin:index": "/admin/",
}


@pytest.fixture
def addresses(monkeypatch):
    """The contract's addresses, so that a door in the making does not hide a mistake here."""
    known = dict(ADDRESSES)

    def look_up(name):
        if name not in known:
            raise NoReverseMatch(name)
        return known[name]

    monkeypatch.setattr(navigation, "reverse", look_up)
    return known


def somebody(*roles, is_partner=False):
    return SimpleNamespace(is_authenticated=True, is_partner=is_partner, roles=list(roles))


def offered(user, path="/"):
    request = RequestFactory().get(path)
    request.user = user
    return navigation.navigation(request)["navigation"]


@pytest.mark.parametrize(
    ("user", "labels"),
    [
        (AnonymousUser(), ["The call", "Results"]),
        (somebody(is_partner=True), ["The call", "Letters", "Agency", "Results"]),
        (somebody("REVIEWER"), ["The call", "Conflicts", "My reviews", "Results"]),
        (somebody("CHAIR"), ["The call", "Panel", "Decisions", "Results"]),
        (somebody("PUBLISHER"), ["The call", "Decisions", "Publishers", "Results"]),
        (somebody("AUDITOR"), ["The call", "Intake", "Archive", "Audit", "Results"]),
        (
            somebody("OPERATOR"),
            [
                "The call",
                "Operations",
                "People",
                "Intake",
                "New reviewers",
                "Administration",
                "Results",
            ],
        ),
        (
            somebody("CHAIR", "PUBLISHER"),
            ["The call", "Panel", "Decisions", "Publishers", "Results"],
        ),
    ],
)
def test_everybody_is_offered_their_own_doors_once(user, labels, addresses):
    assert [entry["label"] for entry in offered(user)] == labels


@pytest.mark.parametrize(
    ("path", "current"),
    [
        ("/", ["The call"]),
        ("/reviews/", ["My reviews"]),
        ("/reviews/conflicts/", ["Conflicts"]),
        ("/reviews/0c9c/", ["My reviews"]),
        ("/accounts/login/", []),
    ],
)
def test_the_open_page_is_marked_once(path, current, addresses):
    entries = offered(somebody("REVIEWER"), path)
    assert [entry["label"] for entry in entries if entry["current"]] == current


def test_the_demo_shows_the_way_to_its_mailbox(settings, addresses):
    settings.PORTAL_DEMO = True
    addresses["demo:mail"] = "/demo/mail/"
    assert offered(AnonymousUser())[-1]["url"] == "/demo/mail/"


def test_a_door_that_is_not_wired_in_is_left_out(addresses):
    del addresses["results"]
    assert [entry["label"] for entry in offered(AnonymousUser())] == ["The call"]


def test_a_page_without_navigation_never_asks_who_is_there():
    navigation.navigation(SimpleNamespace())  # has no user to ask


@pytest.mark.parametrize("name", ADDRESSES)
def test_every_door_stands_where_the_contract_says(name):
    assert reverse(name) == ADDRESSES[name]
