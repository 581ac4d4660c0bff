"""Refusals as a program reads them: problem details (RFC 9457) with a stable `code`.

`detail` is a sentence for the person behind the program, in the language it asked for; `code` is
what the program decides by and never changes its meaning.
"""

from http import HTTPStatus

from django.http import JsonResponse
from django.utils.translation import gettext as _

CONTENT_TYPE = "application/problem+json"
# Where the interface for programs lives; every refusal under it has this form.
ROOT = "/api/"


class Problem(Exception):
    """A request of a program that is refused, with what it needs to do better.

    `fields` maps the name of a field to sentences about it; `more` are further members of the
    answer, `headers` its headers.
    """

    def __init__(self, status, code, detail, *, fields=None, headers=None, **more):
        super().__init__(detail)
        self.status, self.code, self.detail = status, code, detail
        self.headers = headers or {}
        self.more = ({"fields": fields} if fields else {}) | more


def answer(problem: Problem) -> JsonResponse:
    body = {
        "type": "about:blank",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "code": problem.code,
        "detail": str(problem.detail),
        **problem.more,
    }
    return JsonResponse(
        body, status=problem.status, content_type=CONTENT_TYPE, headers=problem.headers
    )


def not_found() -> Problem:
    """One answer for what is not there and for what is not this person's: the very same bytes."""
    return Problem(404, "not_found", _("There is nothing at this address that you may see."))


def bad_request(detail) -> Problem:
    return Problem(400, "bad_request", detail)


def invalid(fields) -> Problem:
    """What was sent is of the right form, and some of it may not stand there."""
    return Problem(
        422, "invalid", _("Nothing was stored. Please check these fields."), fields=fields
    )
