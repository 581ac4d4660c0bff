"""Every filed mark as a line, with its scale: what `import_reviews` and `calibrate` read.

The columns are those of `reviews.review_table`, in every language the same: programs read them.
"""

from reviews import scoring
from reviews.exports.filed import filed
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
    about = ("assignment__letter__reference", "assignment__reviewer", "confidence", "submitted_at")
    for values, given in filed(user, call_round, *about):
        reference, reviewer, confidence, submitted_at = values
        for pk, code in codes:
            mark = given[pk][0] if pk in given else None
            scale = (_LEAST, _MOST, 1)
            filed_at = submitted_at.isoformat()
            yield [
                call_round.call.code,
                reference,
                reviewer,
                code,
                mark,
                *scale,
                confidence,
                filed_at,
            ]
