from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from accounts.refusal import Refused
from chang_e8_portal import clock
from proposals import downloads, filed_files
from proposals.states import LetterState
from reviews import actions, scoring
from reviews.forms import ReviewForm, review_values
from reviews.letter_text import parts_of
from reviews.models import Assignment, ConflictCheck, Criterion, Review
from reviews.states import ReviewState
from reviews.views.access import ReviewerPage
from reviews.views.queue import next_unscored


class OwnAssignment(ReviewerPage):
    """A page about one letter the reviewer was given.

    404 for somebody else's, 403 for a letter in conflict; `self.unanswered` says that the question
    of a conflict is still open, and then nothing of the letter may be shown.
    """

    unanswered = False

    def find(self, pk):
        own = Assignment.objects.filter(reviewer=self.request.user).for_list()
        assignment = get_object_or_404(own, pk=pk)
        check = ConflictCheck.objects.filter(
            reviewer=self.request.user, letter=assignment.letter
        ).first()
        if check is None or check.conflicted:
            raise PermissionDenied(_("You have a conflict of interest with this letter."))
        if assignment.letter.state == LetterState.WITHDRAWN:
            raise actions.Refused(_("Its agency has withdrawn this letter."), code="withdrawn")
        if assignment.ended_at:
            raise actions.Refused(_("You are no longer asked to review this letter."), code="ended")
        self.unanswered = check.answered_at is None
        return assignment


class ReviewPage(OwnAssignment):
    """The letter beside the form; saving, by hand and on its own, and submitting."""

    def get(self, request, pk):
        self.load(pk)
        if self.unanswered:
            messages.info(request, _("Answer the conflict question first; then the text opens."))
            return redirect("reviews:conflicts")
        review = self.review()
        refusal = actions.closed_because(self.assignment, at=clock.now())
        if refusal or (review and review.state == ReviewState.SUBMITTED):
            return self.page(review, notice=str(refusal) if refusal else "")
        form = ReviewForm(self.criteria, initial=review_values(review, self.criteria))
        return self.page(review, form)

    def post(self, request, pk):
        self.load(pk)
        if self.unanswered:
            raise actions.Refused(
                _("Answer the conflict question for this letter first."), code="conflict"
            )
        form = ReviewForm(self.criteria, request.POST)
        if not form.is_valid():
            return self.invalid(form)
        try:
            review = actions.save_review(
                self.assignment,
                changes=form.changes,
                scores=form.scores,
                revision=form.cleaned_data["revision"],
                actor=request.user,
            )
        except actions.Stale as stale:
            return self.stale(form, stale)
        except Refused as refusal:
            return self.refused(form, refusal)
        if self.is_autosave:
            return self.saved(review)
        if request.POST.get("do") == "submit":
            return self.submit(form, review)
        messages.success(request, self.saved_label(review))
        return redirect("reviews:review", pk)

    def load(self, pk):
        self.assignment = self.find(pk)
        self.criteria = list(Criterion.objects.filter(call=self.assignment.letter.call_id))

    def review(self):
        """The review as it stands, or None."""
        found = Review.objects.filter(assignment=self.assignment)
        return found.prefetch_related("scores__criterion").first()

    def submit(self, form, review):
        try:
            actions.submit_review(review, actor=self.request.user)
        except actions.Unfinished as unfinished:
            for name, sentence in unfinished.fields.items():
                form.add_error(name, sentence)
            return self.page(review, self.at_revision(form, review.revision), status=422)
        except Refused as refusal:
            return self.refused(form, refusal)
        messages.success(self.request, _("Your review was submitted. Thank you."))
        return redirect("reviews:review", self.assignment.pk)

    # --- What autosave and the page are told ------------------------------------------------------

    @property
    def is_autosave(self) -> bool:
        return self.request.headers.get("X-Requested-With") == "autosave"

    def saved(self, review):
        return JsonResponse(
            {
                "revision": review.revision,
                "saved_at": review.updated_at.isoformat(),
                "saved_label": self.saved_label(review),
            }
        )

    def saved_label(self, review):
        """When it was saved, and the total so far: the first thing a reviewer wants to know."""
        zone = timezone.get_current_timezone()
        at = review.updated_at.astimezone(zone).strftime("%H:%M:%S")
        total = total_of(review, self.criteria)
        if total is None:
            return _("Saved %(time)s") % {"time": at}
        return _("Saved %(time)s. Weighted total: %(total)s of 100") % {
            "time": at,
            "total": number_format(total, 2),
        }

    def invalid(self, form):
        if self.is_autosave:
            body = {"detail": _("Not saved. Please check:"), "fields": form.errors}
            return JsonResponse(body, status=422)
        return self.page(self.review(), form, status=422)

    def stale(self, form, stale):
        current = review_values(stale.current, self.criteria)
        revision = current.pop("revision")
        if self.is_autosave:
            return JsonResponse(
                {"detail": str(stale), "revision": revision, "current": current}, status=412
            )
        form.add_error(None, str(stale))
        # Whoever saves now has seen both versions.
        form = self.at_revision(form, revision)
        return self.page(stale.current, form, differences=differences(form, current), status=412)

    def refused(self, form, refusal):
        if self.is_autosave:
            body = {"detail": str(refusal), "code": refusal.code, "fields": {}}
            return JsonResponse(body, status=409)
        form.add_error(None, str(refusal))
        return self.page(self.review(), form, status=409)

    def at_revision(self, form, revision):
        """The same form with what was typed, ready to be saved over `revision`."""
        form.data = form.data.copy()
        form.data["revision"] = revision
        return form

    def page(self, review, form=None, *, status=200, **more):
        letter = self.assignment.letter
        version = letter.versions.order_by("-number").first()
        submitted = bool(review and review.state == ReviewState.SUBMITTED)
        context = {
            "assignment": self.assignment,
            "letter": letter,
            "version": version,
            "parts": parts_of(version, letter.call) if version else [],
            "files": readable_files(version),
            "review": review,
            "scores": sheet_of(review, self.criteria),
            "total": total_of(review, self.criteria) if review else None,
            "submitted": submitted,
            "form": form,
            "clarifications": list(letter.clarifications.all()),
            "following": next_unscored(self.request.user, but=self.assignment),
            "now": clock.now(),
        }
        return render(self.request, "reviews/review.html", {**context, **more}, status=status)


