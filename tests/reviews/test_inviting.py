"""From the chair's list to the operator's grant, by way of a link that signs nobody in."""

import csv
import io
import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from accounts.models import User
from accounts.states import Role
from audit.models import Entry
from notifications.models import Message
from reviews import actions
from reviews.guest_list import Guest
from reviews.models import ReviewerInvitation
from reviews.states import InvitationStanding
from tests import make

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
LIST = reverse("panel:invitations")
INVITE = reverse("panel:invite")
GRANT = reverse("panel:grant_reviewers")


@pytest.fixture
def call(it_is):
    made = make.call()
    it_is(made.closes_at + DAY)
    return made


@pytest.fixture
def chair(client, call):
    person = make.user(Role.CHAIR, name="Chair One")
    client.force_login(person)
    return person


def invited(call, name="Ana Nakara", email="ana@oba.example", *, at=None, **fields):
    [made] = actions.invite_reviewers(
        make.first_round(call),
        [Guest(name, email)],
        **{"letters": 5, "due_at": make.first_round(call).reviews_due_at, "language": "en"}
        | fields,
        actor=User.objects.with_role(Role.CHAIR).first() or make.user(Role.CHAIR),
        at=at or call.closes_at + DAY,
    )
    return made


def link_in(mail) -> str:
    [link] = re.findall(r"/reviews/invitation/\w+/", mail.body)
    return link


def standing(invitation):
    return str(ReviewerInvitation.objects.for_list().get(pk=invitation.pk).standing)


def form(**fields):
    return {
        "round": "",
        "people": "Ana Nakara <ana@oba.example>\nBo Berg, bo@oba.example",
        "letters": "5",
        "due_at": "2024-03-16T00:00",
        "language": "en",
        **fields,
    }


# --- the chair ------------------------------------------------------------------------------------


def test_the_list_is_shown_before_any_mail_and_then_each_gets_one(client, chair, call):
    sent = form(round=make.first_round(call).pk)
    shown = client.post(INVITE, sent)
    assert [guest.email for guest in shown.context["guests"]] == [
        "ana@oba.example",
        "bo@oba.example",
    ]
    assert not ReviewerInvitation.objects.exists()
    back = client.post(INVITE, sent | {"do": "back"})
    assert "Bo Berg, bo@oba.example" in back.content.decode()

    assert client.post(INVITE, sent | {"do": "confirm"}).status_code == 302

    mails = {mail.address: mail for mail in Message.objects.all()}
    assert set(mails) == {"ana@oba.example", "bo@oba.example"}
    body = mails["ana@oba.example"].body
    assert "5 letters of intent" in body
    assert "2024-03-15 16:00 UTC" in body
    assert mails["ana@oba.example"].secret
    made = ReviewerInvitation.objects.get(email="ana@oba.example")
    assert link_in(mails["ana@oba.example"]).split("/")[3] not in (made.secret_hash, str(made.pk))
    assert [entry.action for entry in Entry.objects.all()] == ["reviewer.invited"] * 2

    again = client.post(INVITE, sent | {"do": "confirm"})
    assert again.status_code == 409
    assert "ana@oba.example" in again.context["form"].non_field_errors()[0]
    assert Message.objects.count() == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"people": ""},
        {"people": "Ana"},
        {"letters": "0"},
        {"letters": "many"},
        {"due_at": "soon"},
        {"due_at": "2024-01-01T00:00", "do": "confirm"},
        {"language": "xx"},
        {"round": "999999"},
    ],
)
def test_what_cannot_be_right_names_its_field_and_loses_nothing(client, chair, call, wrong):
    response = client.post(INVITE, form(round=make.first_round(call).pk) | wrong)
    assert response.status_code == (409 if "do" in wrong else 422)
    if "people" not in wrong:
        assert "Bo Berg, bo@oba.example" in response.content.decode()
    assert not ReviewerInvitation.objects.exists()
    assert not Message.objects.exists()


