"""Sign-up, log-in and a forgotten password, from the first page to the last."""

import re
import time

import pytest
from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core import mail
from django.core.cache import cache
from django.test import Client, RequestFactory
from django.urls import reverse

from accounts import actions
from accounts.models import User
from accounts.states import Role
from chang_e8_portal import clock
from notifications import delivery
from notifications.models import Message
from tests import make

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"
SIGN_UP = {
    "email": "New.Person@Example.org",
    "name": "New Person",
    "password1": PASSWORD,
    "password2": PASSWORD,
}


@pytest.fixture(autouse=True)
def no_limits_from_other_tests():
    cache.clear()


def enrolled(**fields):
    given = {"email": "known@example.org", "name": "Known Person", "password": PASSWORD}
    return actions.enrol(**given | fields, at=clock.now())


def mailed_code():
    """Deliver what is owed and return the code of the newest mail."""
    for message in Message.objects.filter(state="QUEUED"):
        delivery.deliver(message.pk, at=clock.now())
    return re.search(r"^[A-Z0-9]{4,}-?[A-Z0-9]*$", mail.outbox[-1].body, re.MULTILINE)[0]


def log_in(client, email="known@example.org", password=PASSWORD, **more):
    return client.post("/accounts/login/", {"login": email, "password": password, **more})


# --- sign-up ---


def test_sign_up_by_a_mailed_code_ends_on_the_page_of_the_agency(client):
    response = client.post("/accounts/signup/", SIGN_UP, follow=True)
    assert response.request["PATH_INFO"] == "/accounts/confirm-email/"
    assert not response.context["user"].is_authenticated

    response = client.post("/accounts/confirm-email/", {"code": mailed_code()}, follow=True)

    assert response.request["PATH_INFO"] == "/agency/"
    person = User.objects.get()
    assert response.context["user"] == person
    assert (person.email, person.name, person.roles) == ("new.person@example.org", "New Person", [])
    assert person.emailaddress_set.get().verified
    assert mail.outbox[0].to == ["new.person@example.org"]
    # The code does not stay in the ledger.
    assert list(Message.objects.values_list("state", "body")) == [("SENT", "")]


def test_the_language_of_the_page_becomes_the_persons_and_the_mails(client):
    client.post("/i18n/setlang/", {"language": "zh-hans", "next": "/accounts/signup/"})
    client.post("/accounts/signup/", SIGN_UP)
    assert User.objects.get().language == "zh-hans"
    assert Message.objects.get().language == "zh-hans"


def test_a_wrong_code_lets_nobody_in(client):
    client.post("/accounts/signup/", SIGN_UP)
    response = client.post("/accounts/confirm-email/", {"code": "WRONG-CODE"})
    assert not response.context["user"].is_authenticated
    assert not User.objects.get().emailaddress_set.get().verified
    assert client.get("/agency/").status_code == 302


def test_a_mail_names_the_portal_and_never_the_host_a_request_claims(client, settings):
    # Bad input IH10.
    settings.ALLOWED_HOSTS = ["*"]
    settings.BASE_URL = "https://portal.example.org"
    client.post("/accounts/signup/", SIGN_UP, HTTP_HOST="evil.example.com")
    # An address that is known gets another mail, with a link.
    enrolled()
    client.logout()
    client.post(
        "/accounts/signup/",
        {**SIGN_UP, "email": "known@example.org"},
        HTTP_HOST="evil.example.com",
    )

    texts = list(Message.objects.values_list("subject", "body", "message_id"))
    assert len(texts) == 2
    assert "evil" not in str(texts)
    assert "https://portal.example.org/accounts/password/reset/" in str(texts)
    assert all(subject.startswith("Chang'e-8 portal: ") for subject, _, _ in texts)
    assert all("Hello from Chang'e-8 portal!" in body for _, body, _ in texts)


@pytest.mark.parametrize(
    "wrong",
    [
        {"email": "a@localhost"},
        {"email": "a@[127.0.0.1]"},
        {"email": "ａ@ｘ.org"},
        {"name": "\u200b"},
        {"name": "N\u202eame"},
        {"name": ""},
        {"password1": "short", "password2": "short"},
        {"password1": "new.person@example.org", "password2": "new.person@example.org"},
        {"password2": "another long one"},
    ],
)
def test_a_mistake_at_sign_up_makes_no_account(client, wrong):
    response = client.post("/accounts/signup/", {**SIGN_UP, **wrong})
    assert response.context["form"].errors
    assert not User.objects.exists()
    assert not Message.objects.exists()


