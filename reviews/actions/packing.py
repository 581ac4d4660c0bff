"""Committee packs: asked for, made by a worker, forgotten after a week."""

import hashlib
from datetime import timedelta
from pathlib import Path

from django.db import transaction
from django.db.models import F
from django.utils import translation
from django.utils.translation import gettext as _

from audit import chain
from chang_e8_portal import clock
from proposals import files
from proposals.models import CallRound, LetterOfIntent
from reviews import pack_file, permissions, scoreboards
from reviews.actions.refusal import Refused
from reviews.letter_files import readable_files
from reviews.models import CommitteePack, ScoreboardLine
from reviews.pack_paper import LINK, Papers
from reviews.states import PACK_MOVES, PackKind, PackOrder, PackState

KEPT_FOR = timedelta(days=7)
_MOST_ATTEMPTS = 3


@transaction.atomic
def ask_for_pack(call_round, *, kind, order, with_names, language, actor, at) -> CommitteePack:
    """Owe a chair a pack of the round's letters that she or he presides over."""
    # Two clicks are one pack.
    call_round = CallRound.objects.select_for_update(no_key=True).get(pk=call_round.pk)
    own = CommitteePack.objects.filter(round=call_round, asked_by=actor)
    if own.filter(state__in=(PackState.QUEUED, PackState.RUNNING)).exists():
        raise Refused(_("A pack of yours is being made. Wait until it is there."))
    letters = permissions.presided_by(actor, LetterOfIntent.objects.in_round(call_round))
    ids = [str(pk) for pk in letters.order_by("reference").values_list("pk", flat=True)]
    if not ids:
        raise Refused(_("No letter has entered this round."))
    pack = CommitteePack(
        round=call_round,
        asked_by=actor,
        asked_at=at,
        kind=kind,
        order=order,
        with_names=with_names,
        language=language,
    )
    pack.letters = _in_order(pack, ids)
    pack.save(force_insert=True)
    chain.append(
        "pack.asked",
        subject=f"round:{call_round.pk}",
        actor=str(actor.pk),
        at=at,
        data={"pack": str(pack.pk), "letters": len(ids), "with_names": with_names},
    )
    return pack


@transaction.atomic
def retry_pack(pack, *, reason, actor, at) -> CommitteePack:
    """Have a pack that failed made once more, for the chair who asked for it."""
    pack = CommitteePack.objects.select_for_update(of=("self",)).get(pk=pack.pk)
    if PackState.QUEUED not in PACK_MOVES[PackState(pack.state)]:
        raise Refused(_("Only a pack that failed can be tried again."))
    pack.state, pack.attempts, pack.progress, pack.finished_at = PackState.QUEUED, 0, 0, None
    pack.save(update_fields=["state", "attempts", "progress", "finished_at"])
    data = {"pack": str(pack.pk), "reason": reason}
    subject = f"round:{pack.round_id}"
    chain.append("pack.retried", subject=subject, actor=str(actor.pk), at=at, data=data)
    return pack


def make_due(*, at) -> int:
    """Make every pack that waits; return how many were."""
    due = CommitteePack.objects.makeable(at=at).order_by("asked_at")
    return sum(make_pack(pk, at=at) for pk in due.values_list("pk", flat=True))


def make_pack(pack_id, *, at) -> bool:
    """Claim one waiting pack and make it; False if there was nothing to do.

    The claim is a compare-and-swap, and is renewed with each letter: two workers never both write,
    and what was left by one that died is taken up by another. Three such deaths are enough.
    """
    claimed = (
        CommitteePack.objects.makeable(at=at)
        .filter(pk=pack_id)
        .update(state=PackState.RUNNING, claimed_at=at, attempts=F("attempts") + 1, progress=0)
    )
    if claimed != 1:
        return False
    pack = CommitteePack.objects.select_related("round__call", "asked_by").get(pk=pack_id)
    if pack.attempts > _MOST_ATTEMPTS:
        _finish(pack, PackState.FAILED)
        return False
    try:
        with files.workshop() as folder, translation.override(pack.language):
            path = _made(pack, folder)
            size = path.stat().st_size
            sha256 = files.store_made(path)
    except _Lost:
        return False
    except Exception:
        # Out of the way before anybody sees the traceback, so that the chair can ask anew.
        _finish(pack, PackState.FAILED)
        raise
    return _finish(pack, PackState.READY, sha256=sha256, size=size)


