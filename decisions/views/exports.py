"""A round's decisions as a file to take along."""

from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from chang_e8_portal import clock
from decisions import exports, rounds
from decisions.permissions import admit
from reviews import tables

_KINDS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@require_GET
def decisions(request, kind, ending):
    """Every decision of the round that the reader may see, with its words."""
    call_round = rounds.round_at(kind)
    admit(request.user, "see", call_round and rounds.latest_publication(call_round))
    if call_round is None:
        raise Http404
    header, rows = exports.table(request.user, call_round)
    if ending == "csv":
        answer = StreamingHttpResponse(tables.csv_lines(header, rows), content_type=_KINDS["csv"])
    else:
        book = tables.workbook(_("Decisions"), header, rows)
        answer = HttpResponse(book, content_type=_KINDS["xlsx"])
    day = timezone.localtime(clock.now())
    name = f"decisions-{call_round.kind.lower()}-{day:%Y%m%d-%H%M}.{ending}"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer
