"""The editor: one section of a draft, saved by hand or as one types."""

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import formats, timezone
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from chang_e8_portal import clock
from proposals import accommodation, actions, reading
from proposals.forms import section_form, typed, versions
from proposals.models import LetterOfIntent
from proposals.rows import TABLES
from proposals.sections import SECTIONS, missing
from proposals.views import colleagues, merging
from proposals.views.access import letter_for, only_expected
from proposals.views.sidebar import entries

# Colleagues who save at the same moment are answered one after the other; nobody waits for ever.
_TRIES = 5


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request, pk, key):
    """Read and write one section.

    A save that is late, or by somebody who may no longer write, is answered with a page that hands
    back all that was typed; a stale one (412) with both versions, unless they can be put together
    without asking; a form with a fault (422) is shown again as typed, and nothing of it is stored.
    """
    section = SECTIONS.get(key)
    if section is None:
        raise Http404
    autosave = request.headers.get("X-Requested-With") == "autosave"
    try:
        letter = letter_for(request, pk, "edit")
        if request.method != "POST":
            actions.ensure_draft(letter)
            more = request.GET.get("add", "")
            return _page(request, letter, section, section_form(section, letter, more_rows_in=more))
        actions.ensure_draft(letter)
        return _write(request, letter, section, autosave=autosave)
    except (Http404, PermissionDenied, actions.Refused) as refusal:
        if request.method != "POST" or autosave:
            raise
        return _hand_back(request, pk, section, refusal)


# What the portal shows of a request that it cannot even begin to answer: signed out, or without its
# database. See chang_e8_portal.errors.
edit.hands_back = typed.answers


def _write(request, letter, section, *, autosave):
    if merging.is_answer(request.POST):
        return _merge(request, letter, section, autosave=autosave)
    form = section_form(section, letter, request.POST)
    only_expected(request.POST, {*form.expected, "base"}, repeatable=form.repeatable)
    revision, base = _revision(request), merging.version_in(request.POST, "base")
    if not autosave and not form.is_valid():
        # The page keeps what it was opened with, or the next save would look fresh.
        kept = {"revision": revision, "base": request.POST.get("base", "")}
        return _page(request, letter, section, form, status=422, **kept)
    try:
        letter = _store(request, letter, form, revision)
    except actions.Stale as stale:
        if autosave and base is None:
            return _stale_json(stale, section)
        return _put_together(
            request,
            stale.current,
            section,
            base,
            versions.of_section(section, request.POST),
            autosave=autosave,
        )
    return _stored_json(letter, form) if autosave else _stored_page(request, letter, section)


def _merge(request, letter, section, *, autosave):
    """Take the choices of somebody who was shown two versions."""
    asked, choices, texts = merging.read(request.POST, section, letter)
    if any(name not in choices for name in asked.differing):
        return _both_versions(request, letter, asked, autosave=autosave, status=422)
    data = asked.resolved(choices, texts)
    form = section_form(section, letter, data)
    if not form.is_valid() and not autosave:
        # Back in the editor, as if the page had been opened when the versions were shown.
        kept = {"revision": _revision(request), "base": request.POST["theirs"]}
        return _page(request, letter, section, form, status=422, **kept)
    try:
        letter = _store(request, letter, form, _revision(request))
    except actions.Stale as stale:
        # Somebody saved once more. What was shown is now what this person began with.
        return _put_together(request, stale.current, section, asked.theirs, data, autosave=autosave)
    if autosave:
        return _stored_json(letter, form, merged=asked, data=data)
    return _stored_page(request, letter, section)


def _put_together(request, current, section, base, mine, *, autosave):
    """Save both people's changes if they touch different answers; else show both versions."""
    for _attempt in range(_TRIES):
        theirs = versions.sent_by(section_form(section, current))
        found = versions.Comparison(section, current, base=base, mine=mine, theirs=theirs)
        if found.differing:
            break
        data = found.resolved({}, {})
        form = section_form(section, current, data)
        form.is_valid()
        try:
            letter = _store(request, current, form, current.revision)
        except actions.Stale as stale:
            current = stale.current
            continue
        if autosave:
            return _stored_json(letter, form, merged=found, data=data)
        if found.taken:
            messages.info(request, _taken_over(found))
        return _stored_page(request, letter, section)
    return _both_versions(request, current, found, autosave=autosave)