def test_the_list_finds_sorts_and_is_taken_along(client, chair, call):
    at = call.closes_at
    waiting = invited(call, "Ana", "ana@oba.example", at=at)
    declined = invited(call, "=Bo", "bo@oba.example", at=at + DAY / 24)
    accepted = invited(call, "Cy", "cy@oba.example", at=at + DAY / 12)
    gone = invited(call, "Di", "di@oba.example", at=at + DAY / 8)
    actions.answer_reviewer_invitation(declined, accept=False, note="@no time", at=at)
    actions.answer_reviewer_invitation(accepted, accept=True, note="", at=at)
    actions.take_back_invitation(gone, actor=chair, at=at)

    def names(**query):
        return "".join(one.name.strip("=")[0] for one in client.get(LIST, query).context["page"])

    for query, found in (
        ({}, "DCBA"),
        ({"sort": "name"}, "BACD"),
        ({"standing": "WAITING"}, "A"),
        ({"standing": "DECLINED"}, "B"),
        ({"standing": "ACCEPTED"}, "C"),
        ({"standing": "TAKEN_BACK"}, "D"),
        ({"standing": "REVIEWER"}, ""),
        ({"round": "FINAL"}, ""),
        ({"q": "cy oba"}, "C"),
    ):
        assert names(**query) == found, query
    text = client.get(reverse("panel:invitations_csv"), {"q": "bo@"}).content.decode("utf-8-sig")
    [row] = csv.DictReader(io.StringIO(text))
    assert (row["Name"], row["Note"], row["Answer"]) == ("'=Bo", "'@no time", "Declined")
    xlsx = client.get(reverse("panel:invitations_xlsx"), {"q": "bo@"}).content
    sheet = load_workbook(io.BytesIO(xlsx)).active
    assert [cells[0] for cells in sheet.values] == ["Name", "'=Bo"]
    assert standing(waiting) == "WAITING"


def test_python_and_sql_agree_on_where_an_invitation_stands(call):
    rows = [invited(call, f"N{n}", f"n{n}@oba.example") for n in range(5)]
    actions.answer_reviewer_invitation(rows[1], accept=False, note="", at=call.closes_at)
    for row in rows[2:4]:
        actions.answer_reviewer_invitation(row, accept=True, note="", at=call.closes_at)
    actions.grant_reviewers([rows[3]], actor=make.user(Role.OPERATOR), at=call.closes_at)
    actions.take_back_invitation(rows[4], actor=make.user(Role.CHAIR), at=call.closes_at)
    for value in InvitationStanding:
        in_sql = set(ReviewerInvitation.objects.standing(value))
        assert in_sql == {
            one for one in ReviewerInvitation.objects.for_list() if one.standing == value
        }
    assert {standing(row) for row in rows} == set(InvitationStanding.values)


def test_reminding_shows_whom_and_mails_each_once_a_day_with_the_same_link(
    client, chair, call, it_is
):
    first = invited(call)
    fresh = invited(call, "Bo", "bo@oba.example", at=call.closes_at + 3 * DAY)
    it_is(call.closes_at + 3 * DAY)

    shown = client.post(LIST, {"do": "all"})
    assert (shown.context["due"], shown.context["spared"]) == ([first], 1)
    assert Message.objects.count() == 2
    confirmed = {"do": "remind", "confirmed": "1", "invitation": [first.pk, fresh.pk]}
    assert client.post(LIST, confirmed).status_code == 302
    mails = Message.objects.filter(address=first.email)
    assert mails.count() == 2
    assert len({link_in(mail) for mail in mails}) == 1
    assert any("Reminder" in mail.subject for mail in mails)

    assert client.post(LIST, confirmed).status_code == 409
    assert Message.objects.count() == 3
    for ticked, status in (([], 409), (["nonsense"], 404), ([make.user().pk], 404)):
        asked = {"do": "remind", "invitation": ticked}
        assert client.post(LIST, asked).status_code == status
    for ticked in ([], [first.pk, fresh.pk]):
        asked = {"do": "take_back", "invitation": ticked}
        assert client.post(LIST, asked).status_code == 409
    assert not ReviewerInvitation.objects.filter(withdrawn_at__isnull=False).exists()
    assert client.post(LIST, {"do": "dance"}).status_code == 400


