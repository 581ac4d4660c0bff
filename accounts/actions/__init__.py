"""Every change to people and agencies that means something to a person.

Each action is one transaction in the same order: lock, guard, write named fields, append the audit
entry, write the message that is owed.
"""

from accounts.actions.agencies import edit_agency, fix_agencies, found_agency, free_agencies
from accounts.actions.invitations import answer_invitation, invite, withdraw_invitation
from accounts.actions.people import (
    enrol,
    grant_roles,
    remove_second_factor,
    set_active,
    set_preferences,
)
from accounts.actions.publishers import (
    appoint_first_publisher,
    approve_publisher,
    end_proposal,
    propose_publisher,
)
from accounts.actions.refusal import Refused
from accounts.actions.seats import change_seat, end_seat, hand_over
from accounts.actions.sessions import forget_sessions
from accounts.actions.tokens import (
    MOST_TOKENS,
    make_calendar_address,
    make_token,
    revoke_calendar_address,
    revoke_token,
)

__all__ = [
    "MOST_TOKENS",
    "Refused",
    "answer_invitation",
    "appoint_first_publisher",
    "approve_publisher",
    "change_seat",
    "edit_agency",
    "end_proposal",
    "end_seat",
    "enrol",
    "fix_agencies",
    "forget_sessions",
    "found_agency",
    "free_agencies",
    "grant_roles",
    "hand_over",
    "invite",
    "make_calendar_address",
    "make_token",
    "propose_publisher",
    "remove_second_factor",
    "revoke_calendar_address",
    "revoke_token",
    "set_active",
    "set_preferences",
    "withdraw_invitation",
]
