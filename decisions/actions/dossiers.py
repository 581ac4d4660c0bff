"""Dossiers: asked for, made by a worker, forgotten after a week. The record keeps who had one."""

from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.utils import translation
from django.utils.translation import gettext as _

from audit import chain
from chang_e8_portal import clock
from decisions import dossier as dossiers
from decisions.actions.refusal import Refused
from decisions.models import Dossier, Publication
from decisions.states import Reader
from proposals import files
from proposals.models import LetterOfIntent
from proposals.states import LetterState
from reviews.states import PACK_MOVES, PackState

KEPT_FOR = timedelta(days=7)
_MOST_ATTEMPTS = 3


def refusal_of(letter, reader) -> str:
    """Why there is no dossier of this letter now, for this reader; empty if there can be one."""
    if not letter.versions.exists():
        return _("Nothing of this letter has been filed, so there is no dossier of it.")
    if reader != Reader.AGENCY or letter.state == LetterState.WITHDRAWN:
        return ""
    released = Publication.objects.released().filter(letters__decision__letter=letter)
    if not released.exists():
        return _("The dossier can be made once a decision on this letter has been published.")
    return ""


@transaction.atomic
def ask_for_dossier(letter, *, reader, reason, language, actor, at) -> Dossier:
    """Owe somebody the dossier of a letter; an auditor or a chair says what for."""
    letter = LetterOfIntent.objects.select_for_update(no_key=True).get(pk=letter.pk)
    if refusal := refusal_of(letter, reader):
        raise Refused(refusal, code="too_early")
    if reader != Reader.AGENCY and not reason.strip():
        raise Refused(_("Say why the dossier is made."))
    own = Dossier.objects.filter(letter=letter, asked_by=actor)
    if own.filter(state__in=(PackState.QUEUED, PackState.RUNNING)).exists():
        raise Refused(_("A dossier of this letter is being made for you. Wait until it is there."))
    dossier = Dossier.objects.create(
        letter=letter,
        reader=reader,
        reason=reason.strip(),
        language=language,
        asked_by=actor,
        asked_at=at,
    )
    _log("dossier.asked", dossier, actor=actor, at=at, reason=dossier.reason)
    return dossier


@transaction.atomic
def retry_dossier(dossier, *, reason, actor, at) -> Dossier:
    """Have a dossier that failed made once more, for who asked for it."""
    dossier = Dossier.objects.select_for_update(of=("self",)).get(pk=dossier.pk)
    if PackState.QUEUED not in PACK_MOVES[PackState(dossier.state)]:
        raise Refused(_("Only a dossier that failed can be tried again."))
    dossier.state, dossier.attempts, dossier.progress = PackState.QUEUED, 0, 0
    dossier.finished_at = None
    dossier.save(update_fields=["state", "attempts", "progress", "finished_at"])
    _log("dossier.retried", dossier, actor=actor, at=at, reason=reason)
    return dossier


def make_due_dossiers(*, at) -> int:
    """Make every dossier that waits; return how many were."""
    due = Dossier.objects.makeable(at=at).order_by("asked_at")
    return sum(make_dossier(pk, at=at) for pk in due.values_list("pk", flat=True))


def make_dossier(dossier_id, *, at) -> bool:
    """Claim one waiting dossier and make it; False if there was nothing to do.

    The claim is a compare-and-swap and is renewed on the way: two workers never both write, and
    what was left by one that died is taken up by another. Three such deaths are enough.
    """
    claimed = (
        Dossier.objects.makeable(at=at)
        .filter(pk=dossier_id)
        .update(state=PackState.RUNNING, claimed_at=at, attempts=F("attempts") + 1, progress=0)
    )
    if claimed != 1:
        return False
    rows = Dossier.objects.select_related("letter__call", "letter__agency", "asked_by")
    dossier = rows.get(pk=dossier_id)
    if dossier.attempts > _MOST_ATTEMPTS:
        _set_aside(dossier)
        return False
    try:
        with files.workshop() as folder, translation.override(dossier.language):
            made = dossiers.make(
                dossier, folder, at=at, advance=lambda done: _advance(dossier, done)
            )
            size = made.path.stat().st_size
            sha256 = files.store_made(made.path)
    except _Lost:
        return False
    except Exception:
        # Out of the way before anybody sees the traceback, so that it can be asked for anew.
        _set_aside(dossier)
        raise
    return _finish(dossier, sha256=sha256, size=size, last_seq=made.last)


def forget_dossiers(*, at) -> int:
    """Forget those asked for a week ago; their files go with the next sweep. Returns how many."""
    gone, _by_model = Dossier.objects.filter(asked_at__lte=at - KEPT_FOR).delete()
    return gone


class _Lost(Exception):
    """Another worker has taken this dossier over, or it was forgotten."""


def _mine(dossier):
    """The row as long as this worker's claim stands."""
    return Dossier.objects.filter(pk=dossier.pk, state=PackState.RUNNING, attempts=dossier.attempts)


def _advance(dossier, done):
    if _mine(dossier).update(progress=done, claimed_at=clock.now()) != 1:
        raise _Lost


def _set_aside(dossier) -> None:
    _mine(dossier).update(state=PackState.FAILED, finished_at=clock.now(), progress=100)


@transaction.atomic
def _finish(dossier, **found) -> bool:
    at = clock.now()
    changed = _mine(dossier).update(state=PackState.READY, finished_at=at, progress=100, **found)
    if changed != 1:
        return False
    _log("dossier.made", dossier, actor=None, at=at, **found)
    return True


def _log(action, dossier, *, actor, at, **data):
    """Who had it made, as what, and what came out."""
    chain.append(
        action,
        subject=f"letter:{dossier.letter_id}",
        actor=str(actor.pk) if actor else "",
        at=at,
        data={
            "dossier": str(dossier.pk),
            "for": str(dossier.asked_by_id),
            "reader": str(dossier.reader),
            **data,
        },
    )
