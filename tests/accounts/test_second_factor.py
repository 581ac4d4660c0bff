"""The second factor: an app's codes, recovery codes, and who may change them."""

import json
import time
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from django.core.cache import cache

from accounts import second_factor
from accounts.states import Role
from audit.models import Entry
from chang_e8_portal import clock
from notifications.models import Message
from tests import make

pytestmark = pytest.mark.django_db

PASSWORD = "a long test password"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
AUTHENTICATE = "/accounts/2fa/authenticate/"


@pytest.fixture(autouse=True)
def no_limits_from_other_tests():
    cache.clear()


@pytest.fixture
def half_minutes(monkeypatch):
    """Hold the time that codes are made from: `half_minutes(n)` is n steps from the start."""
    start = time.time()

    def hold(steps):
        monkeypatch.setattr(totp.time, "time", lambda: start + 30 * steps)

    hold(0)
    return hold


def person(**fields):
    made = make.user(**fields)
    EmailAddress.objects.create(user=made, email=made.email, verified=True, primary=True)
    return made


def with_app(**fields):
    """A person with an app and recovery codes."""
    made = person(**fields)
    totp.TOTP.activate(made, SECRET)
    RecoveryCodes.activate(made)
    return made


def code(steps=0):
    """The code that the app shows `steps` half minutes from the held time."""
    counter = int(totp.time.time()) // 30 + steps
    return totp.format_hotp_value(totp.hotp_value(SECRET, counter))


def recovery_codes(of):
    return Authenticator.objects.get(user=of, type="recovery_codes").wrap().get_unused_codes()


def give_password(client, of):
    return client.post("/accounts/login/", {"login": of.email, "password": PASSWORD})


def is_in(client):
    return client.get("/accounts/home/").url != "/accounts/login/?next=/accounts/home/"


def confirm(client, **given):
    """Show once more who it is, with the password."""
    return client.post("/accounts/reauthenticate/", {"password": PASSWORD, **given})


# --- signing in ---


def test_the_password_alone_no_longer_opens_the_account(client, half_minutes):
    # Bad input IH18.
    one = with_app()
    assert give_password(client, one).url == AUTHENTICATE
    # Walking past the question leads nowhere.
    for address in ("/accounts/home/", "/letters/", "/accounts/2fa/", "/accounts/email/"):
        assert client.get(address).url.startswith("/accounts/login/")

    assert client.post(AUTHENTICATE, {"code": code()}).status_code == 302
    assert is_in(client)


def test_an_app_outlives_a_change_of_the_secret_key(client, half_minutes, settings):
    one = with_app()
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another" * 10
    give_password(client, one)

    assert client.post(AUTHENTICATE, {"code": code()}).status_code == 302
    assert is_in(client)
    assert recovery_codes(one)


def test_an_app_under_a_key_that_was_taken_out_says_so(client, half_minutes, settings):
    one = with_app()
    settings.SECRET_KEY = "another" * 10
    give_password(client, one)

    response = client.post(AUTHENTICATE, {"code": code()})
    assert response.status_code == 200
    assert "your app and recovery codes open no more" in response.content.decode()
    assert not is_in(client)


def test_a_code_is_taken_once_even_when_the_cache_forgets(client, half_minutes):
    # Bad input IH18.
    one = with_app()
    give_password(client, one)
    client.post(AUTHENTICATE, {"code": code()})
    client.logout()
    cache.clear()

    give_password(client, one)
    response = client.post(AUTHENTICATE, {"code": code()})
    assert "Incorrect code." in response.content.decode()
    assert not is_in(client)
    # Nor one from before it, which its clock would still allow.
    response = client.post(AUTHENTICATE, {"code": code(-1)})
    assert "Incorrect code." in response.content.decode()

    half_minutes(1)
    client.post(AUTHENTICATE, {"code": code()})
    assert is_in(client)


@pytest.mark.parametrize(
    ("steps", "fits"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)]
)
def test_a_clock_may_be_half_a_minute_wrong(client, half_minutes, steps, fits):
    # Bad input IH18.
    half_minutes(10)
    one = with_app()
    give_password(client, one)
    client.post(AUTHENTICATE, {"code": code(steps)})
    assert is_in(client) is fits


