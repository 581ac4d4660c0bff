"""What must always hold in this room."""

from decisions import (
    exceptions,
    letter_facts,
    letter_texts,
    pdf_signature,
    portfolio_check,
    portfolio_input,
    verifying,
)
from decisions.actions.before_release import content_hash
from decisions.models import (
    Decision,
    DecisionLetter,
    LetterTemplate,
    PortfolioRules,
    PortfolioScenario,
    Publication,
)
from decisions.states import ANNOUNCED_AS, ExceptionKind, RenderState
from proposals import files
from proposals.models import LetterOfIntent
from proposals.states import LetterState

_ANNOUNCED = set(LetterState) - {LetterState.DRAFT, LetterState.SUBMITTED, LetterState.WITHDRAWN}


def findings(*, at):
    """One sentence for each thing that should not be."""
    told = set()
    for publication in Publication.objects.released().select_related("round__call"):
        yield from _released(publication)
        decisions = Decision.objects.filter(round=publication.round).select_related("letter")
        told |= {decision.letter_id for decision in decisions}
        later = LetterState.SHORTLISTED
        for decision in decisions:
            announced = ANNOUNCED_AS[decision.outcome]
            if decision.letter.state != announced and announced != later:
                yield f"decisions: {decision.letter.reference} does not show what was published"
    early = LetterOfIntent.objects.filter(state__in=_ANNOUNCED).exclude(pk__in=told)
    for letter in early:
        yield f"decisions: {letter.reference} shows an outcome that was not published"
    yield from _letter_files()
    yield from _words()
    yield from _portfolios()


def _letter_files():
    """Without a key that can be read no signature can be looked at: that is said once."""
    can_look = True
    try:
        pdf_signature.ensure_usable()
    except pdf_signature.KeyUnusable as fault:
        can_look = False
        yield f"decisions: the key that signs letters cannot be used: {fault}"
    for letter in DecisionLetter.objects.filter(state=RenderState.READY):
        if not files.is_whole(letter.sha256):
            yield f"decisions: the file of letter {letter.number} is missing or damaged"
        elif can_look and not verifying.is_as_stored(letter, verifying.signature_of(letter)):
            yield f"decisions: the certificate that signed letter {letter.number} is not kept"


def _words():
    """A letter says what two people approved, or what the files said when it was proposed."""
    approved = {
        (row.round_id, row.outcome, row.language, row.version): letter_texts.texts_of(row)
        for row in LetterTemplate.objects.approved()
    }
    for letter in DecisionLetter.objects.select_related("publication").iterator(chunk_size=500):
        facts = letter_facts.from_json(letter.facts)
        if facts.texts is None or facts.texts.version == 0:
            continue
        kind = (letter.publication.round_id, facts.outcome, facts.language, facts.texts.version)
        if approved.get(kind) != facts.texts:
            yield f"decisions: letter {letter.number} says words that nobody approved"


def _released(publication):
    letters = list(publication.letters.of_publication().order_by("number"))
    if content_hash(letters, publication.page) != publication.content_hash:
        yield f"decisions: the letters of {publication} are not those that were released"
    for letter in letters:
        if letter.state != RenderState.READY:
            yield f"decisions: {letter.number} was released without being rendered"
        if letter.told_at != publication.released_at:
            yield f"decisions: {letter.number} was not told with the others"
    for letter in publication.letters.filter(told_at__isnull=False, superseded_at__isnull=True):
        if letter.decision_version != letter.decision.version:
            yield f"decisions: {letter.number} holds, but the decision has changed since"
    call = publication.round.call
    if any(
        case.kind == ExceptionKind.MASS and not case.is_granted
        for case in exceptions.of(publication.round)
    ):
        yield f"decisions: the selection of {call.code} is too heavy for the lander"


def _portfolios():
    """A set that was kept must still pass the check, by the data that it was made from."""
    for scenario in PortfolioScenario.objects.exclude(set_sha256="").iterator(chunk_size=50):
        found = scenario.result["set"]
        if portfolio_check.faults(
            scenario.data, found["keys"], value=found["value"], mass=found["mass"]
        ):
            yield f"decisions: the set of scenario {scenario.pk} breaks its rules"
        if portfolio_input.fingerprint(found["keys"]) != scenario.set_sha256:
            yield f"decisions: the set of scenario {scenario.pk} is not the one that was kept"
        if portfolio_input.fingerprint(scenario.data) != scenario.input_sha256:
            yield f"decisions: the input of scenario {scenario.pk} is not the one that was kept"
    for rules in PortfolioRules.objects.all():
        if portfolio_input.fingerprint(rules.content) != rules.sha256:
            yield f"decisions: portfolio rules {rules.pk} are not those that were signed"
