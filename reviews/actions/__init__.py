"""Every change in the panel's rooms that means something to a person."""

from reviews.actions.announcing import announce_call
from reviews.actions.assigning import assign, assign_many, give_more_time, waive
from reviews.actions.chairs import ask_chairs
from reviews.actions.competing import name_competitors, unname_competitors
from reviews.actions.conflicts import answer_conflicts, open_conflict_checks
from reviews.actions.pledging import accept_pledge
from reviews.actions.profile import save_profile
from reviews.actions.ranking import freeze_ranking
from reviews.actions.refusal import Refused, Stale, Unfinished
from reviews.actions.reviewing import (
    closed_because,
    reopen_review,
    save_review,
    save_reviews,
    submit_review,
)
from reviews.actions.ruling import (
    harden_conflict,
    lift_conflict,
    record_conflict,
    soften_conflict,
)
from reviews.actions.screening import ensure_opened, screen_letters

__all__ = [
    "Refused",
    "Stale",
    "Unfinished",
    "accept_pledge",
    "announce_call",
    "answer_conflicts",
    "ask_chairs",
    "assign",
    "assign_many",
    "closed_because",
    "ensure_opened",
    "freeze_ranking",
    "give_more_time",
    "harden_conflict",
    "lift_conflict",
    "name_competitors",
    "open_conflict_checks",
    "record_conflict",
    "reopen_review",
    "save_profile",
    "save_review",
    "save_reviews",
    "screen_letters",
    "soften_conflict",
    "submit_review",
    "unname_competitors",
    "waive",
]
