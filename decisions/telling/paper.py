"""The results as an archivable, accessible PDF: the press of the decision letters, their style."""

from django.template.loader import render_to_string

from decisions.rendering import letter, press, wording
from proposals.printing.characters import GETA
from proposals.printing.kept import KeptPress

TEMPLATE = "decisions/results_paper.html"

# A paper of the results is made once for each language: its child is not kept.
_press = KeptPress(press.STYLE)


def pdf_of(telling, *, address) -> bytes:
    """Set what is told in one language. The same words give the same bytes.

    `address` is where it stands, too. Raises Unprintable.
    """
    try:
        return _press.pdf_from(html_of(telling, address=address))
    finally:
        _press.close()


def html_of(telling, *, address) -> str:
    said = telling.said
    words = wording.of(said["language"])
    projects = [
        _project(project, words)
        | {key: _lines(project[key], words) for key in ("title", "second")}
        | {"joined_by": [_project(one, words) for one in project["joined_by"]]}
        for project in said["projects"]
    ]
    page = {
        "said": said,
        "call": words.isolated(letter.printable(said["call"])),
        "days": telling.days,
        "projects": projects,
        "date": telling.since,
        "where": words.fill(said["words"]["where"], address=address),
        "page_of": letter.page_of(words),
        "geta": words.word("geta") if GETA in str(projects) else "",
    }
    return render_to_string(TEMPLATE, page)


def _lines(text, words) -> dict:
    return letter.own_lines(letter.printable(text), words) if text else {}


def _project(project, words) -> dict:
    """The texts of one project in characters that our fonts have, each in its own direction."""
    shown = {
        key: words.isolated(letter.printable(project[key]))
        for key in ("title", "second", "agency", "place")
    }
    return (
        project
        | shown
        | {
            "partners": [words.isolated(letter.printable(line)) for line in project["partners"]],
            "abstract": letter.paragraphs_of(project["abstract"], words),
        }
    )
