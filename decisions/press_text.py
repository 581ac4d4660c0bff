"""The text for the press: plain words made of nothing but what the results page will tell."""

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from proposals.models.call import in_language
from proposals.states import Level


def text_of(call, page, language) -> str:
    """The projects that go forward as text, in one language; `page` as `results.page_of` has it."""
    with translation.override(language):
        lines = [in_language(call.title), "", _summary(page), ""]
        for project in page["projects"]:
            lines += [_project(project, language), ""]
        return "\n".join(lines).rstrip() + "\n"


def _summary(page) -> str:
    return ngettext(
        "%(projects)s project is selected, from %(forward)s of %(received)s letters of intent.",
        "%(projects)s projects are selected, from %(forward)s of %(received)s letters of intent.",
        len(page["projects"]),
    ) % {
        "projects": len(page["projects"]),
        "forward": page["forward"],
        "received": page["received"],
    }


def _project(project, language) -> str:
    said = [
        f"* {project['title'][language]} ({Level(project['level']).label})",
        f"  {_who(project, language)}",
        *(
            "  "
            + _("Joined by: %(title)s, %(who)s")
            % {"title": joined["title"][language], "who": _who(joined, language)}
            for joined in project["joined_by"]
        ),
    ]
    return "\n".join(said)


def _who(project, language) -> str:
    parts = [f"{project['agency'][language]}, {project['place'][language]}"]
    return "; ".join([*parts, *project["partners"][language]])
