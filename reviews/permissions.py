"""Who may do what in the panel's rooms. Default deny; visibility lives in `visible_to`."""

from accounts.states import Role


def can(user, action: str, obj=None) -> bool:
    """Whether `user` may do `action`.

    For the chair: panel (the pages of /panel/), assign, waive, freeze, see_scores. For reviewers:
    declare (conflicts), and on a review of one's own: read, save, submit, reopen.
    """
    if not (user.is_authenticated and user.is_active):
        return False
    match action:
        case "panel" | "assign" | "waive" | "freeze" | "see_scores" | "extend":
            return user.has_role(Role.CHAIR)
        case "declare":
            return user.has_role(Role.REVIEWER)
        case "read" | "save" | "submit" | "reopen":
            return user.has_role(Role.REVIEWER) and obj.assignment.reviewer_id == user.pk
    return False
