"""Who is behind a letter, once its marks are filed; and marks that fall because of it."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.refusal import Refused
from chang_e8_portal import clock
from reviews import actions, anonymity
from reviews.forms import LowerForm
from reviews.letter_files import hidden_files, team_file_response
from reviews.letter_text import team_of
from reviews.models import MarkChange, Review
from reviews.states import ReviewState
from reviews.views.own_assignment import OwnAssignment


class _Team(OwnAssignment):
    def enter(self, pk):
        """404 where reviewers know the team anyhow, 403 before one's own review is filed."""
        self.assignment = self.find_to_read(pk)
        if not self.assignment.is_nameless:
            raise Http404
        reviews = Review.objects.filter(assignment=self.assignment)
        self.review = reviews.prefetch_related("scores__criterion").first()
        if self.review is None or self.review.state != ReviewState.SUBMITTED:
            raise PermissionDenied(_("Submit your review first; then the team is shown."))


class Team(_Team):
    """A second small step: the team is shown when asked for, and marks may only fall."""

    http_method_names = ("get", "head", "post")

    def get(self, request, pk):
        self.enter(pk)
        return self.page()

    def post(self, request, pk):
        self.enter(pk)
        if request.POST.get("do") == "open":
            actions.open_team(self.review, actor=request.user)
            return redirect("reviews:team", pk)
        form = LowerForm(self.scores(), request.POST)
        if not form.is_valid():
            return self.page(form, status=422)
        try:
            changes = actions.lower_marks(
                self.review,
                form.marks,
                reason=form.cleaned_data["reason"],
                actor=request.user,
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
            return self.page(form, status=409)
        said = ", ".join(f"{one.criterion}: {one.before} → {one.after}" for one in changes)
        messages.success(request, _("Recorded. %(changes)s") % {"changes": said})
        return redirect("reviews:team", pk)

    def files(self, version):
        letter, call_round = self.assignment.letter, self.assignment.round
        fuller = letter.fuller_versions.order_by("-number") if call_round.is_final else ()
        return [*hidden_files(version), *(hidden_files(fuller[0]) if fuller and version else ())]

    def scores(self):
        """The marks that may fall."""
        allowed = anonymity.may_fall(self.assignment.letter.call.facts)
        return [
            score
            for score in self.review.scores.all()
            if score.criterion.code in allowed and score.mark
        ]

    def page(self, form=None, status=200):
        opened = self.review.team_opened_at is not None
        version = self.assignment.letter.versions.order_by("-number").first() if opened else None
        closed = actions.closed_because(self.assignment, at=clock.now())
        if opened and not closed and form is None and self.scores():
            form = LowerForm(self.scores())
        context = {
            "assignment": self.assignment,
            "letter": self.assignment.letter,
            "review": self.review,
            "opened": opened,
            "closed": closed,
            "team": team_of(version, self.assignment.letter.call) if version else None,
            "files": self.files(version),
            "form": form,
            "changes": MarkChange.objects.filter(
                review=self.review, knowing_team=True
            ).select_related("criterion"),
        }
        return render(self.request, "reviews/team.html", context, status=status)


class TeamFile(_Team):
    """An endorsement or a CV, once the team is opened."""

    http_method_names = ("get", "head")

    def get(self, request, pk, kind):
        self.enter(pk)
        if self.review.team_opened_at is None:
            raise PermissionDenied(_("Look at the team first."))
        return team_file_response(
            request, self.assignment.letter, kind, with_fuller=self.assignment.round.is_final
        )
