"""The editor: one section of a draft, saved by hand or as one types."""

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import Http404, JsonResponse
from django.shortcuts import redirect, render
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from chang_e8_portal import clock
from proposals import actions, advice, reading
from proposals.forms import section_form
from proposals.sections import SECTIONS, missing
from proposals.views.access import letter_for, only_expected
from proposals.views.sidebar import entries


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request, pk, key):
    """Read and write one section.

    A save that is late (409) or stale (412) is answered with a page that hands back all that was
    typed; a form with a fault (422) is shown again as it was typed, and nothing of it is stored.
    """
    letter = letter_for(request, pk, "edit")
    section = SECTIONS.get(key)
    if section is None:
        raise Http404
    if request.method != "POST":
        actions.ensure_draft(letter)
        return _page(request, letter, section, section_form(section, letter))
    form = section_form(section, letter, request.POST)
    autosave = request.headers.get("X-Requested-With") == "autosave"
    try:
        actions.ensure_draft(letter)
        only_expected(request.POST, form.fields, repeatable=form.repeatable)
        return _autosave(request, letter, form) if autosave else _save(request, letter, form)
    except actions.Stale as stale:
        if autosave:
            return _stale_json(stale, section)
        return _stale_page(request, section, form, stale)
    except actions.Refused as refusal:
        if autosave:
            raise
        return _hand_back(request, letter, section, form, refusal)


def _save(request, letter, form):
    revision = _revision(request)
    if not form.is_valid():
        # The page keeps the revision it was opened with, or the next save would look fresh.
        return _page(request, letter, form.section, form, status=422, revision=revision)
    letter = actions.save_draft(letter, changes=form.changes, revision=revision, actor=request.user)
    messages.success(request, _saved_label().capitalize())
    return redirect(_next_page(request, letter, form.section))


def _autosave(request, letter, form):
    """Save every valid field, and say which are not valid.

    One number with a letter in it must not keep a page of text from being stored. The answer to
    that is 422 with the sentences and with the new revision, so that the page can go on.
    """
    form.is_valid()
    letter = actions.save_draft(
        letter, changes=form.changes, revision=_revision(request), actor=request.user
    )
    body = {
        "revision": letter.revision,
        "saved_at": letter.updated_at.isoformat(),
        "saved_label": _saved_label(),
    }
    if form.errors:
        body |= {
            "detail": _("Everything else is saved. Please check:"),
            "code": "invalid",
            "fields": _sentences(form),
        }
    return JsonResponse(body, status=422 if form.errors else 200)


def _stale_json(stale, section):
    current = stale.current
    body = {
        "detail": str(stale),
        "code": stale.code,
        "revision": current.revision,
        "current": section_form(section, current).written,
    }
    return JsonResponse(body, status=412)


def _stale_page(request, section, form, stale):
    """Both versions side by side, and the form with what was typed, ready to be saved on top."""
    current, call = stale.current, stale.current.call
    form.is_valid()
    differing = [
        {
            "theirs": reading.answer(name, getattr(current, name), call),
            "mine": reading.answer(name, value, call),
        }
        for name, value in form.changes.items()
        if value != getattr(current, name)
    ]
    context = {"differing": differing, "sentence": str(stale)}
    return _page(request, current, section, form, status=412, **context)


def _hand_back(request, letter, section, form, refusal):
    """What was typed, to be copied: it could not be stored."""
    values = {name: form[name].value() for name in form.fields}
    typed = [
        reading.answer(name, value, letter.call)
        for name, value in values.items()
        if value not in (None, "", [], False)
    ]
    context = {"letter": letter, "section": section, "typed": typed, "sentence": str(refusal)}
    return render(request, "proposals/handed_back.html", context, status=409)


def _page(request, letter, section, form, *, status=200, **context):
    gaps = missing(letter)
    context = {
        "letter": letter,
        "revision": letter.revision,
        "call": letter.call,
        "section": section,
        "form": form,
        "sections": entries(letter, gaps, current=section.key),
        "gaps": reading.labels(gaps.get(section.key, ())),
        "advice": advice.on(letter).get(section.key, ()),
        "is_last": section.key == list(SECTIONS)[-1],
        "now": clock.now(),
        **context,
    }
    return render(request, "proposals/edit.html", context, status=status)


def _next_page(request, letter, section):
    keys = list(SECTIONS)
    if "next" not in request.POST:
        return _redirect_to("proposals:edit", letter, section.key)
    following = keys[keys.index(section.key) + 1 :]
    if following:
        return _redirect_to("proposals:edit", letter, following[0])
    return _redirect_to("proposals:attachment", letter)


def _redirect_to(name, letter, *args):
    return redirect(name, letter.pk, *args).url


def _revision(request) -> int:
    """The revision that the page was opened with."""
    sent = request.POST.get("revision", "")
    if not (sent.isascii() and sent.isdigit() and len(sent) <= 9):
        raise BadRequest("revision: a whole number")
    return int(sent)


def _sentences(form) -> dict:
    """Field name to sentences that say which field they are about."""
    return {
        name: [f"{label}: {sentence}" for sentence in form.errors[name]]
        for name, label in zip(form.fields, reading.labels(form.fields), strict=True)
        if name in form.errors
    }


def _saved_label() -> str:
    local = timezone.localtime(clock.now())
    return _("saved %(time)s") % {"time": formats.date_format(local, "H:i:s")}
