"""The editor: one section of a draft, saved by hand or as one types."""

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
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
    """Read and write one section."""
    section = SECTIONS.get(key)
    if section is None:
        raise Http404
    return SectionEditor(request, section).answer(pk)


# What the portal shows of a request that it cannot even begin to answer: signed out, or without its
# database. See chang_e8_portal.errors.
edit.hands_back = typed.answers


class Editor:
    """A form that several people write in, of which nothing typed is lost.

    A save that is late, or by somebody who may no longer write, is answered with a page that hands
    back all that was typed; a stale one (412) with both versions, unless they can be put together
    without asking; a form with a fault (422) is shown again as typed, and nothing of it is stored.

    `stored` is the row that is written: it has a revision, an `updated_at` and the section's
    fields. What is written where, and the pages around it, is each subclass's.
    """

    def __init__(self, request, section):
        self.request, self.section = request, section
        self.is_autosave = request.headers.get("X-Requested-With") == "autosave"
        self.stored = None

    def answer(self, pk):
        request = self.request
        try:
            self.stored = self.find(pk)
            if request.method != "POST":
                more = request.GET.get("add", "")
                return self.page(section_form(self.section, self.stored, more_rows_in=more))
            return self._write()
        except (Http404, PermissionDenied, actions.Refused) as refusal:
            if request.method != "POST" or self.is_autosave:
                raise
            return self._hand_back(pk, refusal)

    # --- what a subclass says ---

    def find(self, pk):
        """The row, if this person may write in it now; Http404, PermissionDenied or `Refused`."""
        raise NotImplementedError

    def store(self, changes, revision):
        """Save the changes; the row as it then stands, or `Stale`."""
        raise NotImplementedError

    def page(self, form, *, status=200, **context):
        raise NotImplementedError

    def next_page(self) -> str:
        """Where a save by hand leads."""
        raise NotImplementedError

    def around_versions(self) -> dict:
        """What the page of two versions shows beside them."""
        raise NotImplementedError

    # --- the way of a save ---

    def _write(self):
        request = self.request
        if merging.is_answer(request.POST):
            return self._merge()
        form = section_form(self.section, self.stored, request.POST)
        only_expected(request.POST, {*form.expected, "base"}, repeatable=form.repeatable)
        revision, base = _revision(request), versions.carried_in(request.POST, "base")
        if not self.is_autosave and not form.is_valid():
            # The page keeps what it was opened with, or the next save would look fresh.
            kept = {"revision": revision, "base": request.POST.get("base", "")}
            return self.page(form, status=422, **kept)
        try:
            self._store(form, revision)
        except actions.Stale as stale:
            self.stored = stale.current
            if self.is_autosave and base is None:
                return self._stale_json(stale)
            return self._put_together(base, versions.of_section(self.section, request.POST))
        return self._stored_json(form) if self.is_autosave else self._stored_page()

    def _merge(self):
        """Take the choices of somebody who was shown two versions."""
        request = self.request
        asked, choices, texts = merging.read(request.POST, self.section, self.stored)
        if any(name not in choices for name in asked.differing):
            return self._both_versions(asked, status=422)
        data = asked.resolved(choices, texts)
        form = section_form(self.section, self.stored, data)
        if not form.is_valid() and not self.is_autosave:
            # Back in the editor, as if the page had been opened when the versions were shown.
            kept = {"revision": _revision(request), "base": request.POST["theirs"]}
            return self.page(form, status=422, **kept)
        try:
            self._store(form, _revision(request))
        except actions.Stale as stale:
            # Somebody saved once more. What was shown is now what this person began with.
            self.stored = stale.current
            return self._put_together(asked.theirs, data)
        if self.is_autosave:
            return self._stored_json(form, merged=asked, data=data)
        return self._stored_page()

    def _put_together(self, base, mine):
        """Save both people's changes if they touch different answers; else show both versions."""
        for _attempt in range(_TRIES):
            theirs = versions.sent_by(section_form(self.section, self.stored))
            found = versions.Comparison(
                self.section, self.stored, base=base, mine=mine, theirs=theirs
            )
            if found.differing:
                break
            data = found.resolved({}, {})
            form = section_form(self.section, self.stored, data)
            form.is_valid()
            try:
                self._store(form, self.stored.revision)
            except actions.Stale as stale:
                self.stored = stale.current
                continue
            if self.is_autosave:
                return self._stored_json(form, merged=found, data=data)
            if found.taken:
                messages.info(self.request, _taken_over(found))
            return self._stored_page()
        return self._both_versions(found)

    def _both_versions(self, found, *, status=412):
        context = {
            "section": found.section,
            "found": found,
            "revision": self.stored.revision,
            "kept": reading.labels(found.kept),
            "taken": reading.labels(found.taken),
            "base": versions.to_text(found.base) if found.base is not None else "",
            "mine": versions.to_text(found.mine),
            "theirs": versions.to_text(found.theirs),
            "unanswered": status == 422,
            "now": clock.now(),
            **self.around_versions(),
        }
        if self.is_autosave:
            panel = render_to_string("proposals/merge_form.html", context, request=self.request)
            sentence = _("Somebody saved this section after you opened it.")
            body = {"detail": sentence, "code": "stale", "revision": self.stored.revision}
            return JsonResponse(body | {"panel": panel}, status=status)
        return render(self.request, "proposals/merge.html", context, status=status)

    def _store(self, form, revision) -> None:
        """Save every valid field.

        One number with a letter in it must not keep a page of text from being stored.
        """
        form.is_valid()
        self.stored = self.store(form.changes, revision)

    def _stored_page(self):
        messages.success(self.request, _saved_label().capitalize())
        return redirect(self.next_page())

    def _stored_json(self, form, *, merged=None, data=None):
        """What the page's script needs to go on; 422 with the sentences if some fields are not
        valid.

        `advice` is what is worth a second look, field by field. After a merge also `taken`, the
        answers that came from somebody else, and `values`, the section as it is now, in the form in
        which the page holds it.
        """
        body = {
            "revision": self.stored.revision,
            "saved_at": self.stored.updated_at.isoformat(),
            "saved_label": _saved_label(),
            "advice": accommodation.beside(form.section, self.stored),
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

    def _stale_json(self, stale):
        """For a script that did not say what it began with: the present values, to compare."""
        body = {
            "detail": str(stale),
            "code": stale.code,
            "revision": self.stored.revision,
            "current": section_form(self.section, self.stored).written,
        }
        return JsonResponse(body, status=412)

    def _hand_back(self, pk, refusal):
        """What was typed, to be copied: it could not be stored."""
        context = {
            "section": self.section,
            "typed": typed.answers(self.request.POST),
            # Whoever cannot see the letter is told no more of it than any stranger.
            "letter": LetterOfIntent.objects.visible_to(self.request.user).filter(pk=pk).first(),
        }
        match refusal:
            case Http404():
                status = 404
                sentence = _("There is no letter of yours at this address, or no longer.")
            case PermissionDenied():
                status, sentence = 403, str(refusal)
            case _:
                status, sentence = 409, str(refusal)
        context["sentence"] = sentence
        return render(self.request, "proposals/handed_back.html", context, status=status)


class SectionEditor(Editor):
    """One section of a letter's working copy."""

    def find(self, pk):
        letter = letter_for(self.request, pk, "edit")
        actions.ensure_draft(letter)
        return letter

    def store(self, changes, revision):
        return actions.save_draft(
            self.stored, changes=changes, revision=revision, actor=self.request.user
        )

    def around_versions(self):
        letter = self.stored
        return {
            "letter": letter,
            "call": letter.call,
            "address": _address(letter, self.section),
            "sections": entries(letter, missing(letter), current=self.section.key),
        }

    def page(self, form, *, status=200, **context):
        letter, section = self.stored, self.section
        if "base" not in context:
            context["base"] = versions.to_text(versions.sent_by(section_form(section, letter)))
        context = {
            "letter": letter,
            "revision": letter.revision,
            "call": letter.call,
            "section": section,
            "form": form,
            "sections": entries(
                letter,
                missing(letter),
                current=section.key,
                comments=colleagues.counts(letter, self.request.user),
            ),
            "remarks": colleagues.thread(letter, section.key),
            "others": actions.others_here(letter, actor=self.request.user, at=clock.now()),
            "now": clock.now(),
            **context,
        }
        return render(self.request, "proposals/edit.html", context, status=status)

    def next_page(self):
        letter, posted = self.stored, self.request.POST
        table = posted.get("add")
        if table in self.section.fields and table in TABLES:
            first_empty = len(getattr(letter, table))
            anchor = f"#id_{table}-{first_empty}-{TABLES[table].naming.name}"
            return f"{_address(letter, self.section)}?add={table}{anchor}"
        if "next" not in posted:
            return _address(letter, self.section)
        keys = list(SECTIONS)
        following = keys[keys.index(self.section.key) + 1 :]
        if following:
            return _address(letter, SECTIONS[following[0]])
        return reverse("proposals:attachments", args=[letter.pk])


def _address(letter, section) -> str:
    return reverse("proposals:edit", args=[letter.pk, section.key])


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