def _both_versions(request, current, found, *, autosave, status=412):
    context = {
        "letter": current,
        "call": current.call,
        "section": found.section,
        "found": found,
        "kept": reading.labels(found.kept),
        "taken": reading.labels(found.taken),
        "base": versions.to_text(found.base) if found.base is not None else "",
        "mine": versions.to_text(found.mine),
        "theirs": versions.to_text(found.theirs),
        "unanswered": status == 422,
        "now": clock.now(),
    }
    if autosave:
        panel = render_to_string("proposals/merge_form.html", context, request=request)
        sentence = _("Somebody saved this section after you opened it.")
        body = {"detail": sentence, "code": "stale", "revision": current.revision, "panel": panel}
        return JsonResponse(body, status=status)
    context["sections"] = entries(current, missing(current), current=found.section.key)
    return render(request, "proposals/merge.html", context, status=status)


def _store(request, letter, form, revision):
    """Save every valid field.

    One number with a letter in it must not keep a page of text from being stored.
    """
    form.is_valid()
    return actions.save_draft(letter, changes=form.changes, revision=revision, actor=request.user)


def _stored_page(request, letter, section):
    messages.success(request, _saved_label().capitalize())
    return redirect(_next_page(request, letter, section))


def _stored_json(letter, form, *, merged=None, data=None):
    """What the page's script needs to go on; 422 with the sentences if some fields are not valid.

    `advice` is what is worth a second look, field by field.
    After a merge also `taken`, the answers that came from somebody else, and `values`, the section
    as it is now, in the form in which the page holds it.
    """
    body = {
        "revision": letter.revision,
        "saved_at": letter.updated_at.isoformat(),
        "saved_label": _saved_label(),
        "advice": accommodation.beside(form.section, letter),
    }
    if merged is not None:
        body |= {
            "taken": [*merged.taken, *merged.differing],
            "values": dict(data.lists()),
            "notice": _taken_over(merged) if merged.taken else "",
        }
    if form.errors:
        body |= {
            "detail": _("Everything else is saved. Please check:"),
            "code": "invalid",
            "fields": _sentences(form),
        }
    return JsonResponse(body, status=422 if form.errors else 200)


def _stale_json(stale, section):
    """For a script that did not say what it began with: the present values, to compare."""
    current = stale.current
    body = {
        "detail": str(stale),
        "code": stale.code,
        "revision": current.revision,
        "current": section_form(section, current).written,
    }
    return JsonResponse(body, status=412)


def _hand_back(request, pk, section, refusal):
    """What was typed, to be copied: it could not be stored."""
    context = {
        "section": section,
        "typed": typed.answers(request.POST),
        # Whoever cannot see the letter is told no more of it than any stranger.
        "letter": LetterOfIntent.objects.visible_to(request.user).filter(pk=pk).first(),
    }
    match refusal:
        case Http404():
            status, sentence = 404, _("There is no letter of yours at this address, or no longer.")
        case PermissionDenied():
            status, sentence = 403, str(refusal)
        case _:
            status, sentence = 409, str(refusal)
    context["sentence"] = sentence
    return render(request, "proposals/handed_back.html", context, status=status)


def _page(request, letter, section, form, *, status=200, **context):
    gaps = missing(letter)
    if "base" not in context:
        context["base"] = versions.to_text(versions.sent_by(section_form(section, letter)))
    context = {
        "letter": letter,
        "revision": letter.revision,
        "call": letter.call,
        "section": section,
        "form": form,
        "sections": entries(
            letter, gaps, current=section.key, comments=colleagues.counts(letter, request.user)
        ),
        "remarks": colleagues.thread(letter, section.key),
        "others": actions.others_here(letter, actor=request.user, at=clock.now()),
        "gaps": reading.labels(gaps.get(section.key, ())),
        "is_last": section.key == list(SECTIONS)[-1],
        "now": clock.now(),
        **context,
    }
    return render(request, "proposals/edit.html", context, status=status)


def _next_page(request, letter, section):
    keys = list(SECTIONS)
    table = request.POST.get("add")
    if table in section.fields and table in TABLES:
        first_empty = len(getattr(letter, table))
        address = _redirect_to("proposals:edit", letter, section.key)
        return f"{address}?add={table}#id_{table}-{first_empty}-{TABLES[table].naming.name}"
    if "next" not in request.POST:
        return _redirect_to("proposals:edit", letter, section.key)
    following = keys[keys.index(section.key) + 1 :]
    if following:
        return _redirect_to("proposals:edit", letter, following[0])
    return _redirect_to("proposals:attachments", letter)


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


def _taken_over(found) -> str:
    """What a colleague changed meanwhile and is now on the page."""
    names = get_text_list(reading.labels(found.taken), _("and"))
    return _("Somebody else saved meanwhile. Both are kept; new from them: %(answers)s.") % {
        "answers": names
    }


def _saved_label() -> str:
    local = timezone.localtime(clock.now())
    return _("saved %(time)s") % {"time": formats.date_format(local, "H:i:s")}
