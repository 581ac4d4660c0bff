"""One's own reviews: the conflict question, the letter, the working copy, and filing it."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Router

from accounts import paging
from accounts.bodies import only_in_address, read_object, refuse_any
from accounts.preconditions import as_id, idempotency_key_in, revision_in, stamp
from accounts.problems import Problem
from chang_e8_portal import clock
from reviews import actions, own_letters, permissions
from reviews.api import writing, written
from reviews.api.schemas import (
    ConflictIn,
    ConflictOut,
    ReviewIn,
    ReviewOut,
    ReviewPage,
    ReviewRead,
)
from reviews.letter_files import file_response
from reviews.models import Assignment, ConflictCheck, Criterion, Ranking, Review

router = Router(tags=["Reviews"])


@router.get(
    "/reviews",
    response=ReviewPage,
    url_name="reviews",
    summary="List your reviews",
    openapi_extra={"query": ["page", "page_size"]},
)
def index(request: HttpRequest):
    """The letters you were given, in an order that is your own, with what is left to do.

    A page or a size beyond what there is gives the nearest one.
    """
    _only_reviewers(request)
    only_in_address(request, "page", "page_size")
    own = Assignment.objects.active().own_of(request.user)
    # All of them, to be put in order: a reviewer has tens of letters, not thousands.
    rows = sorted(own.for_list().with_answers(request.user), key=lambda row: row.own_order)
    page = paging.page_of(request, rows)
    frozen = set(Ranking.objects.values_list("round", flat=True))
    at = clock.now()
    return paging.of(page, lambda row: written.head(row, at=at, frozen=frozen))


@router.put(
    "/reviews/{review_id}/conflict",
    response=ConflictOut,
    summary="Answer the conflict question",
    openapi_extra={"body": ConflictIn},
)
def answer_conflict(request: HttpRequest, review_id: str):
    """Say whether you have a conflict of interest with the letter, before its text opens.

    A conflict ends the assignment at once and whatever was written of the review, and only the
    chair removes it. The confidentiality pledge is accepted on the portal: 409 `pledge` before. In
    a double-anonymous call the questions are asked by name, on the portal alone: 409 `by_name`.
    """
    _only_reviewers(request)
    rows = Assignment.objects.own_of(request.user)
    assignment = rows.filter(pk=as_id(review_id)).first()
    check = assignment and _check(request.user, assignment)
    if check is None:
        raise Http404
    if ConflictCheck.objects.filter(pk=check.pk).nameless().exists():
        raise actions.Refused(
            _("Whose letter this is stays hidden. Answer by name on the portal."), code="by_name"
        )
    sent = read_object(request, known=writing.CONFLICT_ANSWER)
    answers = writing.answer_in(sent, check)
    actions.answer_conflicts(request.user, answers, at=clock.now())
    return written.conflict(_check(request.user, assignment))


@router.get(
    "/reviews/{review_id}",
    response=ReviewRead,
    url_name="review",
    summary="Read a review and its letter",
    openapi_extra={"refuses": [409]},
)
def read(request: HttpRequest, response: HttpResponse, review_id: str):
    """The letter as it was filed beside your working copy, with its revision as `ETag`.

    Before the conflict question is answered: 409 `conflict`, and nothing of the letter.
    """
    _only_reviewers(request)
    only_in_address(request)
    assignment = _to_read(request, review_id)
    actions.open_text(assignment, at=clock.now())
    told = _whole(response, assignment)
    return told | {"filed": written.filed(assignment)}


@router.get(
    "/reviews/{review_id}/files/{kind}",
    url_name="review-file",
    summary="Download a file of the letter",
    openapi_extra={"downloads": True},
)
def download(request: HttpRequest, review_id: str, kind: str):
    """A file that the agency filed, once the scanner has nothing against it."""
    _only_reviewers(request)
    only_in_address(request)
    assignment = _to_read(request, review_id)
    actions.open_text(assignment, at=clock.now())
    response = file_response(
        request,
        assignment.letter,
        kind,
        with_fuller=assignment.round.is_final,
        nameless=assignment.is_nameless,
    )
    if response.status_code == 503:
        raise Problem(
            503,
            "try_again",
            _("The portal cannot read this file right now. Please try again in a moment."),
            headers={"Retry-After": "10"},
        )
    return response


@router.put(
    "/reviews/{review_id}",
    response=ReviewOut,
    summary="Write a review",
    openapi_extra={"body": ReviewIn, "headers": ["If-Match"]},
)
def save(request: HttpRequest, response: HttpResponse, review_id: str):
    """Write the answers you send, all of them or none; the others stay as they are.

    `If-Match` names the revision you have seen, `"0"` before the first save. If it was saved
    elsewhere meanwhile nothing is stored, and you are handed the review as it is now. Nothing
    counts before it is submitted.
    """
    _only_reviewers(request)
    assignment = _to_read(request, review_id)
    _refuse_closed(assignment)
    review = _review(assignment)
    actions.ensure_draft(review)
    revision = revision_in(request)
    sent = read_object(request, known=writing.ANSWERS)
    changes, scores = writing.review_in(
        sent, review, _criteria(assignment), nameless=assignment.is_nameless
    )
    try:
        actions.save_review(
            assignment, changes=changes, scores=scores, revision=revision, actor=request.user
        )
    except actions.Stale:
        raise _stale(assignment) from None
    return _whole(response, assignment)


@router.post(
    "/reviews/{review_id}/submit",
    response=ReviewOut,
    summary="Submit a review",
    openapi_extra={"headers": ["Idempotency-Key", "If-Match?"]},
)
def submit(request: HttpRequest, response: HttpResponse, review_id: str):
    """File the working copy: from then on it counts.

    422 `incomplete` names what is missing. The same `Idempotency-Key` again files nothing, and
    answers with the review as it is now, after its due date as well. With `If-Match`, only what
    you have read is filed.
    """
    _only_reviewers(request)
    assignment = _to_read(request, review_id)
    key = idempotency_key_in(request)
    refuse_any(request)
    revision = revision_in(request) if "If-Match" in request.headers else None
    review = _review(assignment)
    if review is None:
        _refuse_closed(assignment)
        raise _incomplete({"scores": _("Nothing is saved of this review.")})
    try:
        actions.submit_review(review, actor=request.user, key=key, revision=revision)
    except actions.Unfinished as unfinished:
        raise _incomplete(unfinished.fields) from None
    except actions.Stale:
        raise _stale(assignment) from None
    return _whole(response, assignment)


@router.post("/reviews/{review_id}/reopen", response=ReviewOut, summary="Reopen a review")
def reopen(request: HttpRequest, response: HttpResponse, review_id: str):
    """Take a submitted review back to correct it, until the due date or the freeze.

    It does not count until you submit it anew; a mark that then differs needs `change_reason`.
    """
    _only_reviewers(request)
    assignment = _to_read(request, review_id)
    refuse_any(request)
    review = Review.objects.visible_to(request.user).filter(assignment=assignment).first()
    if review is None:
        raise Http404
    actions.reopen_review(review, actor=request.user)
    return _whole(response, assignment)


def _only_reviewers(request):
    if not permissions.can(request.user, "declare"):
        raise Http404


def _to_read(request, review_id) -> Assignment:
    rows = Assignment.objects.for_list()
    return own_letters.find_to_read(request.user, as_id(review_id), rows)


def _check(user, assignment) -> ConflictCheck | None:
    checks = ConflictCheck.objects.filter(reviewer=user, letter=assignment.letter_id)
    return checks.select_related("letter").first()


def _refuse_closed(assignment):
    if refusal := actions.closed_because(assignment, at=clock.now()):
        raise refusal


def _review(assignment) -> Review | None:
    about = ("assignment__letter", "assignment__round")
    found = Review.objects.filter(assignment=assignment).select_related(*about)
    return found.prefetch_related("scores").first()


def _criteria(assignment) -> list[Criterion]:
    return list(Criterion.objects.filter(call=assignment.letter.call_id))


def _told(assignment) -> dict:
    return written.whole(assignment, _review(assignment), _criteria(assignment), at=clock.now())


def _whole(response, assignment) -> dict:
    """The working copy as it is now, which the answer's `ETag` says, too."""
    told = _told(assignment)
    stamp(response, told["revision"])
    return told


def _stale(assignment) -> Problem:
    told = _told(assignment)
    return written.stale(told, told["revision"])


def _incomplete(fields) -> Problem:
    return Problem(
        422,
        "incomplete",
        _("Some answers are still missing."),
        fields={written.path_of(name): [sentence] for name, sentence in fields.items()},
    )
