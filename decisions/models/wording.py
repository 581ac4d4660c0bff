from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.states import Language
from decisions.querysets import LetterTemplateQuerySet
from decisions.states import Outcome
from proposals.models import CallRound
from proposals.states import Answer


class LetterTemplate(models.Model):
    """The words around the facts of one kind of letter: one person proposes, another approves.

    `texts` has the fields of `rendering.Texts` without the version. The standard wording of the
    files is version 0; the highest approved version holds instead. A trigger keeps what was
    proposed, and what was answered, as it is.
    """

    round = models.ForeignKey(CallRound, models.PROTECT, related_name="+")
    outcome = models.CharField(_("outcome"), max_length=15, choices=Outcome)
    language = models.CharField(_("language"), max_length=10, choices=Language)
    version = models.PositiveSmallIntegerField(_("version"))
    texts = models.JSONField(_("texts"))
    proposed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(_("proposed"))
    answer = models.CharField(_("answer"), max_length=10, choices=Answer, default=Answer.AWAITED)
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(_("answered"), null=True)
    reason = models.CharField(_("why not"), max_length=500, blank=True)

    objects = LetterTemplateQuerySet.as_manager()

    class Meta:
        ordering = ("-version",)
        verbose_name = _("wording of letters")
        verbose_name_plural = _("wordings of letters")
        constraints = (
            models.UniqueConstraint(
                fields=["round", "outcome", "language", "version"],
                name="decisions_one_wording_a_version",
            ),
            models.UniqueConstraint(
                fields=["round", "outcome", "language"],
                condition=Q(answer=Answer.AWAITED),
                name="decisions_one_open_wording",
            ),
            models.CheckConstraint(
                condition=~Q(answer__in=(Answer.YES, Answer.NO))
                | (Q(answered_by__isnull=False) & ~Q(answered_by=F("proposed_by"))),
                name="decisions_wording_by_two_people",
            ),
            models.CheckConstraint(
                condition=Q(answer=Answer.AWAITED, answered_at__isnull=True)
                | (~Q(answer=Answer.AWAITED) & Q(answered_at__isnull=False)),
                name="decisions_wording_answered_at_some_time",
            ),
            models.CheckConstraint(
                condition=~Q(answer__in=(Answer.NO, Answer.TAKEN_BACK)) | ~Q(reason=""),
                name="decisions_wording_ended_for_a_reason",
            ),
            # 0 is the standard wording, which is no row.
            models.CheckConstraint(
                condition=Q(version__gte=1), name="decisions_wording_counts_from_one"
            ),
        )

    def __str__(self):
        return f"{self.get_outcome_display()}, {self.get_language_display()}: {self.version}"

    @property
    def is_open(self) -> bool:
        """Proposed, and neither approved nor ended."""
        return self.answer == Answer.AWAITED

    @property
    def is_approved(self) -> bool:
        return self.answer == Answer.YES
