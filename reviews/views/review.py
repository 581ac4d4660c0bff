"""The letter beside the form: reading, saving by hand and as one types, filing, taking back."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import prefetch_related_objects
from django.http import Http404, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from accounts.refusal import Refused
from chang_e8_portal import clock
from proposals.models import LetterVersion
from reviews import actions, hints
from reviews.forms import ReviewForm, review_values, typed, versions
from reviews.letter_files import readable_files
from reviews.letter_text import PEOPLE, fuller_of, parts_of, people_in
from reviews.models import Criterion, Review
from reviews.sheets import marks_of, sheet_of, total_of
from reviews.states import ReviewState
from reviews.views import two_versions
from reviews.views.own_assignment import OwnAssignment
from reviews.views.two_versions import taken_over


class ReviewPage(two_versions.TwoVersions, OwnAssignment):
    """One's own review.

    A save that is late, or of a letter one may no longer judge, is answered with a page that hands
    back all that was typed; a stale one (412) with both versions, unless they can be put together
    without asking; a form with a fault (422) is shown again as typed.
    """

    http_method_names = ("get", "head", "post")

    def get(self, request, pk):
        self.load(pk)
        if not self.unanswered:
            actions.open_text(self.assignment, at=clock.now())
        else:
            messages.info(request, _("Answer the conflict question first; then the text opens."))
            return redirect("reviews:conflicts")
        review = self.opened_review()
        refusal = actions.closed_because(self.assignment, at=clock.now())
        if refusal or (review and review.state == ReviewState.SUBMITTED):
            return self.page(review, notice=str(refusal) if refusal else "")
        return self.page(review, self.stored_form(review))

    def post(self, request, pk):
        try:
            self.load(pk)
            if self.unanswered:
                raise actions.Refused(
                    _("Answer the conflict question for this letter first."), code="conflict"
                )
        except (Http404, PermissionDenied, Refused) as refusal:
            if self.is_autosave:
                raise
            return self.hand_back(refusal)
        try:
            if two_versions.is_answer(request.POST):
                return self.merge(takes_valid_fields=self.is_autosave)
            return self.write(self.form(request.POST))
        except Refused as refusal:
            return self.refused(self.form(request.POST), refusal)

    # --- Reading ----------------------------------------------------------------------------------

    def rows(self, assignments):
        if self.is_autosave:
            return assignments.for_saving()
        return assignments.for_reading()

    def load(self, pk):
        self.assignment = self.find(pk)
        criteria = Criterion.objects.filter(call=self.assignment.letter.call_id)
        # What the marks mean is long, and a script need not be told.
        self.criteria = list(
            criteria.defer("anchors", "question") if self.is_autosave else criteria
        )

    def opened_review(self):
        """The review as it was read with its assignment, or None."""
        review = getattr(self.assignment, "review", None)
        if review:
            prefetch_related_objects([review], "scores")
        return review

    def review(self):
        """The review as it stands, or None."""
        found = Review.objects.filter(assignment=self.assignment)
        return found.prefetch_related("scores").first()

    def form(self, data=None, **more):
        """The form of this review; whoever has filed it before is asked why marks changed."""
        reopened = self.is_reopened
        nameless = self.assignment.is_nameless
        return ReviewForm(self.criteria, data, reopened=reopened, nameless=nameless, **more)

    def values_of(self, review) -> dict:
        return review_values(review, self.criteria, nameless=self.assignment.is_nameless)

    def stored_form(self, review):
        values = self.values_of(review)
        return ReviewForm(
            self.criteria,
            initial=values,
            reopened="change_reason" in values,
            nameless=self.assignment.is_nameless,
        )

    @property
    def is_reopened(self) -> bool:
        return getattr(self.assignment, "review", None) is not None and (
            self.assignment.review.is_reopened
        )

    # --- Saving -----------------------------------------------------------------------------------

    def write(self, form):
        is_valid = form.is_valid()
        if "revision" not in form.cleaned_data or not (is_valid or self.is_autosave):
            return self.faulty(form, self.request.POST.get("base", ""))
        try:
            review = self.store(form, form.cleaned_data["revision"])
        except actions.Stale as stale:
            base = versions.carried_in(self.request.POST, "base")
            if self.is_autosave and base is None:
                return self.stale_json(stale)
            mine = two_versions.fields_in(self.request.POST, form)
            return self.put_together(stale.current, base, mine)
        if self.is_autosave:
            return self.stored_json(review, form)
        if self.request.POST.get("do") == "submit":
            return self.submit(form, review)
        messages.success(self.request, self.saved_label(review))
        return redirect("reviews:review", self.assignment.pk)

    def store(self, form, revision):
        """Save every valid field: one text that is too long must not keep the others unsaved."""
        review = actions.save_review(
            self.assignment,
            changes=form.changes,
            scores=form.scores,
            revision=revision,
            actor=self.request.user,
        )
        # Asked for once: the total, the label and the hints are all made of them.
        prefetch_related_objects([review], "scores")
        return review

    def submit(self, form, review):
        try:
            actions.submit_review(review, actor=self.request.user)
        except actions.Unfinished as unfinished:
            for name, sentence in unfinished.fields.items():
                form.add_error(name, sentence)
            return self.page(review, at_revision(form, review.revision), status=422)
        messages.success(self.request, _("Your review was submitted. Thank you."))
        return redirect("reviews:review", self.assignment.pk)

    # --- Two versions -----------------------------------------------------------------------------

    def current(self):
        return self.review()

    def stored(self, review, form, merged, data):
        if self.is_autosave:
            return self.stored_json(review, form, merged=merged, data=data)
        messages.info(self.request, taken_over(merged) or self.saved_label(review))
        return redirect("reviews:review", self.assignment.pk)

    def both_versions(self, current, found, *, status):
        context = {
            "assignment": self.assignment,
            "letter": self.assignment.letter,
            **two_versions.choice_context(found, current, status=status),
        }
        if self.is_autosave:
            panel = render_to_string("reviews/merge_form.html", context, request=self.request)
            sentence = _("This review was saved elsewhere after you opened it.")
            body = {"detail": sentence, "code": "stale", "panel": panel}
            return JsonResponse(body | {"revision": context["revision"]}, status=status)
        return render(self.request, "reviews/merge.html", context, status=status)

    def version_of(self, review):
        values = self.values_of(review)
        values.pop("revision")
        return versions.sent(values)

    # --- What autosave and the page are told ------------------------------------------------------

    @property
    def is_autosave(self) -> bool:
        return self.request.headers.get("X-Requested-With") == "autosave"

    def stored_json(self, review, form, *, merged=None, data=None):
        """What the page's script needs to go on; 422 with sentences if some fields are not valid.

        After a merge also `taken`, the answers that came from elsewhere, and `values`, the form as
        it is now. `advice` is what is worth a second look, field by field.
        """
        body = {
            "revision": review.revision,
            "saved_at": review.updated_at.isoformat(),
            "saved_label": self.saved_label(review),
            "advice": self.advice(review),
        }
        if merged is not None:
            data.pop("revision", None)
            body |= {
                "taken": [*merged.taken, *merged.differing],
                "values": dict(data.lists()),
                "notice": taken_over(merged),
            }
        if form.errors:
            body |= {
                "detail": _("Everything else is saved. Please check:"),
                "code": "invalid",
                "fields": _sentences(form),
            }
        return JsonResponse(body, status=422 if form.errors else 200)

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

    def advice(self, review, people=None) -> dict:
        """Name of a field to sentences about what is saved there."""
        if review is None:
            return {}
        codes = {criterion.pk: criterion.code for criterion in self.criteria}
        comments = {codes[score.criterion_id]: score.comment for score in review.scores.all()}
        return hints.on(
            marks=marks_of(review, self.criteria),
            comments=comments,
            texts={name: getattr(review, name) for name in ReviewForm.WORDS},
            total=total_of(review, self.criteria),
            people=self.people() if people is None else people,
            author=self.request.user.name,
        )

    def people(self):
        """Names in the letter, without the letter; none where they would tell whose it is."""
        if self.assignment.is_nameless:
            return []
        letter = self.assignment.letter_id
        named = [f"content__fields__{name}" for name in PEOPLE]
        found = LetterVersion.objects.filter(letter=letter).order_by("-number")
        values = found.values_list(*named).first()
        return people_in({"fields": dict(zip(PEOPLE, values, strict=True))}) if values else []

    def parts(self, version):
        """The sections of the letter as this reviewer reads them; none if its text is not there."""
        assignment = self.assignment
        if version is None:
            return []
        return parts_of(version, assignment.letter.call, nameless=assignment.is_nameless)

    def version(self):
        return self.assignment.letter.versions.order_by("-number").first()

    def fuller(self, version) -> dict:
        """The fuller proposal, for whoever reads in the round that asks for one."""
        call_round = self.assignment.round
        if not call_round.asks_fuller:
            return {}
        nameless = self.assignment.is_nameless
        found = fuller_of(self.assignment.letter, version, nameless=nameless)
        return {"fuller": found, "lacks_fuller": found is None}

    def faulty(self, form, base):
        if self.is_autosave:
            body = {"detail": _("Not saved. Please check:"), "fields": _sentences(form)}
            return JsonResponse(body, status=422)
        return self.page(self.review(), form, base=base, status=422)

    def stale_json(self, stale):
        """For a script that did not say what it began with: the present values, to compare."""
        current = self.values_of(stale.current)
        revision = current.pop("revision")
        return JsonResponse(
            {"detail": str(stale), "code": stale.code, "revision": revision, "current": current},
            status=412,
        )

    def refused(self, form, refusal):
        if self.is_autosave:
            body = {"detail": str(refusal), "code": refusal.code, "fields": {}}
            return JsonResponse(body, status=409)
        form.add_error(None, str(refusal))
        return self.page(self.review(), form, status=409)

    def hand_back(self, refusal):
        """What was typed, to be copied: the page itself may not be shown any more."""
        match refusal:
            case Http404():
                status, sentence = 404, _("There is no review of yours at this address.")
            case PermissionDenied():
                status, sentence = 403, str(refusal)
            case _:
                status, sentence = 409, str(refusal)
        context = {"typed": typed.answers(self.request.POST), "sentence": sentence}
        return render(self.request, "reviews/handed_back.html", context, status=status)

    def page(self, review, form=None, *, base=None, status=200, **more):
        letter = self.assignment.letter
        version = self.version()
        submitted = bool(review and review.state == ReviewState.SUBMITTED)
        if form and base is None:
            base = versions.to_text(self.version_of(review))
        nameless = self.assignment.is_nameless
        people = people_in(version.content) if version and not nameless else []
        context = {
            "assignment": self.assignment,
            "letter": letter,
            "version": version,
            "as_pdf": self.request.GET.get("as") == "pdf" and version is not None,
            # Only asked for where its drawing is not kept; see the template.
            "parts": SimpleLazyObject(lambda: self.parts(version)),
            "files": readable_files(version, nameless=nameless),
            "nameless": nameless,
            **self.fuller(version),
            "review": review,
            "scores": sheet_of(review, self.criteria),
            "total": total_of(review, self.criteria) if review else None,
            "submitted": submitted,
            "form": form,
            "base": base,
            "advice": self.advice(review, people) if form else {},
            "clarifications": list(letter.clarifications.all()),
            "now": clock.now(),
        }
        return render(self.request, "reviews/review.html", {**context, **more}, status=status)


review_page = ReviewPage.as_view()
# What the portal shows of a request that it cannot even begin to answer: signed out, or without its
# database. See chang_e8_portal.errors.
review_page.hands_back = typed.answers


class Reopen(OwnAssignment):
    """Take a submitted review back."""

    http_method_names = ("post",)

    def post(self, request, pk):
        assignment = self.find(pk)
        review = get_object_or_404(Review.objects.visible_to(request.user), assignment=assignment)
        actions.reopen_review(review, actor=request.user)
        messages.success(
            request, _("The review is open again. It counts only once you submit it anew.")
        )
        return redirect("reviews:review", pk)


def at_revision(form, revision):
    """The same form with what was typed, ready to be saved over `revision`."""
    form.data = form.data.copy()
    form.data["revision"] = revision
    return form


def _sentences(form) -> dict:
    """Field name to sentences that say which field they are about."""
    return {
        name: [f"{form.fields[name].label}: {sentence}" for sentence in sentences]
        for name, sentences in form.errors.items()
    }
