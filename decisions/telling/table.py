"""The results as a table: one line a letter, those that joined a project behind it."""

from decisions.rendering import wording
from reviews import tables


def csv_of(said) -> bytes:
    """The table as encoded CSV with the words of one language; `said` as `telling.tell` has it."""
    words = said["words"]
    level = wording.of(said["language"]).word("level")
    header = [
        *("#", level, words["project_title"], words["project_title_zh"]),
        *(words["agency"], words["place"], words["partners"], words["joined_to"]),
        words["summary"],
    ]
    return b"".join(tables.csv_lines(header, _rows(said)))


def _rows(said):
    for number, project in enumerate(said["projects"], 1):
        yield [number, project["level"], *_who(project), "", project["abstract"]]
        for one in project["joined_by"]:
            yield [number, "", *_who(one), project["title"], ""]


def _who(project) -> list[str]:
    titles = project["title"], project["second"]
    return [
        *(reversed(titles) if project["title_language"] == "zh-Hans" else titles),
        project["agency"],
        project["place"],
        "; ".join(project["partners"]),
    ]
