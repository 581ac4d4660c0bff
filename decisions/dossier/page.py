"""The readable page of a dossier: everything in it as sections of tables, and what it means.

Made of the facts of `dossier.json` and of nothing else, so that page and file say the same.
"""

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from decisions.dossier import page_panel
from decisions.dossier.cells import Cell, Section, Table, listed, matter, moment, named, sha
from decisions.dossier.scope import Scope
from decisions.states import Outcome, Reader
from notifications.states import MessageState
from proposals.states import ATTEMPT_OUTCOMES, AttachmentKind, LetterState, RoundKind


def index(scope: Scope, facts: dict, entries: list[dict], members: list[str]) -> str:
    """The page as HTML without a script. `entries` are those of the chain that are told in full,
    `members` the names of the files beside the page.
    """
    sections = [
        _in_short(facts),
        *_filed(facts, members),
        *page_panel.before_the_rounds(facts),
        *(one for found in facts["rounds"] for one in page_panel.of_round(found, facts)),
        *_written(facts),
        _record(facts, entries),
        _files(members),
    ]
    return render_to_string(
        "decisions/dossier/index.html",
        {
            "lang": "zh-Hans" if get_language() == "zh-hans" else get_language(),
            "facts": facts,
            "letter": facts["letter"],
            "state": LetterState(facts["letter"]["state"]).label,
            "reader": Reader(facts["reader"]).label,
            "sections": [one for one in sections if one.tables or one.texts],
            "left_out": _left_out(scope),
            "address": settings.BASE_URL,
        },
    )


def how_to_verify(facts: dict) -> str:
    """What to do with the file, for somebody who has never seen the portal."""
    return render_to_string(
        "decisions/dossier/how_to_verify.txt", {"facts": facts, "address": settings.BASE_URL}
    )


def _left_out(scope) -> list[str]:
    """What the reader must know is not there, so that nobody takes its absence for a fact."""
    said = [_("Drafts and what colleagues wrote to each other about them: they are the agency's.")]
    said.append(_("What was said in the panel's discussion, beyond its consensus."))
    match scope.reader:
        case Reader.AGENCY:
            said.append(_("Who reviewed the letter, and what each of them wrote and marked."))
            said.append(_("Everything about other letters, and the names of those who decided."))
        case Reader.CHAIR:
            said.append(_("Receipts, attempts to submit and mails, which are the auditor's."))
        case Reader.AUDITOR:
            said.append(_("What reviewers wrote to the panel alone, and mails in confidence."))
            if not scope.reads_the_text:
                said.append(_("The text and files of the letter, until a decision on it is told."))
            if scope.letter.call.rounds.exclude(pk__in=scope.told).exists():
                said.append(_("Marks and decisions of a round that has not been told."))
    return said


def _in_short(facts) -> Section:
    """What a person with five minutes wants to know."""
    filed = [[_about(one), moment(one["accepted_at"]), ""] for one in facts["versions"]]
    decided = []
    for found in facts["rounds"]:
        content = found["decisions"][-1]["content"] if found["decisions"] else None
        if content:
            told = [one for one in found["letters"] if not one["superseded_at"]]
            released = found["publication"] and found["publication"]["released_at"]
            kind, outcome = RoundKind(found["kind"]).label, Outcome(content["outcome"]).label
            links = listed([(one["number"], one["member"]) for one in told])
            decided.append([f"{kind}: {outcome}", moment(released) or _("not told"), links])
    rows = [*filed, *decided]
    columns = [matter(), _("Time"), _("Decision letters")]
    return Section("short", _("In short"), [Table(_("Filed, decided, told"), columns, rows)])


def _filed(facts, members):
    versions = Table(
        _("Versions"),
        [matter(), _("Accepted"), _("By"), _("SHA-256 of the content"), _("Files")],
        [
            [
                _about(one),
                moment(one["accepted_at"]),
                named(one["submitted_by"]),
                sha(one["sha256"]),
                _files_of(one, members),
            ]
            for one in facts["versions"]
        ],
    )
    yield Section(
        "filed",
        _("What was filed"),
        [versions],
        [_("A filed version never changes. Its receipt, signed at once, holds these hashes.")],
    )
    yield Section(
        "steps",
        _("What became of it"),
        [
            Table(
                _("States of the letter"),
                [_("Time"), _("From"), _("To"), _("By")],
                [
                    [
                        moment(one["at"]),
                        LetterState(one["from"]).label,
                        LetterState(one["to"]).label,
                        named(one["by"]),
                    ]
                    for one in facts["steps"]
                ],
            ),
            Table(
                _("Attempts to submit"),
                [_("Time"), _("Outcome"), _("By")],
                [
                    [
                        moment(one["at"]),
                        str(ATTEMPT_OUTCOMES.get(one["outcome"], one["outcome"])),
                        named(one["by"]),
                    ]
                    for one in facts["attempts"]
                ],
            ),
        ],
    )


