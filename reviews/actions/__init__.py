"""Every change in the panel's rooms that means something to a person."""

from reviews.actions.assigning import assign, give_more_time, waive
from reviews.actions.conflicts import answer_conflicts, open_conflict_checks
from reviews.actions.ranking import freeze_ranking
from reviews.actions.refusal import Refused, Stale, Unfinished
from reviews.actions.reviewing import reopen_review, save_review, submit_review

__all__ = [
    "Refused",
    "Stale",
    "Unfinished",
    "answer_conflicts",
    "assign",
    "freeze_ranking",
    "give_more_time",
    "open_conflict_checks",
    "reopen_review",
    "save_review",
    "submit_review",
    "waive",
]
