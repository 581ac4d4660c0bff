"""The side bar of the editor: the sections, how complete they are, and the way on."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from proposals.sections import SECTIONS, is_empty, shown


def entries(letter, gaps, *, current=None, comments=None) -> list[dict]:
    """What `includes/section_nav.html` takes: one entry a section, and one for the files.

    `comments` maps sections to how many comments are open and how many of those are new.
    """
    found = [
        {
            "letter": key.upper(),
            "title": section.title,
            "url": reverse("proposals:edit", args=[letter.pk, key]),
            "state": _state(letter, section, gaps.get(key, ())),
            "note": _note(gaps.get(key, ())),
            "current": key == current,
        }
        for key, section in SECTIONS.items()
    ]
    attached = letter.attachments.exists()
    found.append(
        {
            "letter": "H",
            "title": _("Attachments"),
            "url": reverse("proposals:attachments", args=[letter.pk]),
            "state": "done" if attached else "empty",
            "note": "" if attached else _("if you have any"),
            "current": current == "h",
        }
    )
    for entry in found:
        count, new = (comments or {}).get(entry["letter"].lower(), (0, 0))
        entry |= {"comments": count, "new_comments": new}
    return found


def _state(letter, section, gaps) -> str:
    if not gaps:
        return "done"
    begun = any(
        not is_empty(getattr(letter, name))
        for name in shown(section, letter)
        # Filled in by the portal itself.
        if name != "margin_percent"
    )
    return "part" if begun else "empty"


def _note(gaps) -> str:
    if not gaps:
        return ""
    return ngettext("%(n)d answer missing", "%(n)d answers missing", len(gaps)) % {"n": len(gaps)}
