"""The operator's pages about people: found, enrolled, given roles, locked out and let in again."""

import csv
import io

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from accounts import actions
from accounts.models import User
from accounts.states import Role, Seat
from audit.models import Entry
from chang_e8_portal import clock
from notifications.models import Message
from tests import make
from tests.programs import Program

pytestmark = pytest.mark.django_db
LIST = "/people/"


@pytest.fixture
def operator(client):
    person = make.user(Role.OPERATOR, name="Olu Operator")
    client.force_login(person)
    make.stepped_up(client)
    return person


def page_of(person, act=""):
    return reverse(f"accounts:person{act}", args=[person.pk])


def with_factor(person):
    Authenticator.objects.create(user=person, type=Authenticator.Type.TOTP, data={"secret": "x"})
    codes = {"seed": "y", "used_mask": 0}
    Authenticator.objects.create(user=person, type="recovery_codes", data=codes)
    return person


def read(response):
    return response.content.decode()


# --- finding ---


@pytest.mark.parametrize("people", [1, 3])
def test_the_list_of_people_costs_the_same_however_long(
    client, operator, people, django_assert_num_queries
):
    for _ in range(people):
        make.member()
    # session, operator, count, page, seats, agencies
    with django_assert_num_queries(6):
        client.get(LIST)


@pytest.mark.parametrize(
    "words", ["quispe", "ana@example", "searched agency", "ana QUISPE", "检索机构", "{id}"]
)
def test_people_are_found_by_name_address_agency_and_number(client, operator, words):
    agency = make.agency(name="Searched Agency", name_zh="检索机构")
    ana = make.member(agency, name="Ana Quispe", email="ana@example.org")
    make.member(name="Somebody Else", email="else@example.org")
    for address in (LIST, "/people/search/"):
        page = read(client.get(address, {"q": words.format(id=ana.pk)}))
        assert "ana@example.org" in page
        assert "else@example.org" not in page


def test_a_person_of_two_agencies_is_one_line(client, operator):
    ana = make.member(make.agency(name="Searched One"), email="ana@example.org")
    make.agency(name="Searched Two").memberships.create(
        user=ana, seat=Seat.VIEWER, since=make.OPENS
    )
    assert read(client.get(LIST, {"q": "searched"})).count("ana@example.org") == 1


def test_filters_narrow_and_are_kept_by_pages_and_table(client, operator):
    chair = make.user(Role.CHAIR, email="chair@example.org")
    with_factor(chair)
    closed = make.user(Role.CHAIR, email="closed@example.org", is_active=False)
    partner = make.member(email="partner@example.org")

    def shown(**asked):
        response = client.get("/people.csv", asked)
        rows = list(csv.reader(io.StringIO(b"".join(response).decode().lstrip("\ufeff"))))
        page = read(client.get(LIST, asked))
        found = {row[1] for row in rows[1:]}
        assert all(email in page for email in found)
        return found

    assert shown(role="CHAIR") == {chair.email, closed.email}
    assert shown(role="CHAIR", account="closed") == {closed.email}
    assert shown(factor="on") == {chair.email}
    assert shown(role="PARTNER") == {partner.email}
    assert shown(factor="off", account="open") == {operator.email, partner.email}


@pytest.mark.parametrize("name", ["=1+1", "＝1+1", "＠SUM(A1)", "\ufeff=1+1"])
def test_the_table_runs_nothing_in_a_spreadsheet(client, operator, name):
    make.user(name=name, email="sum@example.org")
    assert f"'{name}" in b"".join(client.get("/people.csv")).decode()


@pytest.mark.parametrize("asked", [{"sort": "password"}, {"role": "EMPEROR"}, {"q": "\u202e"}])
def test_a_list_cannot_be_asked_for_what_it_does_not_show(client, operator, asked):
    assert client.get(LIST, asked).status_code == 422
    assert client.get("/people.csv", asked).status_code == 422


def test_a_chair_finds_reviewers_and_nobody_else(client):
    client.force_login(make.user(Role.CHAIR))
    make.reviewer(name="Searched Reviewer", email="reviewer@example.org")
    make.member(name="Searched Partner", email="partner@example.org")
    make.user(Role.PUBLISHER, name="Searched Publisher", email="publisher@example.org")
    page = read(client.get("/people/search/", {"q": "searched"}))
    assert "reviewer@example.org" in page
    assert "partner@example.org" not in page
    assert "publisher@example.org" not in page
    assert client.get(LIST).status_code == 403
    assert client.get("/people.csv").status_code == 403


def test_a_search_without_words_lists_nobody(client, operator):
    make.user(email="silent@example.org")
    for asked in ({}, {"q": ""}, {"q": "   "}):
        assert "silent@example.org" not in read(client.get("/people/search/", asked))


def test_a_search_that_finds_many_says_so(client, operator):
    for _ in range(21):
        make.user(name="Common Name")
    page = read(client.get("/people/search/", {"q": "common"}))
    assert page.count("Common Name") == 20
    assert "There are more." in page
    assert "Nobody found" in read(client.get("/people/search/", {"q": "nosuchword"}))


