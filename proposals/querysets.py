from datetime import timedelta

from django.db import models
from django.db.models import Count, Exists, Min, OuterRef, Q, Subquery

from accounts.models import Membership
from accounts.states import Role
from chang_e8_portal import clock
from proposals.states import (
    ANNOUNCED_FIRST,
    ANNOUNCED_LAST,
    ASSESSED,
    UNSCANNED,
    Answer,
    Eligibility,
    LetterState,
    RoundKind,
    ScanState,
)

# Whoever serves the call may know that a filed letter exists once two publishers opened the call.
_OFFICES = (Role.CHAIR, Role.PUBLISHER, Role.AUDITOR, Role.OPERATOR)
# That a letter was withdrawn is for those who keep the record of the call.
_KEEPERS = (Role.CHAIR, Role.AUDITOR)


def _own(user):
    # EXISTS, not a join: a join here would be reused by a later Count().
    return Q(Exists(Membership.objects.filter(user=user, agency=OuterRef("agency"))))


class CallQuerySet(models.QuerySet):
    def open_at(self, moment):
        """Calls that accept letters at `moment`: opens_at <= moment < closes_at."""
        return self.filter(opens_at__lte=moment, closes_at__gt=moment)

    def opened(self):
        """Calls whose letters two publishers have opened to the panel."""
        return self.filter(openings__answer=Answer.YES)

    def due_for_sealing(self, moment):
        return self.filter(closes_at__lte=moment, seal__isnull=True)

    def noting_others(self):
        """Each with `has_others`: whether there is another call that opened no later."""
        others = self.model.objects.filter(opens_at__lte=OuterRef("opens_at"))
        return self.annotate(has_others=Exists(others.exclude(pk=OuterRef("pk"))))

    def current(self):
        """The call the portal serves: the one that opened last, of several the first by code.

        A call made ahead of time leaves the present one alone until it opens; before any has
        opened, the first to open is shown. Without the second key the database may name another
        one at each question.
        """
        calls = self.prefetch_related("rounds")
        opened = calls.filter(opens_at__lte=clock.now()).order_by("-opens_at", "code")
        return opened.first() or calls.order_by("opens_at", "code").first()

    def earlier(self) -> list:
        """Those that opened before the present one, with their rounds; the latest first."""
        opened = self.filter(opens_at__lte=clock.now()).order_by("-opens_at", "code")
        return list(opened.prefetch_related("rounds")[1:])


class ExtensionQuerySet(models.QuerySet):
    def in_force(self):
        """Those that moved the cutoff, the first one first: what everybody may read."""
        return self.filter(answer=Answer.YES).select_related("call").order_by("answered_at")


class DueChangeQuerySet(models.QuerySet):
    def told_to(self, letter):
        """Those of which the letter's agency was told, the last one first.

        A due instant that was moved before the shortlist was published it never knew.
        """
        told = letter.events.filter(to_state=LetterState.SHORTLISTED).values("at")[:1]
        changes = self.filter(round__call=letter.call_id, changed_at__gte=Subquery(told))
        return changes.select_related("round__call")


class LetterQuerySet(models.QuerySet):
    def visible_to(self, user):
        """One's own agencies' letters; for the call's officers, filed letters of an opened call."""
        if not any(user.has_role(role) for role in _OFFICES):
            return self.filter(_own(user))
        shown = self._is_opened() & ~Q(state=LetterState.DRAFT)
        if not any(user.has_role(role) for role in _KEEPERS):
            shown &= ~Q(state=LetterState.WITHDRAWN)
        return self.filter(_own(user) | shown)

    def opened(self):
        """Letters that the panel may read: filed, and opened by two publishers after the cutoff."""
        return self.filed().filter(self._is_opened())

    def _is_opened(self):
        # The ids in a subquery, not a join: a call that was proposed twice would count twice.
        calls = self.model._meta.get_field("call").related_model.objects.opened()
        return Q(call__in=calls.values("pk"))

    def listed_for(self, user):
        """What the list of letters shows: an officer reads no letters here, so sees none listed."""
        return self.filter(_own(user))

    def matching(self, text):
        """Letters with this text in the title, the acronym, the reference or the agency's name."""
        return self.filter(
            Q(title__icontains=text)
            | Q(title_zh__icontains=text)
            | Q(acronym__icontains=text)
            | Q(reference__icontains=text)
            | Q(agency__name__icontains=text)
            | Q(agency__name_zh__icontains=text)
        )

    def filed(self):
        """Letters that count: submitted and not withdrawn, whatever was announced later."""
        return self.exclude(state__in=(LetterState.DRAFT, LetterState.WITHDRAWN))

    def standing_at(self, moment):
        """Letters that counted at `moment`, the last time any could be filed."""
        withdrawn_later = Q(
            state=LetterState.WITHDRAWN,
            events__to_state=LetterState.WITHDRAWN,
            events__at__gte=moment,
        )
        others = ~Q(state__in=(LetterState.DRAFT, LetterState.WITHDRAWN))
        return self.filter(others | withdrawn_later).distinct()

    def reopened(self):
        """Filed letters whose working copy is being rewritten."""
        return self.filter(reopened_at__isnull=False)

    def drafts(self):
        return self.filter(state=LetterState.DRAFT)

    def unfiled(self):
        """Letters with a text that does not count yet: drafts, and filed ones being rewritten."""
        return self.filter(Q(state=LetterState.DRAFT) | Q(reopened_at__isnull=False))

    def eligible(self):
        return self.opened().filter(screening__outcome=Eligibility.ELIGIBLE)

    def in_round(self, call_round):
        """Letters the panel assesses in a round: all eligible ones, then the shortlisted ones."""
        letters = self.filter(call=call_round.call_id)
        if call_round.is_final:
            # A letter is shortlisted at most once, so this join yields it once.
            return letters.opened().filter(events__to_state=LetterState.SHORTLISTED)
        return letters.eligible()

    def asked_for_more(self):
        """Letters that were told they are on the shortlist, whatever became of them later."""
        # The ids in a subquery: a join here would be reused by a later Count().
        events = self.model._meta.get_field("events").related_model.objects
        told = events.filter(to_state=LetterState.SHORTLISTED)
        return self.filter(pk__in=told.values("letter"))

    def awaited_in(self, call_round):
        """Shortlisted letters of the round's call for which no fuller proposal is filed yet."""
        letters = self.filter(call=call_round.call_id, state=LetterState.SHORTLISTED)
        return letters.filter(fuller_versions__isnull=True)

    def to_decide_in(self, call_round):
        """Letters that are owed a decision: in the first round the ineligible ones as well."""
        if call_round.is_final:
            return self.in_round(call_round)
        return self.filter(call=call_round.call_id).opened()

    def for_list(self):
        """Everything one row of a list template prints, in one query."""
        return self.select_related("call", "agency").order_by("-updated_at", "reference")


