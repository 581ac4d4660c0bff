"""The dress rehearsal: everything a release does, up to the commit, which is not made."""

from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.states import Role
from decisions import letter_facts, rendering, verifying
from decisions.actions.before_release import letters_locked, release_faults
from decisions.actions.mailing import write_mails
from decisions.actions.papers import unprintable
from decisions.actions.publishing import tell_everyone
from decisions.actions.refusal import Refused
from decisions.actions.rendering import reviewers_named
from decisions.models import DecisionLetter, Publication, Rehearsal
from decisions.states import PublicationState, RenderState
from notifications.models import Message
from proposals import files
from proposals.models import CallRound


@transaction.atomic
def ask_rehearsal(publication, *, actor, at) -> Rehearsal:
    """Owe a rehearsal of an open proposal; a worker makes it. One at a time."""
    publication = Publication.objects.select_for_update().get(pk=publication.pk)
    if publication.state != PublicationState.PROPOSED:
        raise Refused(_("This proposal is no longer open."), code="not_proposed")
    if publication.rehearsals.filter(done_at__isnull=True).exists():
        raise Refused(_("A rehearsal is running already."))
    return Rehearsal.objects.create(publication=publication, asked_by=actor, asked_at=at)


def rehearse_due(*, at) -> int:
    """Make every rehearsal that is owed; returns how many were made."""
    owed = Rehearsal.objects.owed(at=at).values_list("pk", flat=True)
    return sum(_rehearse(key, at=at) for key in list(owed))


def _rehearse(key, *, at) -> bool:
    if Rehearsal.objects.owed(at=at).filter(pk=key).update(claimed_at=at) != 1:
        return False
    rehearsal = Rehearsal.objects.select_related("publication__round__call", "asked_by").get(pk=key)
    with translation.override(rehearsal.asked_by.language):
        faults, whole = _read_back(rehearsal.publication)
        mails, more = _try(rehearsal.publication, whole=whole, at=at)
        if rehearsal.publication.round.is_final and rehearsal.publication.is_open:
            moment = rehearsal.publication.release_at or at
            sentence = _("The results cannot be printed in %(language)s. The log says why.")
            for name in unprintable(rehearsal.publication, at=moment):
                more.append(sentence % {"language": name})
    rehearsal.letters = rehearsal.publication.letters.filter(state=RenderState.READY).count()
    rehearsal.mails, rehearsal.done_at = mails, at
    rehearsal.faults = list(dict.fromkeys([*faults, *more]))
    rehearsal.save(update_fields=["letters", "mails", "done_at", "faults"])
    return True


def _read_back(publication) -> tuple[list[str], set[str]]:
    """Read every file, signed as it is, once more and compare it with what was decided.

    Whoever became a reviewer after a letter was rendered must not be named in it either. Returns
    what is wrong, and the hashes of the files that have the content their names say.
    """
    faults, whole, reviewers = [], set(), reviewers_named()
    for letter in DecisionLetter.objects.filter(publication=publication, state=RenderState.READY):
        if not files.is_whole(letter.sha256):
            continue  # `release_faults` says so
        whole.add(letter.sha256)
        with files.open_stored(letter.sha256) as stored:
            pdf = stored.read()
        for found in rendering.findings(pdf, letter_facts.from_json(letter.facts), never=reviewers):
            faults.append(f"{letter.number}: {found}")
        if not verifying.is_as_stored(letter, verifying.signature_in(pdf)):
            faults.append(f"{letter.number}: " + _("Its signature cannot be checked."))
    return faults, whole


@transaction.atomic
def _try(publication, *, whole, at) -> tuple[int, list[str]]:
    """Release, count what would be owed, and take all of it back before anybody could see it."""
    CallRound.objects.select_for_update().get(pk=publication.round_id)
    publication = Publication.objects.select_related("round__call").get(pk=publication.pk)
    if publication.state != PublicationState.PROPOSED:
        return 0, [_("This proposal is no longer open.")]
    letters = letters_locked(publication)
    faults = release_faults(publication, letters, whole=whole)
    publishers = User.objects.active().with_role(Role.PUBLISHER)
    second = publishers.exclude(pk=publication.proposed_by_id).order_by("pk").first()
    if second is None:
        faults.append(_("There is no second publisher who could release."))
    if faults:
        return 0, faults
    before = Message.objects.count()
    moment = max(at, publication.release_at or at)
    try:
        with transaction.atomic():
            tell_everyone(publication, letters, actor=second, at=moment)
            write_mails(publication)
    except IntegrityError as fault:
        faults.append(str(fault).splitlines()[0])
    mails = Message.objects.count() - before
    transaction.set_rollback(True)
    return mails, faults
