"""How an address names a round: by its kind, and by its call's code where that is not the present
one.
"""

from typing import NamedTuple

from django.urls import reverse

from proposals.states import RoundKind


class Named(NamedTuple):
    """A round as an address names it: without a code, of the call that opened last."""

    kind: str
    code: str = ""

    def __str__(self):
        """As a part of a file's name: "final", "CE8-2023-final"."""
        return "-".join(filter(None, [self.code, self.kind.lower()]))


def named(call_round) -> Named:
    """How the address of a page about a round names it.

    Pages of the present call leave its code out. All others have it, and so do mails: a link of
    them would else lead to another call once that has opened.
    """
    present = getattr(call_round, "is_present", False)
    return Named(call_round.kind, "" if present else call_round.call.code)


def of_call(request, name, *args) -> str:
    """The address of a page of the panel about the call that the page of `request` is about."""
    code = getattr(request, "call_code", "")
    return reverse(name, args=[*([code] if code else []), *args])


class RoundConverter:
    """A round by its kind, in lower case: /decisions/final/ is one of the present call,
    /decisions/CE8-2023/final/ one of the call with this code.
    """

    _kinds = tuple(kind.lower() for kind in RoundKind.values)
    regex = "|".join([*_kinds, *(f"[^/]+/{kind}" for kind in _kinds)])

    def to_python(self, value):
        code, _slash, kind = value.rpartition("/")
        return Named(RoundKind(kind.upper()), code)

    def to_url(self, value):
        """Of a round, of what names one, or of a kind alone."""
        if isinstance(value, str):
            return value.lower()
        kind, code = value if isinstance(value, Named) else named(value)
        return f"{code}/{kind.lower()}" if code else kind.lower()