def _about(version) -> str:
    words = {"number": version["number"]}
    if version["about"] == "letter of intent":
        return _("Letter of intent, version %(number)s") % words
    return _("Fuller proposal, version %(number)s") % words


def _files_of(version, members) -> Cell:
    links = []
    if version["content"]:
        links.append((_("content"), version["content"]))
        paper = version["content"].replace("content.json", "text.pdf")
        links.append((_("as a paper"), paper))
    for file in version["files"]:
        label = str(AttachmentKind(file["kind"]).label)
        if file["withheld"]:
            label = _("%(file)s (withheld by the malware scanner)") % {"file": label}
        links.append((label, file["member"]))
    if version["receipt"]:
        receipt = version["receipt"]["member"]
        links.append((_("receipt"), receipt))
        links.append((_("receipt as a paper"), receipt.replace(".json", ".pdf")))
    return listed([(label, link if link in members else "") for label, link in links])


def _written(facts):
    yield Section(
        "questions",
        _("Questions of the panel"),
        [
            Table(
                _("Question of %(time)s") % {"time": moment(one["asked_at"]).text},
                [matter(), _("Time"), _("By"), _("Text")],
                [
                    [
                        _("Question"),
                        moment(one["asked_at"]),
                        named(one["asked_by"]),
                        Cell(one["question"], "text"),
                    ],
                    [
                        _("Answer"),
                        moment(one["answered_at"]),
                        named(one["answered_by"]),
                        Cell(one["answer"], "text"),
                    ],
                ],
            )
            for one in facts["questions"]
        ],
    )
    yield Section(
        "mails",
        _("Mails"),
        [
            Table(
                _("Sent to people of the agency about this letter"),
                [_("Owed"), _("Sent"), _("To"), _("Subject"), _("State")],
                [
                    [
                        moment(one["queued_at"]),
                        moment(one["sent_at"]),
                        one["address"],
                        one["subject"],
                        str(MessageState(one["state"]).label),
                    ]
                    for one in facts["mails"]
                ],
            )
        ],
    )


def _record(facts, entries):
    names = _people_in(facts)
    where = facts["record"]
    texts = [
        _(
            "The portal keeps a chain in which each entry holds the hash of the one before. Below "
            "are its entries about this letter; chain.json has them whole, and of every entry "
            "between them a hash, so that each link can be followed."
        )
    ]
    if where["known_since"]:
        said = _("The head of this part was made known to everybody on %(time)s: %(hash)s")
        texts.append(said % {"time": moment(where["known_since"]).text, "hash": where["head"]})
    return Section(
        "record",
        _("The audit chain"),
        [
            Table(
                _("Entries %(first)s to %(last)s") % where,
                [_("No."), _("Time"), _("Action"), _("By"), _("Hash")],
                [
                    [
                        str(one["seq"]),
                        moment(one["at"]),
                        Cell(one["action"], "code"),
                        names.get(one["actor"], "") or ("" if one["actor"] else _("the portal")),
                        sha(one["hash"]),
                    ]
                    for one in entries
                ],
            )
        ],
        texts,
    )


def _people_in(value, found=None) -> dict:
    """Id to name of everybody who is named somewhere in the facts."""
    found = {} if found is None else found
    if isinstance(value, dict):
        if set(value) == {"id", "name"}:
            found[value["id"]] = value["name"]
        for one in value.values():
            _people_in(one, found)
    elif isinstance(value, list):
        for one in value:
            _people_in(one, found)
    return found


def _files(members):
    return Section(
        "files",
        _("Files of this dossier"),
        [
            Table(
                _("MANIFEST.sha256 has the hash of each, and MANIFEST.sig the portal's signature"),
                [_("File")],
                [[Cell(name, "code", name)] for name in members],
            )
        ],
    )