def forget_packs(*, at) -> int:
    """Forget packs asked for a week ago; their files go with the next sweep. Returns how many."""
    gone, _by_model = CommitteePack.objects.filter(asked_at__lte=at - KEPT_FOR).delete()
    return gone


class _Lost(Exception):
    """Another worker has taken this pack over, or it was forgotten."""


def _in_order(pack, ids) -> list[str]:
    """`ids`, which are in the order of the references, in the pack's own."""
    match pack.order:
        case PackOrder.RANDOM:
            return sorted(ids, key=lambda pk: hashlib.sha256(f"{pack.pk}/{pk}".encode()).digest())
        case PackOrder.RANK:
            board = scoreboards.board_of(pack.asked_by, pack.round)
            lines = ScoreboardLine.objects.filter(board=board).visible_to(pack.asked_by)
            places = {
                str(pk): place
                for pk, place in lines.values_list("letter", "position")
                if place is not None
            }
            return sorted(ids, key=lambda pk: places.get(pk, len(ids) + 1))
    return ids


def _made(pack, folder) -> Path:
    found = LetterOfIntent.objects.in_round(pack.round).select_related("agency")
    there = {str(pk): letter for pk, letter in found.in_bulk(pack.letters).items()}
    letters = [there[pk] for pk in pack.letters if pk in there]
    papers = Papers(pack, letters)
    if pack.kind == PackKind.ZIP:
        return _zip(pack, papers, folder)
    return _pdf(pack, papers, folder)


def _pdf(pack, papers, folder) -> Path:
    """Letters after the cover, whose pages are counted before their numbers are known."""
    lines = [papers.line(n, letter, page=0) for n, letter in enumerate(papers.letters, 1)]
    cover, out = folder / "cover.pdf", folder / "pack.pdf"
    cover.write_bytes(papers.cover(lines))
    parts, lines, start = [cover], [], pack_file.pages_in(cover) + 1
    for number, letter in enumerate(papers.letters, 1):
        path = folder / f"{number}.pdf"
        path.write_bytes(papers.letter(number, letter, papers.filed(letter), start=start))
        lines.append(papers.line(number, letter, page=start))
        parts.append(path)
        start += pack_file.pages_in(path)
        _advance(pack, number, len(papers.letters))
    cover.write_bytes(papers.cover(lines))
    pack_file.join(parts, out, link=LINK)
    return out


def _zip(pack, papers, folder) -> Path:
    """A folder a letter: its paper, and the files that its agency filed, where they may name it."""
    out, width = folder / "pack.zip", len(str(len(papers.letters)))

    def entries():
        path = folder / "entry"
        for number, letter in enumerate(papers.letters, 1):
            inside = f"{number:0{width}d}_{letter.reference}"
            filed = papers.filed(letter)
            path.write_bytes(papers.letter(number, letter, filed))
            yield f"{inside}/{letter.reference}.pdf", path
            named = () if papers.nameless else filed.versions
            for file in (file for version in named for file in readable_files(version)):
                with files.open_stored(file.sha256) as source, path.open("wb") as copy:
                    while data := source.read(1 << 20):
                        copy.write(data)
                # Our name, not the agency's: theirs may name people, and any character.
                ending = file.name.rpartition(".")[2].lower()
                yield f"{inside}/{file.kind.lower()}.{ending}", path
            _advance(pack, number, len(papers.letters))

    pack_file.zipped(entries(), out)
    return out


def _mine(pack):
    """The pack's row as long as this worker's claim stands."""
    return CommitteePack.objects.filter(pk=pack.pk, state=PackState.RUNNING, attempts=pack.attempts)


def _advance(pack, done, total):
    """Show how far it is, which renews the claim; `_Lost` if it is another worker's by now."""
    if _mine(pack).update(progress=95 * done // total, claimed_at=clock.now()) != 1:
        raise _Lost


def _finish(pack, state, **found) -> bool:
    changed = _mine(pack).update(state=state, finished_at=clock.now(), progress=100, **found)
    return changed == 1 and state == PackState.READY
