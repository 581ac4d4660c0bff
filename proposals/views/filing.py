"""Submitting a letter: exactly what will be filed, and then filing it."""

import secrets
from functools import partial

from django.core.exceptions import BadRequest, PermissionDenied
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts import step_up
from chang_e8_portal import clock
from proposals import accommodation, actions, content, reading
from proposals.forms import SubmitForm
from proposals.sections import SECTIONS, missing
from proposals.views.access import ensure_may, letter_for, only_expected


@require_http_methods(["GET", "HEAD", "POST"])
def submit(request, pk):
    """Show exactly what will be filed; on POST, file it.

    The key made with the page lets the same click arrive twice and count once. The hash of what was
    shown comes back with it, so nobody signs a text that a colleague changed meanwhile.
    """
    if request.method == "POST":
        return _submit(request, pk)
    letter = letter_for(request, pk, "submit")
    if not letter.is_editable:
        return redirect("proposals:receipt", letter.pk)
    actions.ensure_draft(letter)
    return _review(request, letter)


def _submit(request, pk):
    """File it. Whatever becomes of it, that somebody tried is put on record."""
    letter = letter_for(request, pk)
    key = request.POST.get("idempotency_key", "")
    tried = partial(actions.record_attempt, letter, actor=request.user, idempotency_key=key)
    try:
        ensure_may(request.user, "submit", letter)
        only_expected(request.POST, SubmitForm.base_fields)
        form = SubmitForm(request.POST)
        if not form.is_valid():
            raise BadRequest("submit: idempotency_key and seen as the page gave them")
    except PermissionDenied:
        tried(outcome="forbidden")
        raise
    except BadRequest:
        tried(outcome="bad_request")
        raise
    # As it was when the code was asked for, or not: a colleague may reopen it in between.
    only_again = not letter.is_editable
    if asked := _who_submits(request, letter):
        tried(outcome="code_asked")
        return asked
    try:
        actions.submit(letter, actor=request.user, only_again=only_again, **form.cleaned_data)
    except actions.Incomplete as incomplete:
        return _review(request, letter, status=422, attempt=incomplete.attempt)
    except actions.Changed as changed:
        return _review(request, letter, status=409, sentence=str(changed), attempt=changed.attempt)
    except actions.Refused as refusal:
        context = {"letter": letter, "sentence": str(refusal), "attempt": refusal.attempt}
        return render(request, "proposals/not_filed.html", context, status=409)
    return redirect("proposals:receipt", letter.pk)


def _who_submits(request, letter):
    """The page that asks for a code, unless it was given, or the action will refuse anyway."""
    if not letter.is_editable:
        return None  # The same click again: it was asked the first time.
    if step_up.is_fresh(request, "submit"):
        return None
    try:
        actions.ensure_draft(letter)
    except actions.Refused:
        return None  # Too late, which is said and put on record before a code is asked for.
    return step_up.ask(
        request,
        "submit",
        what=gettext_lazy("submit the letter %(reference)s"),
        names={"reference": letter.reference},
        back=reverse("proposals:submit", args=[letter.pk]),
        about=f"letter-{letter.pk}",
    )


def _review(request, letter, *, status=200, sentence="", attempt=None):
    # Read again: the page must show what is stored now, not what was when the request began.
    letter = letter_for(request, letter.pk, "submit")
    words = content.of(letter, version=letter.versions.count() + 1)
    gaps = missing(letter)
    context = {
        "letter": letter,
        "call": letter.call,
        "parts": reading.parts_of(words, letter.call),
        "attachments": list(letter.attachments.all()),
        "participations": words["participations"],
        "sha256": content.digest(words),
        "idempotency_key": secrets.token_urlsafe(24),
        "gaps": [(SECTIONS[key], reading.labels(names)) for key, names in gaps.items()],
        "advice": accommodation.on(letter),
        "unchanged": bool(letter.reopened_at) and content.is_filed_already(letter),
        "sentence": sentence,
        "attempt": attempt,
        "number": words["version"],
        "code_from": step_up.source(request, "submit"),
        "now": clock.now(),
    }
    return render(request, "proposals/submit.html", context, status=status)
