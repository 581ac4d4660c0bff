"""An agency's letters: the list, a new one, and one letter's own page."""

from functools import partial

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import Agency
from chang_e8_portal import clock
from proposals import accommodation, actions, content, filed_files, permissions, reading, steps
from proposals.forms import StartForm
from proposals.models import Call, DueChange, LetterOfIntent
from proposals.sections import SECTIONS, missing
from proposals.states import LetterState
from proposals.views import colleagues
from proposals.views.access import letter_for, only_expected, representatives
from proposals.views.sidebar import entries

PAGE = 20
LONGEST_SEARCH = 100
# What the address may say -> order of the rows, and its name.
SORTS = {
    "-updated": ("-updated_at", gettext_lazy("Last saved first")),
    "updated": ("updated_at", gettext_lazy("Last saved last")),
    "title": ("title", gettext_lazy("Title")),
    "reference": ("reference", gettext_lazy("Reference")),
    "state": ("state", gettext_lazy("State")),
}
_FIRST_SORT = "-updated"


@require_safe
def index(request):
    """The letters of one's own agencies."""
    mine = LetterOfIntent.objects.listed_for(request.user)
    search = request.GET.get("q", "").strip()[:LONGEST_SEARCH]
    found = mine.matching(search) if search else mine
    counts = dict(found.order_by().values_list("state").annotate(Count("pk")))
    state = request.GET.get("state", "")
    if state in LetterState.values:
        found = found.filter(state=state)
    sort = request.GET.get("sort")
    sort = sort if sort in SORTS else _FIRST_SORT
    rows = found.for_list().order_by(SORTS[sort][0], "reference")
    call, now = Call.objects.current(), clock.now()
    may_write = permissions.agencies_to_write_for(request.user)
    context = {
        "page": Paginator(rows, PAGE).get_page(request.GET.get("page")),
        "search": search,
        "state": state,
        "sort": sort,
        "sorts": [(key, name) for key, (_column, name) in SORTS.items()],
        "states": [(choice, counts[choice.value]) for choice in LetterState if choice in counts],
        "filtered": bool(search or state),
        "call": call,
        "now": now,
        "can_start": bool(may_write and call and call.is_open_at(now)),
    }
    return render(request, "proposals/index.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request):
    """Begin a letter for an agency in which this person may write."""
    agencies = Agency.objects.filter(
        pk__in=permissions.agencies_to_write_for(request.user)
    ).order_by("name")
    if not agencies:
        raise PermissionDenied(
            _(
                "Letters are written by editors and authorised representatives of an agency. "
                "Register your agency or accept an invitation first: see “Agency” above."
            )
        )
    call = Call.objects.current()
    if call is None:
        raise Http404
    actions.ensure_open(call)
    form = StartForm(request.POST or None, call=call, agencies=agencies)
    if request.method == "POST":
        only_expected(request.POST, form.fields)
        if form.is_valid():
            changes = dict(form.cleaned_data)
            agency = changes.pop("agency")
            letter = actions.start_draft(call, agency, actor=request.user, changes=changes)
            messages.success(request, _("Your letter has the reference %s.") % letter.reference)
            return redirect("proposals:edit", letter.pk, "a")
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "call": call, "now": clock.now()}
    return render(request, "proposals/new.html", context, status=status)


@require_safe
def detail(request, pk):
    """One letter: for a draft what to do next, for a filed one exactly what was filed."""
    letter = letter_for(request, pk, "read")
    now = clock.now()
    context = {
        "letter": letter,
        "call": letter.call,
        "now": now,
        "steps": steps.of_letter(
            letter,
            events=letter.events.all(),
            rounds=letter.call.rounds.all(),
            now=now,
            extensions=list(letter.call.extensions.in_force()),
            fuller=letter.fuller_versions.order_by("number") if letter.is_announced else (),
            due_changes=DueChange.objects.told_to(letter) if letter.is_announced else (),
        ),
    }
    if not permissions.can(request.user, "view", letter):
        context |= _last_version(letter)
        return render(request, "proposals/withdrawn.html", context)
    if letter.is_draft:
        context["attachments"] = list(letter.attachments.all())
        return render(request, "proposals/draft.html", context | _of_draft(request, letter, now))
    context |= _of_filed(request, letter, now)
    return render(request, "proposals/filed.html", context)


def _of_filed(request, letter, now):
    is_open = letter.call.is_open_at(now)
    may = partial(permissions.can, request.user, obj=letter)
    context = {
        "is_open": is_open,
        "can_reopen": is_open and letter.state == LetterState.SUBMITTED and may("reopen"),
        "can_submit": is_open and may("submit"),
        "can_take_up": is_open and letter.state == LetterState.WITHDRAWN and may("take_up"),
        # Whether decisions are locked is asked when somebody tries: the page must not tell.
        "can_withdraw": letter.can_move_to(LetterState.WITHDRAWN) and may("withdraw"),
        # Of what was told, or taken back: before that there is nothing but what stands here.
        "has_dossier": (letter.is_announced or letter.state == LetterState.WITHDRAWN)
        and may("submit"),
        "unfiled": list(letter.unfiled_texts.all()),
        "open_questions": list(letter.clarifications.open_at(now)),
        "representatives": representatives(letter),
    }
    if letter.is_announced:
        context["asks_fuller"] = _asks_fuller(letter)
    if letter.reopened_at and is_open:
        context["unchanged"] = content.is_filed_already(letter)
        gaps = missing(letter)
        context["sections"] = entries(letter, gaps)
        context["gaps"] = [(SECTIONS[key], reading.labels(names)) for key, names in gaps.items()]
    return context | _last_version(letter)


def _asks_fuller(letter):
    """The round that asks for a fuller proposal, of a letter that was told so; else None."""
    if not LetterOfIntent.objects.asked_for_more().filter(pk=letter.pk).exists():
        return None
    return next((r for r in letter.call.rounds.all() if r.asks_fuller), None)


def _last_version(letter):
    """What was filed, and nothing of the working copy."""
    versions = list(letter.versions.select_related("receipt", "submitted_by"))
    if not versions:
        return {}
    last = versions[-1]
    return {
        "versions": versions,
        "last": last,
        "next_number": last.number + 1,
        "filed_files": filed_files.of(last),
        "parts": reading.parts_of(last.content, letter.call),
    }


@require_safe
def unfiled(request, pk, text_pk):
    """A text that was written and not filed, to be read and copied by its agency."""
    letter = letter_for(request, pk)
    text = get_object_or_404(letter.unfiled_texts, pk=text_pk)
    context = {
        "letter": letter,
        "text": text,
        "parts": reading.parts_of(text.content, letter.call),
        "files": text.content["attachments"],
    }
    return render(request, "proposals/unfiled.html", context)


def _of_draft(request, letter, now):
    gaps = missing(letter)
    is_open = letter.call.is_open_at(now)
    can_edit = is_open and permissions.can(request.user, "edit", letter)
    return {
        "sections": entries(letter, gaps, comments=colleagues.counts(letter, request.user)),
        "gaps": [(SECTIONS[key], reading.labels(names)) for key, names in gaps.items()],
        "advice": accommodation.on(letter),
        "is_open": is_open,
        "can_edit": can_edit,
        # Whoever can write reads the text in the editor.
        "parts": [] if can_edit else reading.parts_of(content.of(letter, version=1), letter.call),
        "can_submit": is_open and permissions.can(request.user, "submit", letter),
        "was_filed": letter.versions.exists(),
        "representatives": representatives(letter),
    }
