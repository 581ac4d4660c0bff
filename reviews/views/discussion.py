"""Talking about a letter: reviewers who have filed, under pseudonyms, and the chair.

Both have the same pages at addresses of their own: a reviewer comes from an assignment, the chair
from the letter.
"""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.refusal import Refused
from proposals.models import LetterOfIntent
from reviews import actions, permissions, threads
from reviews.forms import ConsensusForm, ContributionForm, consensus_values, typed, versions
from reviews.models import Consensus, Contribution, Criterion, Review
from reviews.views import lists, two_versions
from reviews.views.access import PanelPage
from reviews.views.others import filed_reviews
from reviews.views.own_assignment import OwnAssignment
from reviews.views.two_versions import taken_over


class ReviewersRoom(OwnAssignment):
    """The way in for a reviewer: 403 until the own review is filed."""

    openly, slug = False, ""

    def enter(self, pk):
        self.assignment = self.find_to_read(pk)
        self.round, self.letter = self.assignment.round, self.assignment.letter
        self.reviews = filed_reviews(self.request.user, self.assignment)
        if not self.reviews:
            raise PermissionDenied(_("File your own review first; then you can read and talk."))
        self.here = reverse("reviews:discussion", args=[pk])
        self.there = reverse("reviews:consensus", args=[pk])


class ChairsRoom(PanelPage):
    """The way in for the chair: 404 for a letter with which she or he is in conflict."""

    action = "see_scores"
    openly = True

    def enter(self, slug, pk):
        self.assignment = None
        self.slug, self.round = slug, self.round_of(slug)
        letters = LetterOfIntent.objects.in_round(self.round).select_related("agency", "call")
        self.letter = get_object_or_404(letters, pk=pk)
        if not permissions.presides(self.request.user, self.letter):
            raise Http404
        filed = Review.objects.visible_to(self.request.user).submitted()
        self.reviews = list(
            filed.filter(assignment__round=self.round, assignment__letter=self.letter)
            .select_related("assignment__reviewer")
            .prefetch_related("scores")
        )
        self.here = reverse("panel:discussion", args=[slug, pk])
        self.there = reverse("panel:consensus", args=[slug, pk])


class _Page:
    """What both pages of both rooms share."""

    http_method_names = ("get", "head", "post")

    def get(self, request, **where):
        self.enter(**where)
        return self.page()

    def post(self, request, **where):
        try:
            self.enter(**where)
            return self.write()
        except (Http404, PermissionDenied, Refused) as refusal:
            return self.hand_back(refusal)

    def context(self) -> dict:
        user = self.request.user
        criteria = list(Criterion.objects.filter(call=self.letter.call_id))
        names = threads.Names(self.round, self.letter, user, openly=self.openly)
        columns = threads.columns(self.reviews, criteria, names, user)
        return {
            "assignment": self.assignment,
            "round": self.round,
            "slug": self.slug,
            "letter": self.letter,
            "openly": self.openly,
            "columns": columns,
            "table": threads.table(columns, criteria),
            "own_code": "" if self.openly else names.code_of(user),
            "consensus": self.consensus(),
            "criteria": criteria,
            "names": names,
            "here": self.here,
            "there": self.there,
            "closed": actions.discussion_closed_because(self.round, self.letter),
        }

    def consensus(self):
        found = Consensus.objects.filter(round=self.round, letter=self.letter)
        return found.select_related("written_by").first()

    def hand_back(self, refusal):
        """What was typed, to be copied: it could not be stored."""
        match refusal:
            case Http404():
                status, sentence = 404, _("There is no discussion for you at this address.")
            case PermissionDenied():
                status, sentence = 403, str(refusal)
            case _:
                status, sentence = 409, str(refusal)
        context = {"typed": typed.answers(self.request.POST), "sentence": sentence}
        return render(self.request, "reviews/handed_back.html", context, status=status)


