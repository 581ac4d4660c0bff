from datetime import timedelta

from django.db import models
from django.db.models import Exists, OuterRef, Q

from accounts.models import Membership
from accounts.states import Role, Seat
from decisions.states import ConsentState, PublicationState, Reader, RenderState, ScenarioState
from proposals.states import Answer
from reviews.models import Assignment, ConflictCheck
from reviews.states import PackState

LEASE = timedelta(minutes=2)
# A scenario whose worker has given no sign of life for so long is taken up by another. A single
# search of the solver gives none, and takes seconds where hundreds of sets tie.
SCENARIO_LEASE = timedelta(minutes=5)
# The same of a dossier; each paper takes a few seconds.
DOSSIER_LEASE = timedelta(minutes=3)
# A rehearsal is made in one go: longer than its task may take.
REHEARSAL_LEASE = timedelta(minutes=10)


def conflicts_of(user):
    """The conflicts of interest that stand against a person, chair or not."""
    return ConflictCheck.objects.filter(reviewer=user, conflicted=True)


def letters_barred_to(user):
    """Ids of the letters whose marks and decisions this person is not shown, for `exclude`.

    Publishers see every one, or they could not check what they release.
    """
    if user.has_role(Role.PUBLISHER):
        return conflicts_of(user).none().values("letter")
    return conflicts_of(user).values("letter")


def references_barred_to(user) -> list[str]:
    """References of the same letters, as rules and scenarios of the portfolio name them."""
    if user.has_role(Role.PUBLISHER):
        return []
    return list(conflicts_of(user).values_list("letter__reference", flat=True))


class DecisionQuerySet(models.QuerySet):
    def visible_to(self, user):
        """The panel's own work until release. Afterwards also the agency's own decisions, those
        on letters a reviewer assessed, and for the call's other officers every one.
        """
        if user.has_role(Role.CHAIR) or user.has_role(Role.PUBLISHER):
            return self
        released = self.filter(round__publications__state=PublicationState.RELEASED)
        if user.has_role(Role.AUDITOR) or user.has_role(Role.OPERATOR):
            return released
        seats = Membership.objects.filter(user=user, agency=OuterRef("letter__agency"))
        assessed = Assignment.objects.active().filter(
            reviewer=user, letter=OuterRef("letter"), counted=False
        )
        return released.filter(Exists(seats) | Exists(assessed))


class DecisionLetterQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Publishers see every rendered letter; the chair, and an agency its own, once released."""
        if user.has_role(Role.PUBLISHER):
            return self
        released = self.filter(told_at__isnull=False)
        if user.has_role(Role.CHAIR):
            against = conflicts_of(user).filter(letter=OuterRef("decision__letter"))
            return released.exclude(Exists(against))
        seats = Membership.objects.filter(user=user, agency=OuterRef("decision__letter__agency"))
        return released.filter(Exists(seats))

    def released(self):
        """What the public may verify, those included that a correction has superseded."""
        return self.filter(told_at__isnull=False, state=RenderState.READY)

    def valid(self):
        """What holds now: told, and superseded by no correction."""
        return self.released().filter(superseded_at__isnull=True)

    def failed(self):
        """Set aside, of a live proposal: what it would tell cannot be told before they are made."""
        proposed = PublicationState.PROPOSED
        return self.filter(
            Q(correction__isnull=True, publication__state=proposed) | Q(correction__state=proposed),
            state=RenderState.FAILED,
        )

    def renderable(self, *, at):
        """Owed by a live proposal, or taken by a worker that never came back.

        The letter's own conditions stand on its own row, without a join: a claim is an UPDATE of
        these rows, and only conditions on the row itself are asked again by PostgreSQL after it
        has waited for another worker's claim.
        """
        publications, corrections = (
            self.model._meta.get_field(name).related_model.objects.filter(
                state=PublicationState.PROPOSED
            )
            for name in ("publication", "correction")
        )
        abandoned = Q(state=RenderState.RENDERING, claimed_at__lte=at - LEASE)
        return self.filter(
            Q(state=RenderState.OWED) | abandoned,
            Q(correction__isnull=True, publication__in=publications)
            | Q(correction__in=corrections),
        )

    def of_publication(self):
        """Those of the release itself; a correction adds its own later."""
        return self.filter(correction__isnull=True)


class PublicationQuerySet(models.QuerySet):
    def released(self):
        return self.filter(state=PublicationState.RELEASED)

    def live(self):
        return self.exclude(state=PublicationState.VOID)

    def due(self, *, at):
        """Those whose planned instant has come, however long ago."""
        return self.filter(state=PublicationState.PROPOSED, release_at__lte=at)

    def unmailed(self):
        """Released, and its mails are not written yet."""
        return self.released().filter(mailing__isnull=True)


class RehearsalQuerySet(models.QuerySet):
    def owed(self, *, at):
        """Asked for, or taken by a worker that never came back."""
        free = Q(claimed_at__isnull=True) | Q(claimed_at__lte=at - REHEARSAL_LEASE)
        return self.filter(free, done_at__isnull=True)


class LetterTemplateQuerySet(models.QuerySet):
    def visible_to(self, user):
        """The publishers' own work, of which nobody else is told."""
        return self if user.has_role(Role.PUBLISHER) else self.none()

    def approved(self):
        return self.filter(answer=Answer.YES)

    def awaited(self):
        """Proposed, and not answered yet."""
        return self.filter(answer=Answer.AWAITED)


