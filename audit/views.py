import csv
import json
from datetime import UTC
from uuid import UUID

from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponseNotAllowed, StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from audit import chain, permissions
from audit.forms import SearchForm
from audit.models import Anchor, Entry

PAGE = 50
COLUMNS = ("seq", "at", "action", "subject", "actor", "data", "prev_hash", "hash", "salt")


def log(request):
    """The whole record, to be searched and read."""
    if refusal := _admit(request):
        return refusal
    form, entries = _search(request)
    page = Paginator(entries, PAGE).get_page(request.GET.get("page"))
    names = _names({entry.actor for entry in page})
    for entry in page:
        entry.actor_name = names.get(entry.actor, "")
        entry.details = json.dumps(entry.data, ensure_ascii=False) if entry.data else ""
    context = {
        "form": form,
        "page_obj": page,
        "newest": Entry.objects.order_by("-seq").first(),
        "letter_id": _letter_in(request.GET.get("subject", "")),
    }
    return render(request, "audit/log.html", context, status=200 if form.is_valid() else 422)


def verify(request):
    """Walk the whole chain now and say whether it holds."""
    if refusal := _admit(request):
        return refusal
    return render(request, "audit/verify.html", {"verdict": chain.verify()})


def export(request):
    """The entries of a search, in its order, as a table."""
    if refusal := _admit(request):
        return refusal
    form, entries = _search(request)
    if not form.is_valid():
        return render(request, "audit/log.html", {"form": form}, status=422)
    response = StreamingHttpResponse(_lines(entries), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="audit.csv"'
    return response


@login_not_required
@require_safe
def heads(request):
    """Every head that was made known, for everybody to keep a copy: time in UTC, and the hash.

    Without its number: how many entries there are by an hour would tell what happens in it.
    """
    response = StreamingHttpResponse(_known(), content_type="text/plain; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="heads.txt"'
    return response


def _known():
    for anchor in Anchor.objects.iterator(chunk_size=2000):
        yield f"{anchor.at.astimezone(UTC).isoformat(timespec='seconds')} {anchor.hash}\n"


def _admit(request):
    """Let the auditor in: 404 for whoever need not know, 403 for staff, 405 for any writing."""
    if not permissions.can(request.user, "know"):
        raise Http404
    if not permissions.can(request.user, "read"):
        raise PermissionDenied(_("Only the auditor reads the audit record."))
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET", "HEAD"])
    return None


def _search(request):
    form = SearchForm(request.GET)
    entries = Entry.objects.visible_to(request.user)
    return form, form.narrow(entries) if form.is_valid() else entries.none()


def _letter_in(subject) -> UUID | None:
    """The letter that a search is about, whose dossier can be had; None for any other search."""
    kind, _colon, found = subject.partition(":")
    return UUID(found) if kind == "letter" and _is_uuid(found) else None


def _names(actors) -> dict[str, str]:
    """Names of the people among `actors`, by id as text.

    Asked of Django, not of the room where people live: this room lies below it.
    """
    ids = {actor for actor in actors if _is_uuid(actor)}
    people = get_user_model().objects.filter(pk__in=ids) if ids else ()
    return {str(person.pk): str(person) for person in people}


def _is_uuid(text) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _lines(entries):
    writer = csv.writer(_Echo())
    # Excel takes a file without this mark for one in the machine's old encoding.
    yield "\ufeff" + writer.writerow(COLUMNS)
    for entry in entries.iterator(chunk_size=2000):
        values = {name: getattr(entry, name) for name in COLUMNS}
        values["at"] = entry.at.isoformat()
        values["data"] = json.dumps(entry.data, ensure_ascii=False) if entry.data else ""
        yield writer.writerow(_plain(str(value)) for value in values.values())


def _plain(text) -> str:
    """A cell that a spreadsheet shows and does not calculate (OWASP, CSV injection)."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


class _Echo:
    """A file for csv.writer that hands each line back instead of keeping it."""

    def write(self, line):
        return line
