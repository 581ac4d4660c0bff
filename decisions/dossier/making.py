"""Making a dossier, from the rows to the signed file."""

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from decisions.dossier import bundle, decided, filed, page, panel, record
from decisions.dossier.scope import Scope, scope_of
from decisions.models import Dossier
from proposals import content, filed_files, papers, receipts, signing
from proposals.printing import Unprintable
from reviews.models import Criterion

FORMAT = "chang-e8-dossier-1"
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Made:
    """The file, and the last entry of the audit chain that it shows."""

    path: Path
    last: int


def make(dossier: Dossier, folder: Path, *, at: datetime, advance: Callable[[int], None]) -> Made:
    """Make the file in `folder`, a `workshop`, in the language that is active.

    `advance` is told how far it is, in per cent, between one paper and the next. The same state of
    the letter gives the same bytes for the same reader. Raises OSError when there is no room.
    """
    scope = scope_of(dossier)
    chain_file = folder / "chain.json"
    where = record.write(scope, chain_file, at=at)
    facts = facts_of(scope, where)
    members: dict = {"chain.json": chain_file, "dossier.json": content.canonical(facts)}
    versions = [*scope.letter.versions.order_by("number")]
    versions += scope.letter.fuller_versions.order_by("number")
    for number, version in enumerate(versions, 1):
        members |= _filed(scope, version)
        advance(80 * number // len(versions))
    for call_round in _rounds(scope):
        for letter in decided.told_letters(scope, call_round):
            members[decided.letter_name(letter)] = bundle.Stored(letter.sha256)
    members["HOW-TO-VERIFY.txt"] = page.how_to_verify(facts).encode()
    shown = [entry for entry in _entries(chain_file) if "action" in entry]
    members["index.html"] = page.index(scope, facts, shown, sorted(members)).encode()
    advance(90)
    return Made(bundle.write(members, folder), where["last"])


def facts_of(scope: Scope, where: dict) -> dict:
    """Everything that is told, as plain JSON values."""
    call = scope.letter.call
    return {
        "format": FORMAT,
        "reader": str(scope.reader),
        "call": call.code,
        "letter": filed.letter_facts(scope),
        "record": where,
        "key": signing.key_id(),
        "versions": filed.versions(scope),
        "steps": filed.steps(scope),
        "attempts": filed.attempts(scope),
        "questions": filed.questions(scope),
        "screening": panel.screening(scope),
        "conflicts": panel.conflicts(scope),
        "criteria": [
            {"code": one.code, "name": one.name, "weight_percent": one.weight}
            for one in Criterion.objects.filter(call=call).order_by("position")
            if not scope.is_agency
        ],
        "rounds": [
            {
                "kind": call_round.kind,
                "announced_for": call_round.announced_for.isoformat(),
                "double_anonymous": call_round.double_anonymous,
                "told": call_round.pk in scope.told,
                "assignments": panel.assignments(scope, call_round),
                "reviews": panel.reviews(scope, call_round),
                "consensus": panel.consensus(scope, call_round),
                "ranking": panel.ranking(scope, call_round),
                **decided.of_round(scope, call_round),
            }
            for call_round in _rounds(scope)
        ],
        "mails": filed.mails(scope),
    }


def _rounds(scope):
    return scope.letter.call.rounds.order_by("announced_for", "pk")


def _filed(scope, version) -> dict:
    """The files of one version: its content, its papers, what was attached, its receipt."""
    made: dict = {}
    if scope.reads_the_text:
        folder = filed.folder_of(version)
        made[f"{folder}/content.json"] = content.canonical(version.content)
        made |= _paper(
            f"{folder}/text.pdf",
            lambda: papers.letter(
                version.content,
                call=scope.letter.call,
                sha256=version.sha256,
                version=version,
            ),
        )
        for file in filed_files.of(version):
            if file.is_ready:
                made[filed.file_name(version, file)] = bundle.Stored(file.sha256)
    receipt = getattr(version, "receipt", None)
    if receipt and scope.keeps_the_record:
        name = filed.receipt_name(version)
        made[f"{name}.json"] = receipts.as_file(receipt)
        made |= _paper(f"{name}.pdf", lambda: papers.receipt(receipt, call=scope.letter.call))
    return made


def _paper(name, setting) -> dict:
    """A paper, or nothing where what was filed cannot be set: its content is there all the same."""
    try:
        return {name: setting()}
    except Unprintable:
        log.exception("%s of a dossier cannot be set", name)
        return {}


def _entries(chain_file):
    """The entries that are told in full, without holding the others."""
    with chain_file.open(encoding="utf-8") as lines:
        for line in lines:
            if line.startswith('{"action"'):
                yield json.loads(line.rstrip(",\n"))
