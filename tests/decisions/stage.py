"""A call's rounds on the way from ranked to released, for the tests of this room."""

import io
import re
from datetime import timedelta
from decimal import Decimal

import pikepdf

from accounts.states import Role
from audit.models import Entry
from decisions import actions
from decisions.models import DecisionLetter, Publication
from decisions.states import Outcome
from notifications.models import Message
from proposals.models import LetterEvent, LetterOfIntent
from reviews.models import RankedLetter, Ranking
from tests import make

REASON = "The panel weighed it."
MINUTE = timedelta(minutes=1)
RUBRIC = [
    {"code": "science", "name": {"en": "Science", "zh-hans": "科学"}, "weight": 60},
    {"code": "feasibility", "name": {"en": "Feasibility", "zh-hans": "可行性"}, "weight": 40},
]


def paper(text) -> bytes:
    """An empty page that can be signed, as quick as it gets; other bytes for another text."""
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.docinfo["/Title"] = text
        made = io.BytesIO()
        pdf.save(made, deterministic_id=True)
    return made.getvalue()


def late(call):
    """A moment well after the call has closed."""
    return call.closes_at + timedelta(days=240)


def freeze(call_round, letters):
    """The frozen ranking of a round, best first."""
    ranking = Ranking.objects.create(
        round=call_round,
        frozen_at=late(call_round.call) - timedelta(days=9),
        frozen_by=make.user(Role.CHAIR),
        rubric=RUBRIC,
    )
    for position, letter in enumerate(letters, 1):
        RankedLetter.objects.create(
            ranking=ranking,
            letter=letter,
            position=position,
            total=Decimal(90 - position),
            reviews=3,
            means={"science": "4.50", "feasibility": "3.50"},
        )
    return ranking


def final(*outcomes, call=None, **fields):
    """The final round of a call with one shortlisted letter an outcome; None stays undecided."""
    call = call or make.call()
    letters = [make.shortlisted_letter(call=call, agency=make.agency(), **fields) for _ in outcomes]
    for letter in letters:
        make.member(of=letter.agency)
    call_round = make.final_round(call)
    freeze(call_round, letters)
    decide(call_round, letters, outcomes)
    return call_round, letters


def preliminary(*outcomes):
    """The first round of a call with one eligible letter an outcome."""
    call = make.call()
    letters = [make.eligible_letter(call=call, agency=make.agency()) for _ in outcomes]
    for letter in letters:
        make.member(of=letter.agency)
    call_round = make.first_round(call)
    freeze(call_round, letters)
    decide(call_round, letters, outcomes)
    return call_round, letters


def decide(call_round, letters, outcomes):
    chair = make.user(Role.CHAIR)
    for letter, outcome in zip(letters, outcomes, strict=True):
        if outcome is not None:
            actions.decide(
                call_round,
                letter,
                outcome=outcome,
                reason=REASON,
                actor=chair,
                at=late(call_round.call),
            )


def merge(call_round, letter, lead, *, actor=None):
    """Decide that a letter joins the project of another one."""
    return actions.decide(
        call_round,
        letter,
        outcome=Outcome.MERGED,
        reason=REASON,
        merged_with=lead,
        actor=actor or make.user(Role.CHAIR),
        at=late(call_round.call),
    )


def consent(call_round, letter, *, agrees=True, actor=None):
    """Both lead agencies of a merger are asked and answer."""
    at, actor = late(call_round.call), actor or make.user(Role.CHAIR)
    asked = actions.ask_consents(call_round, letter, actor=actor, at=at)
    for one in asked:
        person = actions.consenting.representatives_of(one.agency).first() or make.member(
            one.agency
        )
        reason = "" if agrees else "It is another design."
        actions.answer_consent(one, agrees=agrees, reason=reason, actor=person, at=at)
    return asked


def propose(call_round, *, actor=None):
    """A proposal whose letters are not rendered yet."""
    actor = actor or make.user(Role.PUBLISHER)
    return actions.propose(call_round, actor=actor, at=late(call_round.call) + MINUTE)


def render_all(publication):
    for letter in DecisionLetter.objects.filter(publication=publication):
        actions.render_letter(letter.pk, at=publication.proposed_at + MINUTE)


def ready(*outcomes, **fields):
    """A proposed publication of a final round with every letter rendered."""
    call_round, letters = final(*(outcomes or (Outcome.SELECTED, Outcome.NOT_SELECTED)), **fields)
    return rendered(call_round), letters


def rendered(call_round):
    """A proposal of a decided round with every letter rendered."""
    publication = propose(call_round)
    render_all(publication)
    return publication


def release(publication, *, actor=None, **options):
    """Released, and its mails written, as a worker does seconds later."""
    told = release_without_mails(publication, actor=actor, **options)
    actions.mail_told(at=told.released_at)
    return told


def release_without_mails(publication, *, actor=None, **options):
    return actions.release(
        publication,
        confirmed_count=options.pop("confirmed_count", publication.positive_count),
        actor=actor or make.user(Role.PUBLISHER),
        at=publication.proposed_at + 2 * MINUTE,
        **options,
    )


def withdraw(publication):
    """Take a proposal back, which unlocks the decisions."""
    return actions.withdraw_proposal(
        publication,
        reason="One more look.",
        actor=publication.proposed_by,
        at=publication.proposed_at + MINUTE,
    )


def released(*outcomes, **fields):
    publication, letters = ready(*outcomes, **fields)
    release(publication)
    publication = Publication.objects.get(pk=publication.pk)
    return publication, letters


def bare(response) -> str:
    """A page without the token that protects its forms, which no two answers share."""
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", response.content.decode())


def everything_told():
    """What a release changes, all in one value."""
    return (
        sorted(LetterOfIntent.objects.values_list("pk", "state")),
        Publication.objects.released().count(),
        LetterEvent.objects.count(),
        Message.objects.count(),
        Entry.objects.count(),
    )


def first_letter(publication):
    return publication.letters.order_by("number").first()
