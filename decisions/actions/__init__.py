"""Every change in the room where decisions are made and told."""

from decisions.actions.consenting import answer_consent, ask_consents
from decisions.actions.deciding import decide, decide_several, refuse_locked
from decisions.actions.publishing import propose, release, withdraw_proposal
from decisions.actions.refusal import Refused
from decisions.actions.rendering import render_letter, retry_letter, sweep_files
from decisions.actions.undoing import undo_several

__all__ = [
    "Refused",
    "answer_consent",
    "ask_consents",
    "decide",
    "decide_several",
    "propose",
    "refuse_locked",
    "release",
    "render_letter",
    "retry_letter",
    "sweep_files",
    "undo_several",
    "withdraw_proposal",
]
