"""No more reminders: reached from a mail, without logging in."""

from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_not_required
from django.http import Http404
from django.shortcuts import render
from django.utils import timezone, translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts.models import User
from chang_e8_portal import clock
from proposals import actions, reminders
from proposals.models import LetterOfIntent, ReminderMute


# The signed address is the permission: mail programs that unsubscribe by one POST (RFC 8058) have
# neither a session nor a token of our forms.
@csrf_exempt
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def mute(request, token):
    """A page with a button. Reading it changes nothing: mail scanners open every link."""
    letter, person = _named(token)
    if request.method == "POST":
        if request.POST.get("do") == "resume":
            actions.unmute_reminders(letter, person)
        else:
            actions.mute_reminders(letter, person, at=clock.now())
    context = {
        "letter": letter,
        "call": letter.call,
        "muted": ReminderMute.objects.filter(letter=letter, user=person).exists(),
        "done": request.method == "POST",
        "now": clock.now(),
    }
    with (
        translation.override(person.language),
        timezone.override(ZoneInfo(person.time_zone)),
    ):
        page = render(request, "proposals/reminders.html", context)
    page.headers["Content-Language"] = person.language
    return page


def _named(token):
    """The letter and the person; 404 for an address that is not ours, or of a deleted draft."""
    ids = reminders.named_in(token)
    if ids is None:
        raise Http404
    letter = LetterOfIntent.objects.select_related("call").filter(pk=ids[0]).first()
    person = User.objects.active().filter(pk=ids[1]).first()
    if letter is None or person is None:
        raise Http404
    return letter, person
