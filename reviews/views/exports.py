"""The list of letters as a table: exactly what the list shows after its filters."""

from django.http import StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from chang_e8_portal import clock
from proposals.models import LetterOfIntent
from proposals.models.call import in_language
from reviews import tables
from reviews.actions import ensure_opened
from reviews.views import lists
from reviews.views.access import PanelPage
from reviews.views.letters import shown_letters

# Columns of the letter as they are called on the form.
_PLAIN = (
    *("mass_kg", "power_average_w", "power_peak_w", "data_mbit_per_day"),
    *("trl_now", "trl_delivery", "pi_name", "summary"),
)


class _Letters(PanelPage):
    action = "export"
    http_method_names = ("get",)

    def table(self, request):
        """The header and the rows, one at a time."""
        ensure_opened(self.call)
        rows, _asked = shown_letters(request, self.call)
        return _header(), (_row(letter, self.call) for letter in rows.iterator(chunk_size=200))

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


def _header() -> list[str]:
    return [
        _("Reference"),
        _("Title"),
        _("Title in Chinese"),
        _("Acronym"),
        _("Agency"),
        _("Agency in Chinese"),
        _("Country or region"),
        _("Cooperation level"),
        _("Project type"),
        _("Priority areas"),
        _("Objectives served"),
        *(str(LetterOfIntent._meta.get_field(name).verbose_name) for name in _PLAIN),
        _("Filed, UTC"),
        _("Screening"),
        _("Rule"),
        _("Reason"),
    ]


def _row(letter, call) -> list:
    screening = getattr(letter, "screening", None)
    return [
        letter.reference,
        letter.title,
        letter.title_zh,
        letter.acronym,
        letter.agency.name,
        letter.agency.name_zh,
        letter.agency.place,
        letter.get_level_display(),
        letter.get_project_type_display(),
        _words(letter.priorities, call.priorities),
        _words(letter.objectives, call.objectives),
        *(getattr(letter, name) for name in _PLAIN),
        letter.submitted_at,
        screening.get_outcome_display() if screening else _("Not screened yet"),
        screening.rule if screening else "",
        screening.reason if screening else "",
    ]


def _words(codes, items) -> str:
    names = {item["code"]: in_language(item) for item in items}
    return "; ".join(names.get(code, code) for code in codes)
