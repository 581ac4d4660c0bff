"""The secret address for one's own calendar: made, made anew, revoked."""

from django.conf import settings
from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import actions
from accounts.models import CalendarAddress
from chang_e8_portal import clock


@require_http_methods(["GET", "HEAD", "POST"])
def address(request):
    """A new address is shown in this very answer and never again."""
    context, status = {}, 200
    if request.method == "POST":
        if request.POST.get("do") == "revoke":
            actions.revoke_calendar_address(request.user, at=clock.now())
            messages.success(request, _("The address no longer leads anywhere."))
            return redirect("accounts:calendar")
        secret = actions.make_calendar_address(request.user, at=clock.now())
        # The feed is put together by the wiring, of every room's dates; its name is known here.
        context["address"] = settings.BASE_URL + reverse("calendar_feed", args=[secret])
        status = 201
    context["made"] = CalendarAddress.objects.filter(user=request.user).first()
    return render(request, "accounts/calendar.html", context, status=status)
