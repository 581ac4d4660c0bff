from django.db import models
from django.db.models import Exists, OuterRef

from accounts.states import Role
from reviews.states import ReviewState


class ConflictCheckQuerySet(models.QuerySet):
    def visible_to(self, user):
        """A reviewer's own answers; the chair and the auditor read the register."""
        if user.has_role(Role.CHAIR) or user.has_role(Role.AUDITOR):
            return self
        return self.filter(reviewer=user)

    def unanswered(self):
        return self.filter(answered_at__isnull=True)

    def for_list(self):
        return self.select_related("letter__agency", "reviewer").order_by("letter__reference")


class AssignmentQuerySet(models.QuerySet):
    def visible_to(self, user):
        """The chair and the auditor see who reads what; a reviewer only the own letters."""
        if user.has_role(Role.CHAIR) or user.has_role(Role.AUDITOR):
            return self
        return self.filter(reviewer=user)

    def active(self):
        """Neither waived nor ended by a conflict."""
        return self.filter(ended_at__isnull=True)

    def pending(self):
        """Active ones whose review is not in."""
        return self.active().exclude(review__state=ReviewState.SUBMITTED)

    def for_list(self):
        return self.select_related("letter__agency", "letter__call", "reviewer", "round", "review")


class ReviewQuerySet(models.QuerySet):
    def visible_to(self, user):
        """One's own reviews of letters without a conflict; the chair sees all that count."""
        counting = self.filter(assignment__ended_at__isnull=True)
        if user.has_role(Role.CHAIR):
            return counting
        clear = self.model.conflict_free(OuterRef("assignment__reviewer"))
        return counting.filter(assignment__reviewer=user).filter(Exists(clear))

    def submitted(self):
        return self.filter(state=ReviewState.SUBMITTED, assignment__ended_at__isnull=True)
