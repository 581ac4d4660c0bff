"""The code that is asked for before a letter is filed in an agency's name."""

import re
from datetime import timedelta

import pytest
from allauth.mfa.totp.internal import auth as totp
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from accounts.models import ApiToken, OneTimeCode
from notifications.models import Message
from proposals import actions
from proposals.models import LetterVersion, SubmitAttempt
from tests import make

pytestmark = pytest.mark.django_db

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def no_limits_from_other_tests():
    cache.clear()


@pytest.fixture
def letter(it_is):
    return make.letter(agency=make.agency())


@pytest.fixture
def head(client, letter):
    person = make.member(letter.agency)
    client.force_login(person)
    return person


def page(letter):
    return reverse("proposals:submit", args=[letter.pk])


def hidden(response):
    """What the page's button would send."""
    fields = re.findall(
        r'<input type="hidden" name="(\w+)" value="([^"]*)"', response.content.decode()
    )
    return {name: value for name, value in fields if name in ("idempotency_key", "seen", "x")}


def press(client, letter):
    """Look at the letter and press the button."""
    return client.post(page(letter), hidden(client.get(page(letter))))


def mailed():
    """The codes mailed so far, oldest first."""
    owed = Message.objects.filter(template="accounts-mail-step_up_code").order_by("queued_at")
    return [re.search(r"^[2-9A-Z]{4}-[2-9A-Z]{4}$", mail.body, re.MULTILINE)[0] for mail in owed]


# --- by mail ---


def test_the_button_asks_for_a_code_and_the_code_files_what_was_seen(client, head, letter):
    asked = press(client, letter)
    assert asked.status_code == 401
    assert not LetterVersion.objects.exists()
    assert head.email in asked.content.decode()
    carried = hidden(asked)
    assert set(carried) == {"idempotency_key", "seen"}

    response = client.post(page(letter), {**carried, "step_up_code": mailed()[0]})

    assert (response.status_code, response.url) == (
        302,
        reverse("proposals:receipt", args=[letter.pk]),
    )
    version = LetterVersion.objects.get()
    assert (version.sha256, version.idempotency_key) == (
        carried["seen"],
        carried["idempotency_key"],
    )


def test_the_mail_names_the_act_and_its_text_does_not_stay(client, head, letter):
    press(client, letter)
    mail = Message.objects.get()
    assert (mail.address, mail.secret) == (head.email, True)
    assert letter.reference in mail.body
    assert "http" not in mail.body  # nothing a mail scanner could open
    assert OneTimeCode.objects.get().sha256 not in mail.body


@pytest.mark.parametrize("typed", ["lower", "spaced", "undashed", "wide"])
def test_a_code_may_be_typed_as_hands_type(client, head, letter, typed):
    carried = hidden(press(client, letter))
    code = mailed()[0]
    wide = "".join(chr(ord(c) + 0xFEE0) for c in code)
    code = {
        "lower": code.lower(),
        "spaced": f" {code.replace('-', ' ')} ",
        "undashed": code.replace("-", ""),
        "wide": wide,
    }[typed]
    assert client.post(page(letter), {**carried, "step_up_code": code}).status_code == 302


@pytest.mark.parametrize("wrong", ["", "AAAA-AAAA", "'; --", "x" * 5000, "۱۲۳۴۵۶۷۸", "\u202e"])
def test_a_wrong_code_files_nothing_and_loses_nothing(client, head, letter, wrong):
    carried = hidden(press(client, letter))
    response = client.post(page(letter), {**carried, "step_up_code": wrong})
    assert response.status_code == 401
    assert hidden(response) == carried
    assert not LetterVersion.objects.exists()
    # The code that was mailed still fits.
    assert len(mailed()) == 1
    assert client.post(page(letter), {**carried, "step_up_code": mailed()[0]}).status_code == 302


