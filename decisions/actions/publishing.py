from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from accounts.states import Language, Role
from audit import chain
from chang_e8_portal import clock
from decisions import exceptions, letter_facts, letter_texts, mergers, results, rounds
from decisions.actions.before_release import (
    content_hash,
    letters_locked,
    release_faults,
    whole_files,
)
from decisions.actions.deciding import void
from decisions.actions.refusal import Refused
from decisions.models import DecisionLetter, Publication
from decisions.rendering import Unfit
from decisions.states import ANNOUNCED_AS, POSITIVE, PublicationState
from notifications import outbox
from proposals import actions as letters_room
from proposals.models import CallRound
from reviews.models import RankedLetter, Ranking

LONGEST_WAIT = timedelta(days=366)


@transaction.atomic
def propose(call_round, *, actor, at) -> Publication:
    """Fix what the round will say to everyone, and owe the letters that will say it.

    Refused while a letter is undecided, the selected projects outweigh the lander's share, or a
    wording of letters waits for an answer. The workers render from the facts copied here; nothing
    becomes visible to anybody outside.
    """
    call_round = CallRound.objects.select_for_update().get(pk=call_round.pk)
    if Publication.objects.live().filter(round=call_round).exists():
        raise Refused(_("A publication of this round is already proposed or released."))
    decisions = list(
        rounds.decisions_of(call_round)
        .select_related("round", "letter__call", "letter__agency", "merged_with")
        .order_by("letter__reference")
    )
    refuse_unready(call_round, decisions, at=at)
    positive = sum(d.outcome in POSITIVE for d in decisions)
    publication = Publication(
        round=call_round, positive_count=positive, proposed_by=actor, proposed_at=at
    )
    rows = list(letters_for(publication, decisions, positive=positive, at=at))
    publication.page = results.page_of(call_round)
    publication.content_hash = content_hash(rows, publication.page)
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
        data={
            "publication": str(publication.pk),
            "content": publication.content_hash,
            "wording": letter_texts.versions_in(call_round),
        },
    )
    return publication


def release(publication, *, confirmed_count: int, key: str = "", actor, at) -> Publication:
    """Tell everyone at one instant: the one switch and every letter's state.

    Another person than the proposer, who re-types how many letters go forward. Checks once more
    that each rendered letter is there, unchanged, and says what was decided. All or nothing: the
    pages turn at commit. `key` names the form that was sent: sent twice, the second answer is the
    first one's. What is scheduled is not released by hand before its instant.
    """
    whole = whole_files(publication)
    with transaction.atomic():
        publication = _locked(publication)
        if publication.is_released and key and key == publication.release_key:
            return publication
        letters = _refuse_second_key(publication, confirmed_count, actor=actor, whole=whole)
        publication.release_key = key
        tell_everyone(publication, letters, actor=actor, at=at)
    return publication


def schedule(publication, *, release_at, confirmed_count: int, key: str = "", actor, at):
    """The second person's word, for an instant to come: a worker releases then, not earlier.

    The same guards as for a release now; all of them are asked again at that instant.
    """
    whole = whole_files(publication)
    with transaction.atomic():
        publication = _locked(publication)
        if publication.is_scheduled and key and key == publication.release_key:
            return publication
        _refuse_instant(release_at, at=at)
        _refuse_second_key(publication, confirmed_count, actor=actor, whole=whole)
        publication.release_at, publication.scheduled_by = release_at, actor
        publication.release_key = key
        publication.save(update_fields=["release_at", "scheduled_by", "release_key"])
        _log("publication.scheduled", publication, actor=actor, at=at, release_at=release_at)
    return publication


@transaction.atomic
def cancel_schedule(publication, *, actor, at) -> Publication:
    """Either of the two takes the instant back; the proposal stays open."""
    publication = _locked(publication)
    if not publication.is_scheduled:
        raise Refused(_("Nothing is scheduled."), code="not_scheduled")
    publication.release_at = publication.scheduled_by = None
    publication.release_key = ""
    publication.save(update_fields=["release_at", "scheduled_by", "release_key"])
    _log("publication.unscheduled", publication, actor=actor, at=at)
    return publication


def release_due(*, at) -> int:
    """Release what was planned for this instant or an earlier one; returns how many were.

    Late is at once, twice is once, and early is never: the instant is compared with the database's
    clock after the lock. A proposal that no longer passes its checks becomes void instead, and the
    publishers are told that something needs them.
    """
    due = list(Publication.objects.due(at=at))
    return sum(_release_planned(planned, whole=whole_files(planned)) for planned in due)


@transaction.atomic
def _release_planned(publication, *, whole) -> bool:
    publication = _locked(publication)
    at = clock.database_now()
    if not publication.is_scheduled or publication.release_at > at:
        return False
    second = publication.scheduled_by
    letters = letters_locked(publication)
    faults = [*_strangers(publication), *release_faults(publication, letters, whole=whole)]
    if faults:
        void(publication, reason=faults[0][:500], actor=second, at=at)
        for person in User.objects.active().with_role(Role.PUBLISHER).order_by("pk"):
            outbox.enqueue(
                key=f"publication-{publication.pk}-stopped-{person.pk}",
                recipient=person,
                template="publication_stopped",
                at=at,
            )
        return False
    tell_everyone(publication, letters, actor=second, at=at)
    return True


def tell_everyone(publication, letters, *, actor, at):
    """The switch itself, inside the transaction of whoever holds the locks."""
    publication.state = PublicationState.RELEASED
    publication.released_by, publication.released_at = actor, at
    publication.save(update_fields=["state", "released_by", "released_at", "release_key"])
    publication.letters.of_publication().update(told_at=at)
    _log("publication.released", publication, actor=actor, at=at, content=publication.content_hash)
    letters_room.announce(
        {letter.about: ANNOUNCED_AS[letter.outcome] for letter in letters},
        round_kind=publication.round.kind,
        actor=actor,
        at=at,
    )


