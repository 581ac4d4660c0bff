"""What one publisher proposes about a call and another one answers: the lines both kinds share."""

from django.utils.translation import gettext as _

from accounts.models import User
from accounts.states import Role
from audit import chain
from chang_e8_portal import clock
from notifications import outbox
from proposals.actions.refusal import Refused
from proposals.models import Call
from proposals.states import Answer


def lock_call(call):
    """The call's row against every other writer, and the moment by the database's clock after it.

    Whoever files a letter holds this row in share mode: we wait for them, and they for us.
    """
    call = Call.objects.select_for_update().get(pk=call.pk)
    return call, clock.database_now()


def answer(step, said, *, actor, at) -> None:
    """Write a second person's answer, or that the first one took the proposal back."""
    step.answer, step.answered_by, step.answered_at = said, actor, at
    step.save(update_fields=["answer", "answered_by", "answered_at"])


def refuse_unless_awaited(step) -> None:
    if step.answer != Answer.AWAITED:
        raise Refused(_("This proposal has been answered already."), code="not_proposed")


def refuse_same_person(step, actor) -> None:
    if step.proposed_by_id == actor.pk:
        raise Refused(_("Another publisher must approve what you proposed."), code="same_person")


def refuse_second_proposal(steps) -> None:
    if steps.filter(answer=Answer.AWAITED).exists():
        raise Refused(
            _("Something is proposed already. Approve it, or have it taken back first."),
            code="already_proposed",
        )


def log(action, call, *, actor, at, data=None):
    return chain.append(
        action, subject=f"call:{call.pk}", actor=str(actor.pk), at=at, data=data or {}
    )


def tell(roles, *, key, template, context, at, but=()) -> None:
    """Owe a mail to everybody with one of these roles."""
    people = User.objects.active().filter(roles__overlap=[str(role) for role in roles])
    for person in people.exclude(pk__in=[one.pk for one in but]).order_by("pk"):
        outbox.enqueue(
            key=f"{key}-{person.pk}", recipient=person, template=template, context=context, at=at
        )


PUBLISHERS = (Role.PUBLISHER,)
CHAIRS = (Role.CHAIR,)
