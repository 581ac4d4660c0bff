"""The panel's work: who reads what, and where the letters stand."""

from django.db.models import F
from django.http import Http404, HttpRequest
from ninja import Router

from accounts import paging
from accounts.bodies import only_in_address
from accounts.preconditions import as_id
from reviews import permissions, rounds, scoreboards
from reviews.api import written
from reviews.api.schemas import AssignmentPage, RankingOut
from reviews.grounds import grounds
from reviews.models import Assignment, ScoreboardLine
from reviews.panel_letters import find_letter

router = Router(tags=["Panel"])


@router.get(
    "/panel/assignments",
    response=AssignmentPage,
    summary="List who reads what",
    openapi_extra={"query": ["round", "call", "letter", "page", "page_size"]},
)
def assignments(request: HttpRequest):
    """Active assignments of a round, for the chair and the auditor.

    Letters with which you have a conflict of interest are not among them; to ask about one by
    its id is 403.
    """
    permissions.admit(request.user, "see_assignments")
    only_in_address(request, "round", "call", "letter", "page", "page_size")
    call = _call_in(request)
    call_round = _round_in(request, call)
    seen = Assignment.objects.visible_to(request.user).active().filter(round=call_round)
    rows = permissions.presided_by(request.user, seen, letter="letter")
    if "letter" in request.GET:
        rows = rows.filter(letter=find_letter(request.user, call, as_id(request.GET["letter"])))
    rows = rows.for_list().order_by("letter__reference", "reviewer__name", "pk")
    page = paging.page_of(request, rows)
    return {"round": call_round.kind, **paging.of(page, written.assignment)}


@router.get(
    "/panel/ranking",
    response=RankingOut,
    summary="Read the ranking",
    openapi_extra={"query": ["round", "call", "page", "page_size"]},
)
def ranking(request: HttpRequest):
    """Where a round's letters stand: for the chair, and for publishers once it is frozen.

    Totals as scored stand beside those with severity removed; the order is that of the first.
    Whoever has a conflict with a letter gets every figure as if that letter were not there.
    """
    permissions.admit(request.user, "see_ranking")
    only_in_address(request, "round", "call", "page", "page_size")
    call_round = _round_in(request, _call_in(request))
    frozen = grounds(call_round).ranking
    permissions.admit_to_ranking(request.user, frozen)
    board = scoreboards.board_of(request.user, call_round)
    lines = ScoreboardLine.objects.filter(board=board).visible_to(request.user)
    order = F("position").asc(nulls_last=True)
    page = paging.page_of(request, lines.for_list().order_by(order, "letter__reference"))
    return {
        "round": call_round.kind,
        "frozen_at": frozen.frozen_at if frozen else None,
        "made_at": board.made_at if board else None,
        **paging.of(page, written.ranked),
    }


def _call_in(request):
    """The call that the address names, or the one that opened last; None if there is none."""
    return rounds.call_of(request.GET.get("call", ""))


def _round_in(request, call):
    """The round that the address names, or the last one that letters have entered; or 404."""
    word = request.GET.get("round")
    found = rounds.latest(call) if word is None else rounds.named(call, word)
    if found is None:
        raise Http404
    return found
