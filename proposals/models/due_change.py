"""The due instant of the fuller proposals, when it was moved."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from proposals.models.call import CallRound
from proposals.querysets import DueChangeQuerySet


class DueChange(models.Model):
    """A move of the due instant, with the reason that the agencies are told. Never changed."""

    round = models.ForeignKey(CallRound, models.PROTECT, related_name="due_changes")
    due_before = models.DateTimeField(_("due before"))
    due_at = models.DateTimeField(_("new due instant"))
    reason = models.TextField(_("reason"), max_length=1500)
    changed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    changed_at = models.DateTimeField(_("changed"))

    objects = DueChangeQuerySet.as_manager()

    class Meta:
        ordering = ("-changed_at", "-pk")
        verbose_name = _("move of a due date")
        verbose_name_plural = _("moves of due dates")
        constraints = (
            models.CheckConstraint(
                condition=~Q(due_at=F("due_before")), name="proposals_due_change_moves"
            ),
            # Whatever was moved, there was time left.
            models.CheckConstraint(
                condition=Q(due_at__gt=F("changed_at")), name="proposals_due_change_ahead"
            ),
        )

    def __str__(self):
        return f"{self.round} until {self.due_at:%Y-%m-%d %H:%M}"

    @property
    def is_later(self) -> bool:
        return self.due_at > self.due_before

    @property
    def opens_again(self) -> bool:
        """Whether the proposals were closed before it."""
        return self.due_before <= self.changed_at

    @property
    def before_words(self) -> str:
        return self.round.call.in_words(self.due_before)

    @property
    def after_words(self) -> str:
        return self.round.call.in_words(self.due_at)
