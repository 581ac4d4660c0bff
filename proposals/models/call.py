import hashlib
import json
import uuid
from datetime import UTC, timedelta
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import F, Q
from django.utils import formats, timezone
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from proposals.querysets import CallQuerySet, ExtensionQuerySet
from proposals.states import Answer, Phase, RoundKind

# What people call these zones; others are named as in the time zone database.
ZONE_NAMES = {"Asia/Shanghai": _("Beijing time")}


class Call(models.Model):
    """A space agency's invitation to take part in a mission, as data.

    Texts for people are objects keyed by language ({"en": ..., "zh-hans": ...}); `choices` holds
    the lists a letter chooses from (objectives, priorities), `facts` what the public page prints.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    code = models.CharField(_("code"), max_length=20, unique=True)
    title = models.JSONField(_("title"))
    summary = models.JSONField(_("summary"), default=dict)
    issuer = models.JSONField(_("issued by"), default=dict)
    contact = models.EmailField(_("contact"))
    opens_at = models.DateTimeField(_("opens"))
    closes_at = models.DateTimeField(_("first instant that is too late"))
    zone = models.CharField(_("time zone"), max_length=50, default="Asia/Shanghai")
    lander_mass_kg = models.DecimalField(
        _("mass for all partners on the lander, kg"), max_digits=7, decimal_places=2, default=200
    )
    module_mass_kg = models.DecimalField(
        _("mass of one module at most, kg"), max_digits=7, decimal_places=2, default=100
    )
    payload_power_w = models.DecimalField(
        _("reported power of one payload, W"), max_digits=7, decimal_places=2, default=50
    )
    objectives = models.JSONField(_("science objectives"), default=list)
    priorities = models.JSONField(_("priorities"), default=list)
    facts = models.JSONField(_("facts for the public page"), default=dict)
    # Letterhead, office, place, signatory and position of decision letters, each keyed by language.
    correspondence = models.JSONField(_("head and signature of letters"), default=dict)

    # So many days after its last publication the call is archived: reviewers read no letter and no
    # review of it any more, and the auditor does. When it was, the room of decisions says.
    archive_days = models.PositiveSmallIntegerField(
        _("archived so many days after its publication"), default=90
    )
    archived_at = models.DateTimeField(_("archived"), null=True, blank=True, editable=False)

    objects = CallQuerySet.as_manager()

    class Meta:
        ordering = ("-opens_at",)
        verbose_name = _("call")
        verbose_name_plural = _("calls")
        constraints = (
            models.CheckConstraint(
                condition=Q(closes_at__gt=F("opens_at")), name="proposals_call_closes_after_opening"
            ),
        )

    def __str__(self):
        return in_language(self.title)

    @property
    def tzinfo(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    @property
    def zone_name(self) -> str:
        return str(ZONE_NAMES.get(self.zone, self.zone))

    @property
    def closing_words(self) -> str:
        """The cutoff as an announcement prints it: midnight is 24:00 of the day that ends."""
        return self.in_words(self.closes_at)

    def in_words(self, cutoff) -> str:
        """An instant in the call's zone, as an announcement prints a cutoff."""
        local = cutoff.astimezone(self.tzinfo)
        day, time = local.date(), local.strftime("%H:%M")
        if time == "00:00":
            day, time = day - timedelta(days=1), "24:00"
        return gettext("%(day)s, %(time)s %(zone)s") % {
            "day": formats.date_format(day, "DATE_FORMAT"),
            "time": time,
            "zone": self.zone_name,
        }

    @property
    def facts_sha256(self) -> str:
        """Which facts these are: what was drawn from other ones is not shown again."""
        return _sha256(self.facts, self.contact)

    @property
    def lists_sha256(self) -> str:
        """The same of the lists from which letters choose."""
        return _sha256(self.objectives, self.priorities)

    @property
    def closing_sentence(self) -> str:
        """The cutoff in the call's zone, in UTC and in the reader's, and what it means exactly.

        Pages, receipts, mails and the API all say this sentence and no other. The reader's zone is
        the one in force: a person's own, or UTC for whoever is not signed in.
        """
        return gettext(
            "Letters of intent close on %(closing)s (%(zones)s): "
            "a letter sent at %(instant)s or later is refused."
        ) % {
            "closing": self.closing_words,
            "zones": "; ".join(self.elsewhere(self.closes_at)),
            "instant": self.closes_at.astimezone(self.tzinfo).strftime("%Y-%m-%d %H:%M:%S"),
        }

    def elsewhere(self, moment) -> list[str]:
        """The same instant in UTC, and in the reader's zone where that is another one."""
        zones = {"UTC": UTC}
        reader = timezone.get_current_timezone_name()
        if reader not in ("UTC", self.zone):
            zones[reader] = timezone.get_current_timezone()
        return [f"{moment.astimezone(zone):%Y-%m-%d %H:%M} {name}" for name, zone in zones.items()]

    def is_open_at(self, moment) -> bool:
        """Half-open: the opening instant is in, the closing instant is out."""
        return self.opens_at <= moment < self.closes_at

    def is_opened(self) -> bool:
        """Whether two publishers have opened its letters to the panel."""
        return self.openings.filter(answer=Answer.YES).exists()

    def phase_at(self, moment) -> Phase:
        if moment < self.opens_at:
            return Phase.UPCOMING
        return Phase.OPEN if moment < self.closes_at else Phase.CLOSED


