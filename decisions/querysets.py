from datetime import timedelta

from django.db import models
from django.db.models import Exists, OuterRef, Q

from accounts.models import Membership
from accounts.states import Role
from decisions.states import PublicationState, RenderState

LEASE = timedelta(minutes=2)


class DecisionQuerySet(models.QuerySet):
    def visible_to(self, user):
        """The panel's own work until release; afterwards the agency's own decisions as well."""
        if user.has_role(Role.CHAIR) or user.has_role(Role.PUBLISHER):
            return self
        released = Q(round__publications__state=PublicationState.RELEASED)
        if user.has_role(Role.AUDITOR):
            return self.filter(released)
        seats = Membership.objects.filter(user=user, agency=OuterRef("letter__agency"))
        return self.filter(released & Exists(seats))

    def for_list(self):
        return self.select_related("letter__agency", "decided_by").order_by("letter__reference")


class DecisionLetterQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Publishers see every rendered letter; an agency its own, once released."""
        if user.has_role(Role.PUBLISHER):
            return self
        released = Q(publication__state=PublicationState.RELEASED)
        if user.has_role(Role.CHAIR):
            return self.filter(released)
        seats = Membership.objects.filter(user=user, agency=OuterRef("decision__letter__agency"))
        return self.filter(released & Exists(seats))

    def released(self):
        """What the public may verify."""
        return self.filter(publication__state=PublicationState.RELEASED, state=RenderState.READY)

    def renderable(self, *, at):
        """Owed by a live proposal, or taken by a worker that never came back."""
        abandoned = Q(state=RenderState.RENDERING, claimed_at__lte=at - LEASE)
        return self.filter(
            Q(state=RenderState.OWED) | abandoned,
            publication__state=PublicationState.PROPOSED,
        )


class PublicationQuerySet(models.QuerySet):
    def released(self):
        return self.filter(state=PublicationState.RELEASED)

    def live(self):
        return self.exclude(state=PublicationState.VOID)
