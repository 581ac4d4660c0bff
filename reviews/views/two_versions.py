"""A form that was saved twice: put together, or shown as two versions between which one chooses."""

from django.core.exceptions import BadRequest
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from reviews import actions
from reviews.forms import versions

# Two tabs or two people who save at the same moment; nobody waits for ever.
_TRIES = 5

_TAKE, _TEXT = "take-", "text-"


class TwoVersions:
    """What a page of such a form does; it gives:

    `form(data)` the form from data, `current()` what is stored now and `version_of` it as a browser
    would send it, `store(form, revision)` or `Stale`; and the answers `stored(row, form, merged,
    data)`, `both_versions(current, found, status)`, `faulty(form, base)`.
    """

    def put_together(self, current, base, mine):
        """Save both changes if they touch different answers; else show both versions."""
        for _attempt in range(_TRIES):
            theirs = self.version_of(current)
            found = versions.Comparison(self.form, base=base, mine=mine, theirs=theirs)
            if found.differing:
                break
            data = found.resolved({}, {})
            form = self.form(data)
            form.is_valid()
            try:
                row = self.store(form, current.revision if current else 0)
            except actions.Stale as stale:
                current = stale.current
                continue
            return self.stored(row, form, found, data)
        return self.both_versions(current, found, status=412)

    def merge(self, *, takes_valid_fields):
        """Take the choices of somebody who was shown two versions.

        With `takes_valid_fields` a fault in one answer does not keep the others unsaved.
        """
        posted = self.request.POST
        asked, choices, texts = read(posted, self.form)
        if any(name not in choices for name in asked.differing):
            return self.both_versions(self.current(), asked, status=422)
        data = asked.resolved(choices, texts)
        data["revision"] = posted.get("revision", "")
        form = self.form(data)
        is_valid = form.is_valid()
        if "revision" not in form.cleaned_data or not (is_valid or takes_valid_fields):
            # As if the page had been opened when the versions were shown.
            return self.faulty(form, posted["theirs"])
        try:
            row = self.store(form, form.cleaned_data["revision"])
        except actions.Stale as stale:
            # Saved once more: what was shown is now what this page began with.
            return self.put_together(stale.current, asked.theirs, data)
        return self.stored(row, form, asked, data)


def choice_context(found, current, *, status) -> dict:
    """What a page draws of two versions."""
    return {
        "revision": current.revision if current else 0,
        "found": found,
        "kept": found.labels(found.kept),
        "taken": found.labels(found.taken),
        "base": versions.to_text(found.base) if found.base is not None else "",
        "mine": versions.to_text(found.mine),
        "theirs": versions.to_text(found.theirs),
        "unanswered": status == 422,
    }


def taken_over(found) -> str:
    """What was saved elsewhere meanwhile and is now on the page."""
    if not found.taken:
        return ""
    names = get_text_list(found.labels(found.taken), _("and"))
    return _("Saved elsewhere meanwhile. Both are kept; new from there: %(answers)s.") % {
        "answers": names
    }


def is_answer(posted) -> bool:
    """Whether this request holds choices between versions rather than a form."""
    return "theirs" in posted and "mine" in posted


def read(posted, form):
    """What was asked, and answer name to choice and to text; BadRequest if nobody asked it."""
    base, mine, theirs = (versions.carried_in(posted, name) for name in ("base", "mine", "theirs"))
    if mine is None or theirs is None:
        raise BadRequest("two versions are needed")
    asked = versions.Comparison(form, base=base, mine=mine, theirs=theirs)
    choices = _starting_with(_TAKE, posted)
    if not set(choices.values()) <= {versions.THEIRS, versions.MINE, versions.TEXT}:
        raise BadRequest("take: one of what the page offered")
    return asked, choices, _starting_with(_TEXT, posted)


def fields_in(posted, form):
    """The form's own answers in what a browser sent."""
    return versions.sent({name: posted[name] for name in form.fields if name in posted})


def _starting_with(prefix, posted):
    return {name.removeprefix(prefix): posted[name] for name in posted if name.startswith(prefix)}
