"""Who may do what to a letter of intent. Default deny; visibility lives in `visible_to`."""

from accounts.states import Role, Seat
from proposals.states import LetterState

_WRITERS = (Seat.EDITOR, Seat.REPRESENTATIVE)


def can(user, action: str, obj) -> bool:
    """Whether `user` may do `action` to `obj`, which `user` can already see.

    `start` asks about an agency, `screen` about a call, everything else about a letter: read (its
    page), view (all that hangs on it: versions, files, mails, questions), edit, comment, reopen,
    take_up, answer (a question), submit, withdraw, delete, read_receipt.
    """
    if not (user.is_authenticated and user.is_active):
        return False
    if action == "screen":
        return user.has_role(Role.CHAIR)
    if action == "start":
        return user.seat_in(obj.pk) in _WRITERS
    seat = user.seat_in(obj.agency_id)
    match action:
        case "comment":
            # A viewer cannot change the text and is asked all the more for what they think of it.
            return seat is not None
        case "read":
            # That what was withdrawn stayed as it was filed is for the auditor to see.
            kept = obj.state == LetterState.WITHDRAWN and user.has_role(Role.AUDITOR)
            return seat is not None or kept
        case "view":
            # The chair reads in the panel's rooms: only there a conflict of interest is known.
            return seat is not None
        case "edit" | "reopen" | "take_up" | "answer":
            return seat in _WRITERS
        case "submit" | "withdraw" | "delete":
            return seat == Seat.REPRESENTATIVE
        case "read_receipt":
            return seat is not None or user.has_role(Role.AUDITOR)
    return False


def agencies_to_write_for(user) -> list:
    """Ids of the agencies for which `user` may start letters."""
    return [agency_id for agency_id, seat in user.seats.items() if seat in _WRITERS]