def _locked(publication) -> Publication:
    CallRound.objects.select_for_update().get(pk=publication.round_id)
    rows = Publication.objects.select_for_update(of=("self",))
    with_people = rows.select_related("round__call", "proposed_by", "scheduled_by")
    return with_people.get(pk=publication.pk)


def _refuse_second_key(publication, confirmed_count, *, actor, whole):
    """What the second person must be and know; returns the letters, which are locked."""
    if publication.state != PublicationState.PROPOSED:
        raise Refused(_("This proposal is no longer open."), code="not_proposed")
    if publication.proposed_by_id == actor.pk:
        raise Refused(_("Another publisher must release what you proposed."), code="same_person")
    if publication.is_scheduled:
        raise Refused(_("The release is scheduled. Cancel the schedule first."), code="scheduled")
    _refuse_count(publication, confirmed_count)
    letters = letters_locked(publication)
    faults = [*_strangers(publication), *release_faults(publication, letters, whole=whole)]
    if faults:
        raise Refused(faults[0], code="not_ready")
    return letters


def _strangers(publication):
    """Whose word no longer counts: rights that were taken away end at once, also for a plan."""
    for person in (publication.proposed_by, publication.scheduled_by):
        if person and not (person.is_active and person.has_role(Role.PUBLISHER)):
            sentence = _("%(name)s is no longer a publisher. Withdraw this and propose it anew.")
            yield sentence % {"name": person.name}


def refuse_mistyped(publication, *, confirmed_count: int, release_at=None, at) -> None:
    """Raise what `release` and `schedule` would say of what was typed, before more is asked."""
    if release_at is not None:
        _refuse_instant(release_at, at=at)
    _refuse_count(publication, confirmed_count)


def _refuse_instant(release_at, *, at):
    if not at < release_at <= at + LONGEST_WAIT:
        raise Refused(
            _("Choose an instant that is still to come, within a year."), code="wrong_instant"
        )


def _refuse_count(publication, confirmed_count):
    if confirmed_count != publication.positive_count:
        raise Refused(
            _("The number you typed is not the number of letters that go forward."),
            code="wrong_count",
        )


def _log(action, publication, *, actor, at, **data):
    chain.append(
        action,
        subject=f"round:{publication.round_id}",
        actor=str(actor.pk),
        at=at,
        data={"publication": str(publication.pk), **{k: str(v) for k, v in data.items()}},
    )


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


def refuse_unready(call_round, decisions, *, at):
    """Refused while a letter of the round is undecided, a merger hangs in the air or lacks the
    consent of a lead agency, the reserve list has a gap, something goes against the rules
    of the round (a total too low, more mass than the lander carries) without a second person,
    or nobody has answered a wording of letters that was proposed.
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
    if not rounds.reserve_is_whole(call_round, at.astimezone(call_round.call.tzinfo).date()):
        raise Refused(_("The reserve list has a gap, or a place on it has expired."))
    waiting = mergers.waiting(call_round)
    if waiting:
        raise Refused(
            _("A merger waits for the consent of each lead agency: %(missing)s.")
            % {"missing": "; ".join(waiting)},
            code="no_consent",
        )
    missing = exceptions.missing(call_round)
    if missing:
        raise Refused(
            _("This goes against the rules and needs a reason and a second person: %(what)s.")
            % {"what": "; ".join(missing)},
            code="no_exception",
        )
    waiting = letter_texts.open_in(call_round)
    if waiting:
        raise Refused(
            _(
                "A proposed wording of letters waits for an answer: %(which)s. Approve it or have "
                "it taken back first."
            )
            % {"which": "; ".join(waiting)},
            code="open_wording",
        )


def letters_for(publication, decisions, *, positive, at, correction=None):
    """The rows of the letters that tell these decisions, in each language, not stored yet."""
    ranking = Ranking.objects.get(round=publication.round)
    ranked = {row.letter_id: row for row in RankedLetter.objects.filter(ranking=ranking)}
    received = publication.round.call.letters.filed().count()
    joining = mergers.joining(publication.round)
    texts_of = letter_texts.fitting_in(publication.round)
    for decision in decisions:
        told = 1 + (_last_told(decision) if correction else 0)
        for language in dict.fromkeys((Language.ENGLISH, decision.letter.agency.letter_language)):
            code = letters_room.verification_code()
            try:
                texts = texts_of(decision.outcome, language)
            except Unfit as error:
                raise Refused(str(error), code="unfit_wording") from error
            number = letter_facts.number_of(decision, told, language)
            facts = letter_facts.gather(
                decision,
                number=number,
                language=language,
                code=code,
                received=received,
                positive=positive,
                joining=joining.get(decision.letter_id, ()),
                ranked=ranked.get(decision.letter_id),
                rubric=ranking.rubric,
                texts=texts,
                at=at,
            )
            yield DecisionLetter(
                publication=publication,
                decision=decision,
                decision_version=decision.version,
                language=language,
                number=number,
                code=code,
                facts=letter_facts.to_json(facts),
                correction=correction,
            )


def _last_told(decision) -> int:
    """The highest number that has told this decision, be it superseded or not.

    Read and not counted: first letters once had the decision's own version, and no number of
    theirs may be printed twice.
    """
    told = DecisionLetter.objects.released().filter(decision=decision, language=Language.ENGLISH)
    return max(map(letter_facts.told_of, told.values_list("number", flat=True)))
