"""The criteria: what they say, how they came to say it, and changing them until the cutoff."""

from itertools import pairwise

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from chang_e8_portal import clock
from reviews import actions, permissions, rubrics
from reviews.forms import RubricForm, rubric_values, typed, versions
from reviews.models import Criterion, RubricSeal, RubricVersion
from reviews.views import two_versions
from reviews.views.access import PanelPage


class Rubric(PanelPage):
    """The criteria with their weights, what each mark looks like, their hash and their history."""

    action = "read_rubric"

    def get(self, request):
        criteria = list(Criterion.objects.filter(call=self.call))
        history = list(RubricVersion.objects.filter(call=self.call))
        sealed = RubricSeal.objects.filter(call=self.call).select_related("version").first()
        closed = self.call is not None and clock.now() >= self.call.closes_at
        context = {
            "call": self.call,
            "criteria": criteria,
            "weight": sum(criterion.weight for criterion in criteria),
            "history": [
                {"version": version, "changes": _changes(version, before)}
                for version, before in pairwise([*history, None])
            ],
            "sealed": sealed,
            "closed": closed,
            "may_edit": permissions.can(request.user, "edit_rubric") and not closed,
        }
        return render(request, "panel/criteria.html", context)


def _changes(version, before) -> list[str]:
    """What is different in a version from the one before it, a line a criterion."""
    if before is None:
        return []
    was = {line["code"]: line for line in before.content}
    found = []
    for line in version.content:
        old = was.get(line["code"], {})
        said = []
        if line["weight"] != old.get("weight"):
            said.append(
                _("weight %(before)s → %(after)s")
                % {"before": old.get("weight", "–"), "after": line["weight"]}
            )
        if line["threshold"] != old.get("threshold"):
            said.append(
                _("threshold %(before)s → %(after)s")
                % {"before": old.get("threshold") or "–", "after": line["threshold"] or "–"}
            )
        if any(line[name] != old.get(name) for name in (*rubrics.TEXTS, "anchors")):
            said.append(_("other words"))
        if said:
            found.append(f"{line['code']}: {', '.join(said)}")
    return found


class EditRubric(two_versions.TwoVersions, PanelPage):
    """Weights, thresholds and words. Two people who save at once keep both changes or choose."""

    action = "edit_rubric"

    def get(self, request):
        return self.page()

    def post(self, request):
        try:
            return self.write()
        except actions.Refused as refusal:
            typed_now = versions.carried_in(request.POST, "mine") or request.POST
            form = self.form(typed_now)
            form.add_error(None, str(refusal))
            return self.page(form, base=request.POST.get("base", ""), status=409)

    def write(self):
        request = self.request
        if two_versions.is_answer(request.POST):
            return self.merge(takes_valid_fields=False)
        form = self.form(request.POST)
        if not form.is_valid():
            return self.faulty(form, request.POST.get("base", ""))
        try:
            version = self.store(form, form.cleaned_data["revision"])
        except actions.Stale as stale:
            base = versions.carried_in(request.POST, "base")
            mine = two_versions.fields_in(request.POST, form)
            return self.put_together(stale.current, base, mine)
        return self.stored(version, form, None, None)

    def form(self, data=None):
        return RubricForm(self.criteria(), data)

    def criteria(self):
        return list(Criterion.objects.filter(call=self.call))

    def current(self):
        return _Newest(rubrics.latest_of(self.call))

    def version_of(self, _version):
        values = rubric_values(self.criteria(), None)
        values.pop("revision")
        return versions.sent(values)

    def store(self, form, revision):
        try:
            return actions.change_rubric(
                self.call, form.changes, revision=revision, actor=self.request.user
            )
        except actions.Stale as stale:
            stale.current = _Newest(stale.current)
            raise

    def stored(self, version, form, merged, data):
        said = merged and two_versions.taken_over(merged)
        messages.success(
            self.request,
            said or _("The criteria are saved as version %(number)d.") % {"number": version.number},
        )
        return redirect(self.address("panel:criteria"))

    def faulty(self, form, base):
        return self.page(form, base=base, status=422)

    def both_versions(self, current, found, *, status):
        context = two_versions.choice_context(found, current, status=status)
        return render(self.request, "panel/criteria_merge.html", context, status=status)

    def page(self, form=None, *, base=None, status=200):
        criteria = self.criteria()
        if form is None:
            values = rubric_values(criteria, rubrics.latest_of(self.call))
            form = RubricForm(criteria, initial=values)
            base = versions.to_text(self.version_of(None))
        context = {
            "call": self.call,
            "form": form,
            "base": base,
            "closed": self.call is None or clock.now() >= self.call.closes_at,
        }
        return render(self.request, "panel/criteria_edit.html", context, status=status)


class _Newest:
    """The newest version as the pages of two versions ask for it: with a revision."""

    def __init__(self, version):
        self.revision = version.number if version else 0


edit_rubric = EditRubric.as_view()
# Shows again what was typed when it cannot even begin to answer.
edit_rubric.hands_back = typed.answers