class MergeConsentQuerySet(models.QuerySet):
    def visible_to(self, user):
        """For those who speak for the agency that is asked, and for none of its other people."""
        seats = Membership.objects.filter(
            user=user, agency=OuterRef("agency"), seat=Seat.REPRESENTATIVE
        )
        return self.filter(Exists(seats)).exclude(state=ConsentState.TAKEN_BACK)

    def awaited(self):
        return self.filter(state=ConsentState.ASKED)


class OfThePortfolioQuerySet(models.QuerySet):
    """Rules and scenarios: rows with `letters`, the references of all letters they are about."""

    def visible_to(self, user):
        """The chair's and the publishers', but for those about a letter they may not know of.

        Not the rest of such a row either: 200 kg less what is shown would be what is missing.
        """
        if not (user.has_role(Role.CHAIR) or user.has_role(Role.PUBLISHER)):
            return self.none()
        barred = references_barred_to(user)
        return self.exclude(letters__has_any_keys=barred) if barred else self


class ScenarioQuerySet(OfThePortfolioQuerySet):
    def computable(self, *, at):
        """Waiting, or taken by a worker that never came back."""
        abandoned = Q(state=ScenarioState.RUNNING, claimed_at__lte=at - SCENARIO_LEASE)
        return self.filter(Q(state=ScenarioState.QUEUED) | abandoned)

    def waited_for(self):
        return self.filter(state__in=(ScenarioState.QUEUED, ScenarioState.RUNNING))

    def for_list(self):
        """What a tab or a line prints, without what it was computed from."""
        return self.select_related("rules", "asked_by").defer("data", "frequencies", "run")


class DossierQuerySet(models.QuerySet):
    def visible_to(self, user):
        """One's own, as long as one is still what it was made for: another person's is not there.

        A conflict found later takes it away, whoever it was made for.
        """
        seats = Membership.objects.filter(
            user=user, agency=OuterRef("letter__agency"), seat=Seat.REPRESENTATIVE
        )
        readers = [
            reader
            for reader, role in ((Reader.AUDITOR, Role.AUDITOR), (Reader.CHAIR, Role.CHAIR))
            if user.has_role(role)
        ]
        free = Q(reader__in=readers) & ~Exists(conflicts_of(user).filter(letter=OuterRef("letter")))
        return self.filter(Q(reader=Reader.AGENCY) & Exists(seats) | free, asked_by=user)

    def failed(self):
        """Failed ones after which the same person asked for no other of the same letter."""
        newer = self.model.objects.filter(
            letter=OuterRef("letter"),
            asked_by=OuterRef("asked_by"),
            asked_at__gt=OuterRef("asked_at"),
        )
        return self.filter(~Exists(newer), state=PackState.FAILED)

    def makeable(self, *, at):
        """Waiting, or taken by a worker that gives no sign of life."""
        abandoned = Q(state=PackState.RUNNING, claimed_at__lte=at - DOSSIER_LEASE)
        return self.filter(Q(state=PackState.QUEUED) | abandoned)
