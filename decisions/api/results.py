"""The results, to everybody at one instant."""

from datetime import datetime
from typing import Literal

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from accounts.bearer import public_throttle
from accounts.bodies import only_in_address
from accounts.problems import Problem
from decisions import results as results_of
from decisions.models import Publication
from proposals.models import Call
from proposals.states import Level, RoundKind

router = Router(tags=["Results"])

# In one language: the very same bytes whoever asks, and however.
NOT_PUBLISHED = "The results are not published yet."


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
def results(request: HttpRequest):
    """The projects that go forward. Until it is published: 404 `not_published`, for everybody."""
    only_in_address(request)
    call = Call.objects.current()
    # Asked once: the whole answer is of before the release, or of after it.
    publication = (
        Publication.objects.released()
        .filter(round__call=call, round__kind=RoundKind.FINAL)
        .select_related("round__call")
        .first()
    )
    if publication is None:
        raise Problem(404, "not_published", NOT_PUBLISHED)
    told = results_of.told_by(publication)
    return {
        "call": call.code,
        "released_at": publication.released_at,
        "corrected_at": told["corrected_at"],
        "letters_received": told["letters_received"],
        "letters_forward": told["letters_forward"],
        "projects": [
            {
                **_told(project["letter"]),
                "level": project["letter"].level,
                "public_abstract": project["letter"].public_abstract,
                "joined_by": [_told(letter) for letter in project["members"]],
            }
            for project in told["projects"]
        ],
    }


def _told(letter) -> dict:
    return {
        "title": letter.title,
        "title_zh": letter.title_zh,
        "agency": letter.agency.name,
        "place": letter.agency.place,
        "partners": _partners(letter),
    }


def _partners(letter) -> list[str]:
    """One line for each, as the results page prints them, whether kept as lines or as rows."""
    if hasattr(letter, "partner_lines"):
        return letter.partner_lines
    return [line.strip() for line in letter.partners.splitlines() if line.strip()]
