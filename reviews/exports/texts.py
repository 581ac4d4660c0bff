"""The filed reviews of a round with all their words, a line each."""

from django.utils.translation import gettext as _

from reviews.models import Criterion, Review
from reviews.sheets import sheet_of, total_of

_WORDS = (
    *("major_strengths", "strengths", "major_weaknesses", "weaknesses"),
    *("comment_to_applicant", "confidential_comment"),
)


def filed_reviews(user, call_round):
    """The round's filed reviews that `user` may see, by letter and then by reviewer."""
    reviews = Review.objects.visible_to(user).submitted().filter(assignment__round=call_round)
    return (
        reviews.select_related("assignment__letter", "assignment__reviewer")
        .prefetch_related("scores")
        .order_by("assignment__letter__reference", "assignment__reviewer__name", "pk")
    )


def table(user, call_round) -> tuple:
    """Letters that `user` is in conflict with are not among them."""
    criteria = list(Criterion.objects.filter(call=call_round.call_id))
    reviews = filed_reviews(user, call_round).iterator(chunk_size=200)
    return _header(criteria), (_row(review, criteria) for review in reviews)


def _header(criteria) -> list[str]:
    words = {
        "major_strengths": _("Major strengths"),
        "strengths": _("Minor strengths"),
        "major_weaknesses": _("Major weaknesses"),
        "weaknesses": _("Minor weaknesses"),
        "comment_to_applicant": _("Comment to the applicant"),
        "confidential_comment": _("Confidential comment to the panel"),
    }
    return [
        *(_("Reference"), _("Title"), _("Reviewer"), _("Filed, UTC"), _("Weighted total")),
        *(str(criterion) for criterion in criteria),
        *(_("Comment: %(criterion)s") % {"criterion": criterion} for criterion in criteria),
        *(words[name] for name in _WORDS),
        *(_("Recommendation"), _("Risk"), _("Confidence of the reviewer")),
    ]


def _row(review, criteria) -> list:
    letter = review.assignment.letter
    scores = [line["score"] for line in sheet_of(review, criteria)]
    return [
        letter.reference,
        letter.title,
        str(review.assignment.reviewer),
        review.submitted_at,
        total_of(review, criteria),
        *(_mark(score) for score in scores),
        *(score.comment if score else "" for score in scores),
        *(getattr(review, name) for name in _WORDS),
        review.get_recommendation_display(),
        review.get_risk_display(),
        review.get_confidence_display(),
    ]


def _mark(score):
    if score is None or (score.mark is None and not score.cannot_judge):
        return ""
    return _("cannot judge") if score.cannot_judge else score.mark
