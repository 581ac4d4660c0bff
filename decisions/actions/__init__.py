"""Every change in the room where decisions are made and told."""

from decisions.actions.consenting import answer_consent, ask_consents
from decisions.actions.correcting import (
    propose_correction,
    release_correction,
    withdraw_correction,
)
from decisions.actions.deciding import decide, decide_several, refuse_locked
from decisions.actions.publishing import (
    cancel_schedule,
    propose,
    release,
    release_due,
    schedule,
    withdraw_proposal,
)
from decisions.actions.refusal import Refused
from decisions.actions.rehearsing import ask_rehearsal, rehearse_due
from decisions.actions.rendering import render_letter, retry_letter, sweep_files
from decisions.actions.undoing import undo_several

__all__ = [
    "Refused",
    "answer_consent",
    "ask_consents",
    "ask_rehearsal",
    "cancel_schedule",
    "decide",
    "decide_several",
    "propose",
    "propose_correction",
    "refuse_locked",
    "rehearse_due",
    "release",
    "release_correction",
    "release_due",
    "render_letter",
    "retry_letter",
    "schedule",
    "sweep_files",
    "undo_several",
    "withdraw_correction",
    "withdraw_proposal",
]
