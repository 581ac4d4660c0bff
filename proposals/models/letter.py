import uuid
from decimal import Decimal

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts import places
from accounts.models import Agency
from proposals.models.call import Call
from proposals.querysets import LetterQuerySet
from proposals.states import (
    ANNOUNCED,
    MOVES,
    BudgetStatus,
    ExportControl,
    LetterState,
    Level,
    PlanetaryProtection,
    PowerSource,
    ProjectType,
    Trl,
)


def text(label, limit):
    return models.TextField(label, max_length=limit, blank=True)


def quantity(label, *, digits=9, places=2, least=0, most=None):
    validators = [MinValueValidator(least)]
    if most is not None:
        validators.append(MaxValueValidator(most))
    return models.DecimalField(
        label,
        max_digits=digits,
        decimal_places=places,
        null=True,
        blank=True,
        validators=validators,
    )


def _temperature(label):
    return quantity(label, digits=5, places=1, least=-273, most=1000)


def _rows(label):
    return models.JSONField(label, default=list, blank=True)


def trl(label):
    return models.PositiveSmallIntegerField(label, choices=Trl, null=True, blank=True)


class LetterOfIntent(models.Model):
    """A partner agency's letter: the working copy, and the state the agency may know.

    What was filed is a `LetterVersion`, which never changes. `revision` counts every save of the
    working copy, and `section_revisions` holds the count at which each section last changed: two
    people who save the same section at once are both told the truth, and two who write different
    sections do not disturb each other.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    call = models.ForeignKey(Call, models.PROTECT, related_name="letters")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="letters")
    # Drawn at random when the draft is made: a running number would tell how many there are.
    reference = models.CharField(_("reference"), max_length=20, unique=True)
    state = models.CharField(
        _("state"), max_length=16, choices=LetterState, default=LetterState.DRAFT
    )
    revision = models.PositiveIntegerField(_("revision"), default=1)
    section_revisions = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(_("started"))
    updated_at = models.DateTimeField(_("last saved"))
    submitted_at = models.DateTimeField(_("submitted"), null=True, blank=True)
    # Set while a filed letter is being rewritten; what was filed stands until then.
    reopened_at = models.DateTimeField(_("reopened"), null=True, blank=True)

    # A. Identity
    title = models.CharField(_("title"), max_length=150, blank=True)
    title_zh = models.CharField(_("title in Chinese"), max_length=150, blank=True)
    acronym = models.CharField(_("acronym"), max_length=20, blank=True)
    level = models.CharField(_("cooperation level"), max_length=10, choices=Level, blank=True)
    project_type = models.CharField(
        _("project type"), max_length=12, choices=ProjectType, blank=True
    )
    priorities = ArrayField(
        models.CharField(max_length=30), verbose_name=_("priority areas"), default=list, blank=True
    )
    summary = text(_("summary"), 2500)
    public_abstract = text(_("public abstract"), 600)

    # B. Partner and people. Rows are lists of objects; `proposals.rows` says what each holds.
    pi_name = models.CharField(_("principal investigator"), max_length=150, blank=True)
    pi_position = models.CharField(
        pgettext_lazy("of a person", "position"), max_length=150, blank=True
    )
    pi_email = models.EmailField(_("e-mail of the principal investigator"), blank=True)
    pi_phone = models.CharField(_("telephone"), max_length=40, blank=True)
    co_investigators = _rows(_("co-investigators"))
    partners = _rows(_("partner organisations"))
    representative_name = models.CharField(
        _("authorised representative"), max_length=150, blank=True
    )
    representative_function = models.CharField(
        _("function of the representative"), max_length=150, blank=True
    )

    # C. Science and engineering
    objectives = ArrayField(
        models.CharField(max_length=30),
        verbose_name=_("objectives served"),
        default=list,
        blank=True,
    )
    objective_other = models.CharField(_("other objective"), max_length=150, blank=True)
    goals = text(_("goals and expected results"), 3000)
    innovation_science = text(_("innovation in science"), 1500)
    innovation_engineering = text(_("innovation in engineering"), 1500)
    complement = text(_("complement to the Chinese and other payloads"), 1500)
    interaction = text(_("interaction with other craft"), 1500)
    surface_operations = text(_("surface operations"), 1500)

    # D. Resources and interfaces
    mass_kg = quantity(_("mass including adapters, kg"), places=3, least=Decimal("0.001"), most=100)
    margin_percent = quantity(_("mass margin, %"), digits=5, most=100)
    envelope_x_mm = quantity(_("stowed length, mm"), digits=8, places=1)
    envelope_y_mm = quantity(_("stowed width, mm"), digits=8, places=1)
    envelope_z_mm = quantity(_("stowed height, mm"), digits=8, places=1)
    power_average_w = quantity(_("average power, W"))
    power_peak_w = quantity(_("peak power, W"))
    own_power_source = models.CharField(
        _("own power source"), max_length=12, choices=PowerSource, blank=True
    )
    own_power_note = text(_("note on the power source"), 600)
    night_survival = models.BooleanField(_("must survive the lunar night"), default=False)
    operating_min_c = _temperature(_("lowest operating temperature, °C"))
    operating_max_c = _temperature(_("highest operating temperature, °C"))
    survival_min_c = _temperature(_("lowest survival temperature, °C"))
    survival_max_c = _temperature(_("highest survival temperature, °C"))
    data_mbit_per_day = quantity(_("data volume, Mbit per Earth day"), digits=12)
    data_peak_kbps = quantity(_("peak data rate, kbit/s"), digits=12)
    interface_wishes = text(_("interface wishes"), 1500)
    separation_needed = models.BooleanField(_("must separate from the lander"), default=False)
    wireless_link = models.BooleanField(_("needs a wireless link"), default=False)
    lifetime_days = models.PositiveIntegerField(
        _("lifetime, Earth days"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(10_000)],
    )
    hazards = text(_("hazards"), 1500)

    # E. Maturity
    trl_now = trl(_("technology readiness level now"))
    trl_delivery = trl(_("technology readiness level at delivery"))
    heritage = text(_("heritage"), 1500)
    em_delivery = models.DateField(_("engineering model delivered"), null=True, blank=True)
    qm_delivery = models.DateField(_("qualification model delivered"), null=True, blank=True)
    fm_delivery = models.DateField(_("flight model delivered"), null=True, blank=True)
    risks = _rows(_("main risks"))

    # F. The four advantages the call is advertised with
    shared_costs = text(_("shared costs and resources"), 1500)
    budget_amount = quantity(_("own budget"), digits=14)
    budget_currency = models.CharField(_("currency"), max_length=3, blank=True)
    budget_status = models.CharField(
        _("status of the budget"), max_length=12, choices=BudgetStatus, blank=True
    )
    budget_body = models.CharField(_("funding body"), max_length=150, blank=True)
    expertise = text(_("access to expertise and knowledge"), 1500)
    visibility = text(_("increased visibility and support"), 1500)
    relations = text(_("enhanced international relations"), 1500)

    # G. Declarations
    planetary_protection = models.CharField(
        _("planetary protection category"), max_length=8, choices=PlanetaryProtection, blank=True
    )
    organics_over_1kg = models.BooleanField(_("carries more than 1 kg of organics"), default=False)
    export_control = models.CharField(
        _("export-control limits"), max_length=8, choices=ExportControl, blank=True
    )
    data_sharing = models.BooleanField(_("data sharing accepted"), default=False)
    peaceful_use = models.BooleanField(_("peaceful use"), default=False)
    consent_to_publish = models.BooleanField(
        _("title, organisations and abstract may be published if selected"), default=False
    )
    excluded_reviewers = _rows(_("reviewers to exclude"))
    is_correct = models.BooleanField(_("correctness confirmed"), default=False)

    objects = LetterQuerySet.as_manager()

    class Meta:
        ordering = ("reference",)
        verbose_name = _("letter of intent")
        verbose_name_plural = _("letters of intent")
        constraints = (
            models.CheckConstraint(
                condition=Q(state=LetterState.DRAFT) | Q(submitted_at__isnull=False),
                name="proposals_letter_left_draft_with_a_time",
            ),
            models.CheckConstraint(
                condition=Q(state__in=LetterState.values), name="proposals_letter_state_known"
            ),
            models.CheckConstraint(
                condition=Q(mass_kg__isnull=True) | Q(mass_kg__gt=0, mass_kg__lte=100),
                name="proposals_letter_mass_within_the_call",
            ),
            models.CheckConstraint(
                condition=Q(reopened_at__isnull=True) | Q(state=LetterState.SUBMITTED),
                name="proposals_letter_reopened_only_while_submitted",
            ),
        )

    def __str__(self):
        return f"{self.reference} {self.title}".strip()

    @property
    def is_draft(self) -> bool:
        return self.state == LetterState.DRAFT

    @property
    def is_editable(self) -> bool:
        """Whether the working copy may change: a draft, or a filed letter that was reopened."""
        return self.is_draft or self.reopened_at is not None

    @property
    def is_announced(self) -> bool:
        """Whether a decision on it has been published, so that its agency may read it."""
        return self.state in ANNOUNCED

    @property
    def rides_on_the_lander(self) -> bool:
        """System- and unit-level projects share the lander's mass; mission-level ones do not."""
        return self.level in (Level.SYSTEM, Level.UNIT)

    @property
    def partner_lines(self) -> list[str]:
        """The partner organisations as pages and letters print them: "Dust Institute (Peru)"."""
        return [
            f"{row['name']} ({places.name_of(row['country'])})" if row["country"] else row["name"]
            for row in self.partners
        ]

    def on_letter(self) -> "LetterOfIntent":
        """Itself: whatever looks at figures also takes a fuller proposal, which stands on one."""
        return self

    def can_move_to(self, state) -> bool:
        return state in MOVES[LetterState(self.state)]
