"""Making somebody a publisher: one publisher proposes, another approves. The operator cannot.

The first two are appointed at the machine, because before them there is nobody to ask.
"""

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions.record import lock_person, log, tell, write_roles
from accounts.actions.refusal import Refused
from accounts.models import Appointment, User
from accounts.states import AppointmentState, Role

# From so many on they appoint each other, and nobody else appoints one.
ENOUGH = 2


@transaction.atomic
def propose_publisher(person, *, reason, actor, at) -> Appointment:
    """Ask another publisher to approve that `person` becomes one of them; they are told by mail."""
    person = lock_person(person)
    _refuse_unfit(person)
    if Appointment.objects.awaited().filter(person=person).exists():
        raise Refused(_("This person is proposed already."), code="already_proposed")
    appointment = Appointment.objects.create(
        person=person, reason=reason, proposed_by=actor, proposed_at=at
    )
    _log("proposed", appointment, actor=actor, at=at, reason=reason)
    others = User.objects.active().with_role(Role.PUBLISHER).exclude(pk=actor.pk)
    tell("publisher_proposed", others.order_by("pk"), who=person, actor=actor, reason=reason)
    return appointment


@transaction.atomic
def approve_publisher(appointment, *, actor, at) -> Appointment:
    """Give the role; all publishers and the person are told. Refused to whoever proposed it.

    Approved twice by the same person, the second answer is the first one's.
    """
    person, appointment = _lock(appointment)
    if appointment.state == AppointmentState.APPROVED and appointment.answered_by_id == actor.pk:
        return appointment
    if appointment.proposed_by_id == actor.pk:
        raise Refused(_("Another publisher must approve what you proposed."), code="same_person")
    _refuse_unfit(person)
    _answer(appointment, AppointmentState.APPROVED, actor=actor, at=at)
    write_roles(person, Role.in_order([*person.roles, Role.PUBLISHER]), actor=actor, at=at)
    _log("approved", appointment, actor=actor, at=at)
    _tell_all(person, proposed_by=appointment.proposed_by, actor=actor)
    return appointment


@transaction.atomic
def end_proposal(appointment, *, actor, at) -> Appointment:
    """End a proposal: its author takes it back, any other publisher refuses it."""
    _person, appointment = _lock(appointment)
    own = appointment.proposed_by_id == actor.pk
    state = AppointmentState.TAKEN_BACK if own else AppointmentState.REFUSED
    _answer(appointment, state, actor=actor, at=at)
    _log(str(state).lower(), appointment, actor=actor, at=at)
    return appointment


@transaction.atomic
def appoint_first_publisher(person, *, reason, at) -> User:
    """Give the role without a proposal, while there are not two publishers who could make one.

    Only a command at the machine calls this: whoever can run it could write into the database as
    well, and this way it is recorded and told. Closed accounts count, or an operator could close
    two and put others in their place.
    """
    person = lock_person(person)
    _refuse_unfit(person)
    if User.objects.with_role(Role.PUBLISHER).count() >= ENOUGH:
        raise Refused(_("There are two publishers: they appoint further ones in the portal."))
    write_roles(person, Role.in_order([*person.roles, Role.PUBLISHER]), actor=None, at=at)
    subject, data = f"person:{person.pk}", {"reason": reason}
    log("publisher.appointed_at_the_machine", subject, actor=None, at=at, data=data)
    _tell_all(person, proposed_by=None, actor=None)
    return person


def _lock(appointment):
    """The person's row first, as everywhere, then the proposal about them."""
    person = lock_person(appointment.person)
    rows = Appointment.objects.select_for_update(of=("self",)).select_related("proposed_by")
    return person, rows.get(pk=appointment.pk)


def _answer(appointment, state, *, actor, at):
    if not appointment.can_move_to(state):
        raise Refused(_("This proposal has been answered already."), code="not_proposed")
    appointment.state, appointment.answered_by, appointment.answered_at = state, actor, at
    appointment.save(update_fields=["state", "answered_by", "answered_at"])


def _refuse_unfit(person):
    if not person.is_active:
        raise Refused(_("This person’s account is closed."), code="closed")
    if person.has_role(Role.PUBLISHER):
        raise Refused(_("This person is a publisher already."), code="is_publisher")
    if person.memberships.exists():
        raise Refused(_("This person belongs to a partner agency and cannot judge the call."))


def _tell_all(person, **context):
    publishers = User.objects.active().with_role(Role.PUBLISHER).order_by("pk")
    tell("publisher_appointed", [person, *publishers], who=person, **context)


def _log(what, appointment, *, actor, at, **data):
    log(
        f"publisher.{what}",
        f"person:{appointment.person_id}",
        actor=actor,
        at=at,
        data={"appointment": str(appointment.pk), **data},
    )
