"""What reviewers who have filed, and the chair, say to each other about a letter."""

import hashlib

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from audit import chain
from chang_e8_portal import clock
from proposals.models import LetterOfIntent
from proposals.states import LetterState
from reviews import notices
from reviews.actions.refusal import Refused, Stale
from reviews.models import (
    Assignment,
    ConflictCheck,
    Consensus,
    Contribution,
    Review,
)
from reviews.permissions import presides
from reviews.scoring import HALF_MARKS

# More than any panel says; a program gone wild stops here.
MOST_CONTRIBUTIONS = 500


@transaction.atomic
def contribute(call_round, letter, *, text, answers=None, actor) -> Contribution:
    """Say something about a letter; `answers` is the contribution it answers.

    Threads have one level: an answer to an answer stands under the first contribution. The others
    of the letter are told by mail at most once an hour.
    """
    letter, at = _lock(call_round, letter, actor)
    about = Contribution.objects.filter(round=call_round, letter=letter)
    if about.count() >= MOST_CONTRIBUTIONS:
        raise Refused(_("There is no room for more in this discussion."))
    if not text.strip():
        raise Refused(_("Write something first."))
    if answers is not None:
        if not about.filter(pk=answers.pk).exists():
            raise Refused(_("What you answer is not part of this discussion."))
        answers = answers.answers or answers
    said = Contribution.objects.create(
        round=call_round, letter=letter, author=actor, answers=answers, text=text, at=at
    )
    notices.discussion_went_on(call_round, letter, author=actor, at=at)
    _log("discussion.contributed", call_round, letter, actor, at, [text], contribution=str(said.pk))
    return said


@transaction.atomic
def write_consensus(call_round, letter, *, changes, marks, revision, actor) -> Consensus:
    """Write what the reviewers of a letter agreed on, and what some of them did not.

    `changes` are text and minority_view, `marks` maps criterion codes to marks in half steps as
    text. `revision` is the one the page was opened with, 0 where nothing was written. Raises
    `Stale` with the present one, or `Refused`. Marks of the reviews stay as they are.
    """
    letter, at = _lock(call_round, letter, actor)
    known = {mark: f"{mark.normalize():f}" for mark in HALF_MARKS}
    if not set(marks.values()) <= set(known.values()):
        raise Refused(_("A mark is a number from 0 to 5 in half steps."))
    if not (marks or any(text.strip() for text in changes.values())):
        raise Refused(_("Write something first."))
    found = Consensus.objects.filter(round=call_round, letter=letter).select_for_update().first()
    if (found.revision if found else 0) != revision:
        raise Stale(found)
    written = {**changes, "marks": marks, "written_by": actor, "written_at": at}
    if found is None:
        found = Consensus(round=call_round, letter=letter, **written)
        try:
            with transaction.atomic():
                found.save(force_insert=True)
        except IntegrityError:
            # Somebody wrote the first one at the same moment.
            raise Stale(Consensus.objects.get(round=call_round, letter=letter)) from None
    else:
        for name, value in written.items():
            setattr(found, name, value)
        found.revision += 1
        found.save(update_fields=[*written, "revision"])
    notices.discussion_went_on(call_round, letter, author=actor, at=at)
    _log(
        "consensus.written",
        call_round,
        letter,
        actor,
        at,
        [found.text, found.minority_view, *sorted(f"{c}={m}" for c, m in marks.items())],
        revision=found.revision,
    )
    return found


def discussion_closed_because(call_round, letter) -> Refused | None:
    """Why nothing can be said about a letter any more; None while it can.

    Talk goes on after the ranking is frozen, up to the moment when the outcome is announced.
    """
    if letter.state == LetterState.WITHDRAWN:
        return Refused(_("Its agency has withdrawn this letter."), code="withdrawn")
    open_in = LetterState.SHORTLISTED if call_round.is_final else LetterState.SUBMITTED
    if letter.state != open_in:
        return Refused(_("The outcome of this round is announced."), code="announced")
    return None


def _lock(call_round, letter, actor):
    """The letter and the moment, if `actor` may take part in its discussion now.

    Rows are locked in the order of everybody else, so that a conflict that is declared at the same
    moment, or a review that is taken back, is either seen here or waits for us.
    """
    checks = ConflictCheck.objects.filter(reviewer=actor, letter=letter)
    list(checks.select_for_update().order_by("pk"))
    own = Assignment.objects.active().filter(round=call_round, letter=letter, reviewer=actor)
    held = list(own.select_for_update(of=("self",)).order_by("pk"))
    letter = LetterOfIntent.objects.select_related("call").get(pk=letter.pk)
    if not presides(actor, letter):
        filed = Review.objects.submitted().filter(assignment__in=held)
        if not (filed.exists() and any(check.is_clear for check in checks.all())):
            raise Refused(_("File your own review of this letter first."), code="not_filed")
    if refusal := discussion_closed_because(call_round, letter):
        raise refusal
    return letter, clock.database_now()


def _log(action, call_round, letter, actor, at, texts, **data):
    """The record keeps a fingerprint of the words, not the words."""
    fingerprint = hashlib.sha256("\n".join(texts).encode()).hexdigest()
    chain.append(
        action,
        subject=f"letter:{letter.pk}",
        actor=str(actor.pk),
        at=at,
        data={"round": call_round.pk, "sha256": fingerprint, **data},
    )
