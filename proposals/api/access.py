"""Where every call about a letter begins: what this person may see and may do."""

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext as _

from accounts.preconditions import as_id
from proposals import permissions
from proposals.models import LetterOfIntent


def letter_for(request, letter_id, action="view") -> LetterOfIntent:
    """The letter, if this person may do `action` to it: 404 for a stranger, else 403."""
    letters = LetterOfIntent.objects.visible_to(request.user).select_related("call", "agency")
    letter = letters.filter(pk=as_id(letter_id)).first()
    if letter is None:
        raise Http404
    if not permissions.can(request.user, action, letter):
        if request.user.seat_in(letter.agency_id) is None:
            raise PermissionDenied(
                _("Only people of the agency that wrote this letter may do this.")
            )
        raise PermissionDenied(_("Your seat in the agency does not allow this."))
    return letter
