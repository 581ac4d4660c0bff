"""Who may do what to an agency and its people. Default deny."""

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
