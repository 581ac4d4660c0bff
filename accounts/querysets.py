from datetime import timedelta
from uuid import UUID

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.contrib.auth.models import BaseUserManager
from django.db import models
from django.db.models import Exists, OuterRef, Q

from accounts.states import AppointmentState, Role, Seat

INVITATION_LASTS = timedelta(days=14)


class UserQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Agencies never look up people; the operator sees all, the chair the reviewers."""
        if user.has_role(Role.OPERATOR):
            return self
        if user.has_role(Role.CHAIR):
            return self.with_role(Role.REVIEWER)
        return self.filter(pk=user.pk)

    def known_to(self, user):
        """Of whom it is no secret to `user` that they have an account, whatever may be done.

        Everybody to whoever runs the call; to others themselves, and the people of an agency that
        they represent.
        """
        if any(user.has_role(role) for role in (Role.OPERATOR, Role.CHAIR, Role.PUBLISHER)):
            return self
        represented = [agency for agency, seat in user.seats.items() if seat == Seat.REPRESENTATIVE]
        seats = self.model.agencies.through.objects.filter(agency__in=represented)
        return self.filter(Q(pk=user.pk) | Q(pk__in=seats.values("user")))

    def with_role(self, role):
        return self.filter(roles__contains=[role])

    def without_password(self):
        """People who were enrolled by somebody else and have not chosen a password yet."""
        return self.filter(password__startswith=UNUSABLE_PASSWORD_PREFIX)

    def active(self):
        return self.filter(is_active=True)

    def representing(self, agencies):
        """Those who speak for one of these agencies and whose account is open, each once."""
        seats = self.model.agencies.through.objects.filter(
            agency__in=agencies, seat=Seat.REPRESENTATIVE
        )
        return self.active().filter(pk__in=seats.values("user")).order_by("pk")

    def matching(self, words):
        """People with all of these words in name, address, id, or the name of an agency."""
        found = self
        for word in words.split():
            seats = self.model.agencies.through.objects.filter(
                Q(agency__name__icontains=word) | Q(agency__name_zh__icontains=word)
            )
            said = Q(name__icontains=word) | Q(email__icontains=word) | _is(word)
            found = found.filter(said | Q(pk__in=seats.values("user")))
        return found

    def for_list(self):
        """Everything one row of the list of people prints, in two queries."""
        return self.annotate(has_factor=Exists(self._factors())).prefetch_related(
            "memberships__agency"
        )

    def with_factor(self, on: bool):
        """People who sign in with a second factor, or those who do not."""
        return self.filter(Exists(self._factors()) if on else ~Exists(self._factors()))

    def _factors(self):
        # allauth's table, which is loaded after this one. Recovery codes alone are no factor.
        rows = self.model._meta.get_field("authenticator").related_model.objects
        return rows.filter(user=OuterRef("pk")).exclude(type="recovery_codes")


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):
    def create_user(self, email, password=None, **fields):
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db, force_insert=True)
        return user

    def create_superuser(self, email, password=None, **fields):
        """Django's `createsuperuser` makes the first operator, who then invites everybody else."""
        return self.create_user(email, password, roles=[Role.OPERATOR], **fields)

    def get_by_natural_key(self, email):
        return self.get(email=email.lower())


class AgencyQuerySet(models.QuerySet):
    def visible_to(self, user):
        """An agency is seen by its own people and by the operator."""
        if user.has_role(Role.OPERATOR):
            return self
        seats = self.model.members.through.objects.filter(agency=OuterRef("pk"), user=user)
        return self.filter(Exists(seats))


class ApiTokenQuerySet(models.QuerySet):
    def visible_to(self, user):
        """One's own, and nobody else's."""
        return self.filter(user=user)

    def usable_at(self, moment):
        """Not revoked, not expired, and of a person whose account is open."""
        return self.filter(revoked_at__isnull=True, expires_at__gt=moment, user__is_active=True)


class MembershipQuerySet(models.QuerySet):
    def for_list(self):
        """Everything one row of the members' table prints, in one query."""
        return self.select_related("user").order_by("user__name", "user__email")


class InvitationQuerySet(models.QuerySet):
    def open(self):
        return self.filter(answered_at__isnull=True)

    def lapsed(self, *, at):
        """Open ones that nobody may answer any more."""
        return self.open().filter(invited_at__lte=at - INVITATION_LASTS)

    def addressed_to(self, user, *, at):
        """Open invitations a person may answer: those sent to an address they have proved."""
        proved = user.emailaddress_set.filter(verified=True).values("email")
        mine = self.open().filter(email__in=proved, invited_at__gt=at - INVITATION_LASTS)
        return mine.select_related("agency", "invited_by")


class AppointmentQuerySet(models.QuerySet):
    def awaited(self):
        """Proposed, and waiting for a second publisher."""
        return self.filter(state=AppointmentState.PROPOSED)


def _is(word) -> Q:
    """The person with this id, if it is one."""
    try:
        return Q(pk=UUID(word))
    except ValueError:
        return Q(pk__in=())
