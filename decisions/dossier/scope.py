"""What one reader's dossier of one letter may hold. Everything that gathers asks here."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from accounts.models import User
from decisions.models import Dossier, Publication
from decisions.querysets import letters_barred_to
from decisions.states import Reader
from proposals.models import LetterOfIntent
from proposals.states import LetterState


@dataclass(frozen=True)
class Scope:
    """The letter, for whom, and which rounds have been told; fixed once for all that is gathered.

    A round that is released while a dossier is made is in the next one.
    """

    letter: LetterOfIntent
    reader: Reader
    user: User
    # Ids of the rounds whose decision on this letter was told.
    told: frozenset[int]
    # Ids of letters that the reader may not know of.
    hidden: frozenset[UUID]

    @property
    def is_agency(self) -> bool:
        return self.reader == Reader.AGENCY

    @property
    def keeps_the_record(self) -> bool:
        """Whether the reader may see receipts, attempts and mails: the chair may not."""
        return self.reader != Reader.CHAIR

    @property
    def reads_the_text(self) -> bool:
        """The auditor reads what was filed once something was told of it, or it was withdrawn."""
        if self.reader == Reader.AUDITOR:
            return bool(self.told) or self.letter.state == LetterState.WITHDRAWN
        return True

    def knows_the_panel_of(self, call_round) -> bool:
        """Whether the reader may see what the panel thought in this round."""
        if self.is_agency:
            return False
        return self.reader == Reader.CHAIR or call_round.pk in self.told

    def knows_the_decision_of(self, call_round) -> bool:
        return self.reader == Reader.CHAIR or call_round.pk in self.told

    def person(self, user) -> dict | None:
        """Somebody, as this reader may know her or him.

        An agency knows its own people by name. Of everybody else it learns that there was somebody:
        neither a name nor anything that two agencies could compare.
        """
        if user is None:
            return None
        if self.is_agency and user.seat_in(self.letter.agency_id) is None:
            return {"name": None}
        return {"id": str(user.pk), "name": user.name or user.email}


def scope_of(dossier: Dossier) -> Scope:
    letter = dossier.letter
    released = Publication.objects.released().filter(letters__decision__letter=letter)
    hidden = letters_barred_to(dossier.asked_by)
    return Scope(
        letter=letter,
        reader=Reader(dossier.reader),
        user=dossier.asked_by,
        told=frozenset(released.values_list("round", flat=True)),
        hidden=frozenset(row["letter"] for row in hidden),
    )


def instant(moment: datetime | None) -> str | None:
    """A moment as it stands in a dossier: UTC, to the microsecond."""
    return moment and moment.astimezone(UTC).isoformat(timespec="microseconds")
