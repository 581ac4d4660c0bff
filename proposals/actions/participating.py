"""Partner organisations say for themselves that they take part, by a link that needs no account.

The link carries a secret of which only the hash is kept; whoever holds it may answer, and change
the answer, until the cutoff. Reading it changes nothing, because mail scanners open every link.
"""

import hashlib
import secrets
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.states import Seat
from audit.models import Entry
from notifications import outbox
from proposals import participations
from proposals.actions.moments import draft_moment, lock, open_moment
from proposals.actions.record import log
from proposals.actions.refusal import Refused
from proposals.models import Participation
from proposals.states import Answer, LetterState

# A letter has at most 30 partners; each can be asked and one in three asked again. What is more is
# somebody using the portal to send mail.
MOST_MAILS_A_DAY = 40


@transaction.atomic
def ask_partner(letter, *, row, email, language, actor) -> Participation:
    """Ask the organisation in this row whether it takes part. An earlier question goes."""
    letter = lock(letter)
    at = draft_moment(letter)
    partner = participations.row_of(letter, row)
    if partner is None:
        raise Refused(_("This organisation is no longer in the letter. Nobody was asked."))
    asked = _asked_since(letter, at - timedelta(days=1))
    if asked >= MOST_MAILS_A_DAY:
        raise Refused(
            _(
                "Partners were asked %(n)s times today for this letter and for drafts that were "
                "deleted. Please go on tomorrow."
            )
            % {"n": asked},
            code="too_many_mails",
        )
    earlier = letter.participations.filter(row=row, answer=Answer.YES)
    share = participations.share_of(partner)
    if any(
        participations.stands(question, partner) and question.answered_share == share
        for question in earlier
    ):
        raise Refused(
            _("%(who)s has confirmed already. Take the question back first to ask anew.")
            % {"who": partner["name"]},
            code="confirmed",
        )
    letter.participations.filter(row=row).exclude(answer=Answer.TAKEN_BACK).update(
        answer=Answer.TAKEN_BACK
    )
    secret = secrets.token_urlsafe(32)
    question = Participation.objects.create(
        letter=letter,
        row=row,
        organisation=partner["name"],
        email=email,
        language=language,
        secret_sha256=_hash(secret),
        asked_by=actor,
        asked_at=at,
    )
    _record("letter.partner_asked", question, actor=actor, at=at)
    outbox.enqueue_to_address(
        key=f"participation-{question.pk}",
        address=email,
        language=language,
        template="partner_asked",
        context={"letter": letter, "question": question, "partner": partner, "secret": secret},
        at=at,
        # The text holds the secret, so it is wiped from the ledger once it has left.
        secret=True,
    )
    return question


def _asked_since(letter, moment) -> int:
    """How often partners were asked for this letter, or for drafts that its agency deleted since.

    Counted in the record, which keeps what became of mails whose rows went with their draft:
    otherwise a draft that is deleted and begun anew has all its mails again.
    """
    happened = Entry.objects.filter(at__gt=moment)
    deleted = happened.filter(action="letter.deleted", data__agency=str(letter.agency_id))
    own = happened.filter(action="letter.partner_asked").filter(
        Q(subject=f"letter:{letter.pk}") | Q(subject__in=deleted.values("subject"))
    )
    return own.count()


@transaction.atomic
def take_back_question(question, *, actor) -> Participation:
    """The link in the mail no longer works, and an answer no longer counts. Twice is once."""
    letter = lock(question.letter)
    at = draft_moment(letter)
    question = Participation.objects.select_for_update(of=("self",)).get(pk=question.pk)
    if question.answer != Answer.TAKEN_BACK:
        question.answer = Answer.TAKEN_BACK
        question.save(update_fields=["answer"])
        outbox.call_off(f"participation-{question.pk}")
        _record("letter.partner_question_taken_back", question, actor=actor, at=at)
    return question


@transaction.atomic
def answer_question(question, *, takes_part: bool, name, note) -> Participation:
    """The partner's word. Refused from the cutoff on, or if the question no longer stands.

    The question of a letter that was withdrawn rests until the letter is taken up again.
    """
    letter = lock(question.letter)
    at = open_moment(letter.call)
    _refuse_withdrawn(letter)
    question = Participation.objects.select_for_update(of=("self",)).get(pk=question.pk)
    row = participations.row_of(letter, question.row)
    if not participations.stands(question, row):
        raise Refused(_("The agency took this question back, so it needs no answer any more."))
    was, question.answer = question.answer, Answer.YES if takes_part else Answer.NO
    question.answered_at, question.answered_name, question.note = at, name, note
    question.answered_share = participations.share_of(row)
    question.save(
        update_fields=["answer", "answered_at", "answered_name", "answered_share", "note"]
    )
    _record("letter.partner_answered", question, actor=None, at=at)
    if letter.state == LetterState.SUBMITTED and question.answer != was:
        _tell_who_writes(letter, question, at=at)
    return question


def _tell_who_writes(letter, question, *, at):
    """The filed version does not hold this answer; whoever can file another one is told.

    At most once of a yes and once of a no, however often a partner thinks better of it: the mail
    names neither, and the page says what stands.
    """
    writers = letter.agency.memberships.filter(seat__in=(Seat.REPRESENTATIVE, Seat.EDITOR))
    key = f"letter-{letter.pk}-partner-{question.pk}-{question.answer}"
    owed = {
        f"{key}-{seat.user_id}": (seat.user, {"letter": letter, "question": question})
        for seat in writers.select_related("user").order_by("pk")
    }
    outbox.enqueue_all(owed, template="partner_answered", at=at, about=letter.pk)


def ensure_answerable(question) -> None:
    """Raise `Refused` if the partner cannot answer right now."""
    open_moment(question.letter.call)
    _refuse_withdrawn(question.letter)


def question_by(secret: str) -> Participation | None:
    """The question that the link with this secret leads to, if it still stands."""
    found = (
        Participation.objects.select_related("letter__call", "letter__agency")
        .filter(secret_sha256=_hash(secret))
        .first()
    )
    if found is None:
        return None
    row = participations.row_of(found.letter, found.row)
    return found if participations.stands(found, row) else None


def _refuse_withdrawn(letter):
    # What the agency took back is no longer shown to anybody outside it.
    if letter.state == LetterState.WITHDRAWN:
        raise Refused(
            _("The agency took this question back, so it needs no answer any more."),
            code="withdrawn",
        )


def _record(action, question, *, actor, at):
    data = {"participation": str(question.pk), "row": question.row, "answer": question.answer}
    log(action, question.letter, actor=actor, at=at, data=data)


def _hash(secret) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
