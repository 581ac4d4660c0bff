"""Who may decide, propose and release. Default deny; visibility lives in `visible_to`."""

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext as _

from accounts.states import Role, Seat
from decisions.querysets import conflicts_of
from decisions.states import PublicationState, Reader
from reviews.models import Assignment


def can(user, action: str, obj=None) -> bool:
    """Whether `user` may do `action`: see, read, decide, propose, preview, release, steer, answer.

    `see` asks about a round's publication or None, `read` and `decide` about a letter of intent or
    None, `release` about a publication: nobody releases what they proposed. `steer` is to propose
    an opening or a later cutoff of the call, `answer` asks about such a proposal.
    """
    if not (user.is_authenticated and user.is_active):
        return False
    match action:
        case "see":
            told = obj is not None and obj.state == PublicationState.RELEASED
            return _works_here(user) or (told and user.has_role(Role.AUDITOR))
        case "read":
            return _works_here(user) and not _in_conflict(user, obj)
        case "decide":
            return user.has_role(Role.CHAIR) and not _in_conflict(user, obj)
        case "propose" | "preview" | "steer":
            return user.has_role(Role.PUBLISHER)
        case "release" | "answer":
            return user.has_role(Role.PUBLISHER) and obj.proposed_by_id != user.pk
    return False


def admit(user, action: str, obj=None) -> None:
    """Let `user` pass, or raise what the door answers: Http404 to whom nothing is here,
    PermissionDenied to whom it is no secret that something is.
    """
    if can(user, action, obj):
        return
    if not _knows(user, action, obj):
        raise Http404
    if action == "release" and user.has_role(Role.PUBLISHER):
        raise PermissionDenied(_("You proposed this publication. Another publisher releases it."))
    if action == "answer" and user.has_role(Role.PUBLISHER):
        raise PermissionDenied(_("You proposed this. Another publisher approves it."))
    raise PermissionDenied


def refuse_download(user, *, released: bool) -> None:
    """Raise the answer to whoever asks for a decision letter that `visible_to` did not give.

    The operator knows that letters exist, the chair that they will, the auditor that they went
    out. A chair who still gets none after the release is in conflict with the letter.
    """
    if user.has_role(Role.OPERATOR):
        raise PermissionDenied
    if user.has_role(Role.AUDITOR) and released:
        raise PermissionDenied
    if user.has_role(Role.CHAIR) and not released:
        raise PermissionDenied
    raise Http404


def dossier_reader(user, letter) -> Reader:
    """As what `user`, who sees the letter, may have its dossier; PermissionDenied for the others.

    A seat in the letter's agency goes before every office: only for its authorised representative
    is there a dossier, and it is the agency's.
    """
    seat = user.seat_in(letter.agency_id)
    if seat is not None:
        if seat == Seat.REPRESENTATIVE:
            return Reader.AGENCY
        raise PermissionDenied(_("Only an authorised representative can have the dossier made."))
    if _in_conflict(user, letter):
        raise PermissionDenied(_("You have a conflict of interest with this letter."))
    if user.has_role(Role.AUDITOR):
        return Reader.AUDITOR
    if user.has_role(Role.CHAIR):
        return Reader.CHAIR
    raise PermissionDenied(_("The dossier is for the auditor, the chair and the agency itself."))


def has_dossier(user, letter) -> bool:
    """Whether to offer `user`, who sees the letter, its dossier."""
    try:
        dossier_reader(user, letter)
    except PermissionDenied:
        return False
    return True


def _works_here(user) -> bool:
    return user.has_role(Role.CHAIR) or user.has_role(Role.PUBLISHER)


def _knows(user, action, obj) -> bool:
    if not (user.is_authenticated and user.is_active):
        return False
    if action in ("steer", "answer"):
        return _knows_of_steering(user)
    if _works_here(user) or user.has_role(Role.OPERATOR):
        return True
    if user.has_role(Role.AUDITOR):
        return action in ("see", "read")
    # Reviewers know that what they assess will be decided, by somebody else.
    return (
        action == "decide"
        and obj is not None
        and Assignment.objects.active().filter(letter=obj, reviewer=user, counted=False).exists()
    )


def _knows_of_steering(user) -> bool:
    """A chair with an interest of his or her own in the call is told as little as an agency."""
    if user.has_role(Role.PUBLISHER) or user.has_role(Role.OPERATOR):
        return True
    return user.has_role(Role.CHAIR) and not (user.seats or conflicts_of(user).exists())


def _in_conflict(user, letter) -> bool:
    """A chair who may not judge a letter does not decide it either."""
    return letter is not None and conflicts_of(user).filter(letter=letter).exists()
