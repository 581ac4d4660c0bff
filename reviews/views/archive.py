"""What reviewers wrote about the letters of archived calls, for the auditor."""

from django.db.models import Count
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.views import View

from proposals.models import LetterOfIntent
from reviews import permissions, threads
from reviews.models import Consensus, Criterion, Review
from reviews.views import lists


class _ArchivePage(View):
    http_method_names = ("get", "head")

    def dispatch(self, request, *args, **kwargs):
        permissions.admit(request.user, "read_archive")
        return super().dispatch(request, *args, **kwargs)

    def reviews(self):
        """The archived reviews that were filed and count; none about a letter in conflict."""
        return Review.objects.visible_to(self.request.user).archived().submitted()

    def letters(self):
        """Archived letters that were reviewed."""
        seen = LetterOfIntent.objects.visible_to(self.request.user)
        reviewed = seen.filter(pk__in=self.reviews().values("assignment__letter"))
        return reviewed.select_related("agency", "call")


class Archive(_ArchivePage):
    """The reviewed letters of all archived calls, with a search."""

    def get(self, request):
        words = lists.search_of(request)
        everything = self.letters()
        rows = everything.filter(lists.about_letters(words)).order_by(
            "-call__opens_at", "reference"
        )
        page = lists.page_of(request, rows)
        counted = self.reviews().filter(assignment__letter__in=[letter.pk for letter in page])
        numbers = dict(counted.order_by().values_list("assignment__letter").annotate(Count("pk")))
        for letter in page:
            letter.reviews = numbers.get(letter.pk, 0)
        context = {"page": page, "words": words, "filters": (), "total": everything.count()}
        return render(request, "panel/archive.html", context)


class ArchivedLetter(_ArchivePage):
    """The reviews of one letter, round by round: by whom, marks before and after, the talk."""

    def get(self, request, pk):
        letter = get_object_or_404(self.letters(), pk=pk)
        criteria = list(Criterion.objects.filter(call=letter.call_id))
        rounds = [self.of_round(one, letter, criteria) for one in letter.call.rounds.all()]
        rounds = [one for one in rounds if one["columns"]]
        if not rounds:
            raise Http404
        context = {"letter": letter, "rounds": rounds, "openly": True}
        return render(request, "panel/archived.html", context)

    def of_round(self, call_round, letter, criteria) -> dict:
        user = self.request.user
        reviews = self.reviews().filter(assignment__round=call_round, assignment__letter=letter)
        reviews = list(reviews.select_related("assignment__reviewer").prefetch_related("scores"))
        if not reviews:
            return {"columns": []}
        names = threads.Names(call_round, letter, user, openly=True)
        columns = threads.columns(reviews, criteria, names, user)
        consensus = Consensus.objects.filter(round=call_round, letter=letter)
        consensus = consensus.select_related("written_by").first()
        return {
            "round": call_round,
            "columns": columns,
            "table": threads.table(columns, criteria),
            "thread": threads.thread(call_round, letter, names, user),
            "consensus": consensus,
            "consensus_by": names.of(consensus.written_by) if consensus else "",
            "consensus_marks": [
                (criterion, consensus.marks[criterion.code])
                for criterion in criteria
                if criterion.code in consensus.marks
            ]
            if consensus
            else [],
        }