def test_after_five_tries_the_code_is_dead_and_a_new_one_comes(client, head, letter):
    carried = hidden(press(client, letter))
    (first,) = mailed()
    for _ in range(5):
        client.post(page(letter), {**carried, "step_up_code": "AAAA-AAAA"})
    (second,) = set(mailed()) - {first}
    response = client.post(page(letter), {**carried, "step_up_code": first})
    assert response.status_code == 401
    assert client.post(page(letter), {**carried, "step_up_code": second}).status_code == 302


def test_three_mails_an_hour(client, head, letter, it_is):
    at = letter.call.closes_at - timedelta(days=1)
    it_is(at)
    carried = hidden(press(client, letter))
    for minute in range(5):
        it_is(at + minute * MINUTE)
        response = client.post(page(letter), {**carried, "step_up_again": "1", "step_up_code": ""})
        assert response.status_code == 401
    assert len(mailed()) == 3
    # Only the newest fits.
    assert client.post(page(letter), {**carried, "step_up_code": mailed()[0]}).status_code == 401
    # Another browser of the same person gets no fourth either.
    other = Client()
    other.force_login(head)
    assert "within the hour" in press(other, letter).content.decode()
    assert len(mailed()) == 3
    assert client.post(page(letter), {**carried, "step_up_code": mailed()[-1]}).status_code == 302


def test_a_code_holds_ten_minutes(client, head, letter, it_is):
    at = letter.call.closes_at - timedelta(days=1)
    it_is(at)
    carried = hidden(press(client, letter))
    it_is(at + 10 * MINUTE)
    response = client.post(page(letter), {**carried, "step_up_code": mailed()[0]})
    assert response.status_code == 401
    assert not LetterVersion.objects.exists()


def test_a_code_fits_one_session_one_letter_and_is_used_once(client, head, letter):
    other_letter = make.letter(agency=letter.agency, call=letter.call)
    carried = hidden(press(client, letter))
    code = mailed()[0]
    assert (
        client.post(
            page(other_letter), {**hidden(client.get(page(other_letter))), "step_up_code": code}
        ).status_code
        == 401
    )
    thief = Client()
    thief.force_login(head)
    assert thief.post(page(letter), {**carried, "step_up_code": code}).status_code == 401
    colleague = Client()
    colleague.force_login(make.member(letter.agency))
    assert colleague.post(page(letter), {**carried, "step_up_code": code}).status_code == 401
    assert not LetterVersion.objects.exists()

    assert client.post(page(letter), {**carried, "step_up_code": code}).status_code == 302
    assert OneTimeCode.objects.filter(used_at__isnull=False).count() == 1


def test_the_answer_holds_ten_minutes_for_acts_of_the_same_kind(client, head, letter, it_is):
    at = letter.call.closes_at - timedelta(days=1)
    it_is(at)
    second, third = (make.letter(agency=letter.agency, call=letter.call) for _ in "ab")
    carried = hidden(press(client, letter))
    client.post(page(letter), {**carried, "step_up_code": mailed()[0]})
    it_is(at + 9 * MINUTE)
    assert press(client, second).status_code == 302
    it_is(at + 10 * MINUTE)
    assert press(client, third).status_code == 401


def test_two_minutes_before_the_cutoff_is_early_enough(client, head, letter, it_is):
    it_is(letter.call.closes_at - 2 * MINUTE)
    carried = hidden(press(client, letter))
    assert Message.objects.get().due_at <= letter.call.closes_at - 2 * MINUTE
    it_is(letter.call.closes_at - MINUTE / 60)
    assert client.post(page(letter), {**carried, "step_up_code": mailed()[0]}).status_code == 302


def test_too_late_is_said_before_a_code_is_asked_for(client, head, letter, it_is):
    sent = hidden(client.get(page(letter)))
    it_is(letter.call.closes_at)
    assert client.post(page(letter), sent).status_code == 409
    assert not Message.objects.exists()


def test_looking_mails_nothing(client, head, letter):
    text = client.get(page(letter)).content.decode()
    assert "which we mail to" in text
    assert not Message.objects.exists()


