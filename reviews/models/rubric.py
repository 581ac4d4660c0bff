from decimal import Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from proposals.models import Call
from proposals.models.call import in_language

BEST_MARK = Decimal(5)


class Criterion(models.Model):
    """One line of the call's rubric. Weights are percentages and add up to 100."""

    call = models.ForeignKey(Call, models.CASCADE, related_name="+")
    code = models.CharField(_("code"), max_length=30)
    position = models.PositiveSmallIntegerField(_("order"))
    name = models.JSONField(_("name"))
    # One or two words, for the head of a narrow column.
    short_name = models.JSONField(_("short name"), default=dict, blank=True)
    question = models.JSONField(_("question"), default=dict)
    # Six texts keyed by language: what each whole mark from 0 to 5 looks like in evidence.
    anchors = models.JSONField(_("anchors"), default=list)
    weight = models.PositiveSmallIntegerField(_("weight, %"))
    threshold = models.DecimalField(
        _("lowest mean that passes"), max_digits=2, decimal_places=1, null=True, blank=True
    )

    class Meta:
        ordering = ("position",)
        verbose_name = _("criterion")
        verbose_name_plural = _("criteria")
        constraints = (
            models.UniqueConstraint(fields=["call", "code"], name="reviews_criterion_code"),
        )

    def __str__(self):
        return in_language(self.name)


class RubricVersion(models.Model):
    """The rubric in the words and weights of one moment. Never changed; a change makes the next."""

    call = models.ForeignKey(Call, models.PROTECT, related_name="+")
    number = models.PositiveIntegerField(_("version"))
    # What `reviews.rubrics.content_of` says.
    content = models.JSONField(_("rubric"))
    sha256 = models.CharField(_("SHA-256 of the rubric"), max_length=64)
    made_at = models.DateTimeField(_("made"))
    # Nobody, where it came with the call.
    made_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ("-number",)
        verbose_name = _("version of a rubric")
        verbose_name_plural = _("versions of rubrics")
        constraints = (
            models.UniqueConstraint(fields=["call", "number"], name="reviews_rubric_numbered"),
        )

    def __str__(self):
        return f"{self.call.code} {self.number}"


class RubricSeal(models.Model):
    """Which version stood when the call closed: what every letter of it is judged by."""

    call = models.OneToOneField(Call, models.PROTECT, related_name="+")
    version = models.ForeignKey(RubricVersion, models.PROTECT, related_name="+")
    sealed_at = models.DateTimeField(_("frozen"))

    class Meta:
        verbose_name = _("frozen rubric")
        verbose_name_plural = _("frozen rubrics")

    def __str__(self):
        return f"{self.version} frozen"
