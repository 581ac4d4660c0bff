from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from proposals.models import Call
from reviews.querysets import PracticeQuerySet


class Practice(models.Model):
    """That somebody marked the practice letter of a call, or said that she or he will not.

    The marks are for the person alone. They stand apart from reviews, so that no list, ranking,
    run, table or statistics can take them for such.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    call = models.ForeignKey(Call, models.CASCADE, related_name="+")
    # Criterion code to {"mark": text, or null for "cannot judge", "comment": text}.
    marks = models.JSONField(_("marks"), default=dict, blank=True, editable=False)
    done_at = models.DateTimeField(_("marked"), null=True, blank=True)
    declined_at = models.DateTimeField(_("declined"), null=True, blank=True)

    objects = PracticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("practice")
        verbose_name_plural = _("practices")
        constraints = (
            models.UniqueConstraint(fields=["user", "call"], name="reviews_one_practice_a_call"),
            models.CheckConstraint(
                condition=Q(done_at__isnull=False) | Q(declined_at__isnull=False),
                name="reviews_practice_done_or_declined",
            ),
        )

    def __str__(self):
        return f"{self.call.code}: {self.user}"
