import threading

import pytest
from django.db import connection

from accounts import actions
from accounts.models import Agency, User
from accounts.states import Role, Seat
from tests import make

pytestmark = pytest.mark.django_db

AT = make.OPENS
AGENCY = {"name": "A", "kind": "SPACE_AGENCY", "country": "PE", "letter_language": "en"}


def test_enrolling_makes_an_account_that_can_sign_in_at_once(client):
    person = actions.enrol(
        email="Some.One@Example.org",
        name="Some One",
        password="a long test password",
        roles=[Role.CHAIR, Role.REVIEWER, Role.CHAIR],
        language="zh-hans",
        time_zone="Asia/Shanghai",
        at=AT,
    )
    assert (person.email, person.language, person.time_zone) == (
        "some.one@example.org",
        "zh-hans",
        "Asia/Shanghai",
    )
    assert person.roles == [Role.REVIEWER, Role.CHAIR]
    assert client.post(
        "/accounts/login/", {"login": person.email, "password": "a long test password"}
    ).url == ("/accounts/home/")


def test_an_address_is_enrolled_once():
    actions.enrol(email="a@example.org", name="A", at=AT)
    with pytest.raises(actions.Refused):
        actions.enrol(email="A@example.org", name="A", at=AT)
    assert User.objects.count() == 1


def test_whoever_was_given_a_role_meanwhile_founds_nothing():
    stale = make.user()
    actions.grant_roles(stale, [Role.REVIEWER], actor=make.user(Role.OPERATOR), at=AT)
    with pytest.raises(actions.Refused):
        actions.found_agency(actor=stale, at=AT, **AGENCY)
    assert not Agency.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_nobody_gets_a_role_and_a_seat_at_the_same_time():
    person, operator = make.user(), make.user(Role.OPERATOR)
    barrier, refused = threading.Barrier(2), []

    def attempt(action, **arguments):
        barrier.wait()
        try:
            action(**arguments, at=AT)
        except actions.Refused:
            refused.append(action)
        finally:
            connection.close()

    workers = [
        threading.Thread(
            target=attempt, args=[actions.found_agency], kwargs={**AGENCY, "actor": person}
        ),
        threading.Thread(
            target=attempt,
            args=[actions.grant_roles],
            kwargs={"user": person, "roles": [Role.REVIEWER], "actor": operator},
        ),
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    person.refresh_from_db()
    assert len(refused) == 1
    assert bool(person.roles) != person.memberships.exists()


def test_accepting_twice_keeps_the_seat_one_has():
    agency = make.agency()
    person = make.member(agency, Seat.REPRESENTATIVE)
    offered = agency.invitations.create(
        email="other@example.org", seat=Seat.VIEWER, invited_by=person, invited_at=AT
    )
    actions.answer_invitation(offered, accept=True, actor=person, at=AT)
    assert person.seat_in(agency.pk) == Seat.REPRESENTATIVE
    with pytest.raises(actions.Refused):
        actions.answer_invitation(offered, accept=True, actor=person, at=AT)
