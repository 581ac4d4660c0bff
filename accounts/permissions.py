"""Who may do what to an agency, to its people, and to accounts. Default deny."""

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext as _

from accounts.states import Role, Seat


def can(user, action: str, agency=None) -> bool:
    """Whether `user` may do `action`: found, view, edit, see_members, invite, manage, leave."""
    if not (user.is_authenticated and user.is_active):
        return False
    if action == "found":
        # Whoever judges the call must not also answer it.
        return user.is_partner
    seat = user.seat_in(agency.pk)
    match action:
        case "view":
            return seat is not None or user.has_role(Role.OPERATOR)
        case "edit" | "see_members" | "invite":
            return seat == Seat.REPRESENTATIVE or user.has_role(Role.OPERATOR)
        case "manage":
            # Who speaks for an agency is its own affair: the operator closes accounts instead.
            return seat == Seat.REPRESENTATIVE
        case "leave":
            return seat is not None
    return False


def can_with_people(user, action: str, obj=None) -> bool:
    """Whether `user` may do `action` with accounts.

    `see` and `administer` ask about a person, `answer_publisher` about a proposal, which its author
    never answers; list, search, enrol, know_publishers, see_publishers and propose_publisher about
    nobody in particular.
    """
    if not (user.is_authenticated and user.is_active):
        return False
    match action:
        case "list" | "enrol" | "see":
            return user.has_role(Role.OPERATOR)
        case "search":
            return user.has_role(Role.OPERATOR) or user.has_role(Role.CHAIR)
        case "administer":
            # Nobody gives themselves a role, opens their own account or removes their own factor.
            return user.has_role(Role.OPERATOR) and obj.pk != user.pk
        case "see_publishers":
            return user.has_role(Role.OPERATOR) or user.has_role(Role.PUBLISHER)
        case "know_publishers":
            return any(user.has_role(role) for role in (Role.OPERATOR, Role.CHAIR, Role.PUBLISHER))
        case "propose_publisher":
            return user.has_role(Role.PUBLISHER)
        case "answer_publisher":
            return user.has_role(Role.PUBLISHER) and obj.proposed_by_id != user.pk
    return False


def admit_to_people(user, action: str, obj=None) -> None:
    """Let `user` pass, or raise what the door answers: Http404 to whom there is nobody to speak of,
    PermissionDenied to whom it is no secret that somebody is.
    """
    if can_with_people(user, action, obj):
        return
    if not _knows(user, action):
        raise Http404
    match action:
        case "list" | "enrol":
            raise PermissionDenied(_("Only the operator sees everybody who has an account."))
        case "search":
            raise PermissionDenied(
                _("Only the operator looks for people, and the chair for reviewers.")
            )
        case "administer" if user.pk == obj.pk:
            raise PermissionDenied(_("Nobody changes their own account here: another person does."))
        case "answer_publisher" if user.has_role(Role.PUBLISHER):
            raise PermissionDenied(_("You proposed this. Another publisher approves it."))
        case "propose_publisher" | "answer_publisher":
            raise PermissionDenied(_("Publishers are proposed and approved by publishers."))
    raise PermissionDenied(_("Only the operator changes accounts."))


def _knows(user, action) -> bool:
    """Whether it tells `user` nothing that there is such a page.

    Of whom a person may know at all says `known_to`: whoever came so far with a person knows them.
    """
    if action in ("list", "search", "enrol", "see", "administer"):
        return True
    # What publishers do among themselves is known to those who work beside them.
    return can_with_people(user, "know_publishers")
