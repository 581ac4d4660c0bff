from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.states import Language
from audit import chain
from audit.models import Entry
from decisions import letter_facts, mergers, rounds
from decisions.actions.deciding import void
from decisions.actions.refusal import Refused
from decisions.models import DecisionLetter, Publication
from decisions.states import ANNOUNCED_AS, POSITIVE, PublicationState, RenderState
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
        rounds.decisions_of(call_round)
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
    # From here on no agency can withdraw its letter from under the proposal.
    call_round.decisions_locked_at = at
    call_round.save(update_fields=["decisions_locked_at"])
    chain.append(
        "publication.proposed",
        subject=f"round:{call_round.pk}",
        actor=str(actor.pk),
        at=at,
        data={"publication": str(publication.pk), "content": publication.content_hash},
    )
    return publication


@transaction.atomic
def release(publication, *, confirmed_count: int, key: str = "", actor, at) -> Publication:
    """Tell everyone at one instant: the one switch, every letter's state, every mail owed.

    Another person than the proposer, who re-types how many letters go forward. Checks once more
    that each rendered letter is there, unchanged, and says what was decided. All or nothing: the
    pages turn at commit. `key` names the form that was sent: sent twice, the second answer is the
    first one's.
    """
    call_round = CallRound.objects.select_for_update().get(pk=publication.round_id)
    publication = Publication.objects.select_for_update().get(pk=publication.pk)
    if publication.is_released and key and key == publication.release_key:
        return publication
    if publication.state != PublicationState.PROPOSED:
        raise Refused(_("This proposal is no longer open."), code="not_proposed")
    if publication.proposed_by_id == actor.pk:
        raise Refused(_("Another publisher must release what you proposed."), code="same_person")
    if confirmed_count != publication.positive_count:
        raise Refused(
            _("The number you typed is not the number of letters that go forward."),
            code="wrong_count",
        )
    letters = list(publication.letters.select_related("decision__letter").order_by("number"))
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
    publication.release_key = key
    publication.save(update_fields=["state", "released_by", "released_at", "release_key"])
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


@transaction.atomic
def withdraw_proposal(publication, *, reason: str, actor, at) -> Publication:
    """Take an open proposal back, with a reason; a new one can then be made."""
    CallRound.objects.select_for_update().get(pk=publication.round_id)
    publication = Publication.objects.select_for_update().get(pk=publication.pk)
    if publication.state != PublicationState.PROPOSED:
        raise Refused(_("This proposal is no longer open."), code="not_proposed")
    if not reason.strip():
        raise Refused(_("Say why the proposal is withdrawn."))
    void(publication, reason=reason.strip(), actor=actor, at=at)
    return publication


def refuse_unready(call_round, decisions):
    """Refused while a letter of the round is undecided, a merger hangs in the air or lacks the
    consent of a lead agency, or the lander would be overloaded.
    """
    count = rounds.undecided_in(call_round).count()
    if count:
        raise Refused(
            ngettext(
                "%(count)s letter is not decided yet.",
                "%(count)s letters are not decided yet.",
                count,
            )
            % {"count": count}
        )
    if not decisions:
        raise Refused(_("This round has no letters, so there is nothing to publish."))
    loose = rounds.loose_merges(call_round).select_related("letter", "merged_with").first()
    if loose:
        raise Refused(
            _("%(letter)s is merged with %(lead)s, which is not itself selected.")
            % {"letter": loose.letter.reference, "lead": loose.merged_with.reference}
        )
    waiting = mergers.waiting(call_round)
    if waiting:
        raise Refused(
            _("A merger waits for the consent of each lead agency: %(missing)s.")
            % {"missing": "; ".join(waiting)},
            code="no_consent",
        )
    mass, limit = rounds.mass_on_the_lander(call_round), call_round.call.lander_mass_kg
    if mass > limit:
        raise Refused(
            _("The selected projects weigh %(mass)s kg; the lander carries %(limit)s kg.")
            % {"mass": rounds.plain(mass), "limit": rounds.plain(limit)},
            code="too_heavy",
        )


def release_faults(publication, letters) -> list[str]:
    """Sentences on what keeps a proposal from being released; empty if nothing does."""
    faults = []
    counts = rounds.rendering_of(publication)
    if counts["ready"] != counts["all"]:
        faults.append(_("%(ready)s of %(all)s letters are rendered. Wait for the others.") % counts)
    signed, rendered = _in_the_chain(publication)
    if not content_hash(letters) == publication.content_hash == signed:
        faults.append(_("The letters are not those that were proposed."))
    for letter in letters:
        decision = letter.decision
        if not decision.letter.can_move_to(ANNOUNCED_AS[decision.outcome]):
            sentence = _(
                "%(reference)s is now “%(state)s”. Withdraw this proposal and make another."
            )
            faults.append(
                sentence
                % {
                    "reference": decision.letter.reference,
                    "state": decision.letter.get_state_display(),
                }
            )
        elif not _says_what_was_decided(letter):
            faults.append(
                _("Letter %(number)s does not say what was decided.") % {"number": letter.number}
            )
        elif letter.state == RenderState.READY and (
            rendered.get(str(letter.pk)) != letter.sha256 or not files.is_whole(letter.sha256)
        ):
            faults.append(
                _("The file of letter %(number)s is damaged or another one.")
                % {"number": letter.number}
            )
    return faults


def _says_what_was_decided(letter) -> bool:
    decision, facts = letter.decision, letter.facts
    return (
        letter.decision_version == decision.version
        and facts["outcome"] == decision.outcome
        and facts["reference"] == decision.letter.reference
        and facts["verification_code"] == letter.code
    )


def _in_the_chain(publication) -> tuple[str, dict[str, str]]:
    """What was proposed and what the workers rendered, as the audit chain has it.

    Rows can be rewritten by whoever holds the database, the chain cannot without being noticed.
    """
    signed, rendered = "", {}
    for action, data in (
        Entry.objects.about(f"round:{publication.round_id}")
        .filter(action__in=("publication.proposed", "decision_letter.rendered"))
        .order_by("seq")
        .values_list("action", "data")
    ):
        if action == "decision_letter.rendered":
            rendered[data["letter"]] = data["sha256"]
        elif data["publication"] == str(publication.pk):
            signed = data["content"]
    return signed, rendered


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
