"""Every change in the room where decisions are made and told."""

from decisions.actions.archiving import archive_due
from decisions.actions.consenting import answer_consent, ask_consents
from decisions.actions.correcting import (
    propose_correction,
    refuse_wrong_reference,
    release_correction,
    withdraw_correction,
)
from decisions.actions.deciding import decide, decide_several, refuse_locked
from decisions.actions.dossiers import (
    ask_for_dossier,
    forget_dossiers,
    make_dossier,
    make_due_dossiers,
    retry_dossier,
)
from decisions.actions.drafting import draft_of
from decisions.actions.excepting import answer_exception, ask_exception
from decisions.actions.mailing import mail_told
from decisions.actions.papers import NotPrinted, paper_of, print_told
from decisions.actions.portfolio import (
    Unsound,
    adopt_scenario,
    ask_for_scenario,
    compute_due_scenarios,
    compute_scenario,
    is_out_of_date,
    sign_rules,
)
from decisions.actions.publishing import (
    cancel_schedule,
    propose,
    refuse_mistyped,
    release,
    release_due,
    schedule,
    withdraw_proposal,
)
from decisions.actions.refusal import Refused
from decisions.actions.rehearsing import ask_rehearsal, rehearse_due
from decisions.actions.rendering import render_letter, retry_letter, sweep_files
from decisions.actions.undoing import undo_several
from decisions.actions.wording import approve_wording, end_wording, propose_wording

__all__ = [
    "NotPrinted",
    "Refused",
    "Unsound",
    "adopt_scenario",
    "answer_consent",
    "answer_exception",
    "approve_wording",
    "archive_due",
    "ask_consents",
    "ask_exception",
    "ask_for_dossier",
    "ask_for_scenario",
    "ask_rehearsal",
    "cancel_schedule",
    "compute_due_scenarios",
    "compute_scenario",
    "decide",
    "decide_several",
    "draft_of",
    "end_wording",
    "forget_dossiers",
    "is_out_of_date",
    "mail_told",
    "make_dossier",
    "make_due_dossiers",
    "paper_of",
    "print_told",
    "propose",
    "propose_correction",
    "propose_wording",
    "refuse_locked",
    "refuse_mistyped",
    "refuse_wrong_reference",
    "rehearse_due",
    "release",
    "release_correction",
    "release_due",
    "render_letter",
    "retry_dossier",
    "retry_letter",
    "schedule",
    "sign_rules",
    "sweep_files",
    "undo_several",
    "withdraw_correction",
    "withdraw_proposal",
]
