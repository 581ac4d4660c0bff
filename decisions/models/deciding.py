"""What the panel decides about letters, and what such a decision waits for."""

import secrets
import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Agency, User
from decisions.querysets import (
    DecisionQuerySet,
    MergeConsentQuerySet,
)
from decisions.states import (
    ConsentState,
    ExceptionKind,
    Outcome,
)
from proposals.models import CallRound, LetterOfIntent
from proposals.states import Answer


def new_salt() -> str:
    """128 random bits as 32 hexadecimal digits."""
    return secrets.token_hex(16)


class Decision(models.Model):
    """What the panel decided about one letter in one round. Nobody below this room can reach it."""

    round = models.ForeignKey(CallRound, models.PROTECT, related_name="+")
    letter = models.ForeignKey(LetterOfIntent, models.PROTECT, related_name="+")
    outcome = models.CharField(_("outcome"), max_length=16, choices=Outcome)
    reason = models.TextField(_("reason"), max_length=3000, blank=True)
    strengths = models.TextField(_("strengths, for the applicant"), max_length=3000, blank=True)
    weaknesses = models.TextField(_("weaknesses, for the applicant"), max_length=3000, blank=True)
    # [{"text": ..., "due": "2025-03-31"}], numbered in this order.
    conditions = models.JSONField(_("conditions"), default=list, blank=True)
    merged_with = models.ForeignKey(
        LetterOfIntent,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("merged with"),
    )
    reserve_rank = models.PositiveSmallIntegerField(_("reserve rank"), null=True, blank=True)
    reserve_until = models.DateField(_("reserve valid until"), null=True, blank=True)
    mass_kg = models.DecimalField(
        _("mass allocated, kg"), max_digits=7, decimal_places=3, null=True, blank=True
    )
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    # Hashed with the rest, or whoever reads the hash could try the few things that may have been
    # decided. Empty: decided before decisions were salted.
    salt = models.CharField(max_length=32, default=new_salt, editable=False, blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(_("decided"))

    objects = DecisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        constraints = (
            models.UniqueConstraint(
                fields=["round", "letter"], name="decisions_one_decision_a_round"
            ),
            models.CheckConstraint(
                condition=~Q(outcome=Outcome.MERGED) | Q(merged_with__isnull=False),
                name="decisions_merged_names_the_lead",
            ),
            models.CheckConstraint(
                condition=~Q(outcome=Outcome.RESERVE) | Q(reserve_rank__isnull=False),
                name="decisions_reserve_has_a_rank",
            ),
            models.UniqueConstraint(
                fields=["round", "reserve_rank"],
                condition=Q(outcome=Outcome.RESERVE),
                name="decisions_one_letter_a_reserve_rank",
            ),
        )

    def __str__(self):
        return f"{self.letter.reference}: {self.get_outcome_display()}"


class DecisionVersion(models.Model):
    """One state that a decision had; never changed and never deleted, as a trigger sees to.

    Kept by letter and round and not by decision, so that the history outlives an undo that leaves
    the letter undecided.
    """

    round = models.ForeignKey(CallRound, models.PROTECT, related_name="+")
    letter = models.ForeignKey(LetterOfIntent, models.PROTECT, related_name="+")
    number = models.PositiveSmallIntegerField(_("version"))
    # As `decisions.history.content_of` writes it; None: undecided again.
    content = models.JSONField(_("content"), null=True)
    # Shared by all letters that were decided in one go, and by those whose undoing that was.
    act = models.UUIDField(_("bulk decision"), null=True, db_index=True)
    undoes = models.UUIDField(_("bulk decision undone"), null=True, db_index=True)
    actor = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("decided"))

    class Meta:
        ordering = ("number",)
        verbose_name = _("version of a decision")
        verbose_name_plural = _("versions of decisions")
        constraints = (
            models.UniqueConstraint(
                fields=["round", "letter", "number"], name="decisions_versions_are_counted"
            ),
        )

    def __str__(self):
        return f"{self.letter.reference}: {self.number}"


class MergeConsent(models.Model):
    """Whether one agency agrees that two letters, one of them its own, become one project.

    Asked in confidence while nothing is published: it exists for the representatives of this
    agency, for the panel, and for nobody else. One row an agency: who leads both is asked once.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    round = models.ForeignKey(CallRound, models.PROTECT, related_name="+")
    # The letter that would join, and the one that would lead.
    letter = models.ForeignKey(LetterOfIntent, models.PROTECT, related_name="+")
    lead = models.ForeignKey(LetterOfIntent, models.PROTECT, related_name="+")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(_("asked"))
    state = models.CharField(
        _("state"), max_length=10, choices=ConsentState, default=ConsentState.ASKED
    )
    reason = models.TextField(_("reason"), max_length=1500, blank=True)
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(_("answered"), null=True)

    objects = MergeConsentQuerySet.as_manager()

    class Meta:
        ordering = ("-asked_at",)
        verbose_name = _("consent to a merger")
        verbose_name_plural = _("consents to mergers")
        constraints = (
            models.UniqueConstraint(
                fields=["round", "letter", "lead", "agency"],
                condition=Q(state__in=(ConsentState.ASKED, ConsentState.GIVEN)),
                name="decisions_one_consent_an_agency",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=(ConsentState.GIVEN, ConsentState.DECLINED),
                    answered_by__isnull=False,
                    answered_at__isnull=False,
                )
                | Q(state__in=(ConsentState.ASKED, ConsentState.TAKEN_BACK)),
                name="decisions_consent_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state=ConsentState.DECLINED) | ~Q(reason=""),
                name="decisions_declined_with_a_reason",
            ),
        )

    def __str__(self):
        return f"{self.letter.reference} + {self.lead.reference}: {self.get_state_display()}"

    @property
    def own(self) -> LetterOfIntent:
        """The letter of the agency that is asked."""
        return self.letter if self.letter.agency_id == self.agency_id else self.lead

    @property
    def other(self) -> LetterOfIntent:
        """The letter it would be carried out with."""
        return self.lead if self.own.pk == self.letter_id else self.letter

    @property
    def is_awaited(self) -> bool:
        return self.state == ConsentState.ASKED


class GrantedException(models.Model):
    """A decision against the rules of the round: a chair says why, another person agrees or not.

    Holds for what was looked at and for nothing more: one version of the decision, a mass up to
    `mass_kg`, or the decided letters and rules whose hash is `set_sha256`.
    """

    round = models.ForeignKey(CallRound, models.PROTECT, related_name="+")
    kind = models.CharField(_("kind"), max_length=8, choices=ExceptionKind)
    letter = models.ForeignKey(LetterOfIntent, models.PROTECT, null=True, related_name="+")
    version = models.PositiveSmallIntegerField(_("version"), null=True)
    mass_kg = models.DecimalField(_("mass, kg"), max_digits=9, decimal_places=3, null=True)
    set_sha256 = models.CharField(_("hash of the decided set"), max_length=64, blank=True)
    reason = models.TextField(_("reason"), max_length=1500)
    proposed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(_("proposed"))
    answer = models.CharField(_("answer"), max_length=10, choices=Answer, default=Answer.AWAITED)
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(_("answered"), null=True)

    class Meta:
        ordering = ("-proposed_at",)
        verbose_name = _("exception")
        verbose_name_plural = _("exceptions")
        constraints = (
            models.CheckConstraint(
                condition=~Q(answer__in=(Answer.YES, Answer.NO))
                | (Q(answered_by__isnull=False) & ~Q(answered_by=F("proposed_by"))),
                name="decisions_exception_by_two_people",
            ),
            models.CheckConstraint(
                condition=Q(kind=ExceptionKind.MASS, letter__isnull=True, mass_kg__isnull=False)
                | Q(kind=ExceptionKind.TOTAL, letter__isnull=False, version__isnull=False)
                | Q(kind=ExceptionKind.SET, letter__isnull=True) & ~Q(set_sha256=""),
                name="decisions_exception_from_something",
            ),
        )

    def __str__(self):
        return f"{self.round}: {self.get_kind_display()}"
