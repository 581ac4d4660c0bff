"""The results, to everybody at one instant."""

from datetime import datetime
from typing import Literal

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.utils.translation import get_language
from ninja import Router, Schema
from pydantic import Field

from accounts.bearer import public_throttle
from accounts.bodies import only_in_address
from accounts.problems import Problem
from decisions import letter_facts
from decisions import results as results_of
from proposals.models import Call
from proposals.models.call import in_language
from proposals.states import Level

router = Router(tags=["Results"])


class Partner(Schema):
    title: str
    title_zh: str
    agency: str
    place: str = Field(description="Country or region, or “International organisation”.")
    partners: list[str]


class Project(Partner):
    level: Literal[tuple(Level.values)]
    public_abstract: str
    joined_by: list[Partner] = Field(description="Letters that were merged into this project.")


class Results(Schema):
    call: str
    released_at: datetime
    corrected_at: datetime | None = Field(
        description="When the list was last corrected; null if it stands as it was released."
    )
    letters_received: int
    letters_forward: int
    projects: list[Project]


@router.get(
    "/results",
    auth=None,
    throttle=public_throttle,
    response=Results,
    url_name="api-results",
    summary="Read the results",
)
def results(request: HttpRequest, response: HttpResponse):
    """The projects that go forward. Until it is published: 404 `not_published`, for everybody."""
    only_in_address(request)
    call = Call.objects.current()
    return _answer(request, response, call and results_of.of(call))


@router.get(
    "/results/{code}",
    auth=None,
    throttle=public_throttle,
    response=Results,
    url_name="api-results",
    summary="Read the results of a call",
)
def results_of_a_call(request: HttpRequest, response: HttpResponse, code: str):
    """The same of the call with this code, also when the next call is open.

    Before its release, and where there is no such call: the same 404 `not_published`.
    """
    only_in_address(request)
    return _answer(request, response, results_of.of_code(code))


def _answer(request, response, told):
    if told is None:
        raise Problem(404, "not_published", results_of.NOT_PUBLISHED)
    # Places are named in the language asked for.
    said = [told.page, str(told.released_at), str(told.corrected_at), get_language()]
    tag = quote_etag(letter_facts.digest(said)[:32])
    unchanged = get_conditional_response(request, etag=tag)
    # On a 304 as well, or a cache would read in it that it may keep nothing.
    for answer in filter(None, (response, unchanged)):
        answer.headers["ETag"], answer.headers["Cache-Control"] = tag, "public, no-cache"
    if unchanged:
        return unchanged
    return {
        "call": told.publication.round.call.code,
        "released_at": told.released_at,
        "corrected_at": told.corrected_at,
        "letters_received": told.page["received"],
        "letters_forward": told.page["forward"],
        "projects": [
            {
                **_told(project),
                "level": project["level"],
                "public_abstract": project["abstract"],
                "joined_by": [_told(one) for one in project["joined_by"]],
            }
            for project in told.page["projects"]
        ],
    }


def _told(project) -> dict:
    english, chinese = project["title"]["en"], project["title"]["zh-hans"]
    return {
        "title": english,
        "title_zh": chinese if chinese != english else "",
        "agency": project["agency"]["en"],
        "place": in_language(project["place"]),
        "partners": in_language(project["partners"]) or [],
    }
