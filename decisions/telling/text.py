"""The results as plain text, for the press."""

from decisions import telling
from decisions.rendering import wording


def text_of(page, language) -> str:
    """The projects that go forward as text, in one language; `page` as `results.page_of` has it."""
    words = wording.of(language)
    said = telling.tell(page, language)
    lines = [said["call"], said["heading"], "", said["summary"], ""]
    for project in said["projects"]:
        lines += [_project(project, words), ""]
    if not said["projects"]:
        lines.append(said["words"]["none"])
    return "\n".join(lines).rstrip() + "\n"


def _project(project, words) -> str:
    joined = [
        telling.labelled(
            words, words.files["results"]["joined_by"], f"{one['title']}, {_who(one, words)}"
        )
        for one in project["joined_by"]
    ]
    titles = " / ".join(filter(None, (project["title"], project["second"])))
    said = [f"* {words.isolated(titles)} ({project['level']})", _who(project, words), *joined]
    return "\n  ".join(said)


def _who(project, words) -> str:
    between = words.files["results"]["between"]
    who = between.join(map(words.isolated, (project["agency"], project["place"])))
    return "; ".join([who, *map(words.isolated, project["partners"])])
