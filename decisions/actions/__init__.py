"""Every change in the room where decisions are made and told."""

from decisions.actions.deciding import decide, decide_several
from decisions.actions.publishing import propose, release, withdraw_proposal
from decisions.actions.refusal import Refused
from decisions.actions.rendering import render_letter, retry_letter, sweep_files

__all__ = [
    "Refused",
    "decide",
    "decide_several",
    "propose",
    "release",
    "render_letter",
    "retry_letter",
    "sweep_files",
    "withdraw_proposal",
]
