"""The working copy: begun and saved."""

import secrets

from django.db import transaction
from django.utils.translation import gettext as _

from proposals.actions.moments import draft_moment, lock, open_moment
from proposals.actions.record import log
from proposals.actions.refusal import Refused, Stale
from proposals.models import LetterOfIntent
from proposals.sections import SECTIONS

# Of one agency in one call: far more than anybody writes, and no way to fill the call.
MOST_DRAFTS = 50


@transaction.atomic
def start_draft(call, agency, *, actor, changes=None) -> LetterOfIntent:
    """Begin a letter. Refused outside the call's window, and beside very many drafts."""
    at = open_moment(call)
    if call.letters.filter(agency=agency).drafts().count() >= MOST_DRAFTS:
        raise Refused(
            _("Your agency has %(count)s letters here that are not filed. Delete one first.")
            % {"count": MOST_DRAFTS},
            code="too_many_drafts",
        )
    letter = LetterOfIntent(
        call=call,
        agency=agency,
        reference=_free_reference(call),
        created_at=at,
        updated_at=at,
        **{"margin_percent": 20, **(changes or {})},
    )
    letter.save(force_insert=True)
    log("letter.started", letter, actor=actor, at=at)
    return letter


@transaction.atomic
def save_draft(letter, *, changes, revision, actor, exactly=False) -> LetterOfIntent:
    """Write the named fields of the working copy if nobody saved their sections since `revision`.

    With `exactly`, if nobody saved anything since: what a program means by `If-Match`.

    What does not differ is not written, so a save that is repeated because its answer was lost
    succeeds. Raises `Stale` with the present letter if somebody saved meanwhile, `Refused` if the
    letter was submitted or the call is closed.
    """
    letter = lock(letter)
    at = draft_moment(letter)
    changes = {name: value for name, value in changes.items() if getattr(letter, name) != value}
    if not changes:
        return letter
    touched = [key for key, section in SECTIONS.items() if changes.keys() & set(section.fields)]
    saved_at = max((letter.section_revisions.get(key, 1) for key in touched), default=1)
    if exactly:
        saved_at = letter.revision
    if not saved_at <= revision <= letter.revision:
        raise Stale(letter)
    for name, value in changes.items():
        setattr(letter, name, value)
    letter.revision, letter.updated_at = letter.revision + 1, at
    letter.section_revisions |= dict.fromkeys(touched, letter.revision)
    letter.save(update_fields=[*changes, "revision", "section_revisions", "updated_at"])
    return letter


def _free_reference(call) -> str:
    taken = set(call.letters.values_list("reference", flat=True))
    # Four digits while half of them are free, so that one of a few tries is; then all there is room
    # for.
    longest = LetterOfIntent._meta.get_field("reference").max_length - len(call.code) - 1
    digits = 4 if len(taken) < 5_000 else longest
    while True:
        reference = f"{call.code}-{secrets.randbelow(10**digits - 1) + 1:0{digits}d}"
        if reference not in taken:
            return reference
