from datetime import timedelta

from django.db import models
from django.db.models import Count, Exists, F, Max, OuterRef, Q, Subquery, Value
from django.db.models.functions import MD5, Cast, Coalesce, Concat

from accounts.states import Role
from proposals.models import CallRound, LetterOfIntent
from proposals.states import LetterState
from reviews.states import (
    Decision,
    InvitationAnswer,
    InvitationStanding,
    MeetingState,
    PackState,
    PlanState,
    ReviewState,
)

# A plan whose worker has not come back for so long is taken up by another.
PLAN_LEASE = timedelta(minutes=5)
# The same of a pack; each letter takes a few seconds.
PACK_LEASE = timedelta(minutes=3)


class ConflictCheckQuerySet(models.QuerySet):
    def visible_to(self, user):
        """A reviewer's own answers; the chair and the auditor read the register."""
        if user.has_role(Role.CHAIR) or user.has_role(Role.AUDITOR):
            return self
        return self.filter(reviewer=user)

    def unanswered(self):
        return self.filter(answered_at__isnull=True)

    def conflicted(self):
        """Pairs that are barred: the hard conflicts."""
        return self.filter(conflicted=True)

    def soft(self):
        """Conflicts that do not bar a pair: whoever assigns weighs them."""
        return self.recorded().filter(conflicted=False)

    def recorded(self):
        """Every conflict on record, hard or soft: what the register holds."""
        return self.exclude(source="")

    def of_reviewers(self):
        """The questions of people who review now; a chair is asked too, and counts in no list."""
        return self.filter(reviewer__roles__contains=[Role.REVIEWER])

    def nameless(self):
        """Questions about letters of which somebody may not know whose they are.

        One double-anonymous round makes the question of the whole call one: it is asked once.
        """
        rounds = CallRound.objects.filter(call=OuterRef("letter__call"), double_anonymous=True)
        return self.filter(Exists(rounds))

    def named(self):
        """The other questions: who is behind a letter stands beside its title."""
        rounds = CallRound.objects.filter(call=OuterRef("letter__call"), double_anonymous=True)
        return self.exclude(Exists(rounds))

    def bar(self, user, letter="pk"):
        """Whether `user` has a conflict with the letter a row is about: for `exclude(...)`.

        It keeps a chair who also reads letters away from those she or he may not judge.
        """
        return Exists(self.conflicted().filter(reviewer=user, letter=OuterRef(letter)))

    def for_list(self):
        return self.select_related("letter__agency", "reviewer").order_by("letter__reference")


class ReviewerInvitationQuerySet(models.QuerySet):
    def visible_to(self, user):
        """The chair's; the operator sees who accepted and waits for the role."""
        if user.has_role(Role.CHAIR):
            return self
        if user.has_role(Role.OPERATOR):
            return self.standing(InvitationStanding.ACCEPTED)
        return self.none()

    def standing(self, value):
        """Those that stand there: the same rule as `ReviewerInvitation.standing`."""
        open_ = self.filter(withdrawn_at__isnull=True)
        reviews = Q(user__roles__contains=[Role.REVIEWER])
        match value:
            case InvitationStanding.TAKEN_BACK:
                return self.filter(withdrawn_at__isnull=False)
            case InvitationStanding.WAITING:
                return open_.filter(answer="")
            case InvitationStanding.DECLINED:
                return open_.filter(answer=InvitationAnswer.DECLINED)
            case InvitationStanding.REVIEWER:
                return open_.filter(reviews, answer=InvitationAnswer.ACCEPTED)
            case InvitationStanding.ACCEPTED:
                accepted = open_.filter(answer=InvitationAnswer.ACCEPTED)
                return accepted.exclude(Q(user__isnull=False) & reviews)
        return self.none()

    def for_list(self):
        return self.select_related("round__call", "user", "invited_by")


