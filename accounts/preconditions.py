"""What a program says it has seen and means: ids, revisions and keys, alike for every room."""

import re
from uuid import UUID

from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _

from accounts.problems import Problem, bad_request

# A proxy that compresses an answer makes its tag a weak one; it is the same number.
_TAG = re.compile(r'(?:W/)?"([0-9]{1,9})"', re.ASCII)
_KEY = re.compile(r"[\x21-\x7e]{1,80}")


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


def tag(revision: int) -> str:
    """A revision as `ETag` writes it."""
    return f'"{revision}"'


def stamp(response: HttpResponse, revision: int) -> None:
    """Say which revision the answer shows, for the next `If-Match`."""
    response.headers["ETag"] = tag(revision)
