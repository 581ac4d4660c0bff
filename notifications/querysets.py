from datetime import timedelta

from django.db import models
from django.db.models import Q

from accounts.states import Role
from notifications.states import MessageState

LEASE = timedelta(minutes=15)
# Kinds of mail that begin so are not listed even for those who keep the mail going.
IN_CONFIDENCE = "confidential_"


class MessageQuerySet(models.QuerySet):
    def visible_to(self, user):
        """One's own mail; the operator, the publishers and the auditor see the ledger.

        But that somebody was written to in confidence is itself told to publishers alone.
        """
        if user.has_role(Role.PUBLISHER):
            return self
        if user.has_role(Role.OPERATOR) or user.has_role(Role.AUDITOR):
            return self.openly()
        return self.filter(recipient=user)

    def openly(self):
        """All but what was written in confidence: also in a number of mails it must not show."""
        return self.exclude(template__startswith=IN_CONFIDENCE)

    def about(self, letter):
        """What was mailed to the people of a letter's agency because of that letter."""
        return self.filter(about=letter.pk)

    def matching(self, words):
        """Mails with these words in the subject or the address."""
        return self.filter(Q(subject__icontains=words) | Q(address__icontains=words))

    def due(self, *, at):
        """Owed by now, whether or not a try has failed."""
        return self.in_time(at=at).filter(state=MessageState.QUEUED, due_at__lte=at)

    def deliverable(self, *, at):
        """Those to be tried now."""
        return self.due(at=at).filter(Q(retry_at__isnull=True) | Q(retry_at__lte=at))

    def in_time(self, *, at):
        return self.filter(Q(expires_at__isnull=True) | Q(expires_at__gt=at))

    def overdue(self, *, at):
        """Waiting ones that would come too late to be of use."""
        return self.filter(state=MessageState.QUEUED, expires_at__lte=at)

    def needing_somebody(self):
        """Those that failed, or may have been sent, until a person says what becomes of them."""
        troubled = (MessageState.FAILED, MessageState.UNKNOWN)
        return self.filter(state__in=troubled, settled_at__isnull=True)

    def to_send_again(self, *, at):
        """Refused ones that wait for somebody and can be sent: with their text, still of use."""
        waiting = self.needing_somebody().filter(state=MessageState.FAILED)
        return waiting.in_time(at=at).filter(secret=False)

    def lost(self, *, at):
        """Taken by a worker that never said what became of them."""
        return self.filter(state=MessageState.SENDING, claimed_at__lte=at - LEASE)