@pytest.mark.parametrize("forgetful", [False, True])
def test_five_tries_then_a_pause(client, half_minutes, forgetful, it_is):
    # Bad input IH18.
    now = clock.now()
    one = with_app()
    give_password(client, one)
    for _ in range(5):
        if forgetful:
            cache.clear()
        assert "Incorrect" in client.post(AUTHENTICATE, {"code": "000000"}).content.decode()
    if forgetful:
        cache.clear()
    response = client.post(AUTHENTICATE, {"code": code()})
    assert "Too many failed login attempts" in response.content.decode()
    assert not is_in(client)

    cache.clear()
    it_is(now + timedelta(minutes=5, seconds=1))
    client.post(AUTHENTICATE, {"code": code()})
    assert is_in(client)


def test_a_recovery_code_works_once(client, half_minutes):
    # Bad input IH18.
    one = with_app()
    first = recovery_codes(one)[0]
    give_password(client, one)
    client.post(AUTHENTICATE, {"code": first})
    assert is_in(client)
    assert len(recovery_codes(one)) == 9

    client.logout()
    give_password(client, one)
    assert "Incorrect" in client.post(AUTHENTICATE, {"code": first}).content.decode()
    assert not is_in(client)


@pytest.mark.parametrize(
    "odd", ["", " ", "۱۲۳۴۵۶", "12345\u200b", "x" * 41, "-1", "１２３４５６", "'--"]
)
def test_odd_codes_are_refused(client, half_minutes, odd):
    one = with_app()
    give_password(client, one)
    assert client.post(AUTHENTICATE, {"code": odd}).status_code == 200
    assert not is_in(client)


def test_a_new_password_does_not_pass_the_second_factor(client):
    """A stolen mailbox resets a password, and still stands before the second factor."""
    one = with_app()
    one.set_password("another long password")
    one.save(update_fields=["password"])
    response = client.post(
        "/accounts/login/", {"login": one.email, "password": "another long password"}
    )
    assert response.url == AUTHENTICATE


# --- setting up and taking away ---


def test_an_app_is_set_up_and_the_recovery_codes_are_shown_once(
    client, django_capture_on_commit_callbacks
):
    one = person()
    client.force_login(one)
    assert client.get("/accounts/2fa/totp/activate/").url.startswith("/accounts/reauthenticate/")
    confirm(client)

    page = client.get("/accounts/2fa/totp/activate/")
    secret = page.context["form"].secret
    assert secret in page.content.decode()
    counter = int(time.time()) // 30
    shown = totp.format_hotp_value(totp.hotp_value(secret, counter))
    with django_capture_on_commit_callbacks(execute=True):
        response = client.post("/accounts/2fa/totp/activate/", {"code": shown})

    assert response.url == "/accounts/2fa/recovery-codes/"
    codes = client.get(response.url).content.decode()
    assert all(one_code in codes for one_code in recovery_codes(one))
    again = client.get(response.url).content.decode()
    assert not any(one_code in again for one_code in recovery_codes(one))
    # Whoever reads the database reads no key.
    stored = json.dumps(list(Authenticator.objects.values_list("data", flat=True)))
    assert secret not in stored
    assert Entry.objects.filter(
        action="person.signing_in_changed", data={"what": "totp_activated"}
    ).exists()
    assert Message.objects.filter(address=one.email, template="mfa-email-totp_activated").exists()


def test_a_wrong_code_sets_up_nothing(client):
    client.force_login(person())
    confirm(client)
    client.get("/accounts/2fa/totp/activate/")
    response = client.post("/accounts/2fa/totp/activate/", {"code": "000000"})
    assert "Incorrect code." in response.content.decode()
    assert not Authenticator.objects.exists()


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("post", "/accounts/email/"),
        *(
            (method, f"/accounts/2fa/{page}/")
            for method in ("get", "post")
            for page in (
                *("totp/deactivate", "webauthn/add", "recovery-codes/generate"),
                *("webauthn/keys/{key}/remove", "webauthn/keys/{key}/edit"),
            )
        ),
        ("get", "/accounts/2fa/recovery-codes/"),
    ],
)
def test_an_open_browser_is_not_enough_to_change_who_gets_in(client, method, address):
    # Bad input IH19.
    one = with_app()
    key = Authenticator.objects.create(user=one, type="webauthn", data={"name": "Key"})
    client.force_login(one)
    before = list(Authenticator.objects.values_list("pk", "data", "last_used_at"))

    typed = {"email": "other@example.org", "action_add": "", "name": "Mine", "credential": "{}"}
    response = getattr(client, method)(address.format(key=key.pk), typed)

    assert response.status_code == 302
    assert "/reauthenticate/" in response.url
    assert list(Authenticator.objects.values_list("pk", "data", "last_used_at")) == before
    assert not EmailAddress.objects.filter(email="other@example.org").exists()


