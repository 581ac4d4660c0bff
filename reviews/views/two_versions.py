"""The choices that come back from a page on which somebody was shown two versions of a form."""

from django.core.exceptions import BadRequest

from reviews.forms import versions

_TAKE, _TEXT = "take-", "text-"


def is_answer(posted) -> bool:
    """Whether this request holds choices between versions rather than a form."""
    return "theirs" in posted and "mine" in posted


def version_in(posted, name):
    """A version that the page carried along, or None if it carries none."""
    if not posted.get(name):
        return None
    try:
        return versions.from_text(posted[name])
    except versions.Unreadable:
        raise BadRequest(f"{name}: a version as the page gave it") from None


def read(posted, form):
    """What was asked, and answer name to choice and to text; BadRequest if nobody asked it."""
    base, mine, theirs = (version_in(posted, name) for name in ("base", "mine", "theirs"))
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
