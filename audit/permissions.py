"""Who may know of the audit record, and who may read it. Default deny."""

_STAFF = ("AUDITOR", "CHAIR", "PUBLISHER", "OPERATOR")


def can(user, action: str) -> bool:
    """Whether `user` may `know` that there is a record, or `read`, export and verify it.

    The names of roles are written out: this room knows nothing of the rooms above it.
    """
    if not (user.is_authenticated and user.is_active):
        return False
    match action:
        case "know":
            return any(user.has_role(role) for role in _STAFF)
        case "read":
            return user.has_role("AUDITOR")
    return False