def test_showing_who_one_is_takes_each_code_once_too(client, half_minutes):
    one = with_app()
    client.force_login(one)
    again = "/accounts/2fa/reauthenticate/"
    assert client.post(again, {"code": code(), "next": "/accounts/2fa/"}).url == "/accounts/2fa/"
    client.force_login(one)
    assert "Incorrect" in client.post(again, {"code": code()}).content.decode()


def test_taking_the_app_away_ends_the_recovery_codes_and_tells_the_owner(client):
    one = with_app()
    client.force_login(one)
    confirm(client)
    assert client.get("/accounts/2fa/totp/deactivate/").status_code == 200
    client.post("/accounts/2fa/totp/deactivate/")
    assert not Authenticator.objects.exists()
    assert Message.objects.filter(template="mfa-email-totp_deactivated").exists()
    assert Entry.objects.filter(data={"what": "totp_deactivated"}).exists()


def test_anothers_key_is_not_there(client):
    key = Authenticator.objects.create(user=with_app(), type="webauthn", data={"name": "Key"})
    client.force_login(person())
    confirm(client)
    for act in ("remove", "edit"):
        assert client.get(f"/accounts/2fa/webauthn/keys/{key.pk}/{act}/").status_code == 404
        assert client.post(f"/accounts/2fa/webauthn/keys/{key.pk}/{act}/").status_code == 404
    assert Authenticator.objects.filter(pk=key.pk).exists()


# --- passkeys: what a browser may send ---

JUNK = [
    "",
    "null",
    "[]",
    "1",
    '"x"',
    "{}",
    "{",
    '{"x": NaN}',
    '{"id": 1}',
    '{"id": "x", "rawId": "x", "response": []}',
    '{"id": "x", "rawId": "x", "type": "public-key", "response": {"userHandle": 5}}',
    '{"id": "x", "rawId": "x", "type": "public-key", "response": {"userHandle": "eA"}}',
    '{"response": {"clientDataJSON": "eA", "authenticatorData": "eA", "signature": "eA"}}',
    '{"id":"eA","rawId":"eA","type":"public-key","response":{"clientDataJSON":"e30",'
    '"authenticatorData":"eA","signature":"eA","attestationObject":"oA","userHandle":"eA"}}',
    "[" * 3000 + "]" * 3000,
    "x" * 20_001,
]


@pytest.mark.parametrize("junk", JUNK)
def test_junk_instead_of_a_passkey_lets_nobody_in(client, junk):
    one = with_app()
    client.get("/accounts/2fa/webauthn/login/", HTTP_ACCEPT="application/json")
    response = client.post("/accounts/2fa/webauthn/login/", {"credential": junk})
    assert response.status_code == 302
    assert not is_in(client)

    give_password(client, one)
    client.get(AUTHENTICATE)
    assert client.post(AUTHENTICATE, {"credential": junk}).status_code == 200
    assert not is_in(client)


@pytest.mark.parametrize("junk", JUNK)
def test_junk_adds_no_passkey(client, junk):
    client.force_login(person())
    confirm(client)
    client.get("/accounts/2fa/webauthn/add/")
    response = client.post("/accounts/2fa/webauthn/add/", {"credential": junk, "name": "Key"})
    assert response.status_code == 200
    assert not Authenticator.objects.exists()


# --- the operator ---


def test_the_operator_takes_a_lost_factor_away_and_the_owner_is_told(client):
    one = with_app()
    operator = make.user(Role.OPERATOR)
    client.force_login(operator)
    make.stepped_up(client)
    page = f"/people/{one.pk}/"
    assert "Remove the second factor" in client.get(page).content.decode()

    response = client.post(f"{page}second-factor/", {"reason": "Called back."})

    assert response.status_code == 302
    assert not second_factor.is_on(one)
    assert not Authenticator.objects.exists()
    entry = Entry.objects.get()
    assert (entry.action, entry.subject, entry.actor) == (
        "person.second_factor_removed",
        f"person:{one.pk}",
        str(operator.pk),
    )
    assert Message.objects.get().address == one.email


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.CHAIR, Role.PUBLISHER, Role.AUDITOR, None])
def test_nobody_else_takes_away_anothers_factor(client, role):
    one = with_app()
    client.force_login(make.user(role) if role else make.member())
    page = f"/people/{one.pk}/second-factor/"
    status = 403 if role in (Role.CHAIR, Role.PUBLISHER) else 404
    assert client.post(page, {"reason": "Called back."}).status_code == status
    assert second_factor.is_on(one)
