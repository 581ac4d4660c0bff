"""Seats that are offered to an address: who is asked, who is told, and how long an offer stands."""

from datetime import timedelta

import pytest
from django.core.cache import cache

from accounts import actions
from accounts.models import Invitation, Membership
from accounts.states import Role, Seat
from chang_e8_portal import clock
from notifications.models import Message
from tests import make

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
ADDRESS = "new@example.org"


@pytest.fixture(autouse=True)
def no_limits_from_other_tests():
    cache.clear()


@pytest.fixture
def head():
    return make.member(make.agency())


def agency_of(head):
    return head.agencies.get()


def invite(head, email=ADDRESS, *, seat=Seat.EDITOR, at=None):
    given = {"email": email, "seat": seat, "actor": head, "at": at or clock.now()}
    return actions.invite(agency_of(head), **given)


def offered_to(person, *, at=None):
    return list(Invitation.objects.addressed_to(person, at=at or clock.now()))


@pytest.mark.parametrize("who", ["head", "operator"])
def test_who_may_sign_is_not_invited_with_an_open_browser_alone(client, head, who):
    client.force_login(head if who == "head" else make.user(Role.OPERATOR))
    page = f"/agency/{agency_of(head).pk}/members/"
    sent = {"email": ADDRESS, "seat": "REPRESENTATIVE"}
    assert client.post(page, sent).status_code == 401
    assert not Invitation.objects.exists()
    assert client.post(page, sent | {"seat": "EDITOR"}).status_code == 302
    make.stepped_up(client)
    assert client.post(page, sent | {"email": "other@example.org"}).status_code == 302


def test_every_representative_learns_who_joined_and_who_asked_them(head):
    operator, newcomer = make.user(Role.OPERATOR), make.verified(make.user(email=ADDRESS))
    given = {"email": ADDRESS, "seat": Seat.REPRESENTATIVE, "actor": operator, "at": clock.now()}
    offered = actions.invite(agency_of(head), **given)
    actions.answer_invitation(offered, accept=True, actor=newcomer, at=clock.now())
    mails = {mail.address: mail.body for mail in Message.objects.all()}
    assert set(mails) == {head.email, newcomer.email, operator.email}
    for name in (operator.name, newcomer.name):
        assert name in mails[head.email]


def test_an_offer_stands_for_two_weeks_and_can_be_made_anew(head):
    person = make.verified(make.user(email=ADDRESS))
    first = invite(head)
    last = first.invited_at + 14 * DAY
    assert offered_to(person, at=last - make.SECOND) == [first]
    assert offered_to(person, at=last) == []
    with pytest.raises(actions.Refused, match="has not answered yet"):
        invite(head, at=last - make.SECOND)
    second = invite(head, at=last)
    assert offered_to(person, at=last) == [second]


@pytest.mark.parametrize("end", ["removed", "handed over", "changed", "closed"])
def test_nobody_joins_at_the_word_of_somebody_who_may_offer_nothing_any_more(head, end):
    agency, at = agency_of(head), clock.now()
    person, other = make.verified(make.user(email=ADDRESS)), make.member(agency)
    invite(head)
    seats = {seat.user: seat for seat in Membership.objects.filter(agency=agency)}
    match end:
        case "removed":
            actions.end_seat(seats[head], actor=other, at=at)
        case "handed over":
            actions.hand_over(seats[head], seats[other], actor=head, at=at)
        case "changed":
            actions.change_seat(seats[head], Seat.EDITOR, actor=other, at=at)
        case "closed":
            actions.set_active(head, False, actor=make.user(Role.OPERATOR), at=at)
    assert offered_to(person) == []


def test_the_portal_writes_to_no_stranger_without_end(head):
    for number in range(20):
        invite(head, f"person-{number}@example.org")
    with pytest.raises(actions.Refused, match="20 people within a day") as refusal:
        invite(head)
    assert refusal.value.code == "too_many"
    assert Invitation.objects.count() == 20
    assert invite(head, at=clock.now() + DAY)
    operator = make.user(Role.OPERATOR)
    for number in range(21):
        given = {"email": f"other-{number}@example.org", "seat": Seat.EDITOR}
        assert actions.invite(agency_of(head), **given, actor=operator, at=clock.now())


def test_one_address_is_asked_three_times_an_hour_by_whomever(head):
    for _number in range(3):
        invite(make.member(make.agency()))
    with pytest.raises(actions.Refused, match="within the hour"):
        invite(head)
    assert not Invitation.objects.filter(invited_by=head).exists()
    assert invite(head, at=clock.now() + timedelta(hours=1))
