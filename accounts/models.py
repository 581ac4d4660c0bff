import uuid
from functools import cached_property, lru_cache

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django_countries import countries
from django_countries.fields import CountryField

from accounts.querysets import (
    AgencyQuerySet,
    ApiTokenQuerySet,
    AppointmentQuerySet,
    InvitationQuerySet,
    MembershipQuerySet,
    UserManager,
)
from accounts.states import (
    APPOINTMENT_MOVES,
    AgencyKind,
    AppointmentState,
    Language,
    Role,
    Seat,
    TokenScope,
)


class User(AbstractBaseUser):
    """A person, who logs in by e-mail.

    `roles` lists what the person does for the call. It lives on the row that every request loads
    anyway, so a role taken away is gone at the next request.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(_("e-mail"), unique=True)
    name = models.CharField(_("name"), max_length=150, blank=True)
    language = models.CharField(
        _("language"), max_length=10, choices=Language, default=Language.ENGLISH
    )
    time_zone = models.CharField(_("time zone"), max_length=50, default="UTC")
    roles = ArrayField(
        models.CharField(max_length=20, choices=Role),
        verbose_name=_("roles"),
        default=list,
        blank=True,
    )
    is_active = models.BooleanField(_("active"), default=True)
    # When the row was made, by the machine's clock: a fact about the row, not about the call.
    date_joined = models.DateTimeField(_("joined"), default=timezone.now)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ()

    class Meta:
        ordering = ("email",)
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = (
            models.UniqueConstraint(Lower("email"), name="accounts_user_email_any_case"),
        )

    def __str__(self):
        return self.name or self.email

    def has_role(self, role) -> bool:
        return role in self.roles

    @property
    def role_names(self) -> list[str]:
        return [str(Role(role).label) for role in self.roles]

    @property
    def is_partner(self) -> bool:
        """Someone of a partner agency: whoever has no part in judging the call."""
        return not self.roles

    @cached_property
    def seats(self) -> dict:
        """This person's seat in each agency, by agency id; one query a request."""
        return dict(self.memberships.values_list("agency_id", "seat"))

    def seat_in(self, agency_id) -> str | None:
        return self.seats.get(agency_id)

    def representatives(self):
        """Whoever else speaks for one of this person's agencies."""
        agencies = self.memberships.values("agency")
        return type(self).objects.representing(agencies).exclude(pk=self.pk)

    # Django's admin asks these. Only the operator enters it, and there the admin shows
    # configuration, never the content of letters or reviews.
    @property
    def is_staff(self) -> bool:
        return self.has_role(Role.OPERATOR)

    def has_perm(self, perm, obj=None) -> bool:
        return self.is_active and self.has_role(Role.OPERATOR)

    def has_module_perms(self, app_label) -> bool:
        return self.is_active and self.has_role(Role.OPERATOR)


@lru_cache(300)
def _country_name(code, _language) -> str:
    # The library takes 50 µs for a name, more than all the rest of a row of a list.
    return str(countries.name(code))


class Agency(models.Model):
    """A space agency, institute, company or international organisation that answers a call."""

    # What it is to the panel and to the world.
    IDENTITY = frozenset({"name", "name_zh", "kind", "country"})

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("name"), max_length=150)
    name_zh = models.CharField(_("name in Chinese"), max_length=150, blank=True)
    kind = models.CharField(
        _("kind"), max_length=20, choices=AgencyKind, default=AgencyKind.SPACE_AGENCY
    )
    country = CountryField(_("country or region"), blank=True)
    country_text = models.CharField(
        _("place, where the list of countries has none"), max_length=100, blank=True
    )
    letter_language = models.CharField(
        _("language of decision letters"),
        max_length=10,
        choices=Language,
        default=Language.ENGLISH,
    )
    # From the end of a call that it answered until that call is archived: who it is, and where,
    # decides who may judge its letters and stands in what two people release.
    fixed_at = models.DateTimeField(_("name and place fixed"), null=True, blank=True)
    members = models.ManyToManyField(
        User, through="Membership", related_name="agencies", verbose_name=_("members")
    )

    objects = AgencyQuerySet.as_manager()

    class Meta:
        ordering = ("name",)
        verbose_name = _("agency")
        verbose_name_plural = _("agencies")

    def __str__(self):
        return self.name

    @property
    def place(self) -> str:
        """Country or region as printed: "Pakistan", or "International organisation"."""
        if self.country_text:
            return self.country_text
        if self.country:
            return _country_name(self.country.code, get_language())
        return str(AgencyKind.INTERNATIONAL.label)

    def is_last_representative(self, membership) -> bool:
        """Whether nobody could speak for the agency without this member."""
        heads = self.memberships.filter(seat=Seat.REPRESENTATIVE, user__is_active=True)
        return membership.seat == Seat.REPRESENTATIVE and not (
            heads.exclude(pk=membership.pk).exists()
        )


