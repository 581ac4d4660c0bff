"""Looking at words before they are approved: a paper that is kept nowhere and proves nothing."""

from threading import BoundedSemaphore

from django.db import transaction

from audit import chain
from decisions import draft_letters, letter_facts, rendering
from decisions.actions.papers import NotPrinted
from decisions.actions.wording import said_by
from proposals.printing import Unprintable

# Setting a paper may take half a minute, and a process of the web has four threads for everybody.
_places = BoundedSemaphore(1)
_SOON = 5


def draft_of(call_round, outcome, *, language, texts, decision=None, actor, at) -> bytes:
    """A letter of the round as these texts would make it, marked on every page as no letter.

    Filled with `decision`, or with invented particulars. The audit record keeps who looked at which
    words; not with whose letter, since auditors read it before anything is told. Raises
    `rendering.Unfit` for texts that may not stand in a letter, `NotPrinted` if there is no paper
    now.
    """
    given = {"language": language, "texts": texts, "at": at}
    facts = (
        draft_letters.of_decision(decision, **given)
        if decision
        else draft_letters.invented(call_round, outcome, **given)
    )
    if not _places.acquire(blocking=False):
        raise NotPrinted(_SOON)
    try:
        made = rendering.render_draft(facts)
    except (Unprintable, rendering.RenderingUnavailable, OSError) as why:
        raise NotPrinted(_SOON) from why
    finally:
        _places.release()
    with transaction.atomic():
        chain.append(
            "letter_wording.previewed",
            subject=f"round:{call_round.pk}",
            actor=str(actor.pk),
            at=at,
            data={
                "outcome": outcome,
                "language": language,
                "sha256": letter_facts.digest(said_by(texts)),
            },
        )
    return made
