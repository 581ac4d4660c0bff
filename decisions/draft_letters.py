"""What a draft of the wording is filled with: a letter of the round, or invented particulars."""

from dataclasses import replace

from django.utils import translation

from decisions import letter_facts, mergers, rounds
from decisions.models import Decision
from decisions.rendering import Condition, LetterFacts, Texts, wording
from decisions.states import POSITIVE, Outcome
from proposals.models.call import in_language
from reviews.models import RankedLetter, Ranking

# Of a letter that nobody wrote.
_REFERENCE = "CE8-0000-0000"


def decided(call_round, outcome):
    """The decisions of the round with this outcome: each can be looked at in new words."""
    found = rounds.decisions_of(call_round).filter(outcome=outcome)
    related = ("round", "letter__call", "letter__agency", "merged_with")
    return found.select_related(*related).order_by("letter__reference")


def of_decision(decision: Decision, *, language: str, texts: Texts, at) -> LetterFacts:
    """The facts of a real letter, without what would make a paper of them genuine."""
    call_round = decision.round
    ranking = Ranking.objects.get(round=call_round)
    facts = letter_facts.gather(
        decision,
        number=letter_facts.draft_number(decision.letter.reference, call_round.kind),
        language=language,
        code="",
        received=call_round.call.letters.filed().count(),
        positive=rounds.decisions_of(call_round).filter(outcome__in=POSITIVE).count(),
        joining=mergers.joining(call_round).get(decision.letter_id, ()),
        ranked=RankedLetter.objects.filter(ranking=ranking, letter=decision.letter).first(),
        rubric=ranking.rubric,
        texts=texts,
        at=at,
    )
    return replace(facts, verification_address="", sha256_of_decision="")


def invented(call_round, outcome, *, language: str, texts: Texts, at) -> LetterFacts:
    """The same where no letter has this outcome yet: the call is real, the rest says what it is."""
    call, words = call_round.call, wording.of(language)
    said = words.files["draft"]
    with translation.override(language):
        head = {key: in_language(text) for key, text in call.correspondence.items()}
        title = in_language(call.title)
    return LetterFacts(
        language=language,
        letterhead=head["letterhead"],
        office=head["office"],
        place=head["place"],
        date=at.astimezone(call.tzinfo).date(),
        letter_number=letter_facts.draft_number(_REFERENCE, call_round.kind),
        reference=_REFERENCE,
        title=said["title"],
        agency=said["agency"],
        country=said["country"],
        call_title=title,
        round_name=words.files["rounds"][call_round.kind],
        letters_received=call.letters.filed().count(),
        letters_selected=rounds.decisions_of(call_round).filter(outcome__in=POSITIVE).count(),
        outcome=outcome,
        reason=said["reason"],
        conditions=(Condition(said["condition"]),) if outcome == Outcome.CONDITIONAL else (),
        merged_with=said["project"] if outcome == Outcome.MERGED else "",
        led_by=said["agency"] if outcome == Outcome.MERGED else "",
        reserve_rank=1 if outcome == Outcome.RESERVE else None,
        contact=call.contact,
        signatory=head["signatory"],
        signatory_position=head["signatory_position"],
        verification_code="",
        verification_address="",
        sha256_of_decision="",
        texts=texts,
    )