# --- one person ---


def test_a_person_s_page_says_how_they_sign_in(client, operator):
    head = make.member(make.agency(name="Demo Space Agency"), name="Ana Quispe")
    with_factor(head)
    UserSession.objects.create(user=head, session_key="k", ip="192.0.2.1", user_agent="Browser")
    page = read(client.get(page_of(head)))
    for words in ("Ana Quispe", head.email, "Demo Space Agency", "Set up", "in 1 browser"):
        assert words in page
    assert "Nobody else represents Demo Space Agency" in page


def test_enrolling_is_an_action(client, operator):
    response = client.post(
        "/people/new/",
        {"email": "New@example.org", "name": "New", "language": "en", "roles": ["REVIEWER"]},
    )
    person = User.objects.get(email="new@example.org")
    assert response.url == page_of(person)
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
        {"roles": ["PUBLISHER"]},
        {"language": "tlh"},
    ],
)
def test_enrolling_with_a_mistake_makes_nobody_and_loses_nothing(client, operator, typed):
    given = {"email": "n@example.org", "name": "N", "language": "en", "roles": ["CHAIR"], **typed}
    response = client.post("/people/new/", given)
    assert response.status_code == 422
    assert response.context["form"].errors
    assert User.objects.count() == 1
    if "email" not in typed:
        assert 'value="n@example.org"' in read(response)


def test_enrolling_somebody_twice_is_refused(client, operator):
    make.user(email="known@example.org")
    given = {"email": "Known@example.org", "name": "Typed Name", "language": "en", "roles": []}
    response = client.post("/people/new/", given)
    assert response.status_code == 422
    assert "Typed Name" in read(response)
    assert User.objects.count() == 2
    assert not Entry.objects.exists()


# --- roles ---


def test_roles_are_granted_by_an_action_with_its_entry(client, operator):
    person = make.user(Role.REVIEWER, name="Unchanged")
    response = client.post(
        page_of(person, "_roles"), {"roles": ["CHAIR", "REVIEWER"], "name": "X", "is_active": ""}
    )
    assert response.status_code == 302
    person.refresh_from_db()
    assert (person.roles, person.name) == ([Role.REVIEWER, Role.CHAIR], "Unchanged")
    assert person.is_active
    assert Entry.objects.values_list("action", "data").get() == (
        "person.roles_changed",
        {"was": ["REVIEWER"], "is": ["REVIEWER", "CHAIR"]},
    )


def test_nobody_changes_their_own_account(client, operator):
    page = read(client.get(page_of(operator)))
    assert "This is your own account" in page
    for act, data in [
        ("_roles", {"roles": ["CHAIR"]}),
        ("_factor", {"reason": "Lost."}),
        ("_account", {"do": "close", "reason": "Gone."}),
    ]:
        assert page_of(operator, act) not in page
        assert client.post(page_of(operator, act), data).status_code == 403
    operator.refresh_from_db()
    assert (operator.roles, operator.is_active) == ([Role.OPERATOR], True)


def test_whoever_answers_the_call_cannot_judge_it(client, operator):
    person = make.member()
    response = client.post(page_of(person, "_roles"), {"roles": ["REVIEWER"]})
    assert response.status_code == 409
    assert "belongs to a partner agency" in read(response)
    person.refresh_from_db()
    assert person.roles == []


def test_the_operator_makes_nobody_a_publisher(client, operator):
    person = make.user(Role.AUDITOR)
    assert 'value="PUBLISHER"' not in read(client.get(page_of(person)))
    response = client.post(page_of(person, "_roles"), {"roles": ["AUDITOR", "PUBLISHER"]})
    assert response.status_code == 422
    with pytest.raises(actions.Refused) as refusal:
        actions.grant_roles(person, [Role.PUBLISHER], actor=operator, at=clock.now())
    assert refusal.value.code == "two_publishers"
    with pytest.raises(actions.Refused):
        actions.enrol(
            email="n@example.org", name="N", roles=[Role.PUBLISHER], actor=operator, at=clock.now()
        )
    person.refresh_from_db()
    assert person.roles == [Role.AUDITOR]
    assert not Entry.objects.exists()


def test_a_publisher_stops_being_one_in_the_sight_of_the_others(client, operator):
    one, other = make.user(Role.PUBLISHER), make.user(Role.PUBLISHER)
    # With the box ticked other roles change and this one stays.
    client.post(page_of(one, "_roles"), {"roles": ["PUBLISHER", "AUDITOR"]})
    assert not Message.objects.exists()
    client.post(page_of(one, "_roles"), {"roles": ["AUDITOR"]})
    one.refresh_from_db()
    assert one.roles == [Role.AUDITOR]
    assert set(Message.objects.values_list("address", flat=True)) == {one.email, other.email}


# --- the second factor ---