class _Talk(_Page):
    """The thread; a POST adds to it."""

    def write(self):
        form = ContributionForm(self.request.POST)
        if not form.is_valid():
            return self.page(form, status=422)
        answers = None
        if pk := form.cleaned_data["answers"]:
            about = Contribution.objects.filter(round=self.round, letter=self.letter)
            answers = get_object_or_404(about, pk=pk)
        said = actions.contribute(
            self.round,
            self.letter,
            text=form.cleaned_data["text"],
            answers=answers,
            actor=self.request.user,
        )
        return redirect(f"{self.here}#said-{said.pk}")

    def page(self, form=None, status=200):
        context = self.context()
        lines = threads.thread(self.round, self.letter, context["names"], self.request.user)
        if form is None:
            form = ContributionForm(initial={"answers": self.asked_about(lines)})
        consensus = context["consensus"]
        context |= {
            "thread": lines,
            "form": form,
            "answered": str(form["answers"].value() or ""),
            "consensus_marks": [
                (criterion, consensus.marks[criterion.code])
                for criterion in context["criteria"]
                if criterion.code in consensus.marks
            ]
            if consensus
            else [],
            "consensus_by": context["names"].of(consensus.written_by) if consensus else "",
        }
        return render(self.request, "reviews/discussion.html", context, status=status)

    def asked_about(self, lines):
        """The contribution named in the address, if it is one of these."""
        asked = lists.uuids([self.request.GET["to"]]) if "to" in self.request.GET else set()
        known = {line.contribution.pk for line in lines}
        return next(iter(asked & known), None)


class ConsensusPage(two_versions.TwoVersions, _Page):
    """The consensus and the minority view, written by several people one after the other."""

    def write(self):
        if two_versions.is_answer(self.request.POST):
            return self.merge(takes_valid_fields=False)
        form = self.form(self.request.POST)
        if not form.is_valid():
            return self.faulty(form, self.request.POST.get("base", ""))
        try:
            row = self.store(form, form.cleaned_data["revision"])
        except actions.Stale as stale:
            base = versions.carried_in(self.request.POST, "base")
            mine = two_versions.fields_in(self.request.POST, form)
            return self.put_together(stale.current, base, mine)
        return self.stored(row, form, None, None)

    def form(self, data=None):
        criteria = list(Criterion.objects.filter(call=self.letter.call_id))
        return ConsensusForm(criteria, data)

    def current(self):
        return self.consensus()

    def version_of(self, consensus):
        values = consensus_values(consensus, self.form().criteria)
        values.pop("revision")
        return versions.sent(values)

    def store(self, form, revision):
        return actions.write_consensus(
            self.round,
            self.letter,
            changes=form.changes,
            marks=form.given,
            revision=revision,
            actor=self.request.user,
        )

    def stored(self, row, form, merged, data):
        said = merged and taken_over(merged)
        messages.success(self.request, said or _("The consensus is saved."))
        return redirect(f"{self.here}#consensus")

    def faulty(self, form, base):
        return self.page(form, base=base, status=422)

    def both_versions(self, current, found, *, status):
        context = self.context() | two_versions.choice_context(found, current, status=status)
        return render(self.request, "reviews/consensus_merge.html", context, status=status)

    def page(self, form=None, *, base=None, status=200):
        context = self.context()
        consensus = context["consensus"]
        if form is None:
            values = consensus_values(consensus, context["criteria"])
            form = ConsensusForm(context["criteria"], initial=values)
            base = versions.to_text(self.version_of(consensus))
        context |= {"form": form, "base": base}
        return render(self.request, "reviews/consensus.html", context, status=status)


class Discussion(_Talk, ReviewersRoom):
    pass


class WriteConsensus(ConsensusPage, ReviewersRoom):
    pass


class PanelDiscussion(_Talk, ChairsRoom):
    pass


class PanelConsensus(ConsensusPage, ChairsRoom):
    pass


def page_that_hands_back(page):
    """Its view, which shows again what was typed when it cannot even begin to answer."""
    view = page.as_view()
    view.hands_back = typed.answers
    return view


discussion = page_that_hands_back(Discussion)
write_consensus = page_that_hands_back(WriteConsensus)
panel_discussion = page_that_hands_back(PanelDiscussion)
panel_consensus = page_that_hands_back(PanelConsensus)
