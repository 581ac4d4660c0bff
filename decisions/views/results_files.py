"""What the files of the results have in common: who gets what, and how long it is kept."""

import hashlib
from dataclasses import dataclass

from django.core.cache import caches
from django.http import HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header, quote_etag

from accounts import problems
from accounts.states import Language
from decisions import results as results_of
from decisions.telling import tag_of
from proposals.models import Call

# Anybody may keep it and asks whether it still holds: after a correction nobody shows the old one.
_KEPT = "public, no-cache"
# What was made of one telling each process remembers so long; another telling has other keys.
A_DAY = 86_400


@dataclass(frozen=True)
class Asked:
    """What holds now and in which language it is asked for, or why it is refused."""

    call: Call | None = None
    told: results_of.Told | None = None
    language: str = Language.ENGLISH.value
    refusal: HttpResponse | None = None

    def labels(self, ending) -> dict:
        """The language of the file, and its name."""
        name = f"{self.call.code}-results-{tag_of(self.language)}.{ending}"
        return {"language": self.language, "name": name}


def told_of(code) -> tuple[Call | None, results_of.Told | None]:
    """The call with this code and what it was told, or without a code the present one and the same.

    A call is named by its code only once it was told: before that it is as if it did not exist.
    """
    if code:
        told = results_of.of_code(code)
        return (told.publication.round.call if told else None), told
    call = Call.objects.current()
    return call, (results_of.of(call) if call else None)


def asked_for(request, code) -> Asked:
    """The same refusal for everybody and every language before the release; English is the rule."""
    call, told = told_of(code)
    if told is None:
        return Asked(refusal=not_published())
    language = request.GET.get("lang", Language.ENGLISH.value)
    if language not in Language.values:
        known = ", ".join(Language.values)
        return Asked(refusal=refuse(404, "no_such_language", f"lang is one of {known}."))
    return Asked(call, told, language)


def not_published() -> HttpResponse:
    """The answer before a release, and for a code that no call has: the very same bytes."""
    return refuse(404, "not_published", results_of.NOT_PUBLISHED)


def refuse(status, code, sentence, *, again_in=None) -> HttpResponse:
    """As the interface for programs refuses: these addresses are asked by programs, too.

    `again_in` is after how many seconds it is worth asking again.
    """
    headers = {"Retry-After": str(again_in)} if again_in else None
    return problems.answer(problems.Problem(status, code, sentence, headers=headers))


def kept(key, make) -> bytes:
    """One form of what holds now, from the memory of this process or made anew."""
    return caches["drawn"].get_or_set(f"results:{key}", make, A_DAY)


def as_file(request, body, *, kind, language, name="", is_final=True) -> HttpResponse:
    """The bytes, or that they are still the same (304). What is not final yet nobody keeps."""
    response = HttpResponse(body, content_type=kind)
    response.headers["Content-Language"] = tag_of(language)
    if name:
        response.headers["Content-Disposition"] = content_disposition_header(True, name)
    # Nothing in it runs and nothing is loaded, whatever a viewer takes it for.
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    if not is_final:
        return response
    tag = tag_of_bytes(body)
    response.headers["ETag"], response.headers["Cache-Control"] = tag, _KEPT
    return get_conditional_response(request, etag=tag, response=response)


def tag_of_bytes(body) -> str:
    """What stands in `ETag`: another one for other bytes."""
    return quote_etag(hashlib.sha256(body).hexdigest()[:32])
