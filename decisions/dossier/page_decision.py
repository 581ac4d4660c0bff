"""What was decided, on a dossier's page: an agency reads it, and in six languages."""

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from decisions.dossier.cells import Cell, Table, matter, moment, named
from decisions.rendering import wording
from decisions.states import Outcome


def told_of(found, version) -> dict:
    """What a letter told of this version, in the reader's language if there is one; or nothing."""
    letters = [one for one in found["letters"] if one["decision_version"] == version]
    return in_readers_language([one["facts"] for one in letters]) or {}


def in_readers_language(facts):
    here = get_language()
    return next((one for one in facts if one["language"] == here), facts[0] if facts else None)


def version_of(one, told):
    """The table of one version of a decision, and what its letter told besides."""
    content = one["content"]
    rows = []
    if content:
        lead = content["merged_with"]
        conditions = [
            f"{number}. {row['text']}{' · ' + row['due'] if row.get('due') else ''}"
            for number, row in enumerate(content["conditions"], 1)
        ]
        joined = [f"{row['agency']}: {row['title']}" for row in told.get("joined_by", ())]
        words = [
            (_("Outcome"), Outcome(content["outcome"]).label),
            (_("Merged with"), (lead.get("reference") or lead["title"]) if lead else ""),
            # In its own words: agencies read it in six languages.
            (wording.of(get_language()).word("led_by"), told.get("led_by", "")),
            (wording.of(get_language()).word("joined_by"), "\n".join(joined)),
            (_("Reserve rank"), content["reserve_rank"]),
            (_("Reserve valid until"), content["reserve_until"]),
            (_("Mass allotted"), f"{content['mass_kg']} kg" if content["mass_kg"] else ""),
            (_("Conditions"), "\n".join(conditions)),
            (_("Reason"), content["reason"]),
            (_("Strengths"), content["strengths"]),
            (_("Weaknesses"), content["weaknesses"]),
        ]
        rows = [[label, Cell(str(text), "text")] for label, text in words if text]
    else:
        rows = [[_("Outcome"), _("undecided again")]]
    said = {"number": one["version"], "time": moment(one["at"]).text, "name": named(one["by"])}
    title = _("Version %(number)s of %(time)s, by %(name)s") % said
    return Table(title, [matter(), _("Text")], rows)
