import uuid

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from proposals.models import CallRound, LetterOfIntent
from reviews.models.conflicts import ConflictCheck
from reviews.models.rubric import RubricVersion
from reviews.querysets import ScoreboardLineQuerySet, ScoreboardQuerySet
from reviews.states import PASSING_TOTAL


class ScoringRun(models.Model):
    """One calibration of a round's totals, kept whole: what went in, how, and what came out.

    Never changed; other marks make another run, known by another `input_sha256`.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    round = models.ForeignKey(CallRound, models.PROTECT, related_name="+")
    made_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField(_("made"))
    # The frozen rubric whose weights made the totals; none for runs from before there was one.
    rubric = models.ForeignKey(
        RubricVersion, models.PROTECT, null=True, blank=True, related_name="+"
    )
    input_sha256 = models.CharField(_("hash of the marks"), max_length=64)
    code_version = models.CharField(_("version of the method"), max_length=20)
    parameters = models.JSONField(_("parameters"))
    result = models.JSONField(_("result"))

    class Meta:
        ordering = ("-made_at",)
        verbose_name = _("scoring run")
        verbose_name_plural = _("scoring runs")
        constraints = (
            # How many are to be selected is a parameter, and the answer differs by it.
            models.UniqueConstraint(
                fields=["round", "input_sha256", "code_version", "parameters"],
                name="reviews_scored_once",
            ),
        )

    def __str__(self):
        return f"{self.round} {self.input_sha256[:8]}"


class Aim(models.Model):
    """How many letters the chair means to select in a round, and the total that passes."""

    round = models.OneToOneField(CallRound, models.CASCADE, related_name="+")
    # Empty: a quarter of the letters that can be rated.
    top = models.PositiveSmallIntegerField(
        _("letters to be selected"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(9999)],
    )
    threshold = models.DecimalField(
        _("lowest total that passes"),
        max_digits=5,
        decimal_places=2,
        default=PASSING_TOTAL,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )

    class Meta:
        verbose_name = _("aim of a round")
        verbose_name_plural = _("aims of rounds")
        constraints = (
            models.CheckConstraint(
                condition=Q(top__isnull=True) | Q(top__gte=1), name="reviews_aim_selects_some"
            ),
            models.CheckConstraint(
                condition=Q(threshold__gte=0, threshold__lte=100),
                name="reviews_aim_passes_a_total",
            ),
        )

    def __str__(self):
        return f"{self.round}"


class Scoreboard(models.Model):
    """The order of a round as it is shown to all who may read the same letters.

    It holds the newest run as rows, so that a page sorts and pages in the database. Rows are made
    anew when marks change; what is kept is the run. Whoever has conflicts has a board calculated as
    if the barred letters were not there: expected ranks and chances over all letters add up, so
    from those that are shown the missing one's could be told.

    The row is the queue as well: a board is owed when its marks are not those of now, and whoever
    claims it calculates.
    """

    round = models.ForeignKey(CallRound, models.CASCADE, related_name="+")
    # Ids of the letters left out, and their hash; empty is the board of all letters.
    without = models.JSONField(default=list)
    scope = models.CharField(max_length=64, blank=True)
    # None where nobody has judged anything yet.
    run = models.ForeignKey(ScoringRun, models.PROTECT, null=True, related_name="+")
    # Fingerprint of the marks that it was made from; empty before it was made.
    marks = models.CharField(max_length=64, blank=True)
    made_at = models.DateTimeField(null=True)
    asked_at = models.DateTimeField(null=True)
    claimed_at = models.DateTimeField(null=True)
    # What the run says of the round as a whole (`reviews.scoreboards.summary`).
    summary = models.JSONField(default=dict)

    objects = ScoreboardQuerySet.as_manager()

    class Meta:
        verbose_name = _("scoreboard")
        verbose_name_plural = _("scoreboards")
        constraints = (
            models.UniqueConstraint(fields=["round", "scope"], name="reviews_one_board_a_scope"),
        )

    def __str__(self):
        return f"{self.round} {self.scope[:8]}"


class ScoreboardLine(models.Model):
    """A letter on a board. Totals and merits are points from 0 to 100; places begin with 1.

    What is calibrated is empty where a letter has fewer than two reviews. Names and meanings are
    those of `reviews.calibration.LetterLine`.
    """

    board = models.ForeignKey(Scoreboard, models.CASCADE, related_name="lines")
    letter = models.ForeignKey(LetterOfIntent, models.CASCADE, related_name="+")
    reviews = models.PositiveSmallIntegerField()
    # As scored: the mean of the reviews' totals, and the place by it; none below two reviews.
    total = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    position = models.PositiveSmallIntegerField(null=True)
    # Criterion code to mean mark as text, or null where nobody could judge.
    means = models.JSONField(default=dict)
    spread = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    totals_apart = models.BooleanField(default=False)
    marks_apart = models.JSONField(default=list)
    # Something above is far enough apart to be talked about; a mean or the total does not pass.
    apart = models.BooleanField(default=False)
    below = models.BooleanField(default=False)
    # Severity removed.
    merit = models.FloatField(null=True)
    merit_error = models.FloatField(null=True)
    place = models.PositiveSmallIntegerField(null=True)
    group = models.PositiveSmallIntegerField(null=True)
    expected_rank = models.FloatField(null=True)
    rank_5 = models.PositiveSmallIntegerField(null=True)
    rank_25 = models.PositiveSmallIntegerField(null=True)
    rank_75 = models.PositiveSmallIntegerField(null=True)
    rank_95 = models.PositiveSmallIntegerField(null=True)
    p_top = models.FloatField(null=True)
    disagreement = models.BooleanField(default=False)
    crosses = models.BooleanField(default=False)
    # Whether leaving out one reviewer moves the letter into the best or out of them.
    hinges = models.BooleanField(default=False)

    objects = ScoreboardLineQuerySet.as_manager()

    class Meta:
        verbose_name = _("line of a scoreboard")
        verbose_name_plural = _("lines of scoreboards")
        constraints = (
            models.UniqueConstraint(fields=["board", "letter"], name="reviews_on_a_board_once"),
        )

    def __str__(self):
        return f"{self.position}. {self.letter.reference}"

    @staticmethod
    def barred(user):
        """Whether `user` has a conflict with the letter of a line, for `visible_to`."""
        return ConflictCheck.objects.bar(user, letter="letter")
