"""What a program sends along with a request, taken apart before any room looks at it."""

from django.utils.translation import gettext as _

from accounts import strict_json
from accounts.problems import Problem, bad_request


def read_object(request, *, known, kinds=("application/json",)) -> dict:
    """The JSON object that was sent, which holds no other names than `known`.

    A name nobody knows is not passed over in silence: whoever sends `state` must not believe that
    it worked.
    """
    if request.content_type not in kinds:
        raise Problem(
            415,
            "unsupported_media_type",
            _("Send JSON, and say so: Content-Type: application/json."),
        )
    if int(request.META.get("CONTENT_LENGTH") or 0) > strict_json.MOST_BYTES:
        raise Problem(
            413,
            "too_large",
            _("This is larger than %(most)d bytes.") % {"most": strict_json.MOST_BYTES},
        )
    try:
        sent = strict_json.loads(request.body)
    except strict_json.Unreadable as fault:
        raise Problem(400, "bad_json", str(fault)) from None
    if not isinstance(sent, dict):
        raise Problem(400, "bad_json", _("Send one JSON object: { … }."))
    refuse_unknown(sent, known)
    return sent


def refuse_unknown(names, known) -> None:
    unknown = sorted(set(names) - set(known))
    if unknown:
        raise Problem(
            400,
            "unknown_field",
            _("There is no field of this name to write."),
            fields={name[:100]: [_("Unknown, or not yours to write.")] for name in unknown},
        )


def refuse_any(request) -> None:
    """For calls that take nothing: an empty body, or an empty object."""
    if request.META.get("CONTENT_LENGTH") not in (None, "", "0"):
        read_object(request, known=())


def only_in_address(request, *names) -> None:
    """Refuse names in the address's query that the call does not know."""
    if set(request.GET) - set(names):
        raise bad_request(_("The address asks for something that this call does not know."))
