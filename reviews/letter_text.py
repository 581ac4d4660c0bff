"""A filed letter as the panel reads it: what the agency said, and apart from it what it left empty.

The panel reads what was filed, word for word, and never the agency's working copy. In the second
round its fuller proposal stands beside it.
"""

from dataclasses import dataclass, field

from proposals import filed_files, reading, rows
from proposals.filed_files import FiledFile
from proposals.models import FIGURES, FullerVersion
from proposals.sections import SECTIONS
from reviews.anonymity import HIDDEN, HIDDEN_FILES

# How to reach people is no matter of merit, and whom an agency does not want to be read by is told
# to nobody who reads.
FOR_THE_CHAIR = frozenset({"pi_email", "pi_phone", "excluded_reviewers"})

# The answers that name people.
PEOPLE = ("pi_name", "representative_name", "co_investigators")


@dataclass
class Part:
    key: str
    title: str
    lines: list[reading.Answer] = field(default_factory=list)
    # Labels of what the agency left empty.
    empty: list[str] = field(default_factory=list)


def parts_of(version, call, *, for_chair=False, nameless=False) -> list[Part]:
    """The sections of a filed version in the reader's language, each with what it says.

    For a `nameless` reading nothing is there that says who is behind the letter.
    """
    hidden = frozenset() if for_chair else HIDDEN if nameless else FOR_THE_CHAIR
    parts = []
    for read in reading.parts_of(version.content, call):
        part = Part(read.section.key, str(read.section.title))
        if hidden.issuperset(read.section.fields):
            continue
        for answer in read.answers:
            if answer.name in hidden:
                continue
            if answer.value:
                part.lines.append(answer)
            else:
                part.empty.append(answer.label)
        parts.append(part)
    return parts


@dataclass(frozen=True)
class Figure:
    """One figure in the letter and in the fuller proposal, in words; empty where it is not said."""

    label: str
    letter: str
    fuller: str

    @property
    def is_changed(self) -> bool:
        return self.letter != self.fuller


@dataclass(frozen=True)
class Fuller:
    """A fuller proposal as it was filed last."""

    version: FullerVersion
    changes: str
    figures: list[Figure]
    # Those that may be handed out.
    files: list[FiledFile]


def fuller_of(letter, version, *, nameless=False) -> Fuller | None:
    """The fuller proposal beside the filed `version` of its letter; None if none is filed.

    For a `nameless` reading without the files that are there to name people.
    """
    filed = letter.fuller_versions.order_by("-number").first()
    if filed is None or version is None:
        return None
    before, now = version.content["fields"], filed.content["fields"]
    figures = []
    for name in FIGURES:
        said, says = (reading.answer(name, of.get(name), letter.call) for of in (before, now))
        if said.value or says.value:
            figures.append(Figure(said.label, said.plain, says.plain))
    return Fuller(
        version=filed,
        changes=now.get("changes", ""),
        figures=figures,
        files=[
            file
            for file in filed_files.of(filed)
            if file.is_ready and not (nameless and file.kind in HIDDEN_FILES)
        ],
    )


def team_of(version, call) -> Part:
    """Who is behind a letter, for whoever may learn it after marking: what was left out."""
    shown = HIDDEN - FOR_THE_CHAIR
    part = Part("b", str(SECTIONS["b"].title))
    read = reading.parts_of(version.content, call)
    answers = (answer for one in read for answer in one.answers)
    part.lines = [answer for answer in answers if answer.name in shown and answer.value]
    return part


def texts_in(content) -> dict[str, str]:
    """The free texts that are read without names: name of the field to what it says."""
    texts = {}
    for name, value in content["fields"].items():
        if name in HIDDEN:
            continue
        if isinstance(value, str):
            texts[name] = value
        elif isinstance(value, list) and name in rows.TABLES:
            texts[name] = "\n".join(str(cell) for row in value for cell in row.values())
    return texts


def organisations_in(content, agency) -> list[str]:
    """Names of the agency and its country, of partners and of the institutions of its people."""
    said = content["fields"]
    names = [content["agency"]["name"], agency.name, agency.name_zh]
    names.append(str(agency.country.name))
    for table, cell in (("partners", "name"), ("co_investigators", "institution")):
        value = said.get(table) or []
        if isinstance(value, str):
            value = rows.from_lines(table, value)
        names += [row.get(cell, "") for row in value]
    return list(dict.fromkeys(name for name in names if name))


def people_in(content) -> list[str]:
    """Names of the people in a filed version."""
    said = content["fields"]
    names = [said.get("pi_name"), said.get("representative_name")]
    team = said.get("co_investigators") or []
    if isinstance(team, str):
        team = rows.from_lines("co_investigators", team)
    names += [row.get("name") for row in team]
    return list(dict.fromkeys(name for name in names if name))