def test_a_lost_factor_is_removed_in_the_sight_of_all_whom_it_concerns(client, operator):
    agency = make.agency()
    editor = with_factor(make.member(agency, Seat.EDITOR, name="Eda & Co"))
    head, viewer = make.member(agency), make.member(agency, Seat.VIEWER)
    closed = make.member(agency, is_active=False)
    stranger = make.member()
    theirs = Client()
    theirs.force_login(editor)

    response = client.post(page_of(editor, "_factor"), {"reason": "Called back\nat her office."})

    assert response.status_code == 302
    assert not Authenticator.objects.filter(user=editor).exists()
    assert theirs.get("/letters/").status_code == 302
    told = dict(Message.objects.values_list("address", "body"))
    assert set(told) == {editor.email, head.email}
    assert not {viewer.email, closed.email, stranger.email} & set(told)
    assert all("Called back at her office." in body for body in told.values())
    assert "Eda & Co" in told[head.email]
    assert Entry.objects.values_list("action", "subject", "actor", "data").get() == (
        "person.second_factor_removed",
        f"person:{editor.pk}",
        str(operator.pk),
        {"reason": "Called back at her office."},
    )


@pytest.mark.parametrize("reason", ["", "  \n ", "\u200b", "x" * 501, "\u202eevil"])
def test_without_a_reason_no_factor_is_removed(client, operator, reason):
    person = with_factor(make.user())
    response = client.post(page_of(person, "_factor"), {"reason": reason})
    assert response.status_code == 422
    assert Authenticator.objects.filter(user=person).count() == 2
    assert not Message.objects.exists()


def test_where_there_is_no_factor_none_is_removed(client, operator):
    person = make.user()
    response = client.post(page_of(person, "_factor"), {"reason": "Lost."})
    assert response.status_code == 409
    assert not Entry.objects.exists()


# --- closing ---


def test_a_closed_account_s_sessions_end_at_once_and_never_come_back(client, operator):
    agency = make.agency()
    person, head = make.member(agency, Seat.EDITOR), make.member(agency)
    browsers = [Client(), Client()]
    for browser in browsers:
        browser.force_login(person)
        assert browser.get("/letters/").status_code == 200
    before = Session.objects.count()

    response = client.post(page_of(person, "_account"), {"do": "close", "reason": "Stolen laptop."})

    assert response.status_code == 302
    person.refresh_from_db()
    assert not person.is_active
    assert Session.objects.count() == before - 2
    assert all(browser.get("/letters/").status_code == 302 for browser in browsers)
    assert set(Message.objects.values_list("address", flat=True)) == {person.email, head.email}
    entry = Entry.objects.get()
    assert (entry.action, entry.data) == ("person.closed", {"reason": "Stolen laptop."})

    client.post(page_of(person, "_account"), {"do": "open", "reason": "It was found."})
    person.refresh_from_db()
    assert person.is_active
    assert Entry.objects.filter(action="person.opened").exists()
    assert all(browser.get("/letters/").status_code == 302 for browser in browsers)


def test_no_program_comes_back_with_an_account_that_is_opened_again(client, operator):
    program = Program(make.member())
    address = actions.make_calendar_address(program.person, at=make.OPENS)
    assert program.get("/letters").status_code == 200
    for do in ("close", "open"):
        client.post(page_of(program.person, "_account"), {"do": do, "reason": "Stolen laptop."})
        assert program.get("/letters").status_code == 401
        assert Client().get(f"/calendar/{address}.ics").status_code == 404
    ended = Entry.objects.filter(action__in=["token.revoked", "calendar.revoked"])
    assert ended.count() == 2


def test_closing_twice_is_closing_once(client, operator):
    person = make.user()
    for _ in range(2):
        client.post(page_of(person, "_account"), {"do": "close", "reason": "Gone."})
    assert Entry.objects.count() == 1


def test_an_account_is_not_closed_without_a_reason(client, operator):
    person = make.user()
    assert client.post(page_of(person, "_account"), {"do": "close"}).status_code == 422
    person.refresh_from_db()
    assert person.is_active


# --- who may ---


@pytest.mark.parametrize("act", ["_roles", "_factor", "_account"])
def test_each_of_these_acts_asks_who_is_there(client, act):
    client.force_login(make.user(Role.OPERATOR))
    person = with_factor(make.user())
    given = {"roles": ["CHAIR"], "reason": "Asked in person.", "do": "close"}
    response = client.post(page_of(person, act), given)
    assert response.status_code == 401
    assert "A code is needed to" in read(response)
    person.refresh_from_db()
    assert (person.roles, person.is_active) == ([], True)
    assert Authenticator.objects.filter(user=person).exists()
    assert not Entry.objects.filter(subject=f"person:{person.pk}").exists()


@pytest.mark.parametrize("role", [Role.CHAIR, Role.PUBLISHER])
@pytest.mark.parametrize("act", ["", "_roles", "_factor", "_account"])
def test_others_who_run_the_call_know_people_and_change_none(client, role, act):
    client.force_login(make.user(role))
    send = client.get if not act else client.post
    assert send(page_of(make.member(), act)).status_code == 403


@pytest.mark.parametrize("act", ["", "_roles", "_factor", "_account"])
def test_for_strangers_a_person_is_not_there(client, act):
    client.force_login(make.member())
    send = client.get if not act else client.post
    assert send(page_of(make.member(), act)).status_code == 404
