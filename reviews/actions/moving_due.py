"""The fuller proposals are due at another time, for every agency on the shortlist."""

from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Membership
from audit import chain
from chang_e8_portal import clock
from notifications import outbox
from proposals.models import CallRound, DueChange, LetterOfIntent
from proposals.states import LetterState
from reviews.actions.refusal import Refused
from reviews.models import Ranking

# What agencies keep when the due instant moves to an earlier one.
KEPT = timedelta(days=7)


@transaction.atomic
def move_fuller_due(call_round, *, due_at, reason, seen, actor) -> DueChange:
    """Move the due instant to `due_at`, and owe a mail to everybody whose letter is on the
    shortlist.

    All of it is one transaction under the lock of the round's row: a proposal is refused by the old
    instant or accepted by the new one, and there is no moment in between. What was closed opens
    again. `seen` is the instant the chair was shown as the present one: two chairs do not undo each
    other unseen, and a second click is the first one's. Refused with the code "fixed" once it
    stays, "changed" if it was moved meanwhile, and "date" for an instant it cannot be.
    """
    # No key: whoever files holds the row in share mode and waits for us, and we for them; rows that
    # refer to it do not.
    rounds = CallRound.objects.select_for_update(of=("self",), no_key=True)
    call_round = rounds.select_related("call").get(pk=call_round.pk)
    at = clock.database_now()
    before, last = call_round.proposals_due_at, call_round.due_changes.first()
    click = (actor.pk, seen, due_at)
    if last and before == due_at and click == (last.changed_by_id, last.due_before, last.due_at):
        return last
    if fixed := due_fixed_because(call_round, at):
        raise Refused(fixed, code="fixed")
    if seen != before:
        raise Refused(
            _("It was moved while you looked at it, to %(due)s. Look at it again before you go on.")
            % {"due": call_round.call.in_words(before)},
            code="changed",
        )
    if fault := due_fault(call_round, due_at, at):
        raise Refused(fault, code="date")
    if not reason.strip():
        raise Refused(_("Say why the due time moves: every agency on the shortlist reads it."))
    change = DueChange.objects.create(
        round=call_round,
        due_before=before,
        due_at=due_at,
        reason=reason.strip(),
        changed_by=actor,
        changed_at=at,
    )
    call_round.proposals_due_at = due_at
    call_round.save(update_fields=["proposals_due_at"])
    chain.append(
        "fuller.due_moved",
        subject=f"round:{call_round.pk}",
        actor=str(actor.pk),
        at=at,
        data={
            "change": change.pk,
            "from": before.isoformat(),
            "to": due_at.isoformat(),
            "reason": change.reason,
        },
    )
    _tell(call_round, change, at=at)
    return change


def due_fixed_because(call_round, at) -> str:
    """Why the due instant stays where it is at `at`; empty while it can be moved."""
    if not call_round.asks_fuller:
        return _("This round asks for no fuller proposals.")
    if Ranking.objects.filter(round=call_round).exists() or call_round.decisions_locked_at:
        return _("The ranking of this round is frozen, so the fuller proposals stay as they are.")
    if at >= call_round.reviews_due_at:
        return _(
            "The reviews of this round were due at %(due)s. From then on the due time of the "
            "fuller proposals stays where it is."
        ) % {"due": call_round.call.in_words(call_round.reviews_due_at)}
    return ""


def due_fault(call_round, due_at, at) -> str:
    """Why `due_at` cannot be the new due instant, and what can; empty if it can."""
    words, before = call_round.call.in_words, call_round.proposals_due_at
    if due_at <= at:
        return _("The new due time %(due)s has passed: it is %(now)s. Choose a later one.") % {
            "due": words(due_at),
            "now": words(at),
        }
    if due_at == before:
        return _("The fuller proposals are due at %(due)s already. Choose another due time.") % {
            "due": words(before)
        }
    if due_at < before and due_at < at + KEPT:
        return _(
            "The new due time is earlier than the present one, and agencies must keep %(days)s "
            "days. Choose %(least)s or later."
        ) % {"days": KEPT.days, "least": words(_next_minute(at + KEPT))}
    if due_at >= call_round.reviews_due_at:
        return _(
            "The reviews of this round are due at %(due)s, and reviewers must have read what is "
            "filed. Choose a due time before that."
        ) % {"due": words(call_round.reviews_due_at)}
    return ""


def _next_minute(moment):
    """The first full minute from `moment` on: times are said in minutes."""
    begun = moment.replace(second=0, microsecond=0)
    return begun if begun == moment else begun + timedelta(minutes=1)


def _tell(call_round, change, *, at) -> None:
    """One mail for each person, however many letters; reminders of the old time stay unsent."""
    letters: dict = {}
    shortlisted = LetterOfIntent.objects.filter(
        call=call_round.call_id, state=LetterState.SHORTLISTED
    )
    columns = ("agency", "reference", "title")
    for letter in shortlisted.only(*columns).order_by("reference"):
        letters.setdefault(letter.agency_id, []).append(letter)
        outbox.call_off(f"fuller-{letter.pk}-")
    seats = Membership.objects.filter(agency__in=list(letters), user__is_active=True)
    people: dict = {}
    for seat in seats.select_related("user").order_by("user_id", "agency_id"):
        _person, held = people.setdefault(seat.user_id, (seat.user, []))
        held += letters[seat.agency_id]
    owed = {
        f"due-change-{change.pk}-{person.pk}": (
            person,
            {"call": call_round.call, "round": call_round, "change": change, "letters": held},
            # In the log of its letter; one mail about several is in none.
            {"about": held[0].pk if len(held) == 1 else None},
        )
        for person, held in people.values()
    }
    outbox.enqueue_all(owed, template="fuller_due_moved", at=at)
