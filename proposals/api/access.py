"""Where every call about a letter begins: what this person may see, may do, and has seen."""

import re
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext as _

from accounts.problems import Problem, bad_request
from proposals import permissions
from proposals.models import LetterOfIntent

# A proxy that compresses an answer makes its tag a weak one; it is the same number.
_TAG = re.compile(r'(?:W/)?"([0-9]{1,9})"', re.ASCII)
_KEY = re.compile(r"[\x21-\x7e]{1,80}")


def letter_for(request, letter_id, action="view") -> LetterOfIntent:
    """The letter, if this person may do `action` to it: 404 for a stranger, else 403."""
    letters = LetterOfIntent.objects.visible_to(request.user).select_related("call", "agency")
    letter = letters.filter(pk=as_id(letter_id)).first()
    if letter is None:
        raise Http404
    if not permissions.can(request.user, action, letter):
        if request.user.seat_in(letter.agency_id) is None:
            raise PermissionDenied(
                _("Only people of the agency that wrote this letter may do this.")
            )
        raise PermissionDenied(_("Your seat in the agency does not allow this."))
    return letter


def as_id(text) -> UUID:
    """An id out of an address. What cannot be one is not found, like one that nobody has."""
    try:
        return UUID(text)
    except ValueError:
        raise Http404 from None


def revision_in(request) -> int:
    """The revision that `If-Match` names: what the writer has seen."""
    sent = request.headers.get("If-Match")
    if sent is None:
        raise Problem(
            428,
            "revision_required",
            _('Say which revision you have seen: If-Match: "<revision>", as its ETag said.'),
        )
    tag = _TAG.fullmatch(sent.strip())
    if tag is None:
        raise bad_request(_('If-Match takes one revision in quotes, as in "7".'))
    return int(tag[1])


def idempotency_key_in(request) -> str:
    sent = request.headers.get("Idempotency-Key")
    if sent is None:
        raise Problem(
            400,
            "idempotency_key_required",
            _("Send an Idempotency-Key of your own making: the same key files nothing twice."),
        )
    if not _KEY.fullmatch(sent):
        raise bad_request(_("An Idempotency-Key has 1 to 80 printable characters without spaces."))
    return sent
