import hashlib
import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from proposals.models import CallRound, LetterOfIntent
from reviews.models.conflicts import ConflictCheck
from reviews.querysets import AssignmentPlanQuerySet, AssignmentQuerySet
from reviews.states import PLAN_MOVES, PlanState


class Assignment(models.Model):
    """One letter given to one reviewer for one round."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    round = models.ForeignKey(CallRound, models.PROTECT, related_name="+")
    letter = models.ForeignKey(LetterOfIntent, models.PROTECT, related_name="+")
    reviewer = models.ForeignKey(User, models.PROTECT, related_name="+")
    # False while active, empty once ended: the value the composite foreign key compares.
    conflicted = models.BooleanField(default=False, null=True, editable=False)
    # Its review stands in a frozen ranking, and its reviewer came into conflict later: the review
    # stays counted, and the reviewer reads the letter no more.
    counted = models.BooleanField(_("counted in spite of a later conflict"), default=False)
    assigned_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    assigned_at = models.DateTimeField(_("assigned"))
    due_at = models.DateTimeField(_("due"))
    # When its reviewer first saw the text of the letter.
    opened_at = models.DateTimeField(_("opened"), null=True, blank=True, editable=False)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    ended_because = models.CharField(_("reason for ending"), max_length=300, blank=True)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")
        constraints = (
            models.UniqueConstraint(
                fields=["round", "letter", "reviewer"],
                condition=Q(ended_at__isnull=True),
                name="reviews_assigned_once",
            ),
            models.CheckConstraint(
                # "Not empty" is said apart: a condition that is unknown passes a check constraint.
                condition=Q(ended_at__isnull=True, conflicted__isnull=False, conflicted=False)
                | Q(ended_at__isnull=True, conflicted__isnull=True, counted=True)
                | Q(ended_at__isnull=False, conflicted__isnull=True),
                name="reviews_active_assignment_is_tied_to_its_check",
            ),
        )

    def __str__(self):
        return f"{self.letter.reference} / {self.reviewer}"

    @property
    def own_order(self) -> str:
        """Where it comes among its reviewer's letters: a random order that is her or his and stays.

        Marks rise along a sequence; if everybody read in the same order, the last letters would
        gain by it.
        """
        pair = f"{self.reviewer_id}/{self.letter_id}"
        return hashlib.md5(pair.encode(), usedforsecurity=False).hexdigest()

    @classmethod
    def review_columns(cls) -> list[str]:
        """All columns of the review, for `for_reading`."""
        review = cls._meta.get_field("review").related_model
        return [field.name for field in review._meta.concrete_fields]

    @property
    def is_nameless(self) -> bool:
        """Whether its reviewer reads the letter without knowing whose it is."""
        return self.round.double_anonymous

    @staticmethod
    def open_question(reader, letter_ref):
        """The conflict question that still stands before the letter, for `with_answers`.

        Of one reader: for a reference to the row's own PostgreSQL reads the questions of everybody,
        which are 40,000 at 2,000 letters and took longer than all the rest of a reviewer's list.
        """
        return ConflictCheck.objects.unanswered().filter(reviewer=reader, letter=letter_ref)


class AssignmentPlan(models.Model):
    """A proposal of who reads what, computed by a worker, to be looked at before it is applied.

    The row is the queue: whoever claims it computes; a plan whose worker died is claimed again.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    round = models.ForeignKey(CallRound, models.CASCADE, related_name="+")
    state = models.CharField(_("state"), max_length=10, choices=PlanState, default=PlanState.QUEUED)
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(_("asked"))
    claimed_at = models.DateTimeField(null=True, blank=True)
    # How often it was claimed: which claim a worker holds, and when to give up.
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    progress = models.PositiveSmallIntegerField(_("progress, %"), default=0)
    # What the chair asked for (`reviews.actions.planning`): letters, reviews a letter, loads,
    # rules, pairs locked and barred by hand, exceptions allowed.
    parameters = models.JSONField(_("parameters"))
    # Pairs with the parts of their affinity, loads, and where it fails who is lacking.
    result = models.JSONField(_("result"), default=dict, blank=True)
    applied_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    applied_at = models.DateTimeField(_("applied"), null=True, blank=True)

    objects = AssignmentPlanQuerySet.as_manager()

    class Meta:
        ordering = ("-asked_at",)
        verbose_name = _("assignment plan")
        verbose_name_plural = _("assignment plans")
        constraints = (
            models.CheckConstraint(
                condition=~Q(state=PlanState.APPLIED)
                | Q(applied_by__isnull=False, applied_at__isnull=False),
                name="reviews_plan_applied_by_somebody",
            ),
        )

    def __str__(self):
        return f"{self.round} {self.asked_at:%Y-%m-%d %H:%M}"

    @property
    def is_waited_for(self) -> bool:
        return self.state in (PlanState.QUEUED, PlanState.RUNNING)

    def can_move_to(self, state) -> bool:
        return state in PLAN_MOVES[PlanState(self.state)]

    @staticmethod
    def barred_letters(user) -> list[str]:
        """The ids of letters that `user` must not read of, for `visible_to`."""
        barred = ConflictCheck.objects.conflicted().filter(reviewer=user)
        return [str(pk) for pk in barred.values_list("letter", flat=True)]
