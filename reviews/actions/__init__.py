"""Every change in the panel's rooms that means something to a person."""

from reviews.actions.announcing import announce_call
from reviews.actions.anonymity import (
    frozen_because,
    note_names,
    open_text,
    search_names_due,
    set_double_anonymous,
)
from reviews.actions.assigning import assign, assign_many, give_more_time, waive
from reviews.actions.chairs import ask_chairs
from reviews.actions.closing import close_meeting, left_open
from reviews.actions.competing import name_competitors, unname_competitors
from reviews.actions.conflicts import answer_conflicts, open_conflict_checks
from reviews.actions.discussing import (
    contribute,
    discussion_closed_because,
    write_consensus,
)
from reviews.actions.headcount import say_headcount, want_one_more
from reviews.actions.holding import (
    call_item,
    confirm_back,
    confirm_left,
    finish_item,
    note_attendance,
    open_item,
    put_back,
    record_item,
    start_meeting,
)
from reviews.actions.importing import import_reviews
from reviews.actions.inviting import (
    answer_reviewer_invitation,
    grant_reviewers,
    invitation_by,
    invite_reviewers,
    may_remind,
    remind_invited,
    take_back_invitation,
)
from reviews.actions.meetings import (
    add_letters,
    add_subject,
    cancel_meeting,
    change_meeting,
    free_letters,
    invite_to_meeting,
    make_meeting,
    move_item,
    propose_agenda,
    proposed_letters,
    remove_item,
)
from reviews.actions.moving_due import KEPT, due_fault, due_fixed_because, move_fuller_due
from reviews.actions.packing import ask_for_pack, forget_packs, make_due, make_pack, retry_pack
from reviews.actions.planning import (
    apply_plan,
    ask_for_plan,
    compute_due,
    compute_plan,
    new_pairs,
    retry_plan,
)
from reviews.actions.pledging import accept_pledge
from reviews.actions.practising import decline_practice, practise
from reviews.actions.profile import save_profile
from reviews.actions.ranking import freeze_ranking
from reviews.actions.refusal import Refused, Stale, Unfinished
from reviews.actions.reminding import remind_reviewers, remind_unanswered
from reviews.actions.reviewing import (
    closed_because,
    ensure_draft,
    missing,
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
from reviews.actions.team import lower_marks, open_team
from reviews.actions.wishing import readable_letters, save_wishes, wishes_closed_because

__all__ = [
    "KEPT",
    "Refused",
    "Stale",
    "Unfinished",
    "accept_pledge",
    "add_letters",
    "add_subject",
    "announce_call",
    "answer_conflicts",
    "answer_reviewer_invitation",
    "apply_plan",
    "ask_chairs",
    "ask_for_pack",
    "ask_for_plan",
    "ask_for_scores",
    "assign",
    "assign_many",
    "call_item",
    "cancel_meeting",
    "change_meeting",
    "change_rubric",
    "close_meeting",
    "closed_because",
    "compute_due",
    "compute_plan",
    "confirm_back",
    "confirm_left",
    "contribute",
    "decline_practice",
    "discussion_closed_because",
    "due_fault",
    "due_fixed_because",
    "ensure_draft",
    "ensure_opened",
    "finish_item",
    "forget_packs",
    "free_letters",
    "freeze_ranking",
    "frozen_because",
    "give_more_time",
    "grant_reviewers",
    "harden_conflict",
    "import_reviews",
    "invitation_by",
    "invite_reviewers",
    "invite_to_meeting",
    "left_open",
    "lift_conflict",
    "lower_marks",
    "make_due",
    "make_meeting",
    "make_pack",
    "may_remind",
    "missing",
    "move_fuller_due",
    "move_item",
    "name_competitors",
    "new_pairs",
    "note_attendance",
    "note_names",
    "open_conflict_checks",
    "open_item",
    "open_team",
    "open_text",
    "practise",
    "propose_agenda",
    "proposed_letters",
    "put_back",
    "readable_letters",
    "record_conflict",
    "record_item",
    "remind_invited",
    "remind_reviewers",
    "remind_unanswered",
    "remove_item",
    "reopen_review",
    "retry_pack",
    "retry_plan",
    "save_profile",
    "save_review",
    "save_reviews",
    "save_wishes",
    "say_headcount",
    "score_owed",
    "screen_letters",
    "seal_rubric",
    "seal_rubrics",
    "search_names_due",
    "set_aim",
    "set_double_anonymous",
    "soften_conflict",
    "start_meeting",
    "submit_review",
    "take_back_invitation",
    "unname_competitors",
    "waive",
    "want_one_more",
    "wishes_closed_because",
    "write_consensus",
]