class Membership(models.Model):
    """One person's seat in one agency."""

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    agency = models.ForeignKey(Agency, models.CASCADE, related_name="memberships")
    seat = models.CharField(_("role in the agency"), max_length=20, choices=Seat)
    since = models.DateTimeField(_("since"))

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = (
            models.UniqueConstraint(fields=["user", "agency"], name="accounts_one_seat_each"),
        )

    def __str__(self):
        return f"{self.user} - {self.agency}"


class Invitation(models.Model):
    """A seat offered to whoever proves to own an e-mail address."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Agency, models.CASCADE, related_name="invitations")
    email = models.EmailField(_("e-mail"))
    seat = models.CharField(_("role in the agency"), max_length=20, choices=Seat)
    language = models.CharField(
        _("language"), max_length=10, choices=Language, default=Language.ENGLISH
    )
    invited_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    invited_at = models.DateTimeField(_("invited"))
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    accepted = models.BooleanField(_("accepted"), default=False)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ("-invited_at",)
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints = (
            models.UniqueConstraint(
                fields=["agency", "email"],
                condition=Q(answered_at__isnull=True),
                name="accounts_one_open_invitation",
            ),
        )

    def __str__(self):
        return f"{self.email} - {self.agency}"


class ApiToken(models.Model):
    """A key with which a program acts for one person. Shown once, kept as a hash."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="api_tokens")
    name = models.CharField(_("name"), max_length=80)
    scope = models.CharField(_("scope"), max_length=5, choices=TokenScope)
    # The first letters, by which a person recognises it in a list.
    prefix = models.CharField(max_length=12)
    sha256 = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(_("made"))
    expires_at = models.DateTimeField(_("expires"))
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at",)
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")

    def __str__(self):
        return self.name

    @property
    def may_write(self) -> bool:
        return self.scope == TokenScope.WRITE

    def is_usable_at(self, moment) -> bool:
        """Whether it opens anything; whether its person's account is open is not asked here."""
        return self.revoked_at is None and moment < self.expires_at


class CalendarAddress(models.Model):
    """The secret address under which a calendar reads a person's dates. Kept as a hash."""

    user = models.OneToOneField(User, models.CASCADE, related_name="calendar_address")
    sha256 = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(_("made"))

    class Meta:
        verbose_name = _("calendar address")
        verbose_name_plural = _("calendar addresses")

    def __str__(self):
        return f"{self.user}"


class OneTimeCode(models.Model):
    """A code mailed to one person for one act in one session. Kept as a hash.

    Rows, because the number of tries and of mails is counted whatever happens to a cache, and
    across all the browsers in which a person is signed in.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    purpose = models.CharField(max_length=80)
    session = models.CharField(max_length=64)
    sha256 = models.CharField(max_length=64)
    sent_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-sent_at",)
        verbose_name = _("one-time code")
        verbose_name_plural = _("one-time codes")

    def __str__(self):
        return self.purpose


class Appointment(models.Model):
    """Somebody to become a publisher: proposed by one publisher, answered by another."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(User, models.PROTECT, related_name="+")
    reason = models.CharField(_("reason"), max_length=500)
    proposed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(_("proposed"))
    state = models.CharField(
        _("state"), max_length=10, choices=AppointmentState, default=AppointmentState.PROPOSED
    )
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        ordering = ("-proposed_at",)
        verbose_name = _("appointment")
        verbose_name_plural = _("appointments")
        constraints = (
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(state=AppointmentState.PROPOSED),
                name="accounts_one_open_appointment_each",
            ),
            models.CheckConstraint(
                condition=~Q(state=AppointmentState.APPROVED)
                | Q(answered_by__isnull=False) & ~Q(answered_by=F("proposed_by")),
                name="accounts_publisher_by_two_people",
            ),
            models.CheckConstraint(
                condition=~Q(proposed_by=F("person")),
                name="accounts_nobody_proposes_themselves",
            ),
        )

    def __str__(self):
        return f"{self.person}: {self.get_state_display()}"

    def can_move_to(self, state) -> bool:
        return state in APPOINTMENT_MOVES[AppointmentState(self.state)]
