"""What every list of the panel does alike: search, filter, sort and pages, all in the address."""

import functools
import operator
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpResponse

from reviews import tables

PER_PAGE = 25
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_OF_LETTER = ("reference", "title", "title_zh", "acronym")
_OF_AGENCY = ("agency__name", "agency__name_zh")


@dataclass(frozen=True)
class Select:
    """One filter of a list: its name in the address, its label, what may be chosen."""

    name: str
    label: str
    choices: Sequence


def chosen(request, filters: Sequence[Select]) -> dict:
    """The filters of the address: each name with its value, or "" where the value is unknown."""
    values = {}
    for select in filters:
        value = request.GET.get(select.name, "")
        known = {str(key) for key, _label in select.choices}
        values[select.name] = value if value in known else ""
    return values


def search_of(request) -> str:
    return request.GET.get("q", "").replace("\x00", "").strip()[:100]


def about_letters(words: str, prefix: str = "", *, nameless: Q | None = None) -> Q:
    """Letters whose reference, title or agency contain every word.

    Of rows that are `nameless` the agency is not looked at: what a search finds tells as well.
    """
    found = Q()
    for word in words.split()[:10]:
        texts, agencies = (
            functools.reduce(
                operator.or_, (Q(**{f"{prefix}{name}__icontains": word}) for name in names)
            )
            for names in (_OF_LETTER, _OF_AGENCY)
        )
        found &= texts | (agencies if nameless is None else agencies & ~nameless)
    return found


def about_people(words: str, prefix: str = "") -> Q:
    """People whose name contains every word."""
    found = Q()
    for word in words.split()[:10]:
        found &= Q(**{f"{prefix}name__icontains": word})
    return found


def uuids(texts) -> set:
    """The ids among what a form posted, each once; 404 for anything that is none."""
    try:
        return {uuid.UUID(text) for text in texts}
    except ValueError:
        raise Http404 from None


def sort_of(request, sorts, default: str) -> str:
    """The order in the address if it is one of `sorts`, upward or "-" downward."""
    wanted = request.GET.get("sort", "")
    return wanted if wanted.removeprefix("-") in sorts else default


def order(rows, sorts: dict, sort: str):
    """A queryset in the order named by the address; `sorts` maps names to columns."""
    down = sort.startswith("-")
    columns = sorts[sort.removeprefix("-")]
    return rows.order_by(*(f"-{column}" if down else column for column in columns), "pk")


def page_of(request, rows, per_page: int = PER_PAGE):
    """The page the address asks for; a number out of range is the nearest one."""
    return Paginator(rows, per_page).get_page(request.GET.get("page"))


def as_csv(name: str, header, rows) -> HttpResponse:
    """A table as a download that every spreadsheet opens, with nothing in it that would run."""
    table = b"".join(tables.csv_lines(header, rows))
    response = HttpResponse(table, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return kept_private(response)


def as_xlsx(name: str, title: str, header, rows) -> HttpResponse:
    """A table as a workbook; the same cells as in CSV, and none of them runs."""
    response = HttpResponse(tables.workbook(title, header, rows), content_type=_XLSX)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return kept_private(response)


def as_file(stem: str, ending: str, title: str, header, rows) -> HttpResponse:
    """A table as a download of the kind that `ending` says, "csv" or "xlsx"."""
    if ending == "xlsx":
        return as_xlsx(f"{stem}.xlsx", title, header, rows)
    return as_csv(f"{stem}.csv", header, rows)


def kept_private(response):
    """A download that no browser guesses at and no proxy keeps."""
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
