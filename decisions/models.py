import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.states import Language
from decisions.querysets import DecisionLetterQuerySet, DecisionQuerySet, PublicationQuerySet
from decisions.states import Outcome, PublicationState, RenderState
from proposals.models import CallRound, LetterOfIntent


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
        )

    def __str__(self):
        return f"{self.letter.reference}: {self.get_outcome_display()}"


class Publication(models.Model):
    """One round told to everyone at one instant: proposed by one person, released by another.

    The single row whose state every page asks. `content_hash` binds the approval to all decisions
    and to the facts of all letters; editing a decision voids the proposal.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    round = models.ForeignKey(CallRound, models.PROTECT, related_name="publications")
    state = models.CharField(
        _("state"), max_length=10, choices=PublicationState, default=PublicationState.PROPOSED
    )
    content_hash = models.CharField(_("hash of what is published"), max_length=64)
    positive_count = models.PositiveSmallIntegerField(_("letters that go forward"))
    proposed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(_("proposed"))
    released_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    released_at = models.DateTimeField(_("released"), null=True)
    # The form that released it: the same form sent twice is one release, another one is refused.
    release_key = models.CharField(max_length=64, blank=True)
    void_reason = models.CharField(_("why it is void"), max_length=500, blank=True)

    objects = PublicationQuerySet.as_manager()

    class Meta:
        ordering = ("-proposed_at",)
        verbose_name = _("publication")
        verbose_name_plural = _("publications")
        constraints = (
            models.CheckConstraint(
                condition=Q(released_by__isnull=True) | ~Q(released_by=F("proposed_by")),
                name="decisions_publication_by_two_people",
            ),
            models.CheckConstraint(
                condition=Q(
                    state=PublicationState.RELEASED,
                    released_by__isnull=False,
                    released_at__isnull=False,
                )
                | (
                    ~Q(state=PublicationState.RELEASED)
                    & Q(released_by__isnull=True, released_at__isnull=True)
                ),
                name="decisions_released_by_somebody_at_some_time",
            ),
            models.UniqueConstraint(
                fields=["round"],
                condition=~Q(state=PublicationState.VOID),
                name="decisions_one_live_publication_a_round",
            ),
        )

    def __str__(self):
        return f"{self.round}: {self.get_state_display()}"

    @property
    def is_open(self) -> bool:
        """Proposed, and neither released nor void yet."""
        return self.state == PublicationState.PROPOSED

    @property
    def is_released(self) -> bool:
        return self.state == PublicationState.RELEASED


class DecisionLetter(models.Model):
    """The PDF that tells one agency one decision, in one language.

    `facts` is everything the page says, copied when the publication was proposed: rendering is a
    function of it and of the template, so a second run finds the first one's bytes.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    publication = models.ForeignKey(Publication, models.PROTECT, related_name="letters")
    decision = models.ForeignKey(Decision, models.PROTECT, related_name="letters")
    decision_version = models.PositiveSmallIntegerField()
    language = models.CharField(_("language"), max_length=10, choices=Language)
    number = models.CharField(_("letter number"), max_length=40)
    code = models.CharField(_("verification code"), max_length=24, unique=True)
    facts = models.JSONField(_("facts"))
    state = models.CharField(
        _("state"), max_length=10, choices=RenderState, default=RenderState.OWED
    )
    claimed_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(_("last error"), max_length=500, blank=True)
    sha256 = models.CharField(_("SHA-256"), max_length=64, blank=True)
    size = models.PositiveIntegerField(_("size, bytes"), default=0)
    rendered_at = models.DateTimeField(_("rendered"), null=True, blank=True)

    objects = DecisionLetterQuerySet.as_manager()

    class Meta:
        ordering = ("number",)
        verbose_name = _("decision letter")
        verbose_name_plural = _("decision letters")
        constraints = (
            models.UniqueConstraint(
                fields=["publication", "decision", "language"],
                name="decisions_one_letter_a_language",
            ),
            models.CheckConstraint(
                condition=~Q(state=RenderState.READY) | ~Q(sha256=""),
                name="decisions_ready_letter_has_bytes",
            ),
        )
        # The rendering sweep asks every few seconds.
        indexes = (
            models.Index(
                fields=["state"],
                condition=Q(state__in=("OWED", "RENDERING")),
                name="decisions_letter_owed",
            ),
        )

    def __str__(self):
        return self.number
