"""What failed and waits for somebody: letters to typeset, mails, plans, packs, dossiers.

Whoever looks after the machine learns that something failed and never what it says: the text of an
error may quote a letter or its decision, so its kind alone is told.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from decisions.models import DecisionLetter, Dossier
from notifications.models import Message
from reviews.models import AssignmentPlan, CommitteePack

# So many of a kind are listed; the number of all is told beside them.
MOST_SHOWN = 50


@dataclass(frozen=True)
class Failure:
    """One thing that failed. `kind` and `id` make the address of its remedy."""

    kind: str
    id: UUID
    what: str
    detail: str
    at: datetime | None


def letters():
    """Decision letters that could not be set in type, of a proposal that waits for them."""
    return DecisionLetter.objects.failed().select_related("publication__round__call")


def mails():
    """Mails that were refused, or of which nobody knows whether they left.

    Those in confidence only publishers see, in the ledger.
    """
    return Message.objects.openly().needing_somebody().defer("body")


def plans():
    """Plans of who reads what that could not be computed, and were not asked for anew."""
    return AssignmentPlan.objects.failed().select_related("round__call")


def packs():
    """Committee packs that could not be made, and were not asked for anew."""
    return CommitteePack.objects.failed().select_related("round__call")


def dossiers():
    """Dossiers of letters that could not be made, and were not asked for anew."""
    return Dossier.objects.failed()


# In the order of their urgency.
KINDS = {"letter": letters, "mail": mails, "plan": plans, "pack": packs, "dossier": dossiers}


def counts() -> dict[str, int]:
    """How many of each kind."""
    return {kind: rows().count() for kind, rows in KINDS.items()}


def listed() -> list[Failure]:
    """The failures of every kind, the newest of a kind first."""
    order = {
        "letter": "-claimed_at",
        "mail": "-queued_at",
        "plan": "-asked_at",
        "pack": "-asked_at",
        "dossier": "-asked_at",
    }
    return [
        described(kind, row)
        for kind, rows in KINDS.items()
        for row in rows().order_by(order[kind])[:MOST_SHOWN]
    ]


def described(kind, row) -> Failure:
    """A row of any kind in the same words."""
    match kind:
        case "letter":
            what = _("Decision letter %(id)s") % {"id": str(row.pk)[:8]}
            return Failure(kind, row.pk, what, _why_a_letter_failed(row), row.claimed_at)
        case "mail":
            what = _("Mail to %(address)s: %(subject)s") % {
                "address": row.address,
                "subject": row.subject,
            }
            detail = f"{row.get_state_display()}. {row.last_error}".strip()
            return Failure(kind, row.pk, what, detail, row.claimed_at or row.queued_at)
        case "plan":
            what = _("Plan of who reads which letter")
        case "dossier":
            # Of which letter is for whoever asked: that one was asked for may say enough.
            what = _("Dossier %(id)s of a letter") % {"id": str(row.pk)[:8]}
            tries = _("tried %(number)d times") % {"number": row.attempts}
            return Failure(kind, row.pk, what, tries, row.asked_at)
        case _:
            what = _("Committee pack")
    tries = _("%(round)s, tried %(number)d times") % {"round": row.round, "number": row.attempts}
    return Failure(kind, row.pk, what, tries, row.asked_at)


def _why_a_letter_failed(letter) -> str:
    kind = letter.last_error.partition(":")[0]
    if kind.isidentifier():
        return kind
    return _("Its text was not what was decided, or a worker stopped. A publisher sees which.")
