"""One's own account: sessions, the file of one's own data, and what happened in the agency."""

import json
from uuid import uuid4

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.core.cache import cache
from django.test import Client

from accounts.states import Role, Seat
from accounts.templatetags.devices import device
from audit import chain
from chang_e8_portal import clock
from proposals import actions as letters
from reviews import actions as panel
from tests import make

pytestmark = pytest.mark.django_db

PASSWORD = "a long test password"


@pytest.fixture(autouse=True)
def no_limits_from_other_tests():
    cache.clear()


def person(*roles, **fields):
    made = make.user(*roles, **fields)
    EmailAddress.objects.create(user=made, email=made.email, verified=True, primary=True)
    return made


def signed_in(of, agent="Mozilla/5.0 (Windows NT 10.0) Firefox/140.0"):
    browser = Client(headers={"User-Agent": agent})
    browser.post("/accounts/login/", {"login": of.email, "password": PASSWORD})
    return browser


def is_in(browser):
    return browser.get("/accounts/preferences/").status_code == 200


# --- sessions ---


def test_own_sessions_are_listed_and_ended(client):
    one = person()
    here, there = signed_in(one), signed_in(one, "Mozilla/5.0 (iPhone; CPU) Safari/604.1")
    text = here.get("/accounts/sessions/").content.decode()
    assert "Firefox, Windows" in text
    assert "Safari, iPhone" in text
    theirs = UserSession.objects.get(session_key=there.session.session_key)

    assert here.post(f"/accounts/sessions/{theirs.pk}/end/").status_code == 302
    assert is_in(here)
    assert not is_in(there)


def test_all_other_sessions_end_at_once():
    one = person()
    here, *others = (signed_in(one) for _ in range(3))
    here.post("/accounts/sessions/")
    assert is_in(here)
    assert not any(is_in(other) for other in others)


def test_anothers_session_is_not_there():
    one, two = signed_in(person()), signed_in(person())
    theirs = UserSession.objects.get(session_key=two.session.session_key)
    assert one.post(f"/accounts/sessions/{theirs.pk}/end/").status_code == 404
    assert is_in(two)


def test_a_new_password_ends_every_other_session():
    # Bad input IH13.
    one = person()
    here, there = signed_in(one), signed_in(one)
    new = "a quite different one"
    here.post(
        "/accounts/password/change/",
        {"oldpassword": PASSWORD, "password1": new, "password2": new},
    )
    one.refresh_from_db()
    assert one.check_password(new)
    assert not is_in(there)


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64) Chrome/140 Safari/537 Edg/140", "Edge, Linux"),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/140 Mobile Safari/537", "Chrome, Android"),
        ("curl/8.5", "curl/8.5"),
        ("<script>" + "x" * 100, "<script>" + "x" * 52),
        ("", ""),
    ],
)
def test_a_device_in_words(agent, words):
    assert device(agent) == words


# --- one's own data ---


@pytest.mark.parametrize("role", [None, *Role])
def test_everybody_gets_their_own_data_and_nobody_elses(client, role, it_is):
    other = make.member(name="Somebody Else")
    one = make.user(role, name="嫦娥") if role else make.member(name="嫦娥")
    client.force_login(one)
    response = client.get("/accounts/data/")
    assert response.status_code == 200
    assert "attachment" in response.headers["Content-Disposition"]
    assert "no-store" in response.headers["Cache-Control"]
    text = response.content.decode()
    assert json.loads(text)["person"]["name"] == "嫦娥"
    assert other.email not in text
    assert one.password not in text


def test_the_file_holds_what_one_did(client, it_is):
    letter = make.letter()
    one, other = make.member(letter.agency), make.member(letter.agency)
    letters.comment(letter, section="a", text="Is the mass right?", actor=one)
    letters.comment(letter, section="a", text="A colleague's words.", actor=other)
    letters.submit(letter, actor=one, idempotency_key="a-key-of-some-length")
    client.force_login(one)
    data = client.get("/accounts/data/").json()
    assert [one["text"] for one in data["comments"]] == ["Is the mass right?"]
    assert [one["outcome"] for one in data["attempts_to_submit"]] == ["accepted"]
    assert data["answers_to_questions"] == []
    assert data["versions_submitted"][0]["letter__reference"] == letter.reference
    assert "letter.submitted" in [entry["action"] for entry in data["record"]]