def test_a_stranger_learns_nothing_and_gets_no_mail(client, letter):
    client.force_login(make.member())
    given = {"idempotency_key": "a-key-of-some-length", "seen": "0" * 64}
    assert client.post(page(letter), given).status_code == 404
    editor = make.member(letter.agency, "EDITOR")
    client.force_login(editor)
    assert client.post(page(letter), given).status_code == 403
    assert not Message.objects.exists()


def test_the_page_speaks_the_language_of_the_browser_and_the_mail_that_of_the_person(
    client, head, letter
):
    client.cookies["django_language"] = "fr"
    assert f"soumettre la lettre {letter.reference}" in press(client, letter).content.decode()
    (mail,) = Message.objects.all()
    assert f"this code is needed to submit the letter {letter.reference}." in mail.body


def test_withdrawing_asks_for_a_code_of_its_own(client, head, letter):
    filed = {"idempotency_key": "a-key-of-some-length", "actor": head}
    actions.submit(letter, **filed)
    Message.objects.all().delete()
    withdraw = reverse("proposals:withdraw", args=[letter.pk])
    assert client.post(withdraw).status_code == 401
    letter.refresh_from_db()
    assert letter.state == "SUBMITTED"
    code = mailed()[0]
    # Mailed for withdrawing, it does not submit.
    letter = actions.reopen(letter, actor=head)
    words = {"title": "A better title"}
    actions.save_draft(letter, changes=words, revision=letter.revision, actor=head)
    given = hidden(client.get(page(letter)))
    assert client.post(page(letter), {**given, "step_up_code": code}).status_code == 401
    assert client.post(withdraw, {"step_up_code": code}).status_code == 302
    letter.refresh_from_db()
    assert letter.state == "WITHDRAWN"
    assert SubmitAttempt.objects.filter(outcome="code_asked").count() == 1


# --- with a second factor ---


def app_code(steps=0):
    counter = int(totp.time.time()) // 30 + steps
    return totp.format_hotp_value(totp.hotp_value(SECRET, counter))


def test_whoever_has_an_app_is_asked_for_its_code_and_gets_no_mail(
    client, head, letter, monkeypatch
):
    now = totp.time.time()
    monkeypatch.setattr(totp.time, "time", lambda: now)
    totp.TOTP.activate(head, SECRET)
    asked = press(client, letter)
    assert asked.status_code == 401
    assert not Message.objects.exists()
    assert not OneTimeCode.objects.exists()
    carried = hidden(asked)
    wrong = client.post(page(letter), {**carried, "step_up_code": "000000"})
    assert "Incorrect code." in wrong.content.decode()
    assert client.post(page(letter), {**carried, "step_up_code": app_code()}).status_code == 302
    # Another kind of act asks again, and the same code does not do for it.
    token = {"name": "Importer", "scope": "WRITE", "days": "30"}
    assert client.post("/accounts/tokens/", token).status_code == 401
    response = client.post("/accounts/tokens/", {**token, "step_up_code": app_code()})
    assert response.status_code == 401
    assert not ApiToken.objects.exists()


def test_five_wrong_codes_of_the_app_then_a_pause(client, head, letter):
    totp.TOTP.activate(head, SECRET)
    carried = hidden(press(client, letter))
    for _ in range(5):
        client.post(page(letter), {**carried, "step_up_code": "000000"})
    response = client.post(page(letter), {**carried, "step_up_code": app_code()})
    assert "Too many failed" in response.content.decode()
    assert not LetterVersion.objects.exists()


@pytest.mark.parametrize("junk", ["{}", "[]", "null", '{"id": 1}', "x" * 30_000])
def test_junk_instead_of_a_passkey_files_nothing(client, head, letter, junk):
    totp.TOTP.activate(head, SECRET)
    carried = hidden(press(client, letter))
    response = client.post(page(letter), {**carried, "step_up_answer": junk})
    assert response.status_code == 401
    assert not LetterVersion.objects.exists()
