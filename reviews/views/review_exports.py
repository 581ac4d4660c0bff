"""The filed reviews of a round as a table for the chair: a line a review, with all its words."""

from django.http import HttpResponse, StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from chang_e8_portal import clock
from reviews import tables
from reviews.models import Criterion, Review
from reviews.views import lists
from reviews.views.access import PanelPage
from reviews.views.sheets import sheet_of, total_of

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_WORDS = (
    *("major_strengths", "strengths", "major_weaknesses", "weaknesses"),
    *("comment_to_applicant", "confidential_comment"),
)


class _Reviews(PanelPage):
    action = "export"
    http_method_names = ("get",)

    def table(self, slug):
        """The header and the rows; letters the chair is in conflict with are not among them."""
        call_round = self.round_of(slug)
        criteria = list(Criterion.objects.filter(call=self.call))
        reviews = (
            Review.objects.visible_to(self.request.user)
            .submitted()
            .filter(assignment__round=call_round)
            .select_related("assignment__letter", "assignment__reviewer")
            .prefetch_related("scores")
            .order_by("assignment__letter__reference", "assignment__reviewer__name", "pk")
        )
        rows = (_row(review, criteria) for review in reviews.iterator(chunk_size=200))
        return _header(criteria), rows

    def name(self, slug, ending) -> str:
        return f"reviews-{slug}-{timezone.localtime(clock.now()):%Y%m%d-%H%M}.{ending}"


class ReviewsCsv(_Reviews):
    def get(self, request, slug):
        answer = StreamingHttpResponse(
            tables.csv_lines(*self.table(slug)), content_type="text/csv; charset=utf-8"
        )
        answer["Content-Disposition"] = f'attachment; filename="{self.name(slug, "csv")}"'
        return lists.kept_private(answer)


class ReviewsXlsx(_Reviews):
    def get(self, request, slug):
        book = tables.workbook(_("Reviews"), *self.table(slug))
        answer = HttpResponse(book, content_type=_XLSX)
        answer["Content-Disposition"] = f'attachment; filename="{self.name(slug, "xlsx")}"'
        return lists.kept_private(answer)


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
