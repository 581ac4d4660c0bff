"""Seats in an agency: who may change them, who is told, and never none who represents it."""

import pytest
from django.core.cache import cache
from django.test import Client

from accounts import actions
from accounts.models import ApiToken, Membership
from accounts.states import Role, Seat, TokenScope
from audit.models import Entry
from chang_e8_portal import clock
from notifications.models import Message
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_limits_from_other_tests():
    cache.clear()


class Team:
    def __init__(self):
        self.agency = make.agency(name="Demo Space Agency")
        self.head = make.member(self.agency, name="Head")
        self.editor = make.member(self.agency, Seat.EDITOR, name="Editor")
        self.viewer = make.member(self.agency, Seat.VIEWER, name="Viewer")

    def seat(self, person):
        return Membership.objects.get(agency=self.agency, user=person)

    def page(self, person):
        return f"/agency/{self.agency.pk}/members/{self.seat(person).pk}/"

    def told(self):
        return set(Message.objects.values_list("address", flat=True))


@pytest.fixture
def team():
    return Team()


@pytest.fixture
def enter(client):
    def sign_in(person):
        client.force_login(person)
        return make.stepped_up(client)

    return sign_in


def test_a_role_is_changed_recorded_and_told(enter, team):
    client = enter(team.head)
    other_head = make.member(team.agency)
    assert "Editor" in client.get(team.page(team.editor)).content.decode()

    response = client.post(team.page(team.editor), {"act": "change", "seat": "VIEWER"})

    assert response.status_code == 302
    assert team.seat(team.editor).seat == Seat.VIEWER
    entry = Entry.objects.get()
    assert (entry.action, entry.actor) == ("agency.seat_changed", str(team.head.pk))
    assert entry.data == {"person": str(team.editor.pk), "was": "EDITOR", "is": "VIEWER"}
    assert team.told() == {team.editor.email, team.head.email, other_head.email}


def test_a_removed_member_is_out_at_the_next_click(enter, team):
    token, _secret = actions.make_token(
        team.editor, name="Importer", scope=TokenScope.READ, days=30, at=clock.now()
    )
    theirs = Client()
    theirs.force_login(team.editor)
    assert theirs.get(f"/agency/{team.agency.pk}/").status_code == 200

    response = enter(team.head).post(team.page(team.editor), {"act": "remove"})

    assert response.status_code == 302
    assert theirs.get(f"/agency/{team.agency.pk}/").status_code == 404
    assert Entry.objects.filter(action="agency.member_removed").exists()
    assert {team.editor.email, team.head.email} <= team.told()
    # Nor does a program of theirs come in.
    token.refresh_from_db()
    assert token.revoked_at


def test_a_token_stays_while_its_person_belongs_to_another_agency(team):
    other = make.agency()
    Membership.objects.create(user=team.editor, agency=other, seat=Seat.EDITOR, since=make.OPENS)
    actions.make_token(team.editor, name="Importer", scope=TokenScope.READ, days=30, at=clock.now())
    actions.end_seat(team.seat(team.editor), actor=team.head, at=clock.now())
    assert ApiToken.objects.get().revoked_at is None


def test_handing_over_makes_one_and_unmakes_the_other(enter, team):
    client = enter(team.head)
    assert "Editor" in client.get(f"/agency/{team.agency.pk}/hand-over/").content.decode()
    response = client.post(
        f"/agency/{team.agency.pk}/hand-over/", {"to": team.seat(team.editor).pk}
    )
    assert response.status_code == 302
    assert team.seat(team.editor).seat == Seat.REPRESENTATIVE
    assert team.seat(team.head).seat == Seat.EDITOR
    assert Entry.objects.get().action == "agency.handed_over"
    assert team.told() == {team.editor.email, team.head.email}
    # From the next click on the giver manages nobody.
    assert client.get(team.page(team.viewer)).status_code == 403


@pytest.mark.parametrize("whom", ["stranger", "self", "closed"])
def test_a_seat_is_handed_to_no_stranger(enter, team, whom):
    others = {
        "stranger": Membership.objects.get(user=make.member()),
        "self": team.seat(team.head),
        "closed": Membership.objects.get(user=make.member(team.agency, is_active=False)),
    }
    response = enter(team.head).post(
        f"/agency/{team.agency.pk}/hand-over/", {"to": others[whom].pk}
    )
    assert response.status_code == 422
    assert team.seat(team.head).seat == Seat.REPRESENTATIVE
    assert not Entry.objects.exists()
    with pytest.raises(actions.Refused):
        actions.hand_over(team.seat(team.head), others[whom], actor=team.head, at=clock.now())


