"""The filed reviews of a round with all their words, a line each."""

from django.utils.translation import gettext as _

from reviews import scoring
from reviews.exports.filed import filed
from reviews.models import Criterion
from reviews.states import Degree, Recognised, Recommendation

_WORDS = (
    *("major_strengths", "strengths", "major_weaknesses", "weaknesses"),
    *("comment_to_applicant", "confidential_comment"),
)


def table(user, call_round) -> tuple:
    """Letters that `user` is in conflict with are not among them."""
    criteria = list(Criterion.objects.filter(call=call_round.call_id))
    return _header(criteria), _rows(user, call_round, criteria)


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
        _("Did she or he recognise the team?"),
    ]


def _rows(user, call_round, criteria):
    weights = {criterion.pk: criterion.weight for criterion in criteria}
    recommendations = {value: str(label) for value, label in Recommendation.choices}
    degrees = {value: str(label) for value, label in Degree.choices}
    known = {value: str(label) for value, label in Recognised.choices}
    cannot_judge, nothing = _("cannot judge"), (None, False, "")
    people = ("assignment__reviewer__name", "assignment__reviewer__email")
    head = ("assignment__letter__reference", "assignment__letter__title", *people, "submitted_at")
    ends = ("recommendation", "risk", "confidence", "recognised")
    for values, given in filed(user, call_round, *head, *ends, *_WORDS):
        reference, title, name, email, submitted_at, *chosen = values[:9]
        recommendation, risk, confidence, recognised = chosen
        marked = [given.get(pk, nothing) for pk in weights]
        marks = {pk: mark for pk, (mark, _cannot, _comment) in given.items()}
        yield [
            reference,
            title,
            name or email,
            submitted_at,
            scoring.weighted_total(marks, weights),
            *(cannot_judge if cannot else mark for mark, cannot, _comment in marked),
            *(comment for _mark, _cannot, comment in marked),
            *values[9:],
            recommendations.get(recommendation, recommendation),
            degrees.get(risk, risk),
            degrees.get(confidence, confidence),
            known.get(recognised, recognised),
        ]
