"""Sets of letters under signed rules: the rules, what was computed, what was voted."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from decisions.querysets import (
    OfThePortfolioQuerySet,
    ScenarioQuerySet,
)
from decisions.states import (
    ScenarioState,
)
from proposals.models import CallRound
from reviews.models import ScoringRun


class PortfolioRules(models.Model):
    """What a set of letters must keep, and what counts: signed by a chair, never changed.

    Rules are to be signed before anybody sees a score. Whoever changes them later signs another
    version and says why, which stays to be seen: `after_scores`.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    round = models.ForeignKey(CallRound, models.PROTECT, related_name="+")
    number = models.PositiveSmallIntegerField(_("version"))
    name = models.CharField(_("name"), max_length=60)
    # The `rules` of a scenario, as docs/arithmetic.md describes them, and beside them what
    # `portfolio_projects` says of single letters; letters by their references.
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
        """Keys of the candidates in the set, projects of two letters too; empty before there is
        one.
        """
        return self.result["set"]["keys"] if self.set_sha256 else []

    @property
    def letters_inside(self) -> set[str]:
        """References of the letters in the set, by themselves or within a project."""
        merges = {one["key"]: one["merges"] for one in self.data["candidates"] if "merges" in one}
        return {key for chosen in self.chosen for key in merges.get(chosen, [chosen])}


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
