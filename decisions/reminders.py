"""Reminding an agency's representatives of a question about a merger that waits for an answer."""

from datetime import timedelta

from decisions.actions.consenting import representatives_of
from decisions.models import MergeConsent
from notifications import outbox

# After it was asked.
STEPS = (timedelta(days=3), timedelta(days=7), timedelta(days=14))


def queue_consents_due(*, at) -> int:
    """Owe one reminder for the last step reached of each question; returns how many were new.

    Late is fine and twice is fine: the key holds the step. As little is said as in the first mail.
    """
    owed = {}
    awaited = MergeConsent.objects.awaited().filter(asked_at__lte=at - min(STEPS))
    for consent in awaited.select_related("agency"):
        step = max(step for step in STEPS if consent.asked_at <= at - step)
        for person in representatives_of(consent.agency):
            owed[f"confidential-{consent.pk}-{step.days}d-{person.pk}"] = (person, {})
    return outbox.enqueue_new(owed, template="confidential_question", at=at)
