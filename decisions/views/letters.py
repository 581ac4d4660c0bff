from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from accounts.states import Language
from decisions import letter_facts
from decisions.models import Decision, DecisionLetter, Publication
from decisions.pdf_response import pdf_response
from decisions.permissions import has_dossier, refuse_download
from decisions.rendering import wording
from decisions.states import PublicationState, RenderState
from proposals.models import LetterOfIntent
from proposals.states import RoundKind


@require_safe
def page(request, letter_id):
    """What was decided about a letter, once it has been told: the same words as the PDF."""
    told = (
        Decision.objects.visible_to(request.user)
        .filter(letter=letter_id, round__publications__state=PublicationState.RELEASED)
        .select_related("letter__agency", "letter__call", "merged_with", "round")
        .order_by("round__announced_for")
    )
    rounds = {decision.round.kind: decision for decision in told}
    if not rounds:
        raise Http404
    latest = list(rounds)[-1]
    decision = rounds.get(_round_asked_for(request) or latest)
    if decision is None:
        raise Http404
    letters = list(DecisionLetter.objects.valid().filter(decision=decision).order_by("language"))
    facts = letter_facts.from_json(_in_language(letters, get_language()).facts)
    facts = letter_facts.said_in(get_language(), facts, decision)
    mine = DecisionLetter.objects.visible_to(request.user).filter(decision=decision)
    context = {
        "letter": decision.letter,
        "decision": decision,
        "rounds": list(rounds.values()),
        "publication": Publication.objects.released().get(round=decision.round),
        "facts": facts,
        "correction": decision.corrections.filter(state=PublicationState.RELEASED)
        .order_by("-released_at")
        .first(),
        "sentence": wording.sentence(facts),
        "led_by": wording.of(facts.language).word("led_by"),
        "joined_by": wording.of(facts.language).word("joined_by"),
        "steps": wording.next_steps(facts),
        "redress": wording.redress(facts),
        "files": letters if mine.exists() else [],
        "has_dossier": has_dossier(request.user, decision.letter),
    }
    return render(request, "decisions/letter_page.html", context)


@require_safe
def pdf(request, letter_id):
    """The decision letter: for the agency once released, for publishers once proposed."""
    loi = get_object_or_404(LetterOfIntent.objects.visible_to(request.user), pk=letter_id)
    found = (
        DecisionLetter.objects.visible_to(request.user)
        .filter(decision__letter=loi, state=RenderState.READY)
        .filter(_current())
        .order_by("-publication__round__announced_for")
    )
    asked = _round_asked_for(request)
    if asked:
        found = found.filter(publication__round__kind=asked)
    letters = list(found.select_related("publication"))
    if not letters:
        released = Publication.objects.released().filter(letters__decision__letter=loi)
        refuse_download(request.user, released=released.exists())
    latest = [one for one in letters if one.publication_id == letters[0].publication_id]
    asked_for = request.GET.get("lang")
    found = _in_language(latest, asked_for or loi.agency.letter_language)
    if asked_for and asked_for != found.language:
        raise Http404
    return pdf_response(found)


def _current():
    """Told and not superseded; or, for whoever may see it before, of an open proposal."""
    proposed = Q(correction__isnull=True, publication__state=PublicationState.PROPOSED)
    return Q(told_at__isnull=False, superseded_at__isnull=True) | proposed


def _round_asked_for(request):
    """The round named in the address, or None; Http404 for a word that is none."""
    asked = request.GET.get("round", "").upper()
    if asked and asked not in RoundKind.values:
        raise Http404
    return asked or None


def _in_language(letters, language):
    """The letter in this language, or the English one, which everybody has."""
    by_language = {one.language: one for one in letters}
    return by_language.get(language) or by_language[Language.ENGLISH]
