"""The part of the audit chain that a dossier proves: docs/audit.md says how it is checked.

From the first entry that is shown to the last, and on to the next head that was made known, every
entry is there: in full where it is about the letter, and of all others the salted hash of what they
say, so that each link can be followed and nothing be read that is not the reader's to know.
"""

import json
from datetime import datetime
from pathlib import Path

from django.db.models import Q

from audit import chain
from audit.models import Anchor, Entry
from decisions.dossier.decided import told_letters
from decisions.dossier.scope import Scope, instant
from decisions.models import Correction, DecisionLetter, Publication
from decisions.states import PublicationState, Reader
from proposals import happened
from proposals.states import ANNOUNCED

FORMAT = "chang-e8-chain-1"
# That dossiers were made is in the record and in no dossier: each would differ from the one before.
DOSSIERS = "dossier."
# What a chair, who sees nothing of a draft, may know of the time before the seal.
_FILING = ("letter.submitted", "letter.withdrawn")
_TOLD = {f"letter.{state.lower()}" for state in ANNOUNCED} | {"letter.corrected"}


def entries_shown(scope: Scope):
    """The entries that this reader sees in full."""
    own = Q(subject=f"letter:{scope.letter.pk}")
    if scope.is_agency:
        # As on the agency's own page of the record, and how it was told.
        about = own & Q(action__in={*happened.ACTS, *_TOLD})
        return Entry.objects.filter(about | _told(scope))
    about = own & ~Q(action__startswith=DOSSIERS)
    sealed = Q(action="call.sealed", subject=f"call:{scope.letter.call_id}")
    if scope.reader == Reader.CHAIR:
        seal = Entry.objects.filter(sealed).order_by("seq").values_list("seq", flat=True).first()
        about &= Q(action__in=_FILING) | Q(seq__gt=seal or 0)
        return Entry.objects.filter(about | sealed | _proposed(scope) | _told(scope))
    return Entry.objects.filter(about | sealed | _told(scope))


def _told(scope) -> Q:
    """The release of each round that was told, its corrections of this letter, and the letters."""
    rounds = scope.letter.call.rounds.filter(pk__in=scope.told)
    letters = [one for call_round in rounds for one in told_letters(scope, call_round)]
    publications = Publication.objects.released().filter(round__in=rounds)
    corrections = Correction.objects.filter(
        decision__letter=scope.letter, state=PublicationState.RELEASED
    )
    released = _named("publication.released", "publication", publications)
    if not scope.is_agency:
        released |= _named("publication.proposed", "publication", publications)
    return (
        released
        | _named("correction.released", "correction", corrections)
        | _named("decision_letter.rendered", "letter", letters)
    )


def _proposed(scope) -> Q:
    """For the panel also what was proposed and not released."""
    letters = DecisionLetter.objects.filter(decision__letter=scope.letter)
    publications = Publication.objects.filter(letters__in=letters)
    corrections = Correction.objects.filter(decision__letter=scope.letter)
    return (
        _named("publication.", "publication", publications)
        | _named("correction.", "correction", corrections)
        | _named("decision_letter.", "letter", letters)
    )


def _named(action, key, rows) -> Q:
    """Entries of an action, or of a kind of them, that name one of these rows."""
    ids = [str(row.pk) for row in rows]
    kind = "action__startswith" if action.endswith(".") else "action"
    return Q(**{kind: action, f"data__{key}__in": ids})


def write(scope: Scope, out: Path, *, at: datetime) -> dict:
    """Write the chain's part to `out`, entry by entry; returns where it begins and ends.

    If no head from its last entry on is known to everybody yet, the present one becomes so at `at`:
    a part that ended in no known head could be a forgery.
    """
    shown = frozenset(entries_shown(scope).values_list("seq", flat=True))
    first, last = min(shown, default=0), max(shown, default=0)
    known = Anchor.objects.filter(seq__gte=last).order_by("seq").first()
    if shown and known is None:
        known = chain.make_known(at=at)
    end = known.seq if shown and known else last
    bounds = Entry.objects.in_bulk([first, end])
    where = {
        "first": first,
        "last": end,
        "before": bounds[first].prev_hash if shown else chain.GENESIS,
        "head": bounds[end].hash if shown else chain.GENESIS,
        # When everybody was told this head, which then stands in /verify/heads.txt.
        "known_since": instant(known.at) if shown and known else None,
    }
    part = Entry.objects.filter(seq__gte=first, seq__lte=end) if shown else Entry.objects.none()
    with out.open("w", encoding="utf-8") as file:
        # One entry a line, so that it can be read with the eye as well.
        file.write(f'{{"about":{_line({"format": FORMAT, **where})},\n"entries":[\n')
        between = ""
        for entry in part.order_by("seq").iterator(chunk_size=2000):
            file.write(f"{between}{_line(_told_of(entry, shown))}")
            between = ",\n"
        file.write("\n]}\n")
    return where


def _told_of(entry, shown):
    if entry.seq in shown:
        return {**chain.said_by(entry), "seq": entry.seq, "hash": entry.hash}
    if not entry.salt:
        # From before what is said was hashed apart: its link cannot be followed without its text.
        return {"hash": entry.hash}
    return chain.content_digest(entry)


def _line(value) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
