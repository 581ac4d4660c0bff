"""The published outcome becomes the letter's own state."""

from django.db import transaction
from django.utils.translation import gettext as _

from proposals.actions.moments import lock
from proposals.actions.record import log, move, tell_members
from proposals.actions.refusal import Refused
from proposals.models import LetterEvent
from proposals.states import CORRECTIONS, LetterState


@transaction.atomic
def announce(letter, *, state, round_kind, first=None, actor, at) -> None:
    """Let the agency know: the published outcome becomes the letter's own state.

    Called by publication alone, inside its transaction. The mail says only that there is something
    to read; `first` says it in the language of the agency's letters (language, subject, greeting,
    text), where that is not one in which the portal writes to its people.
    """
    letter = lock(letter)
    move(letter, state, actor=actor, at=at, data={"round": str(round_kind)})
    tell_members(
        letter,
        key=f"letter-{letter.pk}-{round_kind}-announced",
        template="decision_ready",
        context={"first": first},
        at=at,
    )


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
