"""The call, with what it will be judged by: the criteria live in this room."""

from datetime import datetime
from typing import Literal

from django.http import Http404, HttpRequest
from ninja import Router, Schema
from pydantic import Field

from accounts.bearer import public_throttle
from accounts.bodies import only_in_address
from chang_e8_portal import clock
from proposals import published
from proposals.models import Call
from proposals.models.call import in_language
from proposals.states import Level, Phase, RoundKind
from reviews.models import Criterion

router = Router(tags=["Call"])


class Code(Schema):
    code: str
    name: str


class LevelOut(Schema):
    code: Literal[tuple(Level.values)]
    name: str
    description: str


class Limits(Schema):
    lander_mass_kg: float = Field(description="For all partners on the lander together.")
    module_mass_kg: float = Field(description="Of one module at most.")
    payload_power_w: float = Field(description="Reported figure of one payload; advice, no limit.")
    file_bytes: int = Field(description="Of one file at most.")


class CriterionOut(Schema):
    code: str
    name: str
    question: str
    weight: int = Field(description="Per cent; all together are 100.")
    threshold: float | None = Field(description="Lowest mean that passes.")


class RoundOut(Schema):
    kind: Literal[tuple(RoundKind.values)]
    announced_for: str = Field(description="A day, or a month where only a month was announced.")


class CallOut(Schema):
    code: str
    title: str
    summary: str
    contact: str
    opens_at: datetime
    closes_at: datetime = Field(description="The first instant that is too late.")
    now: datetime = Field(description="The portal's clock; no other one counts.")
    zone: str
    closing_sentence: str
    phase: Literal[tuple(Phase.values)]
    levels: list[LevelOut]
    objectives: list[Code]
    priorities: list[Code]
    limits: Limits
    criteria: list[CriterionOut]
    rounds: list[RoundOut]


@router.get(
    "/call",
    auth=None,
    throttle=public_throttle,
    response=CallOut,
    url_name="api-call",
    summary="Read the call",
)
def call(request: HttpRequest):
    """The call for letters of intent: its window, the portal's clock, limits, criteria.

    Needs no token. Texts are in the language that `Accept-Language` asks for.
    """
    only_in_address(request)
    the_call = Call.objects.current()
    if the_call is None:
        raise Http404
    criteria = Criterion.objects.filter(call=the_call)
    return published.facts(the_call, now=clock.now()) | {
        "criteria": [
            {
                "code": one.code,
                "name": str(one),
                "question": in_language(one.question),
                "weight": one.weight,
                "threshold": one.threshold,
            }
            for one in criteria
        ]
    }