def test_the_file_holds_what_a_reviewer_wrote_and_nobody_elses(client, it_is):
    letter = make.eligible_letter()
    make.rubric(letter.call)
    one, other = (make.assignment(letter=letter) for _ in range(2))
    make.review(of=one, strengths="My own words.")
    make.review(of=other, strengths="A colleague's words.")
    panel.contribute(one.round, letter, text="I said so.", actor=one.reviewer)
    panel.contribute(other.round, letter, text="So did I.", actor=other.reviewer)
    client.force_login(one.reviewer)
    data = client.get("/accounts/data/").json()
    assert [review["strengths"] for review in data["reviews"]] == ["My own words."]
    assert [mark["mark"] for mark in data["marks"]] == ["4.0", "4.0"]
    assert [said["text"] for said in data["said_about_letters"]] == ["I said so."]
    assert data["changed_marks"] == []


def test_the_account_page_leads_everywhere(client):
    client.force_login(make.member())
    text = client.get("/accounts/preferences/").content.decode()
    for address in ("email", "password/change", "2fa", "sessions", "tokens", "data"):
        assert f'"/accounts/{address}/"' in text


# --- what happened in the agency (A02) ---


def test_what_one_wrote_to_a_partner_and_to_the_panel_is_in_the_record(client, it_is):
    letter = make.letter(partners=[make.partner(id="a1b2c3d4e5f6")])
    one = make.member(letter.agency)
    asked = letters.ask_partner(
        letter, row="a1b2c3d4e5f6", email="dust@example.org", language="en", actor=one
    )
    letters.take_back_question(asked, actor=one)
    client.force_login(one)
    text = client.get(f"/agency/{letter.agency_id}/record/").content.decode()
    assert "asked a partner organisation" in text
    assert "took the question to a partner back" in text


@pytest.mark.parametrize(
    ("who", "status"),
    [
        *((seat, 200) for seat in Seat),
        ("stranger", 404),
        *((role, 404) for role in Role),
    ],
)
def test_an_agencys_record_is_read_by_its_members_alone(client, who, status, it_is):
    agency = make.agency()
    if who in Seat.values:
        one = make.member(agency, who)
    else:
        one = make.member() if who == "stranger" else make.user(who)
    client.force_login(one)
    assert client.get(f"/agency/{agency.pk}/record/").status_code == status
    assert client.post(f"/agency/{agency.pk}/record/").status_code in (404, 405)
    assert client.get(f"/agency/{uuid4()}/record/").status_code == 404


def test_the_record_shows_the_agencys_acts_and_nothing_of_the_panels(client, it_is):
    letter = make.letter()
    head = make.member(letter.agency, name="Rania Haddad")
    letters.submit(letter, actor=head, idempotency_key="a-key-of-some-length")
    reviewer = make.reviewer(name="Secret Reviewer")
    for action in ("assignment.made", "conflict.denied", "letter.screened", "review.submitted"):
        chain.append(action, subject=f"letter:{letter.pk}", actor=str(reviewer.pk), at=clock.now())
    other = make.letter()
    letters.submit(other, actor=make.member(other.agency), idempotency_key="another-key-of-mine")

    client.force_login(head)
    text = client.get(f"/agency/{letter.agency_id}/record/").content.decode()

    assert "Rania Haddad" in text
    assert "submitted the letter" in text
    assert letter.reference in text
    assert "Secret Reviewer" not in text
    assert other.reference not in text
    assert text.count("<tr>") == 2


def test_a_deleted_draft_stays_in_its_agencys_record(client, it_is):
    letter = make.letter()
    head = make.member(letter.agency, name="Rania Haddad")
    draft = letters.start_draft(letter.call, letter.agency, actor=head, changes={"title": "Dust"})
    letters.delete_draft(draft, actor=head)
    client.force_login(head)
    text = client.get(f"/agency/{letter.agency_id}/record/").content.decode()
    assert "started a letter" in text
    assert "deleted the draft" in text
    assert text.count(draft.reference) == 2
    assert f"/letters/{draft.pk}/" not in text

    other = make.member()
    client.force_login(other)
    (agency_id,) = other.seats
    text = client.get(f"/agency/{agency_id}/record/").content.decode()
    assert draft.reference not in text
    assert "deleted the draft" not in text


@pytest.mark.parametrize("times", [1, 3])
def test_the_record_costs_the_same_however_long(client, times, django_assert_num_queries, it_is):
    agency = make.agency()
    head = make.member(agency)
    for _ in range(times):
        letter = make.letter(agency=agency)
        letters.submit(letter, actor=head, idempotency_key=f"key-{letter.pk}")
    client.force_login(head)
    client.get("/")
    # session, person, seats, agency, letters, deleted, count, entries, people, letters, deleted
    with django_assert_num_queries(11):
        client.get(f"/agency/{agency.pk}/record/")