class AssignmentQuerySet(models.QuerySet):
    def visible_to(self, user):
        """The chair and the auditor see who reads what; a reviewer only the own letters."""
        if user.has_role(Role.CHAIR) or user.has_role(Role.AUDITOR):
            return self
        return self.own_of(user)

    def own_of(self, user):
        """The letters that `user` was given, until their call is archived; not those that only
        stay counted.
        """
        return self.filter(reviewer=user, counted=False, letter__call__archived_at__isnull=True)

    def active(self):
        """Neither waived, nor ended by a conflict, nor about a letter that was withdrawn."""
        return self.filter(ended_at__isnull=True).exclude(letter__state=LetterState.WITHDRAWN)

    def pending(self):
        """Active ones whose review is not in."""
        return self.active().exclude(review__state=ReviewState.SUBMITTED)

    def for_list(self):
        """Everything a row or a page prints of an assignment, but the letter's own texts: the panel
        reads those as they were filed.
        """
        rows = self.select_related("letter__agency", "letter__call", "reviewer", "round", "review")
        return rows.defer(*_long_texts_of(LetterOfIntent, "letter__"))

    def for_counting(self, reader):
        """A few plain values of each in their one reader's order, to count and to choose from.

        The order is that of `Assignment.own_order`. The database knows it too: for three hundred
        letters that saves a thousand UUIDs, which are 3 ms.
        """
        questions = self.model.open_question(reader, OuterRef("letter"))
        pair = Concat(as_text("reviewer"), Value("/"), as_text("letter"))
        return (
            self.annotate(
                state=F("review__state"),
                reference=F("letter__reference"),
                zone=F("letter__call__zone"),
                asked=Exists(questions),
            )
            .order_by(MD5(pair))
            .values_list("pk", "due_at", "state", "reference", "zone", "asked", named=True)
        )

    def for_queue(self):
        """What a reviewer's list prints, and no more: it is opened more often than any other."""
        return self.select_related("letter__agency", "review", "round").only(
            *("reviewer", "due_at", "round__double_anonymous"),
            *(f"letter__{name}" for name in ("reference", "title", "title_zh", "call")),
            *(f"letter__agency__{name}" for name in ("name", "name_zh", "country", "country_text")),
            "review__state",
        )

    def for_reading(self):
        """What stands beside the form of a review, but the letter's texts: these are the version's.

        Named one by one: of the letter, its call and its agency there are 150 columns.
        """
        people = ("name", "name_zh", "country", "country_text")
        return self.select_related("letter__agency", "letter__call", "round", "review").only(
            *("reviewer", "due_at", "opened_at", "ended_at"),
            *(
                f"round__{name}"
                for name in ("call", "kind", "double_anonymous", "proposals_due_at")
            ),
            *(f"letter__{name}" for name in ("reference", "title", "title_zh", "state")),
            *(f"letter__agency__{name}" for name in people),
            *(f"letter__call__{name}" for name in ("zone", "objectives", "priorities")),
            *(f"review__{name}" for name in self.model.review_columns()),
        )

    def for_saving(self):
        """What is asked while one types, every few seconds."""
        return self.select_related("letter", "review", "round").only(
            *("round__double_anonymous", "reviewer", "due_at", "ended_at"),
            *("letter__state", "letter__call"),
            "review__filed_marks",
        )

    def answered(self, reader):
        """Those of one `reader` whose conflict question is answered."""
        return self.exclude(Exists(self.model.open_question(reader, OuterRef("letter"))))

    def with_answers(self, reader):
        """Those of one `reader`, each with `asked` (its conflict question is still open) and
        `marked` (criteria answered).
        """
        questions = self.model.open_question(reader, OuterRef("letter"))
        answered = Q(review__scores__mark__isnull=False) | Q(review__scores__cannot_judge=True)
        # A query of its own: beside it, every column that is read would have to be grouped by.
        same = self.model.objects.filter(pk=OuterRef("pk")).order_by().values("pk")
        counted = same.annotate(number=Count("review__scores", filter=answered))
        return self.annotate(
            asked=Exists(questions), marked=Coalesce(Subquery(counted.values("number")), 0)
        )


class AssignmentPlanQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Plans for the chair and the auditor, but for those about a letter they must not judge.

        Not the rest of such a plan either: a gap in it would tell who reads the letter.
        """
        if not (user.has_role(Role.CHAIR) or user.has_role(Role.AUDITOR)):
            return self.none()
        barred = self.model.barred_letters(user)
        return self.exclude(parameters__letters__has_any_keys=barred) if barred else self

    def failed(self):
        """Failed ones after which nobody asked for another of the same round."""
        newer = self.model.objects.filter(
            round=OuterRef("round"), asked_at__gt=OuterRef("asked_at")
        )
        return self.filter(~Exists(newer), state=PlanState.FAILED)

    def computable(self, *, at):
        """Waiting, or taken by a worker that never came back."""
        abandoned = Q(state=PlanState.RUNNING, claimed_at__lte=at - PLAN_LEASE)
        return self.filter(Q(state=PlanState.QUEUED) | abandoned)


class CommitteePackQuerySet(models.QuerySet):
    def visible_to(self, user):
        """One's own, as long as one chairs: another person's is not there.

        Nor is one with a letter in it with which its maker came into conflict since.
        """
        if not user.has_role(Role.CHAIR):
            return self.none()
        own, barred = self.filter(asked_by=user), self.model.barred_letters(user)
        return own.exclude(letters__has_any_keys=barred) if barred else own

    def failed(self):
        """Failed ones after which their chair asked for no other of the same round."""
        newer = self.model.objects.filter(
            round=OuterRef("round"),
            asked_by=OuterRef("asked_by"),
            asked_at__gt=OuterRef("asked_at"),
        )
        return self.filter(~Exists(newer), state=PackState.FAILED)

    def makeable(self, *, at):
        """Waiting, or taken by a worker that gives no sign of life."""
        abandoned = Q(state=PackState.RUNNING, claimed_at__lte=at - PACK_LEASE)
        return self.filter(Q(state=PackState.QUEUED) | abandoned)


class ReviewQuerySet(models.QuerySet):
    def visible_to(self, user):
        """One's own reviews of letters without a conflict; the chair sees all that count.

        Once their call is archived reviewers see none of them, and the auditor does.
        """
        counting = self.filter(assignment__ended_at__isnull=True)
        if user.has_role(Role.CHAIR):
            return counting.exclude(self.model.barred(user))
        archived = Q(assignment__letter__call__archived_at__isnull=False)
        clear = self.model.conflict_free(OuterRef("assignment__reviewer"))
        own = Q(Exists(clear), assignment__reviewer=user) & ~archived
        if user.has_role(Role.AUDITOR):
            return counting.filter(own | archived).exclude(self.model.barred(user))
        return counting.filter(own)

    def archived(self):
        return self.filter(assignment__letter__call__archived_at__isnull=False)

    def submitted(self):
        return self.filter(state=ReviewState.SUBMITTED, assignment__ended_at__isnull=True)

    def of_colleagues(self, user):
        """What others filed about letters on which `user` has filed a review, too.

        Whoever takes the own review back sees none of them before it is filed again. Nothing here
        says whose they are: pages show them under `reviews.pseudonyms`.
        """
        own = self.model.objects.submitted().filter(
            assignment__reviewer=user,
            assignment__letter=OuterRef("assignment__letter"),
            assignment__round=OuterRef("assignment__round"),
        )
        others = self.submitted().exclude(assignment__reviewer=user)
        shown = others.exclude(assignment__letter__state=LetterState.WITHDRAWN)
        kept = shown.filter(assignment__letter__call__archived_at__isnull=True)
        return kept.filter(Exists(own), Exists(self.model.conflict_free(user)))


class ScoreQuerySet(models.QuerySet):
    def answered_in(self, assignments) -> dict:
        """Ids of assignments to how many criteria are answered there: marked, or not judged."""
        answered = Q(mark__isnull=False) | Q(cannot_judge=True)
        rows = self.filter(answered, review__assignment__in=assignments).order_by()
        return dict(rows.values_list("review__assignment").annotate(Count("pk")))


class PracticeQuerySet(models.QuerySet):
    def settled(self):
        """Done or declined: not offered again."""
        return self.filter(Q(done_at__isnull=False) | Q(declined_at__isnull=False))

    def done(self):
        return self.filter(done_at__isnull=False)


class ScoreboardQuerySet(models.QuerySet):
    def free_at(self, moment):
        """Boards that nobody has in hand; a claim older than `moment` is of a worker that died."""
        return self.filter(Q(claimed_at__isnull=True) | Q(claimed_at__lte=moment))


class ScoreboardLineQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Lines about letters without a conflict; which rounds and when is for `permissions`.

        A board is made for one set of letters, so this leaves out nothing unless a conflict was
        recorded a moment ago.
        """
        return self.exclude(self.model.barred(user))

    def for_list(self):
        """With what a list prints of a letter, and without the kilobytes that it says itself."""
        own = (field.name for field in self.model._meta.concrete_fields)
        of_letter = (
            *("reference", "title", "title_zh", "level", "agency__name", "agency__name_zh"),
            *("agency__country", "agency__country_text"),
        )
        return self.select_related("letter__agency").only(
            *own, *(f"letter__{name}" for name in of_letter)
        )


class MeetingQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Every meeting for the chair, for others those to which they were invited."""
        if user.has_role(Role.CHAIR):
            return self
        return self.filter(Exists(self.model.seats_of(user)))

    def unfinished(self):
        return self.filter(state__in=(MeetingState.PLANNED, MeetingState.RUNNING))

    def for_list(self):
        return self.select_related("round__call")


class AgendaItemQuerySet(models.QuerySet):
    def open_to(self, user):
        """Items that `user` may know of: those about no letter, or about one open to her or him.

        The chair knows of every letter without a hard conflict, others of those about which they
        have answered that there is none. Whatever is not here has no place in any list, number or
        sentence: a gap tells as much as a name.
        """
        if user.has_role(Role.CHAIR):
            return self.exclude(self.model.barred(user))
        return self.filter(Q(letter__isnull=True) | Exists(self.model.clear(user)))

    def of_letters(self):
        return self.filter(letter__isnull=False)

    def undecided(self):
        """About a letter that is still there, and no decision on record."""
        there = self.of_letters().exclude(letter__state=LetterState.WITHDRAWN)
        return there.filter(decision="")

    def for_list(self):
        """What an agenda prints of a letter."""
        own = (field.name for field in self.model._meta.concrete_fields)
        of_letter = (
            *("reference", "title", "title_zh", "state", "call"),
            *("agency__name", "agency__name_zh"),
        )
        return self.select_related("letter__agency").only(
            *own, *(f"letter__{name}" for name in of_letter)
        )

    def wanted(self, call_round):
        """How many reviewers meetings wanted for letters of a round, a row a letter."""
        decided = self.filter(meeting__round=call_round, decision=Decision.MORE).order_by()
        return decided.values("letter").annotate(number=Max("wanted"))


def as_text(reference):
    """An id as text: psycopg2 makes an object of every UUID, and that costs more than the row."""
    return Cast(reference, models.CharField())


def _long_texts_of(model, prefix) -> list[str]:
    """Columns of texts and of rows, which no list prints."""
    kinds = (models.TextField, models.JSONField)
    return [f"{prefix}{f.name}" for f in model._meta.concrete_fields if isinstance(f, kinds)]
