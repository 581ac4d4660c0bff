"""Where every page of a letter begins: what this person may see, may do, and may send."""

from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from accounts import step_up
from accounts.models import User
from accounts.states import Seat
from proposals import permissions
from proposals.models import LetterOfIntent
from proposals.states import RoundKind

# Sent along by every form of ours.
_MACHINERY = {"csrfmiddlewaretoken", "revision", "next", "add", "opened_by"} | step_up.FIELDS


def letter_for(request, pk, action="view") -> LetterOfIntent:
    """The letter, if this person may do `action` to it: 404 for a stranger, else 403."""
    visible = LetterOfIntent.objects.visible_to(request.user).select_related("call", "agency")
    letter = get_object_or_404(visible, pk=pk)
    ensure_may(request.user, action, letter)
    return letter


def fuller_for(request, pk, action="view"):
    """The letter and the round of its fuller proposal, as `letter_for`.

    404 unless the agency was told that the letter is on the shortlist and the round asks for
    fuller proposals: before that there is no such page, for anybody.
    """
    letter = letter_for(request, pk)
    call_round = letter.call.rounds.filter(
        kind=RoundKind.FINAL, proposals_due_at__isnull=False
    ).first()
    told = LetterOfIntent.objects.asked_for_more().filter(pk=letter.pk)
    if call_round is None or not told.exists():
        raise Http404
    call_round.call = letter.call
    ensure_may(request.user, action, letter)
    return letter, call_round


def ensure_may(user, action, letter) -> None:
    """Raise PermissionDenied with the reason if this person may not do `action` to the letter."""
    if not permissions.can(user, action, letter):
        raise PermissionDenied(_why_not(action, letter, user))


def only_expected(posted, names, *, repeatable=()) -> None:
    """Raise BadRequest if a form holds names it does not have, or one name with two values.

    A field nobody offered is not passed over in silence: whoever sends `state` or `submitted_at`
    must not believe that it worked.
    """
    for name, values in posted.lists():
        if name not in names and name not in _MACHINERY:
            raise BadRequest(f"unexpected field: {name!r}")
        if name not in repeatable and len(set(values)) > 1:
            raise BadRequest(f"several values for {name!r}")


def _why_not(action, letter, user) -> str:
    if user.seat_in(letter.agency_id) is None:
        return _("Only people of the agency that wrote this letter may do this.")
    if action in ("submit", "withdraw", "delete"):
        sentence = {
            "submit": _("Only an authorised representative of %(agency)s can submit it: %(who)s."),
            "withdraw": _(
                "Only an authorised representative of %(agency)s can withdraw it: %(who)s."
            ),
            "delete": _("Only an authorised representative of %(agency)s can delete it: %(who)s."),
        }[action]
        who = "; ".join(map(str, representatives(letter))) or _("nobody yet")
        return sentence % {"agency": letter.agency.name, "who": who}
    return _("You can read this letter. Editors and authorised representatives can change it.")


def representatives(letter):
    """Who can submit this letter, for colleagues who cannot."""
    return User.objects.active().filter(
        memberships__agency=letter.agency_id, memberships__seat=Seat.REPRESENTATIVE
    )
