"""The list of letters as a table: exactly what the list shows after its filters."""

from django.http import StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from chang_e8_portal import clock
from reviews import tables
from reviews.actions import ensure_opened
from reviews.exports import letters
from reviews.views import lists
from reviews.views.access import PanelPage
from reviews.views.letters import shown_letters


class _Letters(PanelPage):
    action = "export"
    http_method_names = ("get",)

    def table(self, request):
        """The header and the rows, one at a time."""
        ensure_opened(self.call)
        rows, _asked = shown_letters(request, self.call)
        return letters.table(rows, self.call)

    def name(self, ending) -> str:
        day = timezone.localtime(clock.now())
        return f"letters-{self.call.code if self.call else 'none'}-{day:%Y%m%d-%H%M}.{ending}"


class LettersCsv(_Letters):
    def get(self, request):
        header, rows = self.table(request)
        answer = StreamingHttpResponse(
            tables.csv_lines(header, rows), content_type="text/csv; charset=utf-8"
        )
        answer["Content-Disposition"] = f'attachment; filename="{self.name("csv")}"'
        return lists.kept_private(answer)


class LettersXlsx(_Letters):
    def get(self, request):
        header, rows = self.table(request)
        return lists.as_xlsx(self.name("xlsx"), _("Letters of intent"), header, rows)
