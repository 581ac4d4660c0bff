"""Every change in the panel's rooms that means something to a person."""

from reviews.actions.announcing import announce_call
from reviews.actions.assigning import assign, assign_many, give_more_time, waive
from reviews.actions.chairs import ask_chairs
from reviews.actions.competing import name_competitors, unname_competitors
from reviews.actions.conflicts import answer_conflicts, open_conflict_checks
from reviews.actions.discussing import (
    contribute,
    discussion_closed_because,
    write_consensus,
)
from reviews.actions.inviting import (
    answer_reviewer_invitation,
    grant_reviewers,
    invitation_by,
    invite_reviewers,
    may_remind,
    remind_invited,
    take_back_invitation,
)
from reviews.actions.planning import (
    apply_plan,
    ask_for_plan,
    compute_due,
    compute_plan,
    new_pairs,
)
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
from reviews.actions.rubric import change_rubric, seal_rubric, seal_rubrics
from reviews.actions.ruling import (
    harden_conflict,
    lift_conflict,
    record_conflict,
    soften_conflict,
)
from reviews.actions.scoring import ask_for_scores, score_owed, set_aim
from reviews.actions.screening import ensure_opened, screen_letters

__all__ = [
    "Refused",
    "Stale",
    "Unfinished",
    "accept_pledge",
    "announce_call",
    "answer_conflicts",
    "answer_reviewer_invitation",
    "apply_plan",
    "ask_chairs",
    "ask_for_plan",
    "ask_for_scores",
    "assign",
    "assign_many",
    "change_rubric",
    "closed_because",
    "compute_due",
    "compute_plan",
    "contribute",
    "discussion_closed_because",
    "ensure_opened",
    "freeze_ranking",
    "give_more_time",
    "grant_reviewers",
    "harden_conflict",
    "invitation_by",
    "invite_reviewers",
    "lift_conflict",
    "may_remind",
    "name_competitors",
    "new_pairs",
    "open_conflict_checks",
    "record_conflict",
    "remind_invited",
    "reopen_review",
    "save_profile",
    "save_review",
    "save_reviews",
    "score_owed",
    "screen_letters",
    "seal_rubric",
    "seal_rubrics",
    "set_aim",
    "soften_conflict",
    "submit_review",
    "take_back_invitation",
    "unname_competitors",
    "waive",
    "write_consensus",
]
