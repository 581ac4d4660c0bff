"""What happened in one's own agency."""

from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.models import Agency
from proposals import happened

PAGE = 50


@require_safe
def of_agency(request, pk):
    """Every member reads it; for everybody else, the operator too, it is not there."""
    if request.user.seat_in(pk) is None:
        raise Http404
    agency = get_object_or_404(Agency.objects.visible_to(request.user), pk=pk)
    page = Paginator(happened.entries(agency), PAGE).get_page(request.GET.get("page"))
    context = {"agency": agency, "page_obj": page, "acts": happened.in_words(page, agency)}
    return render(request, "proposals/happened.html", context)
