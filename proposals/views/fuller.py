"""The fuller proposal of a shortlisted letter: its page, its form, filing it, and the receipt."""

import secrets

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts import step_up
from chang_e8_portal import clock
from proposals import actions, content, downloads, filed_files, papers, permissions, reading
from proposals import receipts as signed_receipts
from proposals.forms import SubmitForm, section_form, typed, versions
from proposals.models import DueChange, FullerReceipt
from proposals.places import FULLER_PLACES
from proposals.sections import FULLER
from proposals.states import AttachmentKind, LetterState
from proposals.views import fuller_pages
from proposals.views.access import fuller_for, only_expected, representatives
from proposals.views.editing import Editor
from proposals.views.receipts import receipt_for
from proposals.views.versions import printed


@require_safe
def page(request, pk):
    """What is asked until when, what is missing, and what was filed."""
    letter, call_round = fuller_for(request, pk)
    proposal, now = actions.fuller_of(letter), clock.now()
    is_open = letter.state == LetterState.SHORTLISTED and now < call_round.proposals_due_at
    filed = list(letter.fuller_versions.select_related("receipt", "submitted_by"))
    gaps = actions.gaps_in(proposal)
    context = {
        **_around(letter, call_round, current=None),
        "is_open": is_open,
        "can_edit": is_open and permissions.can(request.user, "edit", letter),
        "can_submit": is_open and permissions.can(request.user, "submit", letter),
        "representatives": representatives(letter),
        "gaps": _labels(gaps),
        "versions": filed,
        "last": filed[-1] if filed else None,
        "answers": reading.of_fuller(filed[-1].content, letter.call) if filed else [],
        "files": filed_files.of(filed[-1]) if filed else [],
        "changed": bool(filed) and _differs(proposal, filed[-1]),
        "due_changes": DueChange.objects.told_to(letter),
        "now": now,
    }
    return render(request, "proposals/fuller/page.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request, pk):
    """Read and write its figures and what changed since the letter."""
    return FullerEditor(request, FULLER).answer(pk)


edit.hands_back = typed.answers


class FullerEditor(Editor):
    """The structured part of the fuller proposal."""

    def find(self, pk):
        letter, self.round = fuller_for(self.request, pk, "edit")
        actions.ensure_fuller(letter)
        return actions.fuller_of(letter)

    def store(self, changes, revision):
        return actions.save_fuller(
            self.stored.letter, changes=changes, revision=revision, actor=self.request.user
        )

    def around_versions(self):
        letter = self.stored.letter
        context = _around(letter, self.round, current="edit")
        return {**context, "address": self._address(), "side": "includes/section_nav.html"}

    def page(self, form, *, status=200, **context):
        proposal = self.stored
        context = {
            **_around(proposal.letter, self.round, current="edit"),
            "base": versions.to_text(versions.sent_by(section_form(self.section, proposal))),
            "revision": proposal.revision,
            "section": self.section,
            "form": form,
            **context,
        }
        return render(self.request, "proposals/fuller/edit.html", context, status=status)

    def next_page(self):
        if "next" in self.request.POST:
            return reverse("proposals:fuller_files", args=[self.stored.letter.pk])
        return self._address()

    def _address(self):
        return reverse("proposals:fuller_edit", args=[self.stored.letter.pk])


@require_http_methods(["GET", "HEAD", "POST"])
def submit(request, pk):
    """Show exactly what will be filed; on POST, file it, once a click and only as it was shown."""
    letter, call_round = fuller_for(request, pk, "submit")
    if request.method != "POST":
        actions.ensure_fuller(letter)
        return _review(request, letter, call_round)
    only_expected(request.POST, SubmitForm.base_fields)
    form = SubmitForm(request.POST)
    if not form.is_valid():
        return _review(request, letter, call_round, status=422)
    if asked := _who_files(request, letter, form.cleaned_data["idempotency_key"]):
        return asked
    try:
        actions.file_fuller(letter, actor=request.user, **form.cleaned_data)
    except actions.Incomplete:
        return _review(request, letter, call_round, status=422)
    except actions.Changed as changed:
        return _review(request, letter, call_round, status=409, sentence=str(changed))
    return redirect("proposals:fuller_receipt", letter.pk)


def _who_files(request, letter, key):
    """The page that asks for a code, unless it was given or this click has filed already."""
    if step_up.is_fresh(request, "submit"):
        return None
    if letter.fuller_versions.filter(idempotency_key=key).exists():
        return None
    # Too late, which is said before a code is asked for.
    actions.ensure_fuller(letter)
    return step_up.ask(
        request,
        "submit",
        what=gettext_lazy("file the fuller proposal of %(reference)s"),
        names={"reference": letter.reference},
        back=reverse("proposals:fuller_submit", args=[letter.pk]),
        about=f"fuller-{letter.pk}",
    )


def _review(request, letter, call_round, *, status=200, sentence=""):
    proposal = actions.fuller_of(letter)
    words = content.of_fuller(proposal, version=letter.fuller_versions.count() + 1)
    context = {
        **_around(letter, call_round, current="submit"),
        "answers": reading.of_fuller(words, letter.call),
        "attachments": list(letter.attachments.filter(kind__in=FULLER_PLACES)),
        "gaps": _labels(actions.gaps_in(proposal)),
        "sha256": content.digest(words),
        "number": words["version"],
        "idempotency_key": secrets.token_urlsafe(24),
        "sentence": sentence,
        "code_from": step_up.source(request, "submit"),
    }
    return render(request, "proposals/fuller/submit.html", context, status=status)


@require_safe
def receipt(request, pk):
    """The receipt of the last version or of `?version=n`, as a page or as a file."""
    found = receipt_for(request, pk, model=FullerReceipt)
    version = found.version
    if request.GET.get("format") == "json":
        response = HttpResponse(signed_receipts.as_file(found), content_type="application/json")
        name = f"receipt-{version.letter.reference}-fuller-v{version.number}.json"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return response
    context = {"receipt": found, "version": version, "letter": version.letter}
    own = request.user.seat_in(version.letter.agency_id) is not None
    context |= {"call": version.letter.call, "is_own": own, "about_fuller": True}
    return render(request, "proposals/receipt.html", context)


@require_safe
def receipt_pdf(request, pk):
    found = receipt_for(request, pk, model=FullerReceipt)
    letter = found.version.letter
    name = f"receipt-{letter.reference}-fuller-v{found.version.number}.pdf"
    return printed(request, letter, name, lambda: papers.receipt(found, call=letter.call))


@require_safe
def version_content(request, pk, number):
    """The very bytes whose SHA-256 stands in the receipt."""
    letter, _round = fuller_for(request, pk)
    found = get_object_or_404(letter.fuller_versions, number=number)
    response = HttpResponse(content.canonical(found.content), content_type="application/json")
    name = f"{letter.reference}-fuller-v{number}-content.json"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_safe
def version_file(request, pk, number, kind):
    """A file of a filed version as it was sent."""
    letter, _round = fuller_for(request, pk)
    version = get_object_or_404(letter.fuller_versions, number=number)
    found = [file for file in filed_files.of(version) if file.kind == kind]
    if not found:
        raise Http404
    downloads.ensure_ready(found[0])
    return downloads.response(request, sha256=found[0].sha256, name=found[0].name)


def _around(letter, call_round, *, current) -> dict:
    return {
        "letter": letter,
        "call": letter.call,
        "round": call_round,
        "sections": fuller_pages.entries(letter, current=current),
    }


def _labels(gaps) -> list[str]:
    """What is missing, in words."""
    kinds = {kind.lower(): str(kind.label) for kind in AttachmentKind}
    return [kinds[name] if name in kinds else reading.labels([name])[0] for name in gaps]


def _differs(proposal, version) -> bool:
    """Whether the working copy says something else than what was filed."""
    now = content.of_fuller(proposal, version=version.number)
    return (now["fields"], now["attachments"]) != (
        version.content["fields"],
        version.content["attachments"],
    )