def test_an_address_of_any_length_the_standard_allows_can_sign_up(client):
    address = f"{'a' * 64}@{'.'.join(['b' * 60] * 3)}.org"
    assert len(address) <= 254
    client.post("/accounts/signup/", {**SIGN_UP, "email": address})
    assert Message.objects.get().address == address


def test_sign_up_carries_no_role(client):
    client.post("/accounts/signup/", {**SIGN_UP, "roles": "OPERATOR", "is_active": "1"})
    assert User.objects.get().roles == []


# --- log-in ---


def test_log_in_leads_home_and_log_out_leads_away(client):
    # Bad input IH13.
    enrolled(roles=[Role.AUDITOR])
    assert log_in(client, "KNOWN@example.org").url == "/accounts/home/"
    assert client.get("/audit/").status_code == 200

    assert client.post("/accounts/logout/").url == "/"
    assert client.get("/audit/").status_code == 302


def test_whoever_was_stopped_at_the_door_arrives_where_they_wanted_to_go(client):
    enrolled()
    stopped = client.get("/agency/")
    assert stopped.url == "/accounts/login/?next=/agency/"
    assert log_in(client, next="/agency/").url == "/agency/"


@pytest.mark.parametrize(
    "away",
    ["//evil.org", "/\\evil.org", "https:evil.org", "https://portal@evil.org", "\t//evil.org"],
)
def test_log_in_leads_to_no_other_site(client, away):
    # Bad input IH08.
    enrolled()
    assert log_in(client, next=away).url == "/accounts/home/"


def test_wrong_password_and_unknown_address_read_alike(client):
    enrolled()
    wrong = log_in(client, password="another long one")
    unknown = log_in(client, email="nobody@example.org", password="another long one")
    assert wrong.status_code == unknown.status_code == 200
    assert wrong.context["form"].errors == unknown.context["form"].errors
    assert client.get("/agency/").status_code == 302


def test_a_closed_account_is_out_at_once(client):
    # Bad input IH13.
    person = enrolled()
    operator = make.user(Role.OPERATOR)
    log_in(client)
    assert client.get("/agency/").status_code == 200

    actions.set_active(person, False, actor=operator, at=clock.now())

    assert client.get("/agency/").status_code == 302
    assert log_in(client).status_code in (200, 302)
    assert client.get("/agency/").status_code == 302


def test_a_role_taken_away_is_gone_at_the_next_request(client):
    # Bad input IH13.
    person = enrolled(roles=[Role.AUDITOR])
    log_in(client)
    assert client.get("/audit/").status_code == 200
    actions.grant_roles(person, [], actor=make.user(Role.OPERATOR), at=clock.now())
    assert client.get("/audit/").status_code == 404


def test_many_machines_together_guess_five_times(client):
    # Bad input IH17.
    enrolled()
    for number in range(8):
        stranger = Client(REMOTE_ADDR=f"203.0.113.{number}")
        log_in(stranger, password="another long one")
    # The right password, from a machine that was never in, is not looked at now.
    page = log_in(Client(REMOTE_ADDR="203.0.113.99"))
    assert "Too many failed login attempts" in page.content.decode()


def test_nobody_locks_a_person_out_of_the_browser_they_use(client):
    """Being wrong on purpose must not keep a representative from filing on the last day."""
    # Bad input IH17.
    enrolled()
    log_in(client)
    client.post("/accounts/logout/")
    for number in range(8):
        log_in(Client(REMOTE_ADDR=f"203.0.113.{number}"), password="another long one")
    assert log_in(client).url == "/accounts/home/"


def test_one_machine_does_not_try_one_password_on_every_account():
    """IH17"""
    told = [
        log_in(Client(), email=f"person{number}@example.org").content.decode()
        for number in range(12)
    ]
    refused = ["Too many failed login attempts" in page for page in told]
    assert refused == [False] * 10 + [True] * 2
    enrolled()
    assert log_in(Client(REMOTE_ADDR="203.0.113.7")).url == "/accounts/home/"


@pytest.mark.parametrize(("proxies", "counted"), [(0, "127.0.0.1"), (1, "203.0.113.7")])
def test_a_machine_cannot_choose_the_address_it_is_counted_by(settings, proxies, counted):
    """IH11: without a proxy the header says nothing; behind one its own word, the last, counts."""
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    request = RequestFactory().get("/", headers={"X-Forwarded-For": "1.2.3.4, 203.0.113.7"})
    assert get_adapter().get_client_ip(request) == counted


