"""What has happened, what happens now, what comes next and who acts: for a call and for a letter.

Everything here is told to agencies, so it is made from the clock, the announced dates and what has
been published, and from nothing that the panel knows.
"""

from django.utils import formats
from django.utils.translation import gettext as _

from proposals import times
from proposals.models.call import in_language
from proposals.states import ANNOUNCED_FIRST, ANNOUNCED_LAST, LetterState, RoundKind

DONE, NOW, NEXT = "done", "now", "next"
_ROUND_OF_STATE = {
    **dict.fromkeys(ANNOUNCED_FIRST, RoundKind.PRELIMINARY),
    **dict.fromkeys(ANNOUNCED_LAST, RoundKind.FINAL),
}


def of_call(call, *, announced, now, extensions=()) -> list[dict]:
    """The way of a call. `announced` maps the rounds already published to the instant they were;
    `extensions` are those that moved its cutoff.
    """
    steps = [
        {
            "title": _("Letters of intent"),
            "when": _("until %(closing)s") % {"closing": call.closing_words},
            "who": _("partner agencies"),
            "text": _moved(extensions),
            "done": now >= call.closes_at,
        },
        {
            "title": _("Eligibility and review"),
            "when": "",
            "who": _("the secretariat and independent reviewers"),
            "text": _("Every eligible letter is read by at least three reviewers."),
            "done": RoundKind.PRELIMINARY in announced,
        },
        *(_round_of_call(call_round, announced, call) for call_round in call.rounds.all()),
    ]
    launch = call.facts.get("launch", {}).get("current", {})
    if launch:
        steps.append({"title": _("Launch"), "when": in_language(launch["text"]), "done": False})
    if now < call.opens_at:
        opening = {"title": _("The call opens"), "when": _day(call.opens_at, call), "done": False}
        steps.insert(0, opening)
    return _with_states(steps)


def of_letter(
    letter, *, events, rounds, now, extensions=(), fuller=(), due_changes=()
) -> list[dict]:
    """The way of one letter, as its agency may know it; `fuller` are its filed fuller proposals,
    `due_changes` the moves of their due instant, the last one first.
    """
    at = {event.to_state: event.at for event in events}
    call = letter.call
    steps = [
        {"title": _("Draft started"), "when": times.in_words(letter.created_at), "done": True},
        _submission(letter, None if letter.is_draft else at.get(LetterState.SUBMITTED), now),
    ]
    if letter.state == LetterState.WITHDRAWN:
        steps.append(_withdrawal(at.get(LetterState.WITHDRAWN)))
        return _with_states(steps)
    if letter.is_draft and now >= call.closes_at:
        return _with_states(steps)
    steps.append(
        {
            "title": _("The call closes"),
            "when": call.closing_words,
            "text": " ".join(
                filter(None, [_moved(extensions), _("The letters are sealed and counted.")])
            ),
            "who": _("the portal's clock"),
            "done": now >= call.closes_at,
        }
    )
    told = {_ROUND_OF_STATE[state]: state for state in at if state in _ROUND_OF_STATE}
    steps.append(
        {
            "title": _("Eligibility and review"),
            "who": _("the secretariat and independent reviewers"),
            "done": bool(told),
        }
    )
    for call_round in rounds:
        state = told.get(call_round.kind)
        if state:
            steps.append(
                {
                    "title": call_round.get_kind_display(),
                    "when": times.in_words(at[state]),
                    "text": LetterState(state).label,
                    "done": True,
                }
            )
            if not call_round.is_final and state != LetterState.SHORTLISTED:
                break
        else:
            if call_round.asks_fuller and told:
                steps.append(_fuller(letter, call_round, list(fuller), list(due_changes), now))
            steps.append(
                {
                    "title": call_round.get_kind_display(),
                    "when": call_round.announced_words,
                    "who": _("the selection committee"),
                    "text": _("You are told by mail, at the same moment as everybody else."),
                    "done": False,
                }
            )
    return _with_states(steps)


def _fuller(letter, call_round, filed, due_changes, now) -> dict:
    """The fuller proposal, for a letter that was told it is on the shortlist."""
    if filed:
        return {
            "title": _("Fuller proposal filed"),
            "when": times.in_words(filed[-1].accepted_at),
            "text": _("Until it is due it can be replaced.")
            if now < call_round.proposals_due_at
            else _("What was filed can no longer change."),
            "done": True,
        }
    if now >= call_round.proposals_due_at:
        return {
            "title": _("No fuller proposal"),
            "when": letter.call.in_words(call_round.proposals_due_at),
            "text": _("None was filed; the letter is judged as it stands."),
            "done": True,
        }
    return {
        "title": _("Fuller proposal"),
        "when": _("before %(closing)s")
        % {"closing": letter.call.in_words(call_round.proposals_due_at)},
        # Not the words of the cutoff: that one only ever moves later.
        "text": _("The time was changed for everybody; it was %(closing)s.")
        % {"closing": due_changes[0].before_words}
        if due_changes
        else "",
        "who": _("you; an authorised representative of %(agency)s submits")
        % {"agency": letter.agency.name},
        "done": False,
    }


def _moved(extensions) -> str:
    """The cutoff before it was moved, or nothing."""
    if not extensions:
        return ""
    return _("Moved for everybody; it was %(closing)s.") % {"closing": extensions[-1].before_words}


def _submission(letter, submitted_at, now) -> dict:
    if submitted_at:
        return {
            "title": _("Submitted"),
            "when": times.in_words(submitted_at),
            "text": _submitted_text(letter, now),
            "done": True,
        }
    if now >= letter.call.closes_at:
        return {
            "title": _("Not submitted"),
            "when": letter.call.closing_words,
            "text": _("The call closed before this draft was submitted, so it is not assessed."),
            "done": False,
        }
    return {
        "title": _("Complete and submit it"),
        "when": _("before %(closing)s") % {"closing": letter.call.closing_words},
        "who": _("you; an authorised representative of %(agency)s submits")
        % {"agency": letter.agency.name},
        "done": False,
    }


def _submitted_text(letter, now) -> str:
    if now >= letter.call.closes_at:
        return _("What was filed can no longer change.")
    if letter.reopened_at:
        return _("It is being rewritten; what was filed counts until a new version is filed.")
    return _("Until the cutoff it can be reopened, replaced or withdrawn.")


def _withdrawal(withdrawn_at) -> dict:
    return {
        "title": _("Withdrawn"),
        "when": times.in_words(withdrawn_at) if withdrawn_at else "",
        "text": _("It is not assessed. What had been filed is kept."),
        "done": True,
    }


def _round_of_call(call_round, announced, call) -> dict:
    told = {item["code"]: item for item in call.facts.get("rounds", ())}.get(call_round.kind, {})
    at = announced.get(call_round.kind)
    return {
        "title": call_round.get_kind_display(),
        "when": _("published on %(day)s") % {"day": _day(at, call)}
        if at
        else call_round.announced_words,
        "who": _("the selection committee"),
        "text": in_language(told.get("outcome")),
        "done": bool(at),
    }


def _day(moment, call) -> str:
    return formats.date_format(moment.astimezone(call.tzinfo), "DATE_FORMAT")


def _with_states(steps) -> list[dict]:
    """The first step that is not done is the one going on now."""
    reached = False
    for step in steps:
        if step.pop("done"):
            step["state"] = DONE
        else:
            step["state"] = NEXT if reached else NOW
            reached = True
    return steps
