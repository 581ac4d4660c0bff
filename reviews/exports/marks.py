"""Every filed mark as a line, with its scale: what `import_reviews` and `calibrate` read.

The columns are those of `reviews.review_table`, in every language the same: programs read them.
"""

from reviews import scoring
from reviews.exports.texts import filed_reviews
from reviews.models import Criterion

_LEAST, _MOST = scoring.HALF_MARKS[0], scoring.BEST
HEADER = [
    *("call", "proposal_id", "reviewer_id", "criterion"),
    *("score", "scale_min", "scale_max", "higher_is_better", "confidence", "submitted_at"),
]


def table(user, call_round) -> tuple:
    """Letters by reference, reviewers by id; an empty score is "cannot judge"."""
    codes = list(Criterion.objects.filter(call=call_round.call_id).values_list("pk", "code"))
    return HEADER, _rows(user, call_round, codes)


def _rows(user, call_round, codes):
    for review in filed_reviews(user, call_round).iterator(chunk_size=200):
        scores = {score.criterion_id: score for score in review.scores.all()}
        for pk, code in codes:
            score = scores.get(pk)
            yield [
                call_round.call.code,
                review.assignment.letter.reference,
                review.assignment.reviewer_id,
                code,
                score.mark if score else None,
                *(_LEAST, _MOST, 1),
                review.confidence,
                review.submitted_at.isoformat(),
            ]
