from decimal import Decimal

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Q, Sum
from django.utils.translation import gettext as _

from accounts.states import Language
from audit import chain
from decisions import letter_facts
from decisions.actions.refusal import Refused
from decisions.models import Decision, DecisionLetter, Publication
from decisions.states import (
    ANNOUNCED_AS,
    POSITIVE,
    PUBLIC,
    PublicationState,
    RenderState,
)
from proposals import actions as letters_room
from proposals import files
from proposals.models import CallRound, LetterOfIntent
from reviews.models import RankedLetter, Ranking


@transaction.atomic
def propose(call_round, *, actor, at) -> Publication:
    """Fix what the round will say to everyone, and owe the letters that will say it.

    Refused while a letter is undecided or the selected projects outweigh the lander's share. The
    workers render from the facts copied here; nothing becomes visible to anybody outside.
    """
    call_round = CallRound.objects.select_for_update().get(pk=call_round.pk)
    if Publication.objects.live().filter(round=call_round).exists():
        raise Refused(_("A publication of this round is already proposed or released."))
    decisions = list(
        Decision.objects.filter(round=call_round)
        .select_related("round", "letter__call", "letter__agency", "merged_with")
        .order_by("letter__reference")
    )
    refuse_unready(call_round, decisions)
    positive = sum(d.outcome in POSITIVE for d in decisions)
    publication = Publication(
        round=call_round, positive_count=positive, proposed_by=actor, proposed_at=at
    )
    rows = list(_letters(publication, decisions, positive=positive, at=at))
    publication.content_hash = content_hash(rows)
    publication.save(force_insert=True)
    DecisionLetter.objects.bulk_create(rows)
    chain.append(
        "publication.proposed",
        subject=f"round:{call_round.pk}",
        actor=str(actor.pk),
        at=at,
        data={"publication": str(publication.pk), "content": publication.content_hash},
    )
    return publication


@transaction.atomic
def release(publication, *, confirmed_count: int, actor, at) -> Publication:
    """Tell everyone at one instant: the one switch, every letter's state, every mail owed.

    Another person than the proposer, who re-types how many letters go forward. Checks once more
    that each rendered letter is there, unchanged, and says what was decided. All or nothing: the
    pages turn at commit.
    """
    call_round = CallRound.objects.select_for_update().get(pk=publication.round_id)
    publication = Publication.objects.select_for_update().get(pk=publication.pk)
    if publication.state != PublicationState.PROPOSED:
        raise Refused(_("This proposal is no longer open."), code="not_proposed")
    if publication.proposed_by_id == actor.pk:
        raise Refused(_("Another publisher must release what you proposed."), code="same_person")
    if confirmed_count != publication.positive_count:
        raise Refused(
            _("The number you typed is not the number of letters that go forward."),
            code="wrong_count",
        )
    letters = list(
        publication.letters.select_related("decision__letter__agency").order_by("number")
    )
    # All rows first, in one order, and only then the audit chain's lock.
    list(
        LetterOfIntent.objects.select_for_update()
        .filter(pk__in={letter.decision.letter_id for letter in letters})
        .order_by("pk")
    )
    faults = release_faults(publication, letters)
    if faults:
        raise Refused(faults[0], code="not_ready")
    publication.state = PublicationState.RELEASED
    publication.released_by, publication.released_at = actor, at
    publication.save(update_fields=["state", "released_by", "released_at"])
    chain.append(
        "publication.released",
        subject=f"round:{call_round.pk}",
        actor=str(actor.pk),
        at=at,
        data={"publication": str(publication.pk), "content": publication.content_hash},
    )
    for decision in {letter.decision_id: letter.decision for letter in letters}.values():
        letters_room.announce(
            decision.letter,
            state=ANNOUNCED_AS[decision.outcome],
            round_kind=call_round.kind,
            actor=actor,
            at=at,
        )
    return publication


def refuse_unready(call_round, decisions):
    """Refused while a letter of the round is undecided, or the lander would be overloaded."""
    owed = LetterOfIntent.objects.to_decide_in(call_round)
    undecided = owed.exclude(pk__in=[d.letter_id for d in decisions])
    count = undecided.count()
    if count or not decisions:
        raise Refused(_("%(count)s letters are not decided yet.") % {"count": count})
    mass, limit = mass_on_the_lander(call_round), call_round.call.lander_mass_kg
    if mass > limit:
        raise Refused(
            _("The selected projects weigh %(mass)s kg; the lander carries %(limit)s kg.")
            % {"mass": mass.normalize(), "limit": limit.normalize()},
            code="too_heavy",
        )


def mass_on_the_lander(call_round) -> Decimal:
    """Kilograms allocated to the public outcomes of a round."""
    chosen = Decision.objects.filter(round=call_round, outcome__in=PUBLIC)
    return chosen.aggregate(mass=Sum("mass_kg"))["mass"] or Decimal(0)


def release_faults(publication, letters) -> list[str]:
    """Sentences on what keeps a proposal from being released; empty if nothing does."""
    faults = []
    counts = publication.letters.aggregate(
        all=Count("pk"),
        ready=Count("pk", filter=Q(state=RenderState.READY)),
    )
    if counts["ready"] != counts["all"]:
        faults.append(_("%(ready)s of %(all)s letters are rendered. Wait for the others.") % counts)
    if content_hash(letters) != publication.content_hash:
        faults.append(_("The letters are not those that were proposed."))
    for letter in letters:
        decision = letter.decision
        if (
            letter.decision_version != decision.version
            or letter.facts["outcome"] != decision.outcome
            or letter.facts["reference"] != decision.letter.reference
            or letter.facts["agency"]
            not in (decision.letter.agency.name, decision.letter.agency.name_zh)
        ):
            faults.append(
                _("Letter %(number)s does not say what was decided.") % {"number": letter.number}
            )
        elif letter.state == RenderState.READY and not files.is_whole(letter.sha256):
            faults.append(
                _("The file of letter %(number)s is damaged.") % {"number": letter.number}
            )
    return faults


def content_hash(letters) -> str:
    """What both publishers sign: the number and the facts of every letter."""
    return letter_facts.digest(
        sorted([row.number, letter_facts.digest(row.facts)] for row in letters)
    )


def _letters(publication, decisions, *, positive, at):
    ranking = Ranking.objects.get(round=publication.round)
    ranked = {row.letter_id: row for row in RankedLetter.objects.filter(ranking=ranking)}
    received = publication.round.call.letters.filed().count()
    languages = [code for code in Language.values if code in dict(settings.LANGUAGES)]
    for decision in decisions:
        for language in languages:
            code = letters_room.verification_code()
            facts = letter_facts.to_json(
                letter_facts.gather(
                    decision,
                    language=language,
                    code=code,
                    received=received,
                    positive=positive,
                    ranked=ranked.get(decision.letter_id),
                    rubric=ranking.rubric,
                    at=at,
                )
            )
            yield DecisionLetter(
                publication=publication,
                decision=decision,
                decision_version=decision.version,
                language=language,
                number=letter_facts.number_of(decision, language),
                code=code,
                facts=facts,
            )
