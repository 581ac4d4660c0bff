"""The operator's room: not there for others, and no second way past the actions."""

import pytest
from django.contrib import admin
from django.urls import reverse

from accounts.models import Agency, Membership
from accounts.states import Role, Seat
from notifications import outbox
from notifications.models import Message
from tests import make

pytestmark = pytest.mark.django_db

PAGES = ["index", "login", "accounts_agency_changelist"]


@pytest.fixture
def operator(client):
    person = make.user(Role.OPERATOR)
    client.force_login(person)
    return person


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("who", ["anonymous", None, *sorted(set(Role) - {Role.OPERATOR})])
def test_for_others_the_admin_is_not_there(client, page, who):
    if who != "anonymous":
        client.force_login(make.user(*([who] if who else [])))
    for method in ("get", "post"):
        assert getattr(client, method)(reverse(f"admin:{page}")).status_code == 404
    assert client.get("/admin/no/such/page/").status_code == 404


def test_the_operator_enters(client, operator):
    assert client.get("/admin/").status_code == 200


def test_the_operator_leaves_by_the_same_way_as_everybody(client, operator):
    assert client.get("/admin/password_change/").url == "/accounts/password/change/"
    assert client.post("/admin/logout/").url == "/"
    assert client.get("/admin/").status_code == 404


def test_no_letters_reviews_decisions_or_records_and_no_second_way_to_a_right():
    registered = {model._meta.label for model in admin.site._registry}
    assert registered == {
        *("accounts.Agency", "notifications.Message"),
        *("proposals.Call", "proposals.CallRound"),
    }


@pytest.mark.parametrize("address", ["", "add/", "{person}/change/", "{person}/delete/"])
def test_people_are_administered_in_the_portal_and_not_here(client, operator, address):
    person = make.user()
    address = f"/admin/accounts/user/{address.format(person=person.pk)}"
    assert client.get(address).status_code == 404
    assert client.post(address, {"roles": ["CHAIR"], "post": "yes"}).status_code == 404
    person.refresh_from_db()
    assert person.roles == []


def test_agencies_and_mail_are_read_and_never_written(client, operator):
    member = make.member(make.agency(name="Shown Agency"))
    outbox.enqueue(key="k", recipient=member, template="welcome", at=make.OPENS)
    agency, message = Agency.objects.get(), Message.objects.get()
    for model, row, text in [
        ("accounts_agency", agency, "Shown Agency"),
        ("notifications_message", message, "An account has been made"),
    ]:
        change = reverse(f"admin:{model}_change", args=[row.pk])
        assert text in client.get(reverse(f"admin:{model}_changelist")).content.decode()
        assert text in client.get(change).content.decode()
        assert client.post(change, {"name": "x"}).status_code == 403
        assert client.get(reverse(f"admin:{model}_add")).status_code == 403
        assert client.post(reverse(f"admin:{model}_delete", args=[row.pk])).status_code == 403
    assert Membership.objects.get().seat == Seat.REPRESENTATIVE


def test_the_ledger_does_not_show_what_was_written(client, operator):
    outbox.enqueue_text(
        key="k",
        address="a@example.org",
        language="en",
        template="t",
        subject="s",
        body="SECRET-CODE",
        at=make.OPENS,
    )
    page = client.get(
        reverse("admin:notifications_message_change", args=[Message.objects.get().pk])
    )
    assert "a@example.org" in page.content.decode()
    assert "SECRET-CODE" not in page.content.decode()


@pytest.mark.parametrize(
    ("model", "asked", "status"),
    [
        ("notifications_message", {"body__contains": "SECRET"}, 400),
        ("notifications_message", {"recipient__password__startswith": "a"}, 400),
        ("notifications_message", {"state__exact": "SENT", "template__exact": "welcome"}, 200),
        ("notifications_message", {"queued_at__year": "2023"}, 200),
    ],
)
def test_what_is_not_shown_cannot_be_asked_for_in_the_address(
    client, operator, model, asked, status
):
    page = client.get(reverse(f"admin:{model}_changelist"), asked)
    assert page.status_code == status
