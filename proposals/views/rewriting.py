"""Reopening, putting back, withdrawing, taking up again, deleting: each asks first, then acts.

A GET shows a page that names what will happen, so that it can be read without JavaScript and with
the keyboard; a POST does it.
"""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts import step_up
from chang_e8_portal import clock
from proposals import actions
from proposals.states import LetterState
from proposals.views.access import letter_for, only_expected

_ASK_THEN_ACT = require_http_methods(["GET", "HEAD", "POST"])


@_ASK_THEN_ACT
def reopen(request, pk):
    letter = letter_for(request, pk, "reopen")
    if request.method == "POST":
        only_expected(request.POST, ())
        actions.reopen(letter, actor=request.user)
        messages.success(request, _("The letter is reopened. What was filed counts meanwhile."))
        return redirect("proposals:edit", letter.pk, "a")
    actions.ensure_reopenable(letter)
    return _ask(
        request,
        letter,
        title=_("Reopen this letter?"),
        consequences=[
            _("You and your colleagues can change the text and the files again."),
            _("The version that is filed stands and counts until a new one is filed."),
            _("If nobody files a new version before the cutoff, the filed one is assessed."),
        ],
        button=_("Reopen the letter"),
        tone="primary",
    )


@_ASK_THEN_ACT
def put_back(request, pk):
    letter = letter_for(request, pk, "reopen")
    if request.method == "POST":
        only_expected(request.POST, ())
        actions.put_back(letter, actor=request.user)
        messages.success(request, _("The letter is again what was filed."))
        return redirect("proposals:detail", letter.pk)
    actions.ensure_reopenable(letter)
    return _ask(
        request,
        letter,
        title=_("Put back what was filed?"),
        consequences=[
            _("Text and files become again those of the filed version."),
            _("The text you leave is kept on the letter's page, to be read and copied."),
            _("The letter can be reopened again until the cutoff."),
        ],
        button=_("Put back what was filed"),
        tone="outline-danger",
    )


@_ASK_THEN_ACT
def withdraw(request, pk):
    letter = letter_for(request, pk, "withdraw")
    if request.method == "POST":
        only_expected(request.POST, ())
        # The same click again needs no code, and so does nothing.
        if letter.state != LetterState.WITHDRAWN:
            if asked := _who_withdraws(request, letter):
                return asked
            actions.withdraw(letter, actor=request.user)
        messages.success(request, _("The letter is withdrawn. Your agency is told by mail."))
        return redirect("proposals:detail", letter.pk)
    actions.ensure_withdrawable(letter)
    is_open = letter.call.is_open_at(clock.now())
    return _ask(
        request,
        letter,
        title=_("Withdraw this letter?"),
        consequences=[
            _("The letter no longer counts and is not assessed."),
            _("Until the cutoff it can be taken up again and submitted anew.")
            if is_open
            else _("The call is closed, so this cannot be undone."),
            _("Everybody of your agency is told by mail that you withdrew it."),
            _("What was filed and its receipts are kept."),
        ],
        button=_("Withdraw the letter"),
        tone="danger",
    )


def _who_withdraws(request, letter):
    """The page that asks for a code. What cannot be withdrawn is said before."""
    actions.ensure_withdrawable(letter)
    return step_up.ask(
        request,
        "withdraw",
        what=gettext_lazy("withdraw the letter %(reference)s"),
        names={"reference": letter.reference},
        back=reverse("proposals:detail", args=[letter.pk]),
        about=f"letter-{letter.pk}",
    )


@_ASK_THEN_ACT
def take_up(request, pk):
    letter = letter_for(request, pk, "take_up")
    if request.method == "POST":
        only_expected(request.POST, ())
        actions.take_up_again(letter, actor=request.user)
        messages.success(request, _("The letter is a draft again. It counts once it is submitted."))
        return redirect("proposals:detail", letter.pk)
    actions.ensure_returnable(letter)
    return _ask(
        request,
        letter,
        title=_("Take this letter up again?"),
        consequences=[
            _("It becomes a draft with the text it had, and can be changed."),
            _("It does not count until a representative submits it again before the cutoff."),
        ],
        button=_("Take it up again"),
        tone="primary",
    )


@_ASK_THEN_ACT
def delete(request, pk):
    letter = letter_for(request, pk, "delete")
    if request.method == "POST":
        only_expected(request.POST, ())
        actions.delete_draft(letter, actor=request.user)
        sentence = _("The draft %(reference)s is deleted.")
        messages.success(request, sentence % {"reference": letter.reference})
        return redirect("proposals:list")
    actions.ensure_deletable(letter)
    return _ask(
        request,
        letter,
        title=_("Delete this draft?"),
        consequences=[
            _("Its text, its files and the comments on it are removed for your whole agency."),
            _("This cannot be undone, and nobody can bring the text back."),
        ],
        button=_("Delete the draft"),
        tone="danger",
    )


def _ask(request, letter, **words):
    context = {"letter": letter, "call": letter.call, "now": clock.now(), **words}
    return render(request, "proposals/confirm.html", context)
