"""The filed reviews of a round as tables for the chair: with all words, or a line a mark."""

from django.http import StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from chang_e8_portal import clock
from reviews import tables
from reviews.exports import marks, texts
from reviews.views import lists
from reviews.views.access import PanelPage


class _Reviews(PanelPage):
    action = "export"
    http_method_names = ("get",)
    # What is taken along, and how its file is called.
    source, stem = texts, "reviews"

    def table(self, slug):
        """The header and the rows; letters the chair is in conflict with are not among them."""
        return self.source.table(self.request.user, self.round_of(slug))

    def name(self, slug, ending) -> str:
        return f"{self.stem}-{slug}-{timezone.localtime(clock.now()):%Y%m%d-%H%M}.{ending}"


class ReviewsCsv(_Reviews):
    def get(self, request, slug):
        answer = StreamingHttpResponse(
            tables.csv_lines(*self.table(slug)), content_type="text/csv; charset=utf-8"
        )
        answer["Content-Disposition"] = f'attachment; filename="{self.name(slug, "csv")}"'
        return lists.kept_private(answer)


class ReviewsXlsx(_Reviews):
    def get(self, request, slug):
        return lists.as_xlsx(self.name(slug, "xlsx"), _("Reviews"), *self.table(slug))


class MarksCsv(ReviewsCsv):
    """What other programs read: see `reviews.exports.marks`."""

    source, stem = marks, "marks"


class MarksXlsx(ReviewsXlsx):
    source, stem = marks, "marks"
