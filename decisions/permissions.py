"""Who may decide, propose and release. Default deny; visibility lives in `visible_to`."""

from accounts.states import Role


def can(user, action: str, obj=None) -> bool:
    """Whether `user` may do `action`: see (the room), decide, propose, preview, release.

    `release` asks about a publication: nobody releases what they proposed.
    """
    if not (user.is_authenticated and user.is_active):
        return False
    match action:
        case "see":
            return user.has_role(Role.CHAIR) or user.has_role(Role.PUBLISHER)
        case "decide":
            return user.has_role(Role.CHAIR)
        case "propose" | "preview":
            return user.has_role(Role.PUBLISHER)
        case "release":
            return user.has_role(Role.PUBLISHER) and obj.proposed_by_id != user.pk
    return False
