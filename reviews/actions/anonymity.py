"""Judging without knowing whose the letter is: the switch of a round, and the search for names."""

import logging

from django.db import transaction
from django.db.models import F, OuterRef, Q, Subquery
from django.utils.translation import gettext as _

from audit import chain
from proposals import filed_files, files
from proposals.models import CallRound, FullerVersion, LetterOfIntent, LetterVersion
from reviews import anonymity
from reviews.actions.refusal import Refused
from reviews.letter_text import organisations_in, people_in, texts_in
from reviews.models import Assignment, NameSearch, Ranking

log = logging.getLogger(__name__)

# A worker's ring: each takes up to a second, most of it for the words of PDF files.
_AT_ONCE = 10


@transaction.atomic
def set_double_anonymous(call_round, on, *, actor, at) -> CallRound:
    """Switch a round to double-anonymous or back, as long as no reviewer has opened a letter.

    The round's row is locked: whoever opens the first letter either waits for us or is seen.
    """
    call_round = CallRound.objects.select_for_update().get(pk=call_round.pk)
    if frozen_because(call_round):
        raise Refused(frozen_because(call_round), code="frozen")
    if call_round.double_anonymous == on:
        return call_round
    call_round.double_anonymous = on
    call_round.save(update_fields=["double_anonymous"])
    chain.append(
        "round.double_anonymous" if on else "round.single_anonymous",
        subject=f"round:{call_round.pk}",
        actor=str(actor.pk),
        at=at,
    )
    return call_round


def frozen_because(call_round) -> str:
    """Why a round stays as anonymous as it is; empty while it can be switched."""
    if Ranking.objects.filter(round=call_round).exists():
        return _("The ranking of this round is frozen.")
    seen = Q(opened_at__isnull=False) | Q(review__isnull=False)
    if Assignment.objects.filter(seen, round=call_round).exists():
        return _("A reviewer has opened a letter of this round, so it stays as it is.")
    return ""


def open_text(assignment, *, at) -> None:
    """Note, once, that a reviewer sees a letter: the round then stays as anonymous as it is.

    For every door that shows the text. The assignment's round is read anew, behind the lock under
    which it could be switched.
    """
    if assignment.opened_at is None:
        with transaction.atomic():
            rounds = CallRound.objects.select_for_update(no_key=True)
            assignment.round = rounds.get(pk=assignment.round_id)
            unseen = Assignment.objects.filter(pk=assignment.pk, opened_at__isnull=True)
            unseen.update(opened_at=at)


def search_names_due(*, at) -> int:
    """Search what was filed for double-anonymous rounds and is not searched as it stands now.

    In the second round the fuller proposal belongs to it, and a later one is searched anew.
    """
    searched = 0
    for call_round in CallRound.objects.filter(double_anonymous=True):
        for version, fuller in _owed(call_round, most=_AT_ONCE - searched):
            found, unread = _search(version, fuller)
            # Another worker may have been quicker; both have found the same. The note stays.
            NameSearch.objects.update_or_create(
                version=version,
                defaults={"searched_at": at, "found": found, "unread": unread},
            )
            searched += 1
    return searched


@transaction.atomic
def note_names(search, note, *, actor, at) -> NameSearch:
    """What the chair says of the names that were found. The letter itself stays as it is."""
    search = (
        NameSearch.objects.select_for_update(of=("self",))
        .select_related("version")
        .get(pk=search.pk)
    )
    search.note, search.noted_by, search.noted_at = note, actor, at
    search.save(update_fields=["note", "noted_by", "noted_at"])
    chain.append(
        "names.noted",
        subject=f"letter:{search.version.letter_id}",
        actor=str(actor.pk),
        at=at,
        data={"search": search.pk},
    )
    return search


def _owed(call_round, *, most) -> list[tuple]:
    """The newest filed versions that are to be searched, each with its fuller proposal or None."""
    letters = LetterOfIntent.objects.in_round(call_round).values("pk")
    versions = LetterVersion.objects.filter(letter__in=letters)
    newest = versions.order_by("letter_id", "-number").distinct("letter_id").values("pk")
    fuller = FullerVersion.objects.filter(letter=OuterRef("letter")).order_by("-number")
    searches = NameSearch.objects.filter(version=OuterRef("pk"))
    owed = versions.filter(pk__in=newest).annotate(
        searched_at=Subquery(searches.values("searched_at")),
        fuller_at=Subquery(fuller.values("accepted_at")[:1]),
    )
    is_newer = Q(fuller_at__gt=F("searched_at")) if call_round.is_final else Q(pk__in=())
    owed = owed.filter(Q(searched_at__isnull=True) | is_newer)
    found = owed.select_related("letter__agency").order_by("pk")[:most]
    return [
        (version, version.letter.fuller_versions.order_by("-number").first())
        if call_round.is_final
        else (version, None)
        for version in found
    ]


def _search(version, fuller) -> tuple[list[dict], list[str]]:
    names = {
        "people": people_in(version.content),
        "organisations": organisations_in(version.content, version.letter.agency),
    }
    texts, filed = texts_in(version.content), filed_files.of(version)
    if fuller:
        texts["changes"] = fuller.content["fields"].get("changes") or ""
        filed += filed_files.of(fuller)
    found, unread = [], []
    for where, text in texts.items():
        if there := anonymity.names_in(text, **names):
            found.append({"where": where, "names": there})
    for file in filed:
        if file.kind in anonymity.HIDDEN_FILES or not file.is_ready:
            continue
        try:
            text = files.words_of(file.sha256)
        except (files.Unreadable, OSError):
            log.warning("the words of the file %s cannot be read", file.sha256, exc_info=True)
            text = ""
        if not text.strip():
            unread.append(str(file.kind))
        elif there := anonymity.names_in(text, **names):
            found.append({"where": str(file.kind), "names": there})
    return found, unread
