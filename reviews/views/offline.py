"""The forms of one's letters as a table, and back: shown as differences before anything counts."""

import json
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import strict_json
from accounts.refusal import Refused
from chang_e8_portal import clock
from proposals import merging
from reviews import actions, tables
from reviews.forms import ReviewForm, offline, review_values
from reviews.models import Assignment, Criterion, Ranking
from reviews.states import ReviewState
from reviews.templatetags.panel_display import title_of
from reviews.views import lists
from reviews.views.access import ReviewerPage

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class _Offline(ReviewerPage):
    def assignments(self) -> list:
        """All letters one was ever given, each with `review_form`, `values` and `closed`."""
        found = list(
            Assignment.objects.own_of(self.request.user)
            .for_list()
            .with_answers(self.request.user)
            .prefetch_related("review__scores")
            .order_by("letter__reference", "pk")
        )
        frozen = set(Ranking.objects.values_list("round", flat=True)) if found else set()
        rubrics: dict = {}
        for criterion in Criterion.objects.filter(call__in={a.round.call_id for a in found}):
            rubrics.setdefault(criterion.call_id, []).append(criterion)
        at = clock.now()
        for one in found:
            one.criteria = rubrics.get(one.round.call_id, [])
            review = getattr(one, "review", None)
            one.values = review_values(review, one.criteria, nameless=one.is_nameless)
            one.closed = _why_closed(one, review, at=at, frozen=frozen)
        return found


class Offline(_Offline):
    """What it is, the two downloads, and the way back."""

    http_method_names = ("get", "head", "post")

    def get(self, request):
        return self.page(self.assignments())

    def post(self, request):
        """A filled file: what would change, or what is wrong with it. Nothing is written."""
        found = self.assignments()
        file = request.FILES.get("file")
        if file is None:
            return self.page(found, faults=[_("Choose the file that you filled in.")], status=422)
        try:
            # One byte more than may be, so that a longer file is seen as such.
            filled = offline.read(file.name, file.read(offline.MOST_BYTES + 1))
            lines = differences(found, filled)
        except offline.BadFile as bad:
            return self.page(found, faults=bad.faults, status=422)
        return self.compare(lines)

    def page(self, found, *, faults=(), status=200):
        context = {
            "open": [one for one in found if not one.closed],
            "faults": faults,
            "most_megabytes": offline.MOST_BYTES // 1_000_000,
        }
        return render(self.request, "reviews/offline.html", context, status=status)

    def compare(self, lines, *, stale=False):
        changed = [line for line in lines if line["changes"]]
        context = {
            "lines": changed,
            "same": len(lines) - len(changed),
            "forms": json.dumps(
                {
                    str(line["assignment"].pk): {
                        "revision": line["assignment"].values["revision"],
                        "values": {change["name"]: change["sent"] for change in line["changes"]},
                    }
                    for line in changed
                    if not line["closed"]
                },
                ensure_ascii=False,
            ),
            "stale": stale,
        }
        status = 412 if stale else 200
        return render(self.request, "reviews/offline_compare.html", context, status=status)


class Take(Offline):
    """Write what was shown as differences and ticked: all of it, or nothing."""

    http_method_names = ("post",)

    def post(self, request):
        sent = _forms_in(request.POST.get("forms", ""))
        wanted = lists.uuids(request.POST.getlist("take"))
        if not wanted:
            messages.warning(request, _("No letter was ticked, so nothing was written."))
            return redirect("reviews:offline")
        found = self.assignments()
        own = {one.pk: one for one in found}
        if not wanted <= own.keys() or not wanted <= sent.keys():
            raise BadRequest("take: one of the letters that were shown")
        filled = [
            offline.Filled(key, sent[key]["revision"], dict(sent[key]["values"])) for key in wanted
        ]
        try:
            lines = differences(found, filled)
        except offline.BadFile as bad:
            return self.page(found, faults=bad.faults, status=422)
        forms = [
            (
                line["assignment"],
                {
                    "changes": line["form"].changes,
                    "scores": line["form"].scores,
                    "revision": sent[line["assignment"].pk]["revision"],
                },
            )
            for line in lines
        ]
        try:
            actions.save_reviews(forms, actor=request.user)
        except actions.Stale:
            # Saved on the page meanwhile: what would change now is shown anew.
            return self.compare(differences(self.assignments(), filled), stale=True)
        except Refused as refusal:
            return self.page(found, faults=[str(refusal)], status=409)
        text = ngettext(
            "%(count)s review was saved. Submit it when it is complete.",
            "%(count)s reviews were saved. Submit them when they are complete.",
            len(forms),
        )
        messages.success(request, text % {"count": len(forms)})
        return redirect("reviews:queue")


