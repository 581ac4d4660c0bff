"""The fuller proposal of a shortlisted letter: its working copy, and what was filed of it."""

from copy import copy
from decimal import Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _

from proposals.models.filing import FiledReceipt, FiledVersion
from proposals.models.letter import LetterOfIntent, quantity, text, trl

# What it states anew; the names are those of the letter.
FIGURES = (
    *("mass_kg", "margin_percent", "power_average_w", "power_peak_w", "data_mbit_per_day"),
    *("trl_now", "trl_delivery", "fm_delivery"),
)


class FullerProposal(models.Model):
    """The figures as they stand for the second round, and what changed since the letter.

    It begins with the letter's figures. The letter itself stays as it was filed.
    """

    letter = models.OneToOneField(LetterOfIntent, models.PROTECT, related_name="fuller")
    revision = models.PositiveIntegerField(_("revision"), default=1)
    updated_at = models.DateTimeField(_("last saved"))
    mass_kg = quantity(_("mass including adapters, kg"), places=3, least=Decimal("0.001"), most=100)
    margin_percent = quantity(_("mass margin, %"), digits=5, most=100)
    power_average_w = quantity(_("average power, W"))
    power_peak_w = quantity(_("peak power, W"))
    data_mbit_per_day = quantity(_("data volume, Mbit per Earth day"), digits=12)
    trl_now = trl(_("technology readiness level now"))
    trl_delivery = trl(_("technology readiness level at delivery"))
    fm_delivery = models.DateField(_("flight model delivered"), null=True, blank=True)
    changes = text(_("what changed since the letter"), 3000)

    class Meta:
        verbose_name = _("fuller proposal")
        verbose_name_plural = _("fuller proposals")

    def __str__(self):
        return f"{self.letter.reference}"

    @property
    def call(self):
        return self.letter.call

    @property
    def level(self) -> str:
        return self.letter.level

    def on_letter(self) -> LetterOfIntent:
        """The letter as if it said these figures, not saved: for whatever looks at figures."""
        letter = copy(self.letter)
        for name in FIGURES:
            setattr(letter, name, getattr(self, name))
        return letter


class FullerVersion(FiledVersion):
    """A fuller proposal as it was filed. The newest one counts. Never changed."""

    ABOUT = "fuller proposal"

    letter = models.ForeignKey(LetterOfIntent, models.PROTECT, related_name="fuller_versions")

    class Meta(FiledVersion.Meta):
        verbose_name = _("filed fuller proposal")
        verbose_name_plural = _("filed fuller proposals")
        constraints = (
            models.UniqueConstraint(fields=["letter", "number"], name="proposals_fuller_number"),
            models.UniqueConstraint(
                fields=["letter", "idempotency_key"], name="proposals_fuller_filed_once"
            ),
        )

    def __str__(self):
        return f"{self.letter.reference} fuller v{self.number}"


class FullerReceipt(FiledReceipt):
    version = models.OneToOneField(FullerVersion, models.PROTECT, related_name="receipt")

    class Meta:
        verbose_name = _("receipt of a fuller proposal")
        verbose_name_plural = _("receipts of fuller proposals")
