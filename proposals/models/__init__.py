from proposals.models.call import Call, CallRound, CallSeal, Extension, Opening
from proposals.models.due_change import DueChange
from proposals.models.filing import (
    Attachment,
    LetterEvent,
    LetterVersion,
    Receipt,
    Screening,
    SubmitAttempt,
    UnfiledText,
)
from proposals.models.fuller import FIGURES, FullerProposal, FullerReceipt, FullerVersion
from proposals.models.letter import LetterOfIntent
from proposals.models.together import (
    Clarification,
    Comment,
    CommentsRead,
    Participation,
    Presence,
    ReminderMute,
)

__all__ = [
    "FIGURES",
    "Attachment",
    "Call",
    "CallRound",
    "CallSeal",
    "Clarification",
    "Comment",
    "CommentsRead",
    "DueChange",
    "Extension",
    "FullerProposal",
    "FullerReceipt",
    "FullerVersion",
    "LetterEvent",
    "LetterOfIntent",
    "LetterVersion",
    "Opening",
    "Participation",
    "Presence",
    "Receipt",
    "ReminderMute",
    "Screening",
    "SubmitAttempt",
    "UnfiledText",
]
