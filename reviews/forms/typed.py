"""What a reviewer typed, read from the bare request: for a page that hands it back to be copied."""

from django.core.exceptions import FieldDoesNotExist
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from proposals.forms import versions
from proposals.forms.typed import Answers, Typed
from proposals.models import DueChange
from reviews.models import Consensus, Contribution, Review

# Sent along by our pages and typed by nobody; "mine" is what was typed before, whole.
_MACHINERY = {
    *("csrfmiddlewaretoken", "revision", "base", "theirs", "opened_by", "do", "answers", "back"),
    *("seen", "confirm"),
}


def answers(posted) -> Answers:
    """Every text in the request with the name of its field, in the order in which it was sent.

    Asks neither the database nor the letter: both may be what is missing.
    """
    found = Answers()
    for name, text in _unpacked(posted):
        if name not in _MACHINERY and not name.startswith("take-") and text.strip():
            found.append(Typed(_label(name.removeprefix("text-")), text))
    return found


def _unpacked(posted):
    for name, texts in posted.lists():
        if name == "mine":
            try:
                yield from versions.from_text(texts[-1]).items()
            except versions.Unreadable:
                yield name, texts[-1]
        else:
            yield name, "\n".join(texts)


def _label(name) -> str:
    kind, _dash, code = name.partition("-")
    if kind == "mark" and code:
        return _("Mark: %(criterion)s") % {"criterion": code}
    if kind == "comment" and code:
        return _("Comment: %(criterion)s") % {"criterion": code}
    if kind == "weight" and code:
        return _("Weight: %(criterion)s") % {"criterion": code}
    for model in (Review, Contribution, Consensus, DueChange):
        try:
            return capfirst(model._meta.get_field(name).verbose_name)
        except FieldDoesNotExist:
            continue
    return name