class OfflineCsv(_Offline):
    http_method_names = ("get",)

    def get(self, request):
        return lists.as_csv(f"{_name()}.csv", offline.header(), _table(self.assignments()))


class OfflineXlsx(_Offline):
    http_method_names = ("get",)

    def get(self, request):
        book = tables.workbook(
            _("My reviews"),
            offline.header(),
            _table(self.assignments()),
            widths=offline.WIDTHS.values(),
        )
        answer = HttpResponse(book, content_type=_XLSX)
        answer["Content-Disposition"] = f'attachment; filename="{_name()}.xlsx"'
        return lists.kept_private(answer)


def differences(assignments, filled) -> list[dict]:
    """One line a form: what it would change. Raises `BadFile` for a form of somebody else, and for
    anything that the form on the page would not take.
    """
    own = {one.pk: one for one in assignments}
    faults, lines = [], []
    for form in filled:
        if form.form not in own:
            # Of another reviewer, or made up: the answer is the same.
            raise offline.BadFile(
                _("There is a form in this file that is not yours. Nothing of it was taken.")
            )
        line = _line(own[form.form], form)
        lines.append(line)
        faults += line["faults"]
    if faults:
        raise offline.BadFile(*faults[: offline.MOST_FAULTS])
    return lines


def _line(assignment, filled) -> dict:
    now = assignment.values
    form = _form_of(assignment, {**now, **filled.values})
    form.is_valid()
    reference = assignment.letter.reference
    unknown = [name for name in filled.values if name not in form.fields]
    faults = [
        _("%(reference)s: this letter is not asked “%(name)s”.")
        % {"reference": reference, "name": name[:40]}
        for name in unknown
    ]
    changes = []
    for name in filled.values:
        if name in unknown:
            continue
        if name in form.errors:
            faults += [_about(filled, name, reference, form, text) for text in form.errors[name]]
            continue
        after = form.cleaned_data[name]
        if after != now[name]:
            changes.append(_change(form.fields[name], name, now[name], after))
    return {
        "assignment": assignment,
        "form": form,
        "changes": changes,
        "faults": faults,
        "closed": str(assignment.closed) if assignment.closed else "",
        # Written on the page after the file was downloaded: what it would change may be newer.
        "is_older": filled.revision != now["revision"],
    }


def _change(field, name, before, after) -> dict:
    words = dict(getattr(field, "choices", ()))
    before, shown = (str(words.get(value, value)) for value in (before, after))
    is_text = not words
    return {
        "name": name,
        "label": field.label,
        "before": before,
        "after": shown,
        "sent": after,
        "pieces": merging.changes(before, shown) if is_text else [],
    }


def _about(filled, name, reference, form, sentence) -> str:
    place = {"reference": reference, "label": form.fields[name].label, "sentence": sentence}
    if name in filled.rows:
        return _("Row %(number)s, %(reference)s, %(label)s: %(sentence)s") % {
            **place,
            "number": filled.rows[name],
        }
    return _("%(reference)s, %(label)s: %(sentence)s") % place


def _form_of(assignment, data):
    return ReviewForm(
        assignment.criteria,
        data,
        reopened="change_reason" in assignment.values,
        nameless=assignment.is_nameless,
    )


def _table(assignments):
    for one in assignments:
        if not one.closed:
            yield from offline.rows_of(
                _form_of(one, None),
                one.values,
                letter=one.letter.reference,
                title=title_of(one.letter),
                key=one.pk,
                revision=one.values["revision"],
            )


def _why_closed(assignment, review, *, at, frozen):
    if refusal := actions.closed_because(assignment, at=at, frozen=frozen):
        return refusal
    if assignment.asked:
        return actions.Refused(_("Answer the conflict question for this letter first."))
    if review and review.state == ReviewState.SUBMITTED:
        return actions.Refused(_("This review was submitted. Reopen it to change it."))
    return None


def _forms_in(text) -> dict:
    """What the page of differences carried along: assignment id to revision and values."""
    try:
        found = {
            UUID(key): {"revision": one["revision"], "values": one["values"]}
            for key, one in json.loads(text).items()
        }
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise BadRequest("forms: as the page gave them") from None
    for one in found.values():
        is_text = isinstance(one["values"], dict) and all(
            isinstance(value, str) and strict_json.is_storable(value)
            for value in (*one["values"], *one["values"].values())
        )
        if type(one["revision"]) is not int or not is_text:
            raise BadRequest("forms: as the page gave them")
    return found


def _name() -> str:
    return f"my-reviews-{timezone.localtime(clock.now()):%Y%m%d-%H%M}"
