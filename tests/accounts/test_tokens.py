"""API tokens: shown once, kept as a hash, ended by their person; the mails and the record."""

import hashlib
from datetime import timedelta

import pytest

from accounts import actions, tokens
from accounts.models import ApiToken
from accounts.states import Role, TokenScope
from audit.models import Entry
from notifications import reminders
from notifications.models import Message
from tests import make

pytestmark = pytest.mark.django_db

AT = make.OPENS
TYPED = {"name": "Night upload", "scope": "WRITE", "days": "30"}
MINUTE = timedelta(minutes=1)


def token_of(person, **fields):
    given = {"name": "Script", "scope": TokenScope.READ, "days": 30, "at": AT}
    return actions.make_token(person, **given | fields)


@pytest.fixture
def page(client, it_is):
    it_is(AT)
    return client


# --- making one ---


def test_a_token_is_shown_once_and_kept_as_a_hash(page):
    person = make.member()
    page.force_login(person)
    make.stepped_up(page)

    response = page.post("/accounts/tokens/", TYPED)

    assert response.status_code == 201
    secret = response.context["secret"]
    assert secret.startswith("ce8_")
    assert secret in response.content.decode()
    assert "no-store" in response.headers["Cache-Control"]
    row = ApiToken.objects.values().get()
    assert secret not in str(row)
    assert row["sha256"] == hashlib.sha256(secret.encode()).hexdigest()
    assert (row["user_id"], row["name"], row["scope"]) == (person.pk, "Night upload", "WRITE")
    assert row["expires_at"] == AT + timedelta(days=30)
    later = page.get("/accounts/tokens/").content.decode()
    assert secret not in later
    assert row["prefix"] in later
    assert secret.startswith(row["prefix"])
    assert len(secret) - len(row["prefix"]) > 30


def test_making_and_revoking_stand_in_the_record_and_are_told_once(page):
    person = make.member()
    page.force_login(person)
    make.stepped_up(page)
    page.post("/accounts/tokens/", TYPED)
    token = ApiToken.objects.get()

    assert reminders.queue_token_notices(at=AT) == 1
    page.post(f"/accounts/tokens/{token.pk}/revoke/")
    page.post(f"/accounts/tokens/{token.pk}/revoke/")
    assert reminders.queue_token_notices(at=AT) == 1
    assert reminders.queue_token_notices(at=AT) == 0

    entries = Entry.objects.order_by("seq").values_list("action", "subject", "actor")
    assert list(entries) == [
        ("token.made", f"person:{person.pk}", str(person.pk)),
        ("token.revoked", f"person:{person.pk}", str(person.pk)),
    ]
    mails = list(Message.objects.filter(recipient=person).order_by("template"))
    assert [mail.template for mail in mails] == ["token_made", "token_revoked"]
    assert all(token.prefix in mail.body and "Night upload" in mail.subject for mail in mails)
    assert all(token.sha256 not in mail.body for mail in mails)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"name": "a\u202eb"}, "name"),
        ({"scope": ""}, "scope"),
        ({"scope": "ADMIN"}, "scope"),
        ({"days": "0"}, "days"),
        ({"days": "366"}, "days"),
        ({"days": "-1"}, "days"),
        ({"days": "1e3"}, "days"),
        ({"days": "9" * 40}, "days"),
    ],
)
def test_a_mistake_makes_nothing(page, wrong, field):
    page.force_login(make.member())
    make.stepped_up(page)
    response = page.post("/accounts/tokens/", TYPED | wrong)
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert not ApiToken.objects.exists()


def test_sending_the_form_twice_makes_one_token(page):
    page.force_login(make.member())
    make.stepped_up(page)
    page.post("/accounts/tokens/", TYPED)
    again = page.post("/accounts/tokens/", TYPED)
    assert (again.status_code, "secret" in again.context) == (409, False)
    assert ApiToken.objects.count() == 1


