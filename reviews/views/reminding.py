from django.contrib import messages
from django.utils.translation import ngettext

from accounts.refusal import Refused
from chang_e8_portal import clock


def remind(request, act, call_round) -> None:
    """Do one of the actions of `reviews.actions.reminding`, and say what came of it."""
    try:
        count = act(call_round, actor=request.user, at=clock.now())
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        text = ngettext("%(count)s person is reminded.", "%(count)s people are reminded.", count)
        messages.success(request, text % {"count": count})