def test_a_known_browser_is_known_for_its_own_account_alone(client):
    enrolled()
    log_in(client)
    client.post("/accounts/logout/")
    enrolled(email="other@example.org")
    for _ in range(5):
        log_in(client, email="other@example.org", password="another long one")
    cookie = client.cookies["known-browser"]
    assert cookie["httponly"]
    page = log_in(Client(REMOTE_ADDR="203.0.113.7"), email="other@example.org")
    assert "Too many failed login attempts" in page.content.decode()
    # A name made up is no name.
    forger = Client()
    forger.cookies["known-browser"] = cookie.value[:-1] + ("A" if cookie.value[-1] != "A" else "B")
    assert "Too many" in log_in(forger, email="other@example.org").content.decode()


@pytest.mark.parametrize("odd", ["/%0d%0aX: y", "/x\x00", "/redirect?u=//evil.org"])
def test_where_to_go_after_the_log_in_cannot_break_the_answer(client, odd):
    # Bad input IH09.
    enrolled()
    response = log_in(client, next=odd)
    assert response.status_code in (302, 400)
    assert "X" not in response.headers
    if response.status_code == 302:
        # It stays here, and nothing here leads elsewhere.
        assert response.url.startswith("/")
        assert not response.url.startswith("//")


# --- a forgotten password ---


def test_a_new_password_by_a_mailed_code(client):
    enrolled()
    client.post("/accounts/password/reset/", {"email": "known@example.org"})
    client.post("/accounts/password/reset/confirm/", {"code": mailed_code()})
    new = {"password1": "a quite different one", "password2": "a quite different one"}
    response = client.post("/accounts/password/reset/complete/", new)
    assert response.status_code == 302

    assert log_in(client).status_code == 200  # the old one no longer opens
    assert log_in(client, password="a quite different one").url == "/accounts/home/"


def test_whoever_was_enrolled_without_a_password_chooses_one_the_same_way(client):
    enrolled(password=None, roles=[Role.REVIEWER])
    client.post("/accounts/password/reset/", {"email": "known@example.org"})
    client.post("/accounts/password/reset/confirm/", {"code": mailed_code()})
    client.post(
        "/accounts/password/reset/complete/", {"password1": PASSWORD, "password2": PASSWORD}
    )
    assert log_in(client).url == "/accounts/home/"


def test_the_answer_does_not_tell_whether_an_address_is_known(client):
    # Bad input IH14.
    enrolled()
    pages = []
    for address in ("known@example.org", "knows@example.org"):
        client.cookies.clear()
        page = client.post("/accounts/password/reset/", {"email": address}, follow=True)
        pages.append((page.redirect_chain, page.status_code, _without_secrets(page, address)))
    assert pages[0] == pages[1]
    assert Message.objects.count() == 1

    pages = []
    for address in ("known@example.org", "knows@example.org"):
        client.cookies.clear()
        page = client.post("/accounts/signup/", {**SIGN_UP, "email": address}, follow=True)
        pages.append((page.redirect_chain, page.status_code, _without_secrets(page, address)))
    assert pages[0] == pages[1]


class CountingHasher(MD5PasswordHasher):
    """The hash of a password is the long part of an answer: one more or less can be measured."""

    made = 0

    def encode(self, password, salt):
        type(self).made += 1
        return super().encode(password, salt)


@pytest.mark.parametrize(
    ("address", "form"),
    [
        ("login/", lambda email: {"login": email, "password": "another long one"}),
        ("password/reset/", lambda email: {"email": email}),
        ("signup/", lambda email: {**SIGN_UP, "email": email}),
    ],
    ids=["login", "reset", "sign-up"],
)
def test_the_work_of_an_answer_does_not_tell_whether_an_address_is_known(settings, address, form):
    """IH14, in work instead of time, which depends on the machine."""
    settings.PASSWORD_HASHERS = [f"{__name__}.CountingHasher"]
    enrolled()
    enrolled(email="invited@example.org", password=None)
    closed = enrolled(email="closed@example.org")
    actions.set_active(closed, False, actor=make.user(Role.OPERATOR), at=clock.now())
    hashes, answers = {}, {}
    for who in ("known", "invited", "closed", "nobody"):
        cache.clear()
        CountingHasher.made = 0
        answer = Client().post(f"/accounts/{address}", form(f"{who}@example.org"))
        hashes[who] = CountingHasher.made
        page = _without_secrets(answer, f"{who}@example.org")
        answers[who] = (answer.status_code, answer.headers.get("Location"), page)
    assert len(set(hashes.values())) == 1, hashes
    assert len(set(answers.values())) == 1


