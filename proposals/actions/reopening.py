"""A filed letter is rewritten while the call is open; what was filed counts until then."""

from django.db import transaction
from django.utils.translation import gettext as _

from proposals import content
from proposals.actions.moments import lock, open_moment, window
from proposals.actions.record import log, tell_members
from proposals.actions.refusal import Refused
from proposals.models import Attachment, LetterOfIntent, UnfiledText
from proposals.sections import SECTIONS
from proposals.states import LetterState


@transaction.atomic
def reopen(letter, *, actor) -> LetterOfIntent:
    """Let the working copy of a filed letter be changed. What was filed stands and counts.

    Refused outside the call's window and for letters that are not submitted. A letter that is
    already reopened stays as it is: two colleagues may press the button at once.
    """
    letter = lock(letter)
    at = _reopening_moment(letter)
    if letter.reopened_at:
        return letter
    letter.reopened_at = at
    letter.save(update_fields=["reopened_at"])
    log("letter.reopened", letter, actor=actor, at=at)
    return letter


def ensure_reopenable(letter) -> None:
    """Raise `Refused` if this letter cannot be reopened right now."""
    _reopening_moment(letter)


@transaction.atomic
def put_back(letter, *, actor) -> LetterOfIntent:
    """Give the rewriting up: the working copy is again what was filed.

    A text that differs is kept as `UnfiledText`. Refused outside the call's window, where the seal
    does the same. A letter that is not reopened stays as it is.
    """
    letter = lock(letter)
    at = open_moment(letter.call)
    if letter.reopened_at:
        restore(letter, actor=actor, at=at)
    return letter


@transaction.atomic
def put_back_at_the_seal(letter, *, at) -> None:
    """The call closed while this letter was being rewritten: what was filed counts.

    Everybody of the agency is told, and that the other text is kept.
    """
    letter = lock(letter)
    # Whoever seals may have read the call while its cutoff was being moved: it is asked again.
    _opens_at, closes_at, _now = window(letter.call)
    if at < closes_at or not letter.reopened_at:
        return
    version = letter.versions.last()
    if restore(letter, actor=None, at=at):
        tell_members(
            letter,
            key=f"letter-{letter.pk}-v{version.number}-stands",
            template="version_stands",
            context={"version": version},
            at=at,
        )


def restore(letter, *, actor, at) -> bool:
    """Columns and files of the last version again; returns whether another text was kept aside.

    For callers that hold the letter's lock.
    """
    version = letter.versions.last()
    is_kept = keep_unfiled(letter, version, at=at)
    changes = {
        name: value
        for name, value in content.columns(version.content).items()
        if getattr(letter, name) != value
    }
    for name, value in changes.items():
        setattr(letter, name, value)
    letter.reopened_at = None
    # Whoever has a section open is told that it changed, as after any other save.
    letter.revision, letter.updated_at = letter.revision + 1, at
    touched = [key for key, section in SECTIONS.items() if changes.keys() & set(section.fields)]
    letter.section_revisions |= dict.fromkeys(touched, letter.revision)
    letter.save(
        update_fields=[*changes, "reopened_at", "revision", "section_revisions", "updated_at"]
    )
    _put_files_back(letter, version, at=at)
    log("letter.put_back", letter, actor=actor, at=at, data={"version": version.number})
    return is_kept


def keep_unfiled(letter, version, *, at) -> bool:
    """Keep the working copy to be read if it is not what `version` says; returns whether."""
    words = content.of(letter, version=version.number + 1)
    if content.same(words, version.content):
        return False
    UnfiledText.objects.create(letter=letter, content=words, kept_at=at)
    return True


def _reopening_moment(letter):
    at = open_moment(letter.call)
    if letter.state != LetterState.SUBMITTED:
        raise Refused(_("Only a submitted letter can be reopened."), code="not_submitted")
    return at


def _put_files_back(letter, version, *, at):
    """The files of the version in their places, with all that is known of them."""
    filed = {item["kind"]: item for item in version.content["attachments"]}
    for item in letter.attachments.all():
        was = filed.get(item.kind)
        if was and (was["sha256"], was["name"]) == (item.sha256, item.name):
            del filed[item.kind]
        else:
            item.removed_at = at
            item.save(update_fields=["removed_at"])
    for was in filed.values():
        # What a version names is never forgotten, so the row is there.
        known = {name: was[name] for name in ("kind", "sha256", "name")}
        rows = Attachment.every.filter(letter=letter, **known).order_by("-uploaded_at")
        Attachment.every.filter(pk__in=rows.values("pk")[:1]).update(removed_at=None)
