from proposals.models.call import Call, CallRound, CallSeal
from proposals.models.filing import Attachment, LetterEvent, LetterVersion, Receipt, Screening
from proposals.models.letter import LetterOfIntent

__all__ = [
    "Attachment",
    "Call",
    "CallRound",
    "CallSeal",
    "LetterEvent",
    "LetterOfIntent",
    "LetterVersion",
    "Receipt",
    "Screening",
]