def reset_code():
    """The code of the newest mail about a forgotten password, as its reader would type it."""
    mails = Message.objects.filter(template__endswith="password_reset_code")
    return re.search(r"^[A-Z0-9]{4,}-[A-Z0-9]+$", mails.latest("queued_at").body, re.M)[0]


RESET, NEW = "/accounts/password/reset/", "a quite different one"


def choose(browser, code):
    """Give the code and a new password; answers with the last page and whether it was taken."""
    browser.post(f"{RESET}confirm/", {"code": code})
    answer = browser.post(f"{RESET}complete/", {"password1": NEW, "password2": NEW}, follow=True)
    return answer.content.decode(), User.objects.get().check_password(NEW)


def signed_in():
    assert log_in(Client()).url == "/accounts/home/"


def new_address():
    EmailAddress.objects.update(email="new@example.org")
    User.objects.update(email="new@example.org")


def new_password():
    person = User.objects.get()
    person.set_password("chosen in the meantime")
    person.save(update_fields=["password"])


@pytest.mark.parametrize("confirmed", [False, True])
@pytest.mark.parametrize("meanwhile", [signed_in, new_address, new_password])
def test_a_code_counts_for_the_account_as_it_was_when_it_was_mailed(client, meanwhile, confirmed):
    """IH15: a code in a mailbox that somebody gave up must not follow them."""
    enrolled()
    client.post(RESET, {"email": "known@example.org"})
    code = reset_code()
    if confirmed:
        client.post(f"{RESET}confirm/", {"code": code})
    meanwhile()
    page, taken = choose(client, code)
    assert not taken
    assert "ask for a new one" in page


def test_a_code_works_once_and_in_the_browser_that_asked_for_it(client):
    """IH15"""
    enrolled()
    client.post(RESET, {"email": "known@example.org"})
    code, elsewhere = reset_code(), Client()
    elsewhere.post(RESET, {"email": "nobody@example.org"})
    for browser in (Client(), elsewhere):
        assert not choose(browser, code)[1]
    assert choose(client, code)[1]
    new_password()
    assert not choose(client, code)[1]


def test_a_code_for_a_new_password_holds_a_quarter_of_an_hour(client, monkeypatch):
    """IH15"""
    enrolled()
    client.post(RESET, {"email": "known@example.org"})
    code, late = reset_code(), time.time() + 15 * 60 + 1
    monkeypatch.setattr(time, "time", lambda: late)
    assert not choose(client, code)[1]


@pytest.mark.parametrize("forgetful", [False, True])
@pytest.mark.parametrize("known", [False, True])
def test_an_address_gets_three_reset_mails_an_hour(client, known, forgetful):
    """Whoever presses 200 times fills nobody's mailbox, even while the cache is away."""
    # Bad input IH20.
    if known:
        enrolled()
    answers = []
    for _ in range(6):
        if forgetful:
            cache.clear()
        client.cookies.clear()
        answers.append(
            client.post("/accounts/password/reset/", {"email": "known@example.org"}).status_code
        )
    assert Message.objects.count() == (3 if known else 0)
    # The answers do not tell whether the address is known.
    assert answers == [302] * 6 if forgetful else [302, 302, 302, 429, 429, 429]


def test_signing_up_again_and_again_mails_an_address_three_times(client):
    enrolled()
    for _ in range(5):
        cache.clear()
        client.cookies.clear()
        client.post("/accounts/signup/", {**SIGN_UP, "email": "known@example.org"})
    assert Message.objects.count() == 3


def _without_secrets(page, address):
    text = page.content.decode().replace(address, "ADDRESS")
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", text)


def test_the_first_operator_is_made_on_the_command_line_and_proves_the_address(client):
    User.objects.create_superuser("known@example.org", PASSWORD)
    assert log_in(client).url == "/accounts/confirm-email/"
    response = client.post("/accounts/confirm-email/", {"code": mailed_code()})
    assert response.url == "/accounts/home/"
    assert client.get("/accounts/home/").url == "/operations/"


@pytest.mark.parametrize(
    ("route", "heading"),
    [
        ("account_login", "Sign in"),
        ("account_signup", "Sign up"),
        ("account_reset_password", "Password reset"),
    ],
)
def test_what_is_borrowed_is_written_as_the_rest_of_the_portal(client, route, heading):
    page = client.get(reverse(route)).content.decode()
    assert re.findall(r"<h1[^>]*>\s*(.*?)\s*</h1>", page) == [heading]