class CallRound(models.Model):
    """One of the two selections of a call.

    `announced_for` is what was promised; where only a month was announced its day is 1 and
    `precise_to_day` is false, and no page may print a day.
    """

    call = models.ForeignKey(Call, models.CASCADE, related_name="rounds")
    kind = models.CharField(_("kind"), max_length=12, choices=RoundKind)
    announced_for = models.DateField(_("announced for"))
    precise_to_day = models.BooleanField(_("the day was announced"), default=False)
    reviews_due_at = models.DateTimeField(_("reviews due"))
    # The first instant that is too late for the fuller proposals of shortlisted letters; none where
    # the round asks for none.
    proposals_due_at = models.DateTimeField(_("fuller proposals due"), null=True, blank=True)
    # From here on no letter may be withdrawn; set and cleared by the room of decisions.
    decisions_locked_at = models.DateTimeField(_("decisions locked"), null=True, blank=True)
    reviewers_per_letter = models.PositiveSmallIntegerField(_("reviewers a letter"), default=3)
    # Whether reviewers judge without knowing whose the letter is; see `reviews.anonymity`.
    double_anonymous = models.BooleanField(_("double-anonymous"), default=False)

    class Meta:
        ordering = ("announced_for",)
        verbose_name = _("round")
        verbose_name_plural = _("rounds")
        constraints = (
            models.UniqueConstraint(fields=["call", "kind"], name="proposals_one_round_of_a_kind"),
            models.CheckConstraint(
                condition=Q(precise_to_day=True) | Q(announced_for__day=1),
                name="proposals_round_month_has_no_day",
            ),
        )

    def __str__(self):
        return self.get_kind_display()

    @property
    def is_final(self) -> bool:
        return self.kind == RoundKind.FINAL

    @property
    def asks_fuller(self) -> bool:
        """Whether shortlisted letters are asked for a fuller proposal in it."""
        return self.is_final and self.proposals_due_at is not None

    @property
    def proposals_due_sentence(self) -> str:
        """Until when fuller proposals are taken, in the call's zone, in UTC and in the reader's."""
        call, due = self.call, self.proposals_due_at
        return gettext(
            "Fuller proposals are due by %(due)s (%(zones)s): "
            "one sent at %(instant)s or later is refused."
        ) % {
            "due": call.in_words(due),
            "zones": "; ".join(call.elsewhere(due)),
            "instant": due.astimezone(call.tzinfo).strftime("%Y-%m-%d %H:%M:%S"),
        }

    @property
    def announced_words(self) -> str:
        """What was promised: "April 2024", or the day where one was announced."""
        precision = "DATE_FORMAT" if self.precise_to_day else "YEAR_MONTH_FORMAT"
        return formats.date_format(self.announced_for, precision)


class CallSeal(models.Model):
    """How many letters stood when the call closed, and the head of the audit chain then."""

    call = models.OneToOneField(Call, models.PROTECT, related_name="seal")
    sealed_at = models.DateTimeField(_("sealed"))
    letters = models.PositiveIntegerField(_("letters filed"))
    audit_head = models.CharField(_("head of the audit chain"), max_length=64)

    class Meta:
        verbose_name = _("seal")
        verbose_name_plural = _("seals")

    def __str__(self):
        return f"{self.call} sealed"


class _TwoPersons(models.Model):
    """Something about a call that one publisher proposes and another one approves."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reason = models.TextField(_("reason"), max_length=1500, blank=True)
    proposed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(_("proposed"))
    answer = models.CharField(_("answer"), max_length=10, choices=Answer, default=Answer.AWAITED)
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)

    class Meta:
        abstract = True
        ordering = ("-proposed_at",)
        constraints = (
            models.UniqueConstraint(
                fields=["call"],
                condition=Q(answer=Answer.AWAITED),
                name="%(app_label)s_one_%(class)s_awaits_an_answer",
            ),
            models.CheckConstraint(
                condition=~Q(answer=Answer.YES) | ~Q(answered_by=F("proposed_by")),
                name="%(app_label)s_%(class)s_by_two_people",
            ),
        )


class Extension(_TwoPersons):
    """A later cutoff, with the reason that every holder of a draft is told."""

    call = models.ForeignKey(Call, models.PROTECT, related_name="extensions")
    closes_at = models.DateTimeField(_("new first instant that is too late"))
    # What it replaced, filled in at the approval.
    closed_before = models.DateTimeField(_("cutoff before"), null=True, blank=True)

    objects = ExtensionQuerySet.as_manager()

    class Meta(_TwoPersons.Meta):
        verbose_name = _("extension")
        verbose_name_plural = _("extensions")

    def __str__(self):
        return f"{self.call.code} until {self.closes_at:%Y-%m-%d %H:%M}"

    @property
    def before_words(self) -> str:
        """The cutoff that it replaced, or would replace."""
        return self.call.in_words(self.closed_before or self.call.closes_at)

    @property
    def after_words(self) -> str:
        return self.call.in_words(self.closes_at)

    @property
    def elsewhere(self) -> list[str]:
        """The new cutoff in UTC and in the reader's zone."""
        return self.call.elsewhere(self.closes_at)


class Opening(_TwoPersons):
    """The letters of a closed call become readable to the panel. Nobody can look earlier."""

    call = models.ForeignKey(Call, models.PROTECT, related_name="openings")

    class Meta(_TwoPersons.Meta):
        verbose_name = _("opening")
        verbose_name_plural = _("openings")
        constraints = (
            *_TwoPersons.Meta.constraints,
            models.UniqueConstraint(
                fields=["call"],
                condition=Q(answer=Answer.YES),
                name="proposals_call_opened_once",
            ),
        )

    def __str__(self):
        return f"{self.call.code} opened"


def _sha256(*values) -> str:
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()


def in_language(text: dict, language: str | None = None) -> str:
    """One text of the call in the reader's language, or in English where it has no other.

    Whoever has many of them asks for the `language` once.
    """
    if not text:
        return ""
    return text.get(language or get_language() or "en") or text.get("en", "")