def test_whoever_answered_is_not_reminded(client, chair, call, it_is):
    invitation = invited(call)
    actions.answer_reviewer_invitation(invitation, accept=False, note="", at=call.closes_at)
    it_is(call.closes_at + 9 * DAY)
    assert client.post(LIST, {"do": "all"}).status_code == 409
    assert Message.objects.count() == 1


def test_an_invitation_taken_back_has_no_link_and_its_mail_does_not_leave(client, chair, call):
    invitation = invited(call)
    link = link_in(Message.objects.get())
    assert client.get(link).status_code == 200

    response = client.post(LIST, {"do": "take_back", "invitation": invitation.pk})

    assert response.status_code == 302
    assert Message.objects.get().state == "LAPSED"
    assert client.get(link).status_code == 404
    assert client.post(link, {"answer": "yes"}).status_code == 404
    assert not User.objects.filter(email=invitation.email).exists()
    # The address may be invited anew.
    invited(call)


# --- the person -----------------------------------------------------------------------------------


def test_declining_needs_no_account_and_keeps_the_reason_for_the_chair(call):
    invitation = invited(call)
    link, stranger = link_in(Message.objects.get()), Client()
    body = stranger.get(link).content.decode()
    for shown in ("Ana Nakara", "5 letters of intent", "5 hours", call.contact):
        assert shown in body

    answer = stranger.post(link, {"answer": "no", "note": "On the other side of the Moon."})

    assert answer.status_code == 200
    assert answer["X-Robots-Tag"] == "noindex"
    invitation.refresh_from_db()
    assert (invitation.answer, invitation.note) == ("DECLINED", "On the other side of the Moon.")
    assert not User.objects.filter(email=invitation.email).exists()
    assert "_auth_user_id" not in stranger.session


def test_accepting_makes_an_account_without_a_role_and_tells_the_operators(call):
    operator = make.user(Role.OPERATOR)
    invitation = invited(call, language="zh-hans")
    link, stranger = link_in(Message.objects.get()), Client()

    body = stranger.post(link, {"answer": "yes"}).content.decode()

    assert reverse("account_reset_password") in body
    person = User.objects.get(email="ana@oba.example")
    assert (person.name, person.roles, person.language) == ("Ana Nakara", [], "zh-hans")
    assert not person.has_usable_password()
    assert EmailAddress.objects.get(user=person).verified
    assert "_auth_user_id" not in stranger.session
    assert standing(invitation) == "ACCEPTED"
    told = Message.objects.get(template="reviewer_accepted")
    assert told.recipient == operator
    # Until the role is given the mind may be changed; the account stays and can do nothing here.
    stranger.post(link, {"answer": "no", "note": ""})
    assert standing(invitation) == "DECLINED"
    stranger.post(link, {"answer": "yes"})
    assert standing(invitation) == "ACCEPTED"
    assert User.objects.filter(email="ana@oba.example").count() == 1


def test_accepting_uses_the_account_there_is(call):
    person = make.user(email="ana@oba.example", name="Ana N.")
    invitation = invited(call)
    Client().post(link_in(Message.objects.get()), {"answer": "yes"})
    invitation.refresh_from_db()
    person.refresh_from_db()
    assert (invitation.user, person.name, person.roles) == (person, "Ana N.", [])


@pytest.mark.parametrize("closed", [False, True])
def test_who_answers_the_call_or_was_shut_out_cannot_accept(call, closed):
    if closed:
        make.user(email="ana@oba.example", is_active=False)
    else:
        make.member(email="ana@oba.example")
    invitation = invited(call)
    link = link_in(Message.objects.get())
    response = Client().post(link, {"answer": "yes", "note": "kept"})
    assert response.status_code == 409
    assert "kept" in response.content.decode()
    assert standing(invitation) == "WAITING"
    assert Client().post(link, {"answer": "no"}).status_code == 200


