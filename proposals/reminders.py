"""Reminding those who hold a text that is not submitted.

That is a draft, or a filed letter that was reopened: what was filed counts, and the mail says so.
Submitting stops the reminders, those waiting in the outbox as well; so does withdrawing, since
whoever withdrew a letter has decided. Anybody can ask for no more of them about one letter, save
the last one.
"""

from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.db.models import Exists, OuterRef
from django.urls import reverse

from accounts.states import Seat
from notifications import outbox
from proposals.models import CallRound, LetterOfIntent, ReminderMute
from proposals.states import LetterState

# Before the cutoff, nearest first.
STEPS = (
    timedelta(hours=6),
    timedelta(days=1),
    timedelta(days=3),
    timedelta(days=7),
    timedelta(days=14),
    timedelta(days=30),
)
# Nobody can be spared this one.
LAST = min(STEPS)
# Before fuller proposals are due. So few that none of them can be stopped but by filing.
FULLER_STEPS = (timedelta(days=1), timedelta(days=3), timedelta(days=7), timedelta(days=14))
_SALT = "proposals.reminders.mute"


def queue_due(*, at) -> int:
    """Owe each writer of an unsubmitted text one reminder for the nearest step already reached.

    Late is fine and twice is fine: a step is found by "reached", not by "is today", and the message
    key makes the second run do nothing. Steps are lengths of time before the cutoff, so no change
    of anybody's clocks adds one or swallows one. A step that passed before the text was begun is
    not owed. Returns how many were new.
    """
    letters = (
        LetterOfIntent.objects.unfiled()
        .filter(call__closes_at__gt=at, call__closes_at__lte=at + max(STEPS))
        .select_related("call", "agency")
        .prefetch_related("agency__memberships__user")
    )
    muted = set(
        ReminderMute.objects.filter(
            Exists(LetterOfIntent.objects.unfiled().filter(pk=OuterRef("letter")))
        ).values_list("letter", "user")
    )
    owed = {}
    for letter in letters:
        step = next(s for s in STEPS if letter.call.closes_at <= at + s)
        if letter.call.closes_at - step < (letter.reopened_at or letter.created_at):
            continue
        for membership in letter.agency.memberships.all():
            person = membership.user
            if membership.seat == Seat.VIEWER or not person.is_active:
                continue
            if step != LAST and (letter.pk, person.pk) in muted:
                continue
            # With the cutoff: once it has moved, its steps are other steps.
            cutoff = f"{letter.call.closes_at:%Y%m%dT%H%M%SZ}"
            key = f"draft-{letter.pk}-{cutoff}-{_name(step)}-{person.pk}"
            url = "" if step == LAST else mute_url(letter, person)
            owed[key] = (
                person,
                {"letter": letter, "step": step, "mute_url": url},
                {
                    "about": letter.pk,
                    "expires_at": letter.call.closes_at,
                    "unsubscribe_url": url,
                },
            )
    return outbox.enqueue_new(owed, template="draft_due", at=at)


def queue_fuller_due(*, at) -> int:
    """Owe each writer of a shortlisted letter without a filed fuller proposal one reminder.

    Found as `queue_due` finds them: by the nearest step reached, once for each due instant. A step
    that passed before the shortlist was told, or before that instant was chosen, is not owed: the
    mail about it said so. Returns how many were new.
    """
    rounds = CallRound.objects.filter(
        proposals_due_at__gt=at, proposals_due_at__lte=at + max(FULLER_STEPS)
    )
    owed = {}
    for call_round in rounds.select_related("call"):
        due = call_round.proposals_due_at
        step = next(s for s in FULLER_STEPS if due <= at + s)
        moved = call_round.due_changes.first()
        if moved and due - step < moved.changed_at:
            continue
        letters = (
            LetterOfIntent.objects.awaited_in(call_round)
            .filter(events__to_state=LetterState.SHORTLISTED, events__at__lte=due - step)
            .select_related("call", "agency")
            .prefetch_related("agency__memberships__user")
        )
        for letter in letters:
            for membership in letter.agency.memberships.all():
                person = membership.user
                if membership.seat == Seat.VIEWER or not person.is_active:
                    continue
                key = f"fuller-{letter.pk}-{due:%Y%m%dT%H%M%SZ}-{_name(step)}-{person.pk}"
                context = {"letter": letter, "round": call_round}
                owed[key] = (person, context, {"about": letter.pk, "expires_at": due})
    return outbox.enqueue_new(owed, template="fuller_due", at=at)


def mute_url(letter, person) -> str:
    """The address that needs no log-in: it names the letter and the person, and is signed."""
    token = signing.dumps([str(letter.pk), str(person.pk)], salt=_SALT)
    return settings.BASE_URL + reverse("reminders", args=[token])


def named_in(token) -> tuple[str, str] | None:
    """The ids of the letter and the person in an address of `mute_url`, or None if forged."""
    try:
        letter_id, person_id = signing.loads(token, salt=_SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return letter_id, person_id


def _name(step) -> str:
    return f"{step.days}d" if step.days else f"{step.seconds // 3600}h"
