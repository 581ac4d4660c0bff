from datetime import timedelta

from django.db import models

from accounts.states import Role
from notifications.states import MessageState

LEASE = timedelta(minutes=15)


class MessageQuerySet(models.QuerySet):
    def visible_to(self, user):
        """One's own mail; the operator, the publishers and the auditor see the ledger."""
        if any(user.has_role(r) for r in (Role.OPERATOR, Role.PUBLISHER, Role.AUDITOR)):
            return self
        return self.filter(recipient=user)

    def deliverable(self, *, at):
        return self.filter(state=MessageState.QUEUED, due_at__lte=at)

    def lost(self, *, at):
        """Taken by a worker that never said what became of them."""
        return self.filter(state=MessageState.SENDING, claimed_at__lte=at - LEASE)
