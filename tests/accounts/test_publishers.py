"""How somebody becomes a publisher: two of them agree, and no operator can."""

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts import actions
from accounts.models import Appointment
from accounts.states import APPOINTMENT_MOVES, AppointmentState, Role
from audit.models import Entry
from chang_e8_portal import clock
from notifications.models import Message
from tests import make

pytestmark = pytest.mark.django_db
PAGE = "/people/publishers/"


@pytest.fixture
def first():
    return make.user(Role.PUBLISHER, name="First")


@pytest.fixture
def second():
    return make.user(Role.PUBLISHER, name="Second")


@pytest.fixture
def enter(client):
    def sign_in(person):
        client.force_login(person)
        return make.stepped_up(client)

    return sign_in


def proposed(by, person=None):
    person = person or make.user(name="Newcomer")
    return actions.propose_publisher(person, reason="We need a third.", actor=by, at=clock.now())


def told():
    return set(Message.objects.values_list("address", flat=True))


def test_one_proposes_and_another_approves(enter, first, second):
    person = make.user(Role.AUDITOR, name="Newcomer")
    sent = {"email": person.email.upper(), "reason": "We need\na third."}
    assert enter(first).post(PAGE, sent).status_code == 302
    appointment = Appointment.objects.get()
    person.refresh_from_db()
    assert person.roles == [Role.AUDITOR]
    assert told() == {second.email}
    assert "We need a third." in enter(second).get(PAGE).content.decode()

    address = reverse("accounts:approve_publisher", args=[appointment.pk])
    assert enter(second).post(address).status_code == 302

    person.refresh_from_db()
    assert person.roles == [Role.PUBLISHER, Role.AUDITOR]
    assert told() == {first.email, second.email, person.email}
    said = list(Entry.objects.order_by("seq").values_list("action", "actor"))
    assert said == [
        ("publisher.proposed", str(first.pk)),
        ("person.roles_changed", str(second.pk)),
        ("publisher.approved", str(second.pk)),
    ]
    # The same click twice gives one role and one round of mails.
    mails = Message.objects.count()
    assert enter(second).post(address).status_code == 302
    assert Message.objects.count() == mails


def test_nobody_approves_their_own_proposal(enter, first, second):
    appointment = proposed(first)
    address = reverse("accounts:approve_publisher", args=[appointment.pk])
    assert enter(first).post(address).status_code == 403
    with pytest.raises(actions.Refused) as refusal:
        actions.approve_publisher(appointment, actor=first, at=clock.now())
    assert refusal.value.code == "same_person"
    # Nor could a mistake of ours.
    with transaction.atomic(), pytest.raises(IntegrityError):
        Appointment.objects.update(state=AppointmentState.APPROVED, answered_by=first)


@pytest.mark.parametrize(("who", "state"), [("first", "TAKEN_BACK"), ("second", "REFUSED")])
def test_a_proposal_is_taken_back_or_refused(enter, first, second, who, state):
    appointment = proposed(first)
    client = enter({"first": first, "second": second}[who])
    address = reverse("accounts:end_proposal", args=[appointment.pk])
    assert client.post(address).status_code == 302
    appointment.refresh_from_db()
    assert appointment.state == state
    assert client.post(address).status_code == 409
    approve = reverse("accounts:approve_publisher", args=[appointment.pk])
    assert enter(second).post(approve).status_code == 409
    appointment.person.refresh_from_db()
    assert appointment.person.roles == []
    assert "Earlier proposals" in client.get(PAGE).content.decode()
    # The same person can be proposed anew.
    assert proposed(first, appointment.person).state == AppointmentState.PROPOSED


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("nobody", 422),
        ("partner", 409),
        ("publisher", 409),
        ("closed", 409),
        ("proposed", 409),
        ("oneself", 409),
    ],
)
def test_who_cannot_be_proposed(enter, first, second, who, status):
    people = {
        "partner": lambda: make.member(),
        "publisher": lambda: second,
        "closed": lambda: make.user(is_active=False),
        "proposed": lambda: proposed(second).person,
        "oneself": lambda: first,
    }
    email = people[who]().email if who in people else "nobody@example.org"
    before = Appointment.objects.count()
    response = enter(first).post(PAGE, {"email": email, "reason": "Typed reason."})
    assert response.status_code == status
    assert "Typed reason." in response.content.decode()
    assert Appointment.objects.count() == before


