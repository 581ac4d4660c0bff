"""Dossiers: all that is known of one letter, made by a worker for somebody who asked."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from decisions.querysets import DossierQuerySet
from decisions.states import Reader
from proposals.models import LetterOfIntent
from reviews.states import PackState


class Dossier(models.Model):
    """One letter's dossier for one person.

    The row is the queue, as with committee packs, and is forgotten after a week like them; that it
    was made stays in the audit record. The file lies in private storage under its hash.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    letter = models.ForeignKey(LetterOfIntent, models.CASCADE, related_name="+")
    reader = models.CharField(_("made for"), max_length=10, choices=Reader)
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(_("asked"))
    # Of an auditor or a chair; an agency needs none for its own.
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    language = models.CharField(max_length=10)
    state = models.CharField(_("state"), max_length=10, choices=PackState, default=PackState.QUEUED)
    claimed_at = models.DateTimeField(null=True, blank=True)
    # How often it was claimed: which claim a worker holds, and when to give up.
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    progress = models.PositiveSmallIntegerField(_("progress, %"), default=0)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    # The last entry of the audit chain that it shows: which state of the letter it tells.
    last_seq = models.BigIntegerField(_("up to entry"), null=True, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    size = models.PositiveBigIntegerField(_("bytes"), default=0)

    objects = DossierQuerySet.as_manager()

    class Meta:
        ordering = ("-asked_at", "pk")
        verbose_name = _("dossier")
        verbose_name_plural = _("dossiers")
        constraints = (
            models.CheckConstraint(
                condition=~Q(state=PackState.READY) | ~Q(sha256=""),
                name="decisions_ready_dossier_has_bytes",
            ),
            models.CheckConstraint(
                condition=Q(reader=Reader.AGENCY) | ~Q(reason=""),
                name="decisions_dossier_asked_for_a_reason",
            ),
            # Two clicks are one dossier.
            models.UniqueConstraint(
                fields=["letter", "asked_by"],
                condition=Q(state__in=(PackState.QUEUED, PackState.RUNNING)),
                name="decisions_one_dossier_at_a_time",
            ),
        )

    def __str__(self):
        return f"{self.letter.reference} {self.asked_at:%Y-%m-%d %H:%M}"

    @property
    def is_waited_for(self) -> bool:
        return self.state in (PackState.QUEUED, PackState.RUNNING)
