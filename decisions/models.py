import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Agency, User
from accounts.states import LetterLanguage
from decisions.querysets import (
    DecisionLetterQuerySet,
    DecisionQuerySet,
    MergeConsentQuerySet,
    OfThePortfolioQuerySet,
    PublicationQuerySet,
    RehearsalQuerySet,
    ScenarioQuerySet,
)
from decisions.states import (
    ConsentState,
    ExceptionKind,
    Outcome,
    PublicationState,
    RenderState,
    ScenarioState,
)
from proposals.models import CallRound, LetterOfIntent
from proposals.states import Answer
from reviews.models import ScoringRun


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

    Holds for what was looked at and for nothing more: one version of the decision, or a mass up to
    `mass_kg`.
    """

    round = models.ForeignKey(CallRound, models.PROTECT, related_name="+")
    kind = models.CharField(_("kind"), max_length=8, choices=ExceptionKind)
    letter = models.ForeignKey(LetterOfIntent, models.PROTECT, null=True, related_name="+")
    version = models.PositiveSmallIntegerField(_("version"), null=True)
    mass_kg = models.DecimalField(_("mass, kg"), max_digits=9, decimal_places=3, null=True)
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
                | Q(kind=ExceptionKind.TOTAL, letter__isnull=False, version__isnull=False),
                name="decisions_exception_from_something",
            ),
        )

    def __str__(self):
        return f"{self.round}: {self.get_kind_display()}"


class Publication(models.Model):
    """One round told to everyone at one instant: proposed by one person, released by another.

    The single row whose state every page asks. `content_hash` binds the approval to all decisions
    and to the facts of all letters; while it is proposed, no decision can be changed.
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
    # What the results page will tell and the text for the press is made of, fixed with the letters.
    page = models.JSONField(_("results page"), default=dict)
    # Planned by the second person: a worker releases it at this instant, or soon after.
    release_at = models.DateTimeField(_("to be released at"), null=True)
    scheduled_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
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
                condition=Q(scheduled_by__isnull=True, release_at__isnull=True)
                | (
                    Q(scheduled_by__isnull=False, release_at__isnull=False)
                    & ~Q(scheduled_by=F("proposed_by"))
                ),
                name="decisions_scheduled_by_the_second",
            ),
            models.CheckConstraint(
                condition=Q(released_at__isnull=True)
                | Q(release_at__isnull=True)
                | Q(released_at__gte=F("release_at")),
                name="decisions_never_earlier_than_planned",
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

    @property
    def is_scheduled(self) -> bool:
        """Proposed, and to be released by a worker at `release_at`."""
        return self.is_open and self.release_at is not None


class Rehearsal(models.Model):
    """A release that was tried to its last step and not made: what a worker found, and when.

    Owed once it is asked for; `done_at` is when it ended. `faults` are sentences in the language of
    who asked; empty if nothing stands in the way.
    """

    publication = models.ForeignKey(Publication, models.PROTECT, related_name="rehearsals")
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(_("asked"))
    claimed_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(_("ended"), null=True)
    letters = models.PositiveIntegerField(_("letters read back"), default=0)
    mails = models.PositiveIntegerField(_("mails that would be owed"), default=0)
    faults = models.JSONField(_("in the way"), default=list)

    objects = RehearsalQuerySet.as_manager()

    class Meta:
        ordering = ("-asked_at",)
        verbose_name = _("dress rehearsal")
        verbose_name_plural = _("dress rehearsals")
        constraints = (
            models.UniqueConstraint(
                fields=["publication"],
                condition=Q(done_at__isnull=True),
                name="decisions_one_rehearsal_at_a_time",
            ),
        )

    def __str__(self):
        return f"{self.publication}, {self.asked_at}"

    @property
    def is_running(self) -> bool:
        return self.done_at is None


class Correction(models.Model):
    """A new version of one decision that was told already: proposed by one person, released by
    another, like the publication it corrects.

    `content` is the whole decision as it will be (`decisions.history.content_of`). The decision
    itself stays untouched until the release, which a trigger sees to.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    publication = models.ForeignKey(Publication, models.PROTECT, related_name="corrections")
    decision = models.ForeignKey(Decision, models.PROTECT, related_name="corrections")
    version = models.PositiveSmallIntegerField(_("version of the decision"))
    content = models.JSONField(_("content"))
    reason = models.TextField(_("why it is corrected"), max_length=1500)
    # Whether the results page names the letter before it or after it.
    is_public = models.BooleanField(_("changes what the world was told"))
    state = models.CharField(
        _("state"), max_length=10, choices=PublicationState, default=PublicationState.PROPOSED
    )
    content_hash = models.CharField(_("hash of what is told"), max_length=64)
    proposed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(_("proposed"))
    released_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    released_at = models.DateTimeField(_("released"), null=True)
    release_key = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ("-proposed_at",)
        verbose_name = _("correction")
        verbose_name_plural = _("corrections")
        constraints = (
            models.CheckConstraint(
                condition=Q(released_by__isnull=True) | ~Q(released_by=F("proposed_by")),
                name="decisions_correction_by_two_people",
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
                name="decisions_corrected_by_somebody",
            ),
            # One at a time: the next one must build on what this one tells.
            models.UniqueConstraint(
                fields=["publication"],
                condition=Q(state=PublicationState.PROPOSED),
                name="decisions_one_open_correction",
            ),
            models.UniqueConstraint(
                fields=["decision", "version"],
                condition=Q(state=PublicationState.RELEASED),
                name="decisions_one_correction_a_version",
            ),
        )

    def __str__(self):
        return f"{self.decision.letter.reference}: {self.version}"

    @property
    def is_open(self) -> bool:
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
    language = models.CharField(_("language"), max_length=10, choices=LetterLanguage)
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
    # Of a correction, or else of the publication itself.
    correction = models.ForeignKey(
        Correction, models.PROTECT, null=True, blank=True, related_name="letters"
    )
    # The instant from which the agency has it, and the one from which another one holds instead.
    told_at = models.DateTimeField(_("told"), null=True, blank=True)
    superseded_at = models.DateTimeField(_("superseded"), null=True, blank=True)

    objects = DecisionLetterQuerySet.as_manager()

    class Meta:
        ordering = ("number",)
        verbose_name = _("decision letter")
        verbose_name_plural = _("decision letters")
        constraints = (
            models.UniqueConstraint(
                fields=["publication", "decision", "language"],
                condition=Q(correction__isnull=True),
                name="decisions_one_letter_a_language",
            ),
            models.UniqueConstraint(
                fields=["correction", "language"], name="decisions_one_corrected_letter"
            ),
            # Whatever goes wrong: an agency never holds two valid letters about one decision.
            models.UniqueConstraint(
                fields=["decision", "language"],
                condition=Q(told_at__isnull=False, superseded_at__isnull=True),
                name="decisions_one_valid_letter",
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


class PortfolioRules(models.Model):
    """What a set of letters must keep, and what counts: signed by a chair, never changed.

    Rules are to be signed before anybody sees a score. Whoever changes them later signs another
    version and says why, which stays to be seen: `after_scores`.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    round = models.ForeignKey(CallRound, models.PROTECT, related_name="+")
    number = models.PositiveSmallIntegerField(_("version"))
    name = models.CharField(_("name"), max_length=60)
    # The `rules` of a scenario, as docs/arithmetic.md describes them; letters by their references.
    content = models.JSONField(_("rules"))
    # References of the letters that the rules name.
    letters = models.JSONField(default=list, blank=True)
    sha256 = models.CharField(_("hash of the rules"), max_length=64)
    signed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    signed_at = models.DateTimeField(_("signed"))
    after_scores = models.BooleanField(_("changed after scores were visible"))
    reason = models.TextField(_("why they change now"), max_length=1000, blank=True)

    objects = OfThePortfolioQuerySet.as_manager()

    class Meta:
        ordering = ("-number",)
        verbose_name = _("rules of a portfolio")
        verbose_name_plural = _("rules of portfolios")
        constraints = (
            models.UniqueConstraint(
                fields=["round", "number"], name="decisions_one_version_of_rules"
            ),
            models.CheckConstraint(
                condition=Q(after_scores=False) | ~Q(reason=""),
                name="decisions_late_rules_have_a_reason",
            ),
        )

    def __str__(self):
        return self.name


class PortfolioScenario(models.Model):
    """The best set of letters under some rules and pins, computed by a worker; nothing decided.

    The row is the queue: whoever claims it computes, and one whose worker died is claimed again.
    `data` is what the arithmetic was given, so that the answer can be repeated whatever changes.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    round = models.ForeignKey(CallRound, models.PROTECT, related_name="+")
    rules = models.ForeignKey(PortfolioRules, models.PROTECT, related_name="+")
    name = models.CharField(_("name"), max_length=60)
    # [{"letter": reference, "inside": true, "reason": ...}]
    pins = models.JSONField(_("pins"), default=list, blank=True)
    letters = models.JSONField(default=list)
    data = models.JSONField()
    # References of those that count as scored, because nothing calibrates them.
    as_scored = models.JSONField(default=list, blank=True)
    input_sha256 = models.CharField(_("hash of the input"), max_length=64)
    # Of whose posterior the frequencies are drawn; none where nothing was calibrated.
    run = models.ForeignKey(ScoringRun, models.PROTECT, null=True, blank=True, related_name="+")
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(_("asked"))
    state = models.CharField(
        _("state"), max_length=10, choices=ScenarioState, default=ScenarioState.QUEUED
    )
    claimed_at = models.DateTimeField(null=True, blank=True)
    # How often it was claimed: which claim a worker holds, and when to give up.
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    progress = models.PositiveSmallIntegerField(_("progress, %"), default=0)
    # `decisions.portfolio.report`; there before the frequencies, which take longer.
    result = models.JSONField(_("result"), default=dict, blank=True)
    set_sha256 = models.CharField(_("hash of the set"), max_length=64, blank=True)
    frequencies = models.JSONField(default=dict, blank=True)

    objects = ScenarioQuerySet.as_manager()

    class Meta:
        ordering = ("-asked_at", "name")
        verbose_name = _("scenario")
        verbose_name_plural = _("scenarios")
        constraints = (
            models.CheckConstraint(
                condition=~Q(state=ScenarioState.READY) | ~Q(set_sha256=""),
                name="decisions_ready_scenario_has_a_set",
            ),
        )
        # The sweep asks every few seconds.
        indexes = (
            models.Index(
                fields=["state"],
                condition=Q(state__in=("QUEUED", "RUNNING")),
                name="decisions_scenario_owed",
            ),
        )

    def __str__(self):
        return self.name

    @property
    def is_waited_for(self) -> bool:
        return self.state in (ScenarioState.QUEUED, ScenarioState.RUNNING)

    @property
    def chosen(self) -> list[str]:
        """References of the letters in the set; empty before there is one."""
        return self.result["set"]["keys"] if self.set_sha256 else []


class PortfolioAdoption(models.Model):
    """The panel voted for a scenario. It decides no letter; the last one is in force."""

    scenario = models.ForeignKey(PortfolioScenario, models.PROTECT, related_name="adoptions")
    minute = models.TextField(_("minute of the vote"), max_length=1000)
    adopted_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    adopted_at = models.DateTimeField(_("adopted"))

    class Meta:
        ordering = ("-adopted_at", "-pk")
        verbose_name = _("adoption of a scenario")
        verbose_name_plural = _("adoptions of scenarios")

    def __str__(self):
        return f"{self.scenario}"
