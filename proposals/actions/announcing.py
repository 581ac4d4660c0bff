"""The published outcome becomes the letter's own state."""

from collections import defaultdict

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Membership
from audit import chain
from notifications import outbox
from proposals.actions.moments import lock
from proposals.actions.record import ensure_movable, log, moving, tell_members
from proposals.actions.refusal import Refused
from proposals.models import LetterEvent, LetterOfIntent
from proposals.states import CORRECTIONS, LetterState


@transaction.atomic
def announce(outcomes, *, round_kind, actor, at) -> None:
    """Let the agencies know: each published outcome becomes its letter's own state.

    Called by publication alone, inside its transaction. `outcomes` maps the id of a letter to its
    new state. Raises `Refused` for a letter that cannot be moved there.

    A few statements for all of them: until they are done, nobody else can file or review anything.
    """
    rows = LetterOfIntent.objects.select_for_update(of=("self",), no_key=True).order_by("pk")
    letters = rows.only("state").in_bulk(outcomes)
    events, entries, moved = [], [], defaultdict(list)
    for key, state in outcomes.items():
        letter = letters[key]
        ensure_movable(letter, state)
        change = {"from_state": letter.state, "to_state": state}
        events.append(LetterEvent(letter_id=key, actor_id=actor.pk, at=at, **change))
        data = {"round": str(round_kind)}
        entries.append(moving(letter, state, actor=actor, at=at, data=data))
        moved[state].append(key)
    for state, keys in moved.items():
        LetterOfIntent.objects.filter(pk__in=keys).update(state=state)
    LetterEvent.objects.bulk_create(events)
    chain.append_many(entries)


def mail_announced(first_words, *, round_kind, at) -> None:
    """Owe everyone of the letters' agencies the mail that there is something to read, no more.

    `first_words` maps the id of a letter to what the mail says first, in the language of the
    agency's letters (language, subject, greeting, text), or to None where the portal writes to its
    people in that one anyway. Whoever was owed this mail before gets no second one.
    """
    letters = LetterOfIntent.objects.only("reference", "agency").in_bulk(first_words)
    people = defaultdict(list)
    agencies = {letter.agency_id for letter in letters.values()}
    memberships = Membership.objects.filter(agency__in=agencies).select_related("user")
    for membership in memberships.order_by("pk"):
        people[membership.agency_id].append(membership.user)
    owed = {
        f"letter-{key}-{round_kind}-announced-{user.pk}": (
            user,
            {"letter": letter, "first": first_words[key]},
            {"about": key},
        )
        for key, letter in letters.items()
        for user in people[letter.agency_id]
    }
    outbox.enqueue_all(owed, template="decision_ready", at=at)


@transaction.atomic
def announce_correction(letter, *, state, round_kind, version, first=None, actor, at) -> None:
    """Let the agency know that a published outcome was corrected, in words or in itself.

    Called by the release of a correction alone. The letter's own state follows the outcome, and the
    mail says as little as the first one.
    """
    letter = lock(letter)
    if state != letter.state:
        if state not in CORRECTIONS.get(LetterState(letter.state), ()):
            raise Refused(
                _("A letter that is “%(state)s” cannot be moved there.")
                % {"state": letter.get_state_display()}
            )
        previous, letter.state = letter.state, state
        letter.save(update_fields=["state"])
        LetterEvent.objects.create(
            letter=letter, actor=actor, from_state=previous, to_state=state, at=at
        )
    log(
        "letter.corrected",
        letter,
        actor=actor,
        at=at,
        data={"round": str(round_kind), "version": version},
    )
    tell_members(
        letter,
        key=f"letter-{letter.pk}-{round_kind}-corrected-{version}",
        template="decision_ready",
        context={"first": first},
        at=at,
    )
