"""Pages that exist in the demo alone: who is who, the mailbox, and travelling in time."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from chang_e8_portal import clock
from chang_e8_portal.demo import bar, content, mailbox, story, tasks, world
from proposals.models import Call

# Each is shown with its whole text.
MAILS_A_PAGE = 20


@login_not_required
@require_safe
def guide(request):
    """The demo's people, their one password, and what can be tried in each phase."""
    people = User.objects.order_by("roles", "email").prefetch_related("memberships__agency")
    atlantis = [p for p in people if p.email.endswith("@atlantis.example.org")]
    staff = [p for p in people if p.roles and p.roles != ["REVIEWER"]]
    reviewers = [p for p in people if p.roles == ["REVIEWER"]]
    return render(
        request,
        "demo/guide.html",
        {
            "password": content.DEMO_PASSWORD,
            "atlantis": atlantis,
            "merged": [p for p in people if p.email in content.people_of_the_merger()],
            "staff": staff,
            "idle_reviewers": reviewers[: story.IDLE_REVIEWERS],
            "reviewers": reviewers[story.IDLE_REVIEWERS : story.IDLE_REVIEWERS + 3],
        },
    )


@login_not_required
@require_safe
def mail(request):
    """What arrived in everybody's mailbox."""
    to = request.GET.get("to", "").replace("\x00", "")[:100]
    page = Paginator(mailbox.mails(to=to), MAILS_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "demo/mail.html", {"page": page, "to": to})


@login_not_required
@require_POST
def travel(request):
    """Move the clock by a step, or have a worker bring the whole world to a phase."""
    if world.destination():
        messages.info(request, _("The demo is already travelling. One moment."))
    elif request.POST.get("phase") in story.PHASES:
        phase = request.POST["phase"]
        if world.set_out(phase):
            tasks.travel.delay(phase=phase)
    elif request.POST.get("step") in (*bar.STEPS, "cutoff"):
        _step(request, request.POST["step"])
    else:
        return HttpResponseBadRequest("400 Bad Request: no such phase or step\n")
    back = request.POST.get("next", "/")
    safe = url_has_allowed_host_and_scheme(back, {request.get_host()})
    return redirect(back if safe else "/")


@login_not_required
@require_safe
def progress(request):
    """Asked by the bar while the world travels; tells the page to reload once it has arrived."""
    if world.destination():
        facts = bar.facts(request.GET.get("next", "/"))
        return render(request, "demo/travelling.html", {"demo_bar": facts})
    return HttpResponse(headers={"HX-Refresh": "true"})


def _step(request, step):
    if step in bar.STEPS:
        clock.travel_to(clock.now() + bar.STEPS[step])
        return
    call = Call.objects.current()
    if call and clock.now() < call.closes_at:
        clock.travel_to(call.closes_at - bar.BEFORE_CUTOFF)
    else:
        messages.info(request, _("The cutoff has passed. Travel back to intake to try it again."))