def test_the_last_representative_cannot_leave(enter, team):
    client = enter(team.head)
    leave = f"/agency/{team.agency.pk}/leave/"
    assert "Hand your seat over first" in client.get(leave).content.decode()
    assert client.post(leave).status_code == 409
    assert team.seat(team.head).seat == Seat.REPRESENTATIVE
    assert not Entry.objects.exists()
    assert not Message.objects.exists()

    # A colleague whose account is closed represents nobody.
    make.member(team.agency, is_active=False)
    assert client.post(leave).status_code == 409
    make.member(team.agency)
    assert client.post(leave).status_code == 302
    assert client.get(f"/agency/{team.agency.pk}/").status_code == 404


def test_two_representatives_do_not_demote_each_other_to_none(team):
    second = make.member(team.agency)
    at = clock.now()
    actions.change_seat(team.seat(second), Seat.EDITOR, actor=team.head, at=at)
    with pytest.raises(actions.Refused):
        actions.change_seat(team.seat(team.head), Seat.EDITOR, actor=second, at=at)
    assert team.seat(team.head).seat == Seat.REPRESENTATIVE


@pytest.mark.parametrize("who", ["editor", "viewer"])
def test_an_editor_leaves_and_the_representative_is_told(enter, team, who):
    person = getattr(team, who)
    assert enter(person).post(f"/agency/{team.agency.pk}/leave/").status_code == 302
    assert Entry.objects.get().action == "agency.left"
    assert team.told() == {person.email, team.head.email}


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("editor", 403),
        ("viewer", 403),
        ("stranger", 404),
        *((role, 404) for role in (Role.REVIEWER, Role.CHAIR, Role.PUBLISHER, Role.AUDITOR)),
        (Role.OPERATOR, 403),
    ],
)
def test_nobody_else_changes_a_seat(enter, team, who, status):
    if who in Role.values:
        person = make.user(who)
    else:
        person = make.member() if who == "stranger" else getattr(team, who)
    client = enter(person)
    before = list(Membership.objects.order_by("pk").values_list("user", "seat"))
    for address in (team.page(team.viewer), team.page(team.head)):
        assert client.get(address).status_code == status
        for act in ({"act": "remove"}, {"act": "change", "seat": "REPRESENTATIVE"}):
            assert client.post(address, act).status_code == status
    assert (
        client.post(
            f"/agency/{team.agency.pk}/hand-over/", {"to": team.seat(team.viewer).pk}
        ).status_code
        == status
    )
    assert list(Membership.objects.order_by("pk").values_list("user", "seat")) == before
    assert not Entry.objects.exists()
    assert not Message.objects.exists()


def test_nobody_raises_themselves(enter, team):
    """U05: one's own seat is not changed on a colleague's page."""
    client = enter(team.head)
    response = client.post(team.page(team.head), {"act": "change", "seat": "VIEWER"})
    assert response.status_code == 302
    assert team.seat(team.head).seat == Seat.REPRESENTATIVE


@pytest.mark.parametrize("sent", [{}, {"act": "x"}, {"act": ""}])
def test_an_act_must_be_one_that_the_page_offers(enter, team, sent):
    assert enter(team.head).post(team.page(team.editor), sent).status_code == 400


@pytest.mark.parametrize("seat", ["", "OWNER", "editor"])
def test_a_role_must_be_one_of_the_three(enter, team, seat):
    response = enter(team.head).post(team.page(team.editor), {"act": "change", "seat": seat})
    assert response.status_code == 422
    assert team.seat(team.editor).seat == Seat.EDITOR


def test_a_member_of_another_agency_is_not_on_my_page(enter, team):
    foreign = Membership.objects.get(user=make.member())
    client = enter(team.head)
    assert client.get(f"/agency/{team.agency.pk}/members/{foreign.pk}/").status_code == 404


def test_changing_a_seat_asks_who_is_there(client, team):
    client.force_login(team.head)
    assert client.post(team.page(team.editor), {"act": "remove"}).status_code == 401
    assert team.seat(team.editor)
