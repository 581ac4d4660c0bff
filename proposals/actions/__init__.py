"""Every change to a letter of intent that means something to a person.

Each action is one transaction in the same order: lock, read the clock, guard, write named fields,
append the event and the audit entry, write the message that is owed.
"""

from proposals.actions.announcing import announce, announce_correction, mail_announced
from proposals.actions.archiving import archive
from proposals.actions.attaching import (
    attach,
    forget_removed,
    put_back_attachment,
    receive,
    remove_attachment,
)
from proposals.actions.clarifying import answer_clarification, ask_clarification
from proposals.actions.commenting import comment, delete_comment, read_comments, settle
from proposals.actions.drafting import save_draft, start_draft
from proposals.actions.extending import (
    approve_extension,
    ensure_not_closed,
    holders_of,
    propose_extension,
    take_back_extension,
)
from proposals.actions.filing import record_attempt, submit, verification_code
from proposals.actions.fuller import file_fuller, fuller_of, gaps_in, save_fuller
from proposals.actions.moments import ensure_draft, ensure_fuller, ensure_open, window
from proposals.actions.muting import mute_reminders, unmute_reminders
from proposals.actions.opening import (
    approve_opening,
    ensure_closed,
    propose_opening,
    take_back_opening,
)
from proposals.actions.participating import (
    answer_question,
    ask_partner,
    ensure_answerable,
    question_by,
    take_back_question,
)
from proposals.actions.presence import be_here, others_here
from proposals.actions.refusal import Changed, Incomplete, Refused, Stale
from proposals.actions.reopening import ensure_reopenable, put_back, reopen
from proposals.actions.scanning import record_scan, scan_due
from proposals.actions.screening import screen
from proposals.actions.sealing import seal
from proposals.actions.withdrawing import (
    delete_draft,
    ensure_deletable,
    ensure_returnable,
    ensure_withdrawable,
    take_up_again,
    withdraw,
)

__all__ = [
    "Changed",
    "Incomplete",
    "Refused",
    "Stale",
    "announce",
    "announce_correction",
    "answer_clarification",
    "answer_question",
    "approve_extension",
    "approve_opening",
    "archive",
    "ask_clarification",
    "ask_partner",
    "attach",
    "be_here",
    "comment",
    "delete_comment",
    "delete_draft",
    "ensure_answerable",
    "ensure_closed",
    "ensure_deletable",
    "ensure_draft",
    "ensure_fuller",
    "ensure_not_closed",
    "ensure_open",
    "ensure_reopenable",
    "ensure_returnable",
    "ensure_withdrawable",
    "file_fuller",
    "forget_removed",
    "fuller_of",
    "gaps_in",
    "holders_of",
    "mail_announced",
    "mute_reminders",
    "others_here",
    "propose_extension",
    "propose_opening",
    "put_back",
    "put_back_attachment",
    "question_by",
    "read_comments",
    "receive",
    "record_attempt",
    "record_scan",
    "remove_attachment",
    "reopen",
    "save_draft",
    "save_fuller",
    "scan_due",
    "screen",
    "seal",
    "settle",
    "start_draft",
    "submit",
    "take_back_extension",
    "take_back_opening",
    "take_back_question",
    "take_up_again",
    "unmute_reminders",
    "verification_code",
    "window",
    "withdraw",
]