class PresentAttachments(models.Manager):
    def get_queryset(self):
        return super().get_queryset().filter(removed_at__isnull=True)


class AttachmentQuerySet(models.QuerySet):
    def visible_to(self, user):
        """The agency's own files; the panel reads the filed version of a letter."""
        seats = Membership.objects.filter(user=user, agency=OuterRef("letter__agency"))
        return self.filter(Exists(seats))

    def waiting_since(self, moment):
        """Files that came at `moment` or before and still wait for the scanner."""
        return self.filter(scan=ScanState.OWED, uploaded_at__lte=moment)

    def to_scan(self, moment):
        """Files the scanner has not seen and nobody has in hand, those that wait longest first."""
        unclaimed = Q(scan_after__isnull=True) | Q(scan_after__lte=moment)
        return self.filter(unclaimed, scan__in=UNSCANNED).order_by("uploaded_at", "pk")


class ReceiptQuerySet(models.QuerySet):
    def visible_to(self, user):
        """The agency's own receipts; the auditor may see every one."""
        if user.has_role(Role.AUDITOR):
            return self
        seats = Membership.objects.filter(user=user, agency=OuterRef("version__letter__agency"))
        return self.filter(Exists(seats))


class AttemptQuerySet(models.QuerySet):
    def visible_to(self, user):
        """The agency's own attempts; the auditor may see every one."""
        if user.has_role(Role.AUDITOR):
            return self
        seats = Membership.objects.filter(user=user, agency=OuterRef("letter__agency"))
        return self.filter(Exists(seats))


class ClarificationQuerySet(models.QuerySet):
    def open_at(self, moment):
        """Questions that still wait for an answer, the first due one first."""
        return self.waiting().filter(due_at__gt=moment)

    def waiting(self):
        """Questions without an answer, late ones as well, the first due one first."""
        open_ = self.filter(answered_at__isnull=True, letter__state__in=ASSESSED)
        return open_.order_by("due_at")


class CommentQuerySet(models.QuerySet):
    def visible_to(self, user):
        """People of the agency that writes the letter, and nobody else: not even the operator."""
        seats = Membership.objects.filter(user=user, agency=OuterRef("letter__agency"))
        return self.filter(Exists(seats))

    def counts_for(self, user, *, read):
        """Section to (comments still open, those of them that are new to `user`).

        `read` are the rows of CommentsRead; a person's own comments are never new to them.
        """
        until = read.filter(
            letter=OuterRef("letter"),
            section=OuterRef("section"),
            user=user,
            at__gte=OuterRef("at"),
        )
        new = ~Q(author=user) & ~Exists(until)
        rows = (
            self.filter(settled_at__isnull=True)
            .order_by("section")
            .values("section")
            .annotate(open=Count("pk"), new=Count("pk", filter=new))
        )
        return {row["section"]: (row["open"], row["new"]) for row in rows}


class PresenceQuerySet(models.QuerySet):
    def here_at(self, moment):
        """Who was heard of within the last minute: three beats of the page's heart."""
        return self.filter(seen_at__gt=moment - timedelta(seconds=60))


class EventQuerySet(models.QuerySet):
    def announcements(self, call):
        """Round kind to the instant its outcome was made known, for rounds already published."""
        first = self.filter(letter__call=call).aggregate(
            **{
                RoundKind.PRELIMINARY: Min("at", filter=Q(to_state__in=ANNOUNCED_FIRST)),
                RoundKind.FINAL: Min("at", filter=Q(to_state__in=ANNOUNCED_LAST)),
            }
        )
        return {kind: at for kind, at in first.items() if at}
