"""What is looked at once more when a release is about to be told, and when it is rehearsed."""

from typing import NamedTuple
from uuid import UUID

from django.db.models.fields.json import KT
from django.utils.translation import gettext as _

from audit.models import Entry
from decisions import letter_facts, results, rounds
from decisions.states import ANNOUNCED_AS, RenderState
from proposals import files
from proposals.models import LetterOfIntent
from proposals.states import MOVES, LetterState


class LetterToTell(NamedTuple):
    """A decision letter beside its decision and its letter of intent: what is compared of each.

    A plain row, for a release looks at thousands of them, and four objects each took a tenth of it.
    """

    pk: UUID
    number: str
    state: str
    code: str
    facts: dict
    sha256: str
    told_version: int
    outcome: str
    version: int
    about: UUID
    reference: str
    moves_from: str

    @classmethod
    def of(cls, letter, decision):
        """A row of one letter and a decision that may not be stored yet."""
        intent = decision.letter
        own = (letter.pk, letter.number, letter.state, letter.code, letter.facts, letter.sha256)
        decided = (letter.decision_version, decision.outcome, decision.version)
        return cls(*own, *decided, intent.pk, intent.reference, intent.state)


_COLUMNS = (
    *("pk", "number", "state", "code", "facts", "sha256", "decision_version"),
    *("decision__outcome", "decision__version"),
    *("decision__letter", "decision__letter__reference", "decision__letter__state"),
)


def letters_locked(publication) -> list[LetterToTell]:
    """The decision letters, and the letters of intent locked: all rows first, in one order, and
    only then the audit chain's lock.
    """
    found = publication.letters.of_publication().order_by("number").values_list(*_COLUMNS)
    letters = [LetterToTell(*row) for row in found]
    rows = LetterOfIntent.objects.select_for_update().order_by("pk")
    list(rows.filter(pk__in={letter.about for letter in letters}).values_list("pk"))
    return letters


def whole_files(publication) -> frozenset[str]:
    """The hashes of those letters' files that are there with the content their names say.

    Asked before anything is locked: the files of 3,000 letters are some 400 MB to read.
    """
    made = publication.letters.of_publication().filter(state=RenderState.READY)
    hashes = made.values_list("sha256", flat=True)
    return frozenset(sha256 for sha256 in hashes if files.is_whole(sha256))


def release_faults(publication, letters, *, whole) -> list[str]:
    """Sentences on what keeps a proposal from being released; empty if nothing does.

    `whole` are the `whole_files` of a moment ago.
    """
    faults = []
    counts = rounds.rendering_of(publication)
    if counts["ready"] != counts["all"]:
        faults.append(_("%(ready)s of %(all)s letters are rendered. Wait for the others.") % counts)
    signed = signed_in_the_chain(publication, publication.round_id)
    if not content_hash(letters, publication.page) == publication.content_hash == signed:
        faults.append(_("The letters are not those that were proposed."))
    for letter in letters:
        state = LetterState(letter.moves_from)
        if ANNOUNCED_AS[letter.outcome] not in MOVES[state]:
            sentence = _(
                "%(reference)s is now “%(state)s”. Withdraw this proposal and make another."
            )
            faults.append(sentence % {"reference": letter.reference, "state": state.label})
    faults += letter_faults(publication, letters, whole=whole)
    faults += _other_numbers(publication, letters)
    return faults


def letter_faults(publication, letters, *, whole=frozenset()) -> list[str]:
    """What is wrong with single letters: other words than were decided, other bytes than made.

    A file that is not among the `whole` ones is read here.
    """
    faults, rendered = [], _rendered_in_the_chain(publication)
    for letter in letters:
        if not _says_what_was_decided(letter):
            faults.append(
                _("Letter %(number)s does not say what was decided.") % {"number": letter.number}
            )
        elif letter.state == RenderState.READY and (
            rendered.get(str(letter.pk)) != letter.sha256
            or not (letter.sha256 in whole or files.is_whole(letter.sha256))
        ):
            faults.append(
                _("The file of letter %(number)s is damaged or another one.")
                % {"number": letter.number}
            )
    return faults


def _other_numbers(publication, letters) -> list[str]:
    """Where the page, the letters, the text for the press and the proposal count differently."""
    page = publication.page
    if page != results.page_of(publication.round):
        return [_("The results page would tell something else than what was proposed.")]
    forward = {letter.facts["letters_selected"] for letter in letters}
    received = {letter.facts["letters_received"] for letter in letters}
    told = {publication.positive_count}
    if publication.round.is_final:
        listed = sum(1 + len(project["joined_by"]) for project in page["projects"])
        told |= {page["forward"], listed}
    if len(forward | told) > 1 or len(received | {page["received"]}) > 1:
        return [_("The results page, the letters and the text for the press count differently.")]
    return []


def _says_what_was_decided(letter) -> bool:
    facts = letter.facts
    return (
        letter.told_version == letter.version
        and facts["outcome"] == letter.outcome
        and facts["reference"] == letter.reference
        and facts["verification_code"] == letter.code
    )


def signed_in_the_chain(proposed, round_id) -> str:
    """The hash under which a publication or a correction was proposed, as the audit chain has it.

    Rows can be rewritten by whoever holds the database, the chain cannot without being noticed.
    """
    rows = Entry.objects.about(f"round:{round_id}")
    signed = rows.filter(action__in=("publication.proposed", "correction.proposed"))
    for data in signed.values_list("data", flat=True):
        if str(proposed.pk) in (data.get("publication"), data.get("correction")):
            return data["content"]
    return ""


def _rendered_in_the_chain(publication) -> dict[str, str]:
    """The hash of each letter's bytes as the workers made them, by the letter's id."""
    rows = Entry.objects.about(f"round:{publication.round_id}")
    made = rows.filter(action="decision_letter.rendered").order_by("seq")
    return dict(made.values_list(KT("data__letter"), KT("data__sha256")))


def content_hash(letters, page) -> str:
    """What both publishers sign: number and facts of every letter, and what the page will tell."""
    said = sorted([row.number, letter_facts.digest(row.facts)] for row in letters)
    return letter_facts.digest({"letters": said, "page": page} if page else said)
