"""The operator's room: not there for others, and no second way past the actions."""

import pytest
from django.contrib import admin
from django.urls import reverse

from accounts.models import Agency, Membership, User
from accounts.states import Role, Seat
from audit.models import Entry
from notifications import outbox
from notifications.models import Message
from tests import make

pytestmark = pytest.mark.django_db

PAGES = ["index", "login", "accounts_user_changelist", "accounts_user_add"]


@pytest.fixture
def operator(client):
    person = make.user(Role.OPERATOR)
    client.force_login(person)
    return person


def page_of(person):
    return reverse("admin:accounts_user_change", args=[person.pk])


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
    assert {"accounts.User", "accounts.Agency", "notifications.Message"} <= registered
    assert registered <= {
        *("accounts.User", "accounts.Agency", "notifications.Message"),
        *("proposals.Call", "proposals.CallRound"),
    }


@pytest.mark.parametrize("people", [1, 3])
def test_the_list_of_people_costs_the_same_however_long(
    client, operator, people, django_assert_num_queries
):
    for _ in range(people):
        make.member()
    # session, operator, count, count of all, page, agencies
    with django_assert_num_queries(6):
        client.get(reverse("admin:accounts_user_changelist"))


def test_people_are_found_by_name_address_and_agency(client, operator):
    make.member(make.agency(name="Searched Agency"), name="Ana Quispe", email="ana@example.org")
    for words in ("quispe", "ana@example", "searched agency"):
        page = client.get(reverse("admin:accounts_user_changelist"), {"q": words})
        assert "ana@example.org" in page.content.decode()


def test_enrolling_is_an_action(client, operator):
    response = client.post(
        reverse("admin:accounts_user_add"),
        {"email": "New@example.org", "name": "New", "language": "en", "roles": ["REVIEWER"]},
    )

    assert response.status_code == 302
    person = User.objects.get(email="new@example.org")
    assert (person.name, person.roles) == ("New", [Role.REVIEWER])
    assert not person.has_usable_password()
    assert person.emailaddress_set.get().verified
    assert Entry.objects.values_list("action", "subject", "actor", "data").get() == (
        "person.enrolled",
        f"person:{person.pk}",
        str(operator.pk),
        {"roles": ["REVIEWER"]},
    )


@pytest.mark.parametrize(
    "typed",
    [
        {"email": "a@localhost"},
        {"name": "\u200b"},
        {"roles": ["EMPEROR"]},
        {"language": "tlh"},
    ],
)
def test_enrolling_with_a_mistake_makes_nobody(client, operator, typed):
    given = {"email": "n@example.org", "name": "N", "language": "en", "roles": ["CHAIR"], **typed}
    response = client.post(reverse("admin:accounts_user_add"), given)
    assert response.status_code == 200
    assert response.context["adminform"].form.errors
    assert User.objects.count() == 1


def test_enrolling_somebody_twice_is_refused(client, operator):
    make.user(email="known@example.org")
    given = {"email": "Known@example.org", "name": "N", "language": "en", "roles": []}
    client.post(reverse("admin:accounts_user_add"), given)
    assert User.objects.count() == 2
    assert not Entry.objects.exists()


def test_roles_are_granted_by_an_action_with_its_entry(client, operator):
    person = make.user(Role.REVIEWER, name="Unchanged")

    response = client.post(
        page_of(person),
        {"roles": ["CHAIR", "REVIEWER"], "is_active": "on", "name": "X", "email": "x@example.org"},
    )

    assert response.status_code == 302
    person.refresh_from_db()
    assert (person.roles, person.name) == ([Role.REVIEWER, Role.CHAIR], "Unchanged")
    assert Entry.objects.values_list("action", "data").get() == (
        "person.roles_changed",
        {"was": ["REVIEWER"], "is": ["REVIEWER", "CHAIR"]},
    )


def test_an_account_is_closed_by_an_action_with_its_entry(client, operator):
    person = make.user()
    client.post(page_of(person), {"roles": []})
    person.refresh_from_db()
    assert not person.is_active
    assert Entry.objects.get().action == "person.closed"


def test_nobody_changes_their_own_roles(client, operator):
    assert client.get(page_of(operator)).status_code == 200
    response = client.post(page_of(operator), {"roles": ["PUBLISHER"], "is_active": "on"})
    assert response.status_code == 403
    operator.refresh_from_db()
    assert operator.roles == [Role.OPERATOR]


def test_whoever_answers_the_call_cannot_judge_it(client, operator):
    person = make.member()
    response = client.post(page_of(person), {"roles": ["REVIEWER"], "is_active": "on"})
    assert response.status_code == 409
    assert "belongs to a partner agency" in response.content.decode()
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
        ("accounts_user", {"password__startswith": "pbkdf2"}, 400),
        ("accounts_user", {"last_login__isnull": "1"}, 400),
        ("accounts_user", {"is_active__exact": "1"}, 200),
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


def test_people_are_not_deleted(client, operator):
    person = make.user()
    response = client.post(reverse("admin:accounts_user_delete", args=[person.pk]), {"post": "yes"})
    assert response.status_code == 403
    assert User.objects.filter(pk=person.pk).exists()
