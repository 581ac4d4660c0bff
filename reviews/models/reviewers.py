import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from accounts.models import Agency, User
from accounts.states import PanelLanguage, Role
from proposals.models import Call, CallRound
from reviews.querysets import ReviewerInvitationQuerySet
from reviews.states import Expertise, InvitationAnswer, InvitationStanding


class ReviewerProfile(models.Model):
    """What the chair needs to know to match a reviewer with a letter."""

    user = models.OneToOneField(User, models.CASCADE, related_name="+")
    expertise = models.CharField(_("expertise"), max_length=10, choices=Expertise)
    country = CountryField(_("country or region"), blank=True)
    agency = models.ForeignKey(
        Agency,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("employing agency"),
    )
    employer = models.CharField(_("employer"), max_length=150, blank=True)
    # A conflict of interest lasts a year longer than the employment.
    former_employers = ArrayField(
        models.CharField(max_length=150),
        verbose_name=_("employers of the last year"),
        default=list,
        blank=True,
    )
    keywords = ArrayField(
        models.CharField(max_length=40), verbose_name=_("keywords"), default=list, blank=True
    )
    about = models.TextField(_("profile"), max_length=3000, blank=True)
    # Empty: as many as the chair's plan gives everybody.
    most_letters = models.PositiveSmallIntegerField(
        _("at most so many letters a round"), null=True, blank=True
    )
    away_from = models.DateField(_("away from"), null=True, blank=True)
    away_until = models.DateField(_("away until"), null=True, blank=True)

    class Meta:
        verbose_name = _("reviewer profile")
        verbose_name_plural = _("reviewer profiles")
        constraints = (
            models.CheckConstraint(
                condition=Q(away_from__isnull=True, away_until__isnull=True)
                | Q(away_from__lte=models.F("away_until")),
                name="reviews_away_from_before_until",
            ),
        )

    def __str__(self):
        return str(self.user)


class ReviewerInvitation(models.Model):
    """A person was asked to review in a round, told how much work it is, and answered or not."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    round = models.ForeignKey(CallRound, models.PROTECT, related_name="+")
    email = models.EmailField(_("e-mail"))
    name = models.CharField(_("name"), max_length=150)
    # What the invitation says the work is: a promise the plan can be held against.
    letters = models.PositiveSmallIntegerField(_("letters to review"))
    due_at = models.DateTimeField(_("due"))
    invited_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    invited_at = models.DateTimeField(_("invited"))
    # SHA-256 of the secret in the mailed link: whoever reads the database cannot answer.
    secret_hash = models.CharField(max_length=64, unique=True)
    answer = models.CharField(_("answer"), max_length=10, choices=InvitationAnswer, blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)
    reminded_at = models.DateTimeField(_("reminded"), null=True, blank=True)
    language = models.CharField(
        _("language"), max_length=10, choices=PanelLanguage, default=PanelLanguage.ENGLISH
    )
    withdrawn_at = models.DateTimeField(_("taken back"), null=True, blank=True)
    # The account that came of it.
    user = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")

    objects = ReviewerInvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("reviewer invitation")
        verbose_name_plural = _("reviewer invitations")
        constraints = (
            models.UniqueConstraint(
                fields=["round", "email"],
                condition=Q(withdrawn_at__isnull=True),
                name="reviews_invited_once_a_round",
            ),
            models.CheckConstraint(
                condition=Q(answer="") | Q(answered_at__isnull=False),
                name="reviews_invitation_answered_with_a_time",
            ),
        )

    def __str__(self):
        return f"{self.name} ({self.round})"

    @property
    def standing(self) -> InvitationStanding:
        """Where it stands; costs no query with its `user` selected."""
        if self.withdrawn_at:
            return InvitationStanding.TAKEN_BACK
        if self.answer != InvitationAnswer.ACCEPTED:
            return (
                InvitationStanding.DECLINED
                if self.answer == InvitationAnswer.DECLINED
                else InvitationStanding.WAITING
            )
        if self.user and self.user.has_role(Role.REVIEWER):
            return InvitationStanding.REVIEWER
        return InvitationStanding.ACCEPTED


class Pledge(models.Model):
    """A reviewer accepted the confidentiality pledge, in the words of one version."""

    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    call = models.ForeignKey(Call, models.PROTECT, related_name="+")
    version = models.PositiveSmallIntegerField(_("version"))
    text_sha256 = models.CharField(max_length=64)
    accepted_at = models.DateTimeField(_("accepted"))

    class Meta:
        verbose_name = _("confidentiality pledge")
        verbose_name_plural = _("confidentiality pledges")
        constraints = (
            models.UniqueConstraint(
                fields=["user", "call", "version"], name="reviews_pledged_once_a_version"
            ),
        )

    def __str__(self):
        return f"{self.user} / {self.call} v{self.version}"
