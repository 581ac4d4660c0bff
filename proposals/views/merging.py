"""The choices that come back from a page on which somebody was shown two versions of a section."""

from django.core.exceptions import BadRequest

from proposals.forms import versions
from proposals.views.access import only_expected

_TAKE, _TEXT = "take-", "text-"


def is_answer(posted) -> bool:
    """Whether this request holds choices between versions rather than a section."""
    return "theirs" in posted and "mine" in posted


def read(posted, section, letter):
    """What was asked, and answer name to choice and to text; BadRequest if nobody asked it."""
    names = {prefix + name for name in section.fields for prefix in (_TAKE, _TEXT)}
    only_expected(posted, {"base", "mine", "theirs", *names})
    base, mine, theirs = (versions.carried_in(posted, name) for name in ("base", "mine", "theirs"))
    if mine is None or theirs is None:
        raise BadRequest("two versions are needed")
    asked = versions.Comparison(section, letter, base=base, mine=mine, theirs=theirs)
    choices = _starting_with(_TAKE, posted)
    if not set(choices.values()) <= set(versions.CHOICES):
        raise BadRequest("take: one of what the page offered")
    return asked, choices, _starting_with(_TEXT, posted)


def _starting_with(prefix, posted):
    return {name.removeprefix(prefix): posted[name] for name in posted if name.startswith(prefix)}