def test_there_is_a_most_to_how_many_one_person_keeps(page):
    person = make.member()
    for number in range(actions.MOST_TOKENS):
        token_of(person, name=f"No. {number}")
    with pytest.raises(actions.Refused):
        token_of(person, name="one more")
    # What has ended does not count.
    token_of(person, name="one more", at=AT + timedelta(days=31))


# --- whose it is ---


def test_nobody_sees_or_revokes_the_tokens_of_another(page):
    token, _secret = token_of(make.member(), name="Secret plan")
    for stranger in (make.member(), make.user(Role.OPERATOR), make.user(Role.AUDITOR)):
        page.force_login(stranger)
        make.stepped_up(page)
        assert "Secret plan" not in page.get("/accounts/tokens/").content.decode()
        assert page.post(f"/accounts/tokens/{token.pk}/revoke/").status_code == 404
    token.refresh_from_db()
    assert token.revoked_at is None


def test_revoking_is_a_post(page):
    person = make.member()
    token, _secret = token_of(person)
    page.force_login(person)
    make.stepped_up(page)
    assert page.get(f"/accounts/tokens/{token.pk}/revoke/").status_code == 405
    token.refresh_from_db()
    assert token.revoked_at is None


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_however_long(page, count, django_assert_num_queries):
    person = make.member()
    for number in range(count):
        token_of(person, name=f"No. {number}")
    page.force_login(person)
    make.stepped_up(page)
    with django_assert_num_queries(3):  # session, person, tokens
        page.get("/accounts/tokens/")


# --- using it ---


def test_a_secret_finds_its_token_with_its_person(it_is, django_assert_num_queries):
    person = make.member()
    token, secret = token_of(person)
    with django_assert_num_queries(1):
        found = tokens.find(secret, at=AT)
        assert (found, found.user) == (token, person)


@pytest.mark.parametrize(
    "secret", ["", "ce8_", "x", "ce8_" + "a" * 43, "ce8_" + "é" * 43, "ce8_\x00", "a" * 10_000]
)
def test_what_is_no_secret_finds_nothing(secret):
    token_of(make.member())
    assert tokens.find(secret, at=AT) is None


def test_a_token_opens_nothing_from_the_instant_it_ends():
    token, secret = token_of(make.member(), days=1)
    ends = token.expires_at
    assert tokens.find(secret, at=ends - make.SECOND) == token
    assert tokens.find(secret, at=ends) is None
    assert (token.is_usable_at(ends - make.SECOND), token.is_usable_at(ends)) == (True, False)


def test_a_revoked_token_and_one_of_a_closed_account_open_nothing():
    person = make.member()
    token, secret = token_of(person)
    _other, second = token_of(person, name="Second")
    actions.revoke_token(token, actor=person, at=AT)
    assert tokens.find(secret, at=AT) is None
    assert tokens.find(second, at=AT) is not None
    actions.set_active(person, False, actor=make.user(Role.OPERATOR), at=AT)
    assert tokens.find(second, at=AT) is None


def test_the_last_use_is_noted_at_most_once_a_minute(django_assert_num_queries):
    token, _secret = token_of(make.member())
    tokens.note_use(token, at=AT)
    token.refresh_from_db()
    assert token.last_used_at == AT
    with django_assert_num_queries(0):
        tokens.note_use(token, at=AT + MINUTE - make.SECOND)
    tokens.note_use(token, at=AT + MINUTE)
    token.refresh_from_db()
    assert token.last_used_at == AT + MINUTE


def test_a_token_that_writes_is_made_by_whoever_shows_once_more_who_they_are(page):
    """A program with it files letters without being asked for a code."""
    page.force_login(make.member())
    asked = page.post("/accounts/tokens/", TYPED)
    assert asked.status_code == 401
    assert not ApiToken.objects.exists()
    assert f'name="name" value="{TYPED["name"]}"' in asked.content.decode()
    assert page.post("/accounts/tokens/", {**TYPED, "scope": "READ"}).status_code == 201