@pytest.mark.parametrize("typed", [{"email": "x"}, {"reason": " "}, {"reason": "\u202e"}])
def test_a_proposal_with_a_mistake_is_handed_back(enter, first, typed):
    given = {"email": make.user().email, "reason": "Good.", **typed}
    assert enter(first).post(PAGE, given).status_code == 422
    assert not Appointment.objects.exists()


def test_whoever_joined_an_agency_meanwhile_is_not_approved(enter, first, second):
    appointment = proposed(first)
    actions.found_agency(actor=appointment.person, at=clock.now(), name="Meanwhile")
    address = reverse("accounts:approve_publisher", args=[appointment.pk])
    assert enter(second).post(address).status_code == 409
    appointment.person.refresh_from_db()
    assert appointment.person.roles == []


def test_both_steps_ask_who_is_there(client, first, second):
    client.force_login(first)
    person = make.user()
    sent = {"email": person.email, "reason": "Good."}
    assert client.post(PAGE, sent).status_code == 401
    assert not Appointment.objects.exists()
    appointment = proposed(first, person)
    client.force_login(second)
    address = reverse("accounts:approve_publisher", args=[appointment.pk])
    assert client.post(address).status_code == 401
    person.refresh_from_db()
    assert person.roles == []


@pytest.mark.parametrize(
    ("role", "sees", "knows"),
    [
        (Role.OPERATOR, 200, 403),
        (Role.CHAIR, 403, 403),
        (Role.REVIEWER, 404, 404),
        (Role.AUDITOR, 404, 404),
        (None, 404, 404),
    ],
)
def test_others_look_at_most(client, first, role, sees, knows):
    appointment = proposed(first)
    client.force_login(make.user(*([role] if role else [])))
    make.stepped_up(client)
    assert client.get(PAGE).status_code == sees
    assert client.post(PAGE, {}).status_code == knows
    for act in ("approve_publisher", "end_proposal"):
        address = reverse(f"accounts:{act}", args=[appointment.pk])
        assert client.post(address).status_code == knows


@pytest.mark.parametrize("number", [1, 3])
def test_the_page_costs_the_same_however_many(
    client, first, second, number, django_assert_num_queries
):
    client.force_login(second)
    for _ in range(number):
        proposed(first)
        actions.end_proposal(proposed(first), actor=first, at=clock.now())
        make.user(Role.PUBLISHER)
    # session, person, proposals awaited, ended, publishers, their seats
    with django_assert_num_queries(6):
        client.get(PAGE)


def test_every_state_of_a_proposal_has_its_moves():
    assert set(APPOINTMENT_MOVES) == set(AppointmentState)


# --- the first two ---


def test_the_first_two_are_appointed_at_the_machine():
    people = [make.user(), make.user(), make.user()]
    for person in people[:2]:
        call_command("appoint_publisher", person.email.upper(), "--reason", "The first two.")
        person.refresh_from_db()
        assert person.roles == [Role.PUBLISHER]
    assert told() == {person.email for person in people[:2]}
    assert Entry.objects.filter(action="publisher.appointed_at_the_machine").count() == 2
    # Closing one makes no room for another.
    actions.set_active(people[0], False, actor=people[2], at=clock.now())
    with pytest.raises(CommandError, match="There are two publishers"):
        call_command("appoint_publisher", people[2].email, "--reason", "A third.")


@pytest.mark.parametrize("who", ["partner", "nobody"])
def test_the_command_appoints_nobody_unfit(who):
    email = make.member().email if who == "partner" else "nobody@example.org"
    with pytest.raises(CommandError):
        call_command("appoint_publisher", email, "--reason", "R")
    assert not Entry.objects.exists()
