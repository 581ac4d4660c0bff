"""Who reads what: asking about conflicts, giving letters out, taking them back."""

from django.contrib import messages
from django.db.models import Exists, F, OuterRef, Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from accounts.refusal import Refused
from accounts.states import Role
from chang_e8_portal import clock
from proposals.states import Level
from reviews import actions, headcount, permissions, plan_pool
from reviews.addresses import Named
from reviews.exports import assignments
from reviews.forms import DueForm, HeadcountForm, MoreTimeForm, ReasonForm
from reviews.models import (
    AgendaItem,
    Assignment,
    ConflictCheck,
    Headcount,
    Ranking,
    ReviewerProfile,
    Wish,
)
from reviews.panel_letters import (
    count_of,
    find_letter,
    readers_of,
    round_letters,
    state_of,
    with_counts,
)
from reviews.states import Decision, Expertise
from reviews.views import lists
from reviews.views.access import PanelPage
from reviews.views.pool import lines
from reviews.views.reminding import remind

SORTS = {
    "reference": ("reference",),
    "agency": ("agency__name",),
    "given": ("given",),
    "conflicts": ("conflicts",),
}
FILTERS = (
    lists.Select(
        "need",
        gettext_lazy("Reviewers"),
        [("short", gettext_lazy("Needs reviewers")), ("enough", gettext_lazy("Has enough"))],
    ),
    lists.Select("level", gettext_lazy("Level"), Level.choices),
)
CANDIDATE_FILTERS = (
    lists.Select(
        "standing",
        gettext_lazy("Conflict"),
        [
            ("clear", gettext_lazy("No conflict")),
            ("soft", gettext_lazy("Soft conflict")),
            ("unanswered", gettext_lazy("Not answered yet")),
            ("conflict", gettext_lazy("In conflict")),
        ],
    ),
    lists.Select("expertise", gettext_lazy("Expertise"), Expertise.choices),
)
CANDIDATE_SORTS = {"name": ("name",), "load": ("load", "name")}
# Not of the database: what fits is counted from texts.
_BY_FIT = "fit"


class AssignmentList(PanelPage):
    """The round's letters with their reviewers."""

    action = "see_assignments"
    post_action = "assign"

    def get(self, request, slug):
        call_round = self.round_of(slug)
        everything = with_counts(round_letters(request.user, call_round), call_round)
        rows, words, chosen, sort = self.narrowed(everything)
        page = lists.page_of(request, rows.select_related("agency"))
        readers = readers_of([letter.pk for letter in page], call_round)
        checks = ConflictCheck.objects.of_reviewers().filter(letter__in=everything.values("pk"))
        asked = checks.values("letter").distinct().count()
        pairs, answered = checks.count(), checks.filter(answered_at__isnull=False).count()
        total = everything.count()
        wanted, _extra = headcount.usual(call_round)
        return render(
            request,
            "panel/assignment.html",
            {
                "round": call_round,
                "slug": slug,
                "page": page,
                "rows": [(letter, readers.get(letter.pk, [])) for letter in page],
                "words": words,
                "chosen": chosen,
                "filters": FILTERS,
                "sort": sort,
                "total": total,
                "wanted": wanted,
                "short": everything.filter(given__lt=F("needed")).count(),
                "pairs": pairs,
                "answered": answered,
                "waiting": pairs - answered,
                "conflicts": checks.conflicted().count(),
                "unasked": total - asked,
                "reviewers": User.objects.with_role(Role.REVIEWER).active().count(),
                "frozen": Ranking.objects.filter(round=call_round).exists(),
                "may_assign": permissions.can(request.user, "assign"),
            },
        )

    def post(self, request, slug):
        """Ask the reviewers about conflicts, or remind those who have not answered."""
        call_round = self.round_of(slug)
        if request.POST.get("do") == "remind":
            remind(request, actions.remind_unanswered, call_round)
            return redirect("panel:assignment", slug)
        try:
            made = actions.open_conflict_checks(call_round, actor=request.user, at=clock.now())
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            text = ngettext(
                "%(count)s new question was asked.", "%(count)s new questions were asked.", made
            )
            messages.success(request, text % {"count": made})
        return redirect("panel:assignment", slug)

    def narrowed(self, letters):
        request = self.request
        chosen = lists.chosen(request, FILTERS)
        words = lists.search_of(request)
        sort = lists.sort_of(request, SORTS, "reference")
        letters = letters.filter(lists.about_letters(words))
        if chosen["level"]:
            letters = letters.filter(level=chosen["level"])
        if chosen["need"] == "short":
            letters = letters.filter(given__lt=F("needed"))
        elif chosen["need"] == "enough":
            letters = letters.filter(given__gte=F("needed"))
        return lists.order(letters, SORTS, sort), words, chosen, sort


