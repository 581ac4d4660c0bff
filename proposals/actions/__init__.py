"""Every change to a letter of intent that means something to a person.

Each action is one transaction in the same order: lock, read the clock, guard, write named fields,
append the event and the audit entry, write the message that is owed.
"""

from proposals.actions.announcing import announce
from proposals.actions.drafting import attach, remove_attachment, save_draft, start_draft
from proposals.actions.filing import submit, verification_code
from proposals.actions.moments import ensure_draft, ensure_open
from proposals.actions.refusal import Changed, Incomplete, Refused, Stale
from proposals.actions.screening import screen
from proposals.actions.sealing import seal

__all__ = [
    "Changed",
    "Incomplete",
    "Refused",
    "Stale",
    "announce",
    "attach",
    "ensure_draft",
    "ensure_open",
    "remove_attachment",
    "save_draft",
    "screen",
    "seal",
    "start_draft",
    "submit",
    "verification_code",
]
