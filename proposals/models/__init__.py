from proposals.models.call import Call, CallRound, CallSeal, Extension, Opening
from proposals.models.filing import (
    Attachment,
    LetterEvent,
    LetterVersion,
    Receipt,
    Screening,
    SubmitAttempt,
    UnfiledText,
)
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
    "Attachment",
    "Call",
    "CallRound",
    "CallSeal",
    "Clarification",
    "Comment",
    "CommentsRead",
    "Extension",
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