def test_a_reviewer_who_accepts_for_another_round_waits_for_nobody(call):
    make.user(Role.OPERATOR)
    make.reviewer(email="ana@oba.example")
    invitation = invited(call)
    link = link_in(Message.objects.get())
    Client().post(link, {"answer": "yes"})
    assert standing(invitation) == "REVIEWER"
    assert not Message.objects.filter(template="reviewer_accepted").exists()
    assert Client().post(link, {"answer": "no"}).status_code == 409
    with pytest.raises(actions.Refused):
        actions.take_back_invitation(invitation, actor=make.user(Role.CHAIR), at=call.closes_at)


@pytest.mark.parametrize("data", [{}, {"answer": "maybe"}, {"answer": "no", "note": "x" * 301}])
def test_an_answer_that_is_none_changes_nothing(call, data):
    invitation = invited(call)
    assert Client().post(link_in(Message.objects.get()), data).status_code == 422
    assert standing(invitation) == "WAITING"


def test_a_guessed_link_and_reading_the_right_one_do_nothing(call):
    invitation = invited(call)
    for guess in ("x", "0" * 64, invitation.secret_hash, str(invitation.pk), "%00", "a" * 5000):
        assert Client().get(f"/reviews/invitation/{guess}/").status_code in (400, 404)
    before = Entry.objects.count()
    link = link_in(Message.objects.get())
    assert Client().get(link).status_code == Client().head(link).status_code == 200
    assert Client().put(link).status_code == 405
    assert Entry.objects.count() == before
    assert standing(invitation) == "WAITING"


# --- the operator ---------------------------------------------------------------------------------


def test_the_operator_gives_the_role_and_the_person_is_told(client, call):
    operator = make.user(Role.OPERATOR)
    rows = [invited(call, f"N{n}", f"n{n}@oba.example") for n in range(3)]
    for hour, row in enumerate(rows[:2]):
        at = call.closes_at + hour * DAY / 24
        actions.answer_reviewer_invitation(row, accept=True, note="", at=at)
    client.force_login(operator)
    assert list(client.get(GRANT).context["page"]) == rows[:2]
    assert list(client.get(GRANT, {"q": "n1"}).context["page"]) == [rows[1]]

    assert client.post(GRANT).status_code == 409
    for stranger in (rows[2].pk, "nonsense", make.user().pk):
        assert client.post(GRANT, {"invitation": stranger}).status_code == 404
    assert client.post(GRANT, {"invitation": [row.pk for row in rows[:2]]}).status_code == 302

    people = User.objects.filter(email__startswith="n").order_by("email")
    assert [person.roles for person in people] == [["REVIEWER"], ["REVIEWER"]]
    assert Message.objects.filter(template="reviewer_granted").count() == 2
    grants = Entry.objects.filter(action="person.roles_changed")
    assert set(grants.values_list("actor", flat=True)) == {str(operator.pk)}
    assert list(client.get(GRANT).context["page"]) == []


def test_one_who_took_a_seat_meanwhile_is_named_and_nobody_gets_the_role(client, call):
    rows = [invited(call, f"N{n}", f"n{n}@oba.example") for n in range(2)]
    for row in rows:
        actions.answer_reviewer_invitation(row, accept=True, note="", at=call.closes_at)
    make.agency().memberships.create(
        user=User.objects.get(email="n1@oba.example"), seat="EDITOR", since=call.closes_at
    )
    client.force_login(make.user(Role.OPERATOR))
    response = client.post(GRANT, {"invitation": [row.pk for row in rows]})
    assert response.status_code == 409
    assert "N1:" in response.content.decode()
    assert not User.objects.with_role(Role.REVIEWER).exists()


@pytest.mark.parametrize("number", [1, 3])
@pytest.mark.parametrize(("address", "queries"), [(LIST, 11), (GRANT, 7)])
def test_the_lists_cost_the_same(client, call, number, address, queries, django_assert_num_queries):
    for n in range(number):
        row = invited(call, f"N{n}", f"n{n}@oba.example")
        actions.answer_reviewer_invitation(row, accept=True, note="", at=call.closes_at)
    client.force_login(make.user(Role.CHAIR, Role.OPERATOR))
    client.get(reverse("panel:home"))
    with django_assert_num_queries(queries):
        client.get(address)
