"""Who reads what: a line for each pair, and one for each letter that nobody reads."""

from itertools import islice

from django.utils.translation import gettext as _

from reviews.panel_letters import readers_of, state_of
from reviews.templatetags.panel_display import agency_name, title_of

_AT_ONCE = 200


def table(letters, call_round) -> tuple:
    """Of `letters`, a queryset with counts and agency in its order."""
    return _header(), _rows(letters, call_round)


def _header() -> list[str]:
    return [
        *(_("Reference"), _("Title"), _("Agency"), _("Country or region"), _("Level")),
        *(_("Reviewers wanted"), _("Assigned"), _("In conflict"), _("Reviewer"), _("State")),
        _("Due (UTC)"),
    ]


def _rows(letters, call_round):
    left = letters.iterator(chunk_size=_AT_ONCE)
    while some := list(islice(left, _AT_ONCE)):
        readers = readers_of([letter.pk for letter in some], call_round)
        for letter in some:
            yield from _lines(letter, readers.get(letter.pk, []))


def _lines(letter, readers):
    about = [
        letter.reference,
        title_of(letter),
        agency_name(letter.agency),
        letter.agency.place,
        letter.get_level_display(),
        letter.needed,
        letter.given,
        letter.conflicts,
    ]
    for assignment in readers:
        state = state_of(assignment)["label"]
        yield [*about, assignment.reviewer, state, f"{assignment.due_at:%Y-%m-%d %H:%M}"]
    if not letter.given:
        yield [*about, "", "", ""]
