"""A filed letter as the panel reads it: what the agency said, and apart from it what it left empty.

The panel reads what was filed, word for word, and never the agency's working copy.
"""

from dataclasses import dataclass, field

from proposals import reading, rows

# How to reach people is no matter of merit, and whom an agency does not want to be read by is told
# to nobody who reads.
FOR_THE_CHAIR = {"pi_email", "pi_phone", "excluded_reviewers"}

# The answers that name people.
PEOPLE = ("pi_name", "representative_name", "co_investigators")


@dataclass
class Part:
    key: str
    title: str
    lines: list[reading.Answer] = field(default_factory=list)
    # Labels of what the agency left empty.
    empty: list[str] = field(default_factory=list)


def parts_of(version, call, *, for_chair=False) -> list[Part]:
    """The sections of a filed version in the reader's language, each with what it says."""
    parts = []
    for read in reading.parts_of(version.content, call):
        part = Part(read.section.key, str(read.section.title))
        for answer in read.answers:
            if answer.name in FOR_THE_CHAIR and not for_chair:
                continue
            if answer.value:
                part.lines.append(answer)
            else:
                part.empty.append(answer.label)
        parts.append(part)
    return parts


def people_in(content) -> list[str]:
    """Names of the people in a filed version."""
    said = content["fields"]
    names = [said.get("pi_name"), said.get("representative_name")]
    team = said.get("co_investigators") or []
    if isinstance(team, str):
        team = rows.from_lines("co_investigators", team)
    names += [row.get("name") for row in team]
    return list(dict.fromkeys(name for name in names if name))