class AssignmentTable(AssignmentList):
    """Exactly the letters the list shows, on all its pages, as a table to download."""

    action = "export"
    ending = "csv"
    http_method_names = ("get", "head")

    def get(self, request, slug):
        call_round = self.round_of(slug)
        letters = with_counts(round_letters(request.user, call_round), call_round)
        rows = self.narrowed(letters)[0].select_related("agency")
        table = assignments.table(rows, call_round)
        return lists.as_file(f"assignment-{slug}", self.ending, _("Assignment"), *table)


class AssignLetter(PanelPage):
    """One letter: who reads it, and who could."""

    action = "see_assignments"
    post_action = "assign"

    def get(self, request, slug, pk):
        return self.page(slug, pk)

    def post(self, request, slug, pk):
        call_round = self.round_of(slug)
        letter = self.find(call_round, pk)
        if request.POST.get("do") == "number":
            return self.say_number(slug, call_round, letter)
        ids = lists.uuids(request.POST.getlist("reviewer"))
        # Whoever is not a reviewer, and the chair, are strangers here.
        known = candidates(letter, call_round, request.user).exclude(pk=request.user.pk)
        reviewers = list(known.filter(pk__in=ids).order_by("name"))
        if len(reviewers) != len(ids):
            raise Http404
        due = DueForm(request.POST, call_round=call_round, now=clock.now())
        if not due.is_valid():
            return self.page(slug, pk, ticked=ids, due=due, status=422)
        try:
            made = actions.assign_many(
                call_round,
                letter,
                reviewers,
                **due.cleaned_data,
                actor=request.user,
                at=clock.now(),
            )
        except Refused as refusal:
            messages.error(request, str(refusal))
            return self.page(slug, pk, ticked=ids, due=due, status=409)
        text = ngettext(
            "%(count)s reviewer was asked to read %(reference)s.",
            "%(count)s reviewers were asked to read %(reference)s.",
            len(made),
        )
        messages.success(request, text % {"count": len(made), "reference": letter.reference})
        return redirect("panel:assign", slug, pk)

    def say_number(self, slug, call_round, letter):
        form = HeadcountForm(self.request.POST)
        if not form.is_valid():
            return self.page(slug, letter.pk, number=form, status=422)
        try:
            actions.say_headcount(
                call_round, letter, **form.cleaned_data, actor=self.request.user, at=clock.now()
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
            return self.page(slug, letter.pk, number=form, status=409)
        messages.success(self.request, _("The number of reviewers was saved."))
        return redirect("panel:assign", slug, letter.pk)

    def find(self, call_round, pk):
        letters = with_counts(round_letters(self.request.user, call_round), call_round)
        letter = letters.select_related("agency").filter(pk=pk).first()
        if letter is None:
            # 403 to a chair in conflict, whatever round the letter is in; 404 to everybody else.
            find_letter(self.request.user, self.call, pk)
            raise Http404
        return letter

    def page(self, slug, pk, ticked=(), due=None, number=None, status=200):
        request = self.request
        call_round = self.round_of(slug)
        letter = self.find(call_round, pk)
        chosen = lists.chosen(request, CANDIDATE_FILTERS)
        words = lists.search_of(request)
        sort = lists.sort_of(request, {*CANDIDATE_SORTS, _BY_FIT}, "load")
        others = round_letters(request.user, call_round)
        people = candidates(letter, call_round, request.user).exclude(pk=request.user.pk)
        total = people.count()
        people = narrowed_people(people, words, chosen)
        fits = plan_pool.fits_of(letter, call_round, among=others, chair=request.user)
        page = lists.page_of(request, ordered_people(people, sort, fits))
        known = lines(page, at=clock.now(), promised=plan_pool.promised_in(call_round))
        checks = {
            check.reviewer_id: check
            for check in ConflictCheck.objects.filter(letter=letter, reviewer__in=list(page))
        }
        wished = Wish.objects.filter(round=call_round, letter=letter, reviewer__in=list(page))
        wishes = {wish.reviewer_id: wish.get_choice_display() for wish in wished}
        said = Headcount.objects.filter(round=call_round, letter=letter).first()
        start = {"number": said.number, "reason": said.reason} if said else {}
        waiting = with_counts(others, call_round).filter(
            given__lt=F("needed"), reference__gt=letter.reference
        )
        return render(
            request,
            "panel/assign.html",
            {
                "round": call_round,
                "slug": slug,
                "letter": letter,
                "readers": readers_of([letter.pk], call_round).get(letter.pk, []),
                "page": page,
                "people": [
                    line
                    | {
                        "check": checks.get(line["person"].pk),
                        "wish": wishes.get(line["person"].pk, ""),
                        "fit": fits.get(str(line["person"].pk)),
                    }
                    for line in known
                ],
                "words": words,
                "chosen": chosen,
                "filters": CANDIDATE_FILTERS,
                "sort": sort,
                "total": total,
                "ticked": set(ticked),
                "due": due or DueForm(call_round=call_round, now=clock.now()),
                "wanted": letter.needed,
                "said": said,
                "number": number or HeadcountForm(initial=start),
                "asked_for": AgendaItem.objects.filter(
                    letter=letter, meeting__round=call_round, decision=Decision.MORE
                )
                .select_related("meeting")
                .order_by("decided_at"),
                "following": waiting.order_by("reference").first(),
                "frozen": Ranking.objects.filter(round=call_round).exists(),
                "may_assign": permissions.can(request.user, "assign"),
            },
            status=status,
        )


class ChangeAssignment(PanelPage):
    """One assignment: do without its review, or give it more time."""

    action = "assign"

    def get(self, request, pk):
        return self.page(self.find(pk), ReasonForm(), MoreTimeForm())

    def post(self, request, pk):
        assignment = self.find(pk)
        waiving = request.POST.get("do") == "waive"
        reason = ReasonForm(request.POST if waiving else None)
        time = MoreTimeForm(None if waiving else request.POST)
        form = reason if waiving else time
        if not form.is_valid():
            return self.page(assignment, reason, time, status=422)
        change = actions.waive if waiving else actions.give_more_time
        try:
            change(assignment, **form.cleaned_data, actor=request.user, at=clock.now())
        except Refused as refusal:
            form.add_error(None, str(refusal))
            return self.page(assignment, reason, time, status=409)
        done = _("The review was waived.") if waiving else _("The due date was moved.")
        messages.success(request, done)
        slug = Named(assignment.round.kind, request.call_code)
        return redirect("panel:assign", slug, assignment.letter_id)

    def find(self, pk):
        seen = Assignment.objects.visible_to(self.request.user).for_list()
        presided = permissions.presided_by(self.request.user, seen, letter="letter")
        assignment = get_object_or_404(presided, pk=pk)
        self.turn_to(assignment.letter.call)
        return assignment

    def page(self, assignment, reason, time, status=200):
        slug = Named(assignment.round.kind, self.request.call_code)
        return render(
            self.request,
            "panel/change_assignment.html",
            {
                "assignment": assignment,
                "letter": assignment.letter,
                "state": state_of(assignment),
                "back": reverse("panel:assign", args=[slug, assignment.letter_id]),
                "reason": reason,
                "time": time,
                "now": clock.now(),
            },
            status=status,
        )


def candidates(letter, call_round, reader):
    """Every active reviewer with `load` (letters of the round) and `reads` (this one already).

    Letters that the reader of the page is barred from count for nothing, or a load would tell who
    reads them.
    """
    mine = Assignment.objects.active().filter(round=call_round, reviewer=OuterRef("pk"))
    barred = ConflictCheck.objects.conflicted().filter(reviewer=reader)
    mine = mine.exclude(letter__in=barred.values("letter"))
    checks = ConflictCheck.objects.filter(letter=letter, reviewer=OuterRef("pk"))
    return (
        User.objects.with_role(Role.REVIEWER)
        .active()
        .annotate(
            load=count_of(mine.values("reviewer"), "pk"),
            reads=Exists(mine.filter(letter=letter)),
            in_conflict=Exists(checks.conflicted()),
            in_soft_conflict=Exists(checks.soft()),
            unanswered=Exists(checks.unanswered()),
        )
    )


def ordered_people(people, sort, fits):
    if sort.removeprefix("-") in CANDIDATE_SORTS:
        return lists.order(people, CANDIDATE_SORTS, sort)
    way = -1 if sort.startswith("-") else 1
    # Who has become a reviewer since the fits were counted has none.
    known = {one: way * fit["affinity"] for one, fit in fits.items()}
    return sorted(people.order_by("name", "pk"), key=lambda person: known.get(str(person.pk), 0))


def narrowed_people(people, words, chosen):
    for word in words.split()[:10]:
        profiles = ReviewerProfile.objects.filter(user=OuterRef("pk")).filter(
            Q(keywords__icontains=word) | Q(employer__icontains=word) | Q(about__icontains=word)
        )
        people = people.filter(Q(name__icontains=word) | Exists(profiles))
    if chosen["expertise"]:
        fitting = ReviewerProfile.objects.filter(expertise=chosen["expertise"])
        people = people.filter(Exists(fitting.filter(user=OuterRef("pk"))))
    match chosen["standing"]:
        case "clear":
            return people.filter(in_conflict=False, in_soft_conflict=False, unanswered=False)
        case "soft":
            return people.filter(in_soft_conflict=True)
        case "unanswered":
            return people.filter(unanswered=True)
        case "conflict":
            return people.filter(in_conflict=True)
    return people