class Reopen(OwnAssignment):
    """Take a submitted review back."""

    http_method_names = ("post",)

    def post(self, request, pk):
        assignment = self.find(pk)
        review = get_object_or_404(Review.objects.visible_to(request.user), assignment=assignment)
        try:
            actions.reopen_review(review, actor=request.user)
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(
                request, _("The review is open again. It counts only once you submit it anew.")
            )
        return redirect("reviews:review", pk)


class LetterFile(OwnAssignment):
    """A file the agency filed."""

    http_method_names = ("get", "head")

    def get(self, request, pk, kind):
        assignment = self.find(pk)
        if self.unanswered:
            raise actions.Refused(
                _("Answer the conflict question for this letter first."), code="conflict"
            )
        return file_response(request, assignment.letter, kind)


def file_response(request, letter, kind):
    """A file of the letter's filed version as a download that no browser runs.

    404 without one, and as long as the malware scanner has not cleared it.
    """
    version = letter.versions.order_by("-number").first()
    for file in readable_files(version):
        if file.kind.lower() == kind:
            # Our name, not the agency's: theirs may name people, and any character.
            name = f"{letter.reference}-{kind}.{file.name.rpartition('.')[2]}"
            return downloads.response(request, sha256=file.sha256, name=name)
    raise Http404


def readable_files(version) -> list:
    """The files of a filed version that may be handed out; none if there is no version."""
    return [file for file in filed_files.of(version) if file.is_ready] if version else []


def total_of(review, criteria):
    """A review's weighted total, 0 to 100, or None."""
    codes = {criterion.pk: criterion.code for criterion in criteria}
    marks = {codes[score.criterion_id]: score.mark for score in review.scores.all()}
    return scoring.weighted_total(marks, {c.code: c.weight for c in criteria})


def sheet_of(review, criteria) -> list[dict]:
    """Every criterion with what the review says of it, for reading."""
    given = {score.criterion_id: score for score in review.scores.all()} if review else {}
    return [{"criterion": c, "score": given.get(c.pk)} for c in criteria]


def differences(form, current) -> list[dict]:
    """Fields in which what was typed differs from what is saved."""
    found = []
    for name, theirs in current.items():
        mine = form.cleaned_data.get(name) or ""
        if mine != theirs:
            field = form.fields[name]
            words = dict(getattr(field, "choices", ()))
            found.append(
                {
                    "label": field.label,
                    "mine": words.get(mine, mine),
                    "theirs": words.get(theirs, theirs),
                }
            )
    return found
