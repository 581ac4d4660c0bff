"""The chair's page about who knows whose letters these are."""

from django.contrib import messages
from django.db.models import Count, Exists, OuterRef
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from chang_e8_portal import clock
from proposals.models import FullerProposal, LetterOfIntent, LetterVersion
from proposals.states import AttachmentKind
from reviews import actions, anonymity
from reviews.forms import NoteForm
from reviews.models import ConflictCheck, Criterion, MarkChange, NameSearch, Review
from reviews.permissions import presided_by
from reviews.states import Recognised
from reviews.views import lists
from reviews.views.access import PanelPage


class Anonymity(PanelPage):
    """The switch of a round, names found where they should not be, and who knew the team."""

    action = "panel"
    http_method_names = ("get", "head", "post")

    def get(self, request, slug):
        return self.page(self.round_of(slug), slug)

    def post(self, request, slug):
        call_round = self.round_of(slug)
        if request.POST.get("do") == "note":
            return self.note(call_round, slug)
        on = request.POST.get("do") == "on"
        call_round = actions.set_double_anonymous(
            call_round, on, actor=request.user, at=clock.now()
        )
        if on:
            messages.success(request, _("The round is double-anonymous."))
        else:
            messages.success(request, _("Reviewers see whose letters these are."))
        return redirect("panel:anonymity", slug)

    def note(self, call_round, slug):
        form = NoteForm(self.request.POST)
        if not form.is_valid():
            for sentences in form.errors.values():
                messages.error(self.request, " ".join(sentences))
            return self.page(call_round, slug, status=422)
        search = get_object_or_404(self.searches(call_round), pk=form.cleaned_data["search"])
        actions.note_names(
            search, form.cleaned_data["note"], actor=self.request.user, at=clock.now()
        )
        messages.success(self.request, _("The note is saved."))
        return redirect("panel:anonymity", slug)

    def letters(self, call_round):
        return presided_by(self.request.user, LetterOfIntent.objects.in_round(call_round))

    def searches(self, call_round):
        newer = LetterVersion.objects.filter(
            letter=OuterRef("version__letter"), number__gt=OuterRef("version__number")
        )
        found = NameSearch.objects.filter(version__letter__in=self.letters(call_round).values("pk"))
        return found.exclude(Exists(newer)).select_related("version__letter", "noted_by")

    def page(self, call_round, slug, status=200):
        letters = self.letters(call_round)
        reviews = presided_by(
            self.request.user,
            Review.objects.submitted().filter(assignment__round=call_round),
            "assignment__letter",
        )
        searches = self.searches(call_round).order_by("version__letter__reference")
        lines = [
            {
                "search": search,
                "letter": search.version.letter,
                "found": [
                    {"where": _place(one["where"]), "names": one["names"]} for one in search.found
                ],
                "unread": [AttachmentKind(kind).label for kind in search.unread],
            }
            for search in searches
        ]
        allowed = anonymity.may_fall(self.call.facts)
        answered = ConflictCheck.objects.of_reviewers().filter(
            letter__in=letters.values("pk"), answered_at__isnull=False
        )
        about = "review__assignment"
        context = {
            "round": call_round,
            "slug": slug,
            "frozen": actions.frozen_because(call_round),
            # They have answered with the name beside the title of each letter.
            "knowing": 0
            if call_round.double_anonymous
            else answered.aggregate(n=Count("reviewer", distinct=True))["n"],
            "may_fall": [c for c in Criterion.objects.filter(call=self.call) if c.code in allowed],
            "total": letters.count(),
            "searched": len(lines),
            "page": lists.page_of(
                self.request, [line for line in lines if line["found"] or line["unread"]]
            ),
            "filed": reviews.count(),
            "recognised": reviews.filter(recognised=Recognised.YES).select_related(
                "assignment__letter", "assignment__reviewer"
            ),
            "opened": reviews.filter(team_opened_at__isnull=False).count(),
            "lowered": MarkChange.objects.filter(review__in=reviews, knowing_team=True)
            .select_related("criterion", f"{about}__letter", f"{about}__reviewer")
            .order_by(f"{about}__letter__reference", "at"),
        }
        return render(self.request, "panel/anonymity.html", context, status=status)


def _place(where) -> str:
    """Where a name was found: a question of the form, or a kind of file."""
    if where in AttachmentKind.values:
        return str(AttachmentKind(where).label)
    model = FullerProposal if where == "changes" else LetterOfIntent
    return capfirst(str(model._meta.get_field(where).verbose_name))
