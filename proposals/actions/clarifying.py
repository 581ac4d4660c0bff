"""A question of the panel about a filed letter, and the agency's answer to it."""

from django.db import transaction
from django.utils.translation import gettext as _

from chang_e8_portal import clock
from notifications import outbox
from proposals.actions.moments import lock
from proposals.actions.record import log, tell_members
from proposals.actions.refusal import Refused
from proposals.models import Clarification
from proposals.states import ASSESSED


@transaction.atomic
def ask_clarification(letter, *, question, due_at, actor) -> Clarification:
    """Ask the agency of an opened letter something, to be answered before `due_at`.

    Everybody with a seat in the agency is told by mail that there is a question, not what it says.
    """
    letter = lock(letter)
    at = clock.database_now()
    if not letter.call.is_opened():
        raise Refused(_("Questions can be asked once two publishers have opened the letters."))
    if letter.state not in ASSESSED:
        raise Refused(_("This letter is no longer assessed, so there is nothing to ask."))
    if due_at <= at:
        raise Refused(_("The answer must be due in the future."), code="due_passed")
    asked = Clarification.objects.create(
        letter=letter, question=question, asked_by=actor, asked_at=at, due_at=due_at
    )
    said = {"clarification": str(asked.pk), "due_at": due_at.isoformat()}
    log("clarification.asked", letter, actor=actor, at=at, data=said)
    tell_members(
        letter,
        key=f"letter-{letter.pk}-question-{asked.pk}",
        template="clarification_asked",
        context={"clarification": asked},
        at=at,
    )
    return asked


@transaction.atomic
def answer_clarification(clarification, *, answer, actor) -> Clarification:
    """Answer once, before it is due and while the letter is assessed; whoever asked is told."""
    letter = lock(clarification.letter)
    clarification = Clarification.objects.select_for_update(of=("self",)).get(pk=clarification.pk)
    at = clock.database_now()
    if letter.state not in ASSESSED:
        raise Refused(
            _("This letter is no longer assessed, so nothing is to be answered."),
            code="not_assessed",
        )
    if clarification.answered_at:
        raise Refused(_("This question has been answered already."), code="answered")
    if at >= clarification.due_at:
        raise Refused(
            _("The answer was due before now and can no longer be given."), code="answer_late"
        )
    clarification.answer = answer
    clarification.answered_by, clarification.answered_at = actor, at
    clarification.save(update_fields=["answer", "answered_by", "answered_at"])
    said = {"clarification": str(clarification.pk)}
    log("clarification.answered", letter, actor=actor, at=at, data=said)
    asker = clarification.asked_by
    outbox.enqueue(
        key=f"question-{clarification.pk}-answered-{asker.pk}",
        recipient=asker,
        template="clarification_answered",
        context={"letter": letter},
        at=at,
    )
    return clarification
