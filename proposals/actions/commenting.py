"""Remarks that colleagues write to each other beside the sections of their letter.

They are part of no version and no receipt, nobody outside the agency ever sees them, and they
change nothing: so they take no revision, and the audit record does not know of them.
"""

from django.db import transaction
from django.utils.translation import gettext as _

from proposals.actions.moments import draft_moment, lock
from proposals.actions.refusal import Refused
from proposals.models import Comment, CommentsRead

# More than any team writes; a program gone wild stops here.
MOST_COMMENTS = 500


@transaction.atomic
def comment(letter, *, section, text, actor) -> Comment:
    """Write a remark beside a section. Refused once the letter can no longer be changed."""
    letter = lock(letter)
    at = draft_moment(letter)
    if letter.comments.count() >= MOST_COMMENTS:
        raise Refused(_("This letter has as many comments as it can hold. Delete some first."))
    read_comments(letter, section=section, actor=actor, at=at)
    return Comment.objects.create(letter=letter, section=section, text=text, author=actor, at=at)


@transaction.atomic
def settle(remark, *, settled: bool, actor) -> Comment:
    """Say that a remark needs nothing more, or that it does after all. Doing it twice is fine."""
    letter = lock(remark.letter)
    at = draft_moment(letter)
    remark = _locked(remark)
    if (remark.settled_at is not None) != settled:
        remark.settled_at = at if settled else None
        remark.settled_by = actor if settled else None
        remark.save(update_fields=["settled_at", "settled_by"])
    return remark


@transaction.atomic
def delete_comment(remark, *, actor) -> None:
    """Take one's own remark away. Refused for somebody else's."""
    draft_moment(lock(remark.letter))
    remark = _locked(remark)
    if remark.author_id != actor.pk:
        raise Refused(_("Only whoever wrote a comment can delete it. You can settle it."))
    remark.delete()


def read_comments(letter, *, section, actor, at) -> None:
    """Remember that `actor` has seen every comment beside this section until `at`."""
    CommentsRead.objects.bulk_create(
        [CommentsRead(letter=letter, user=actor, section=section, at=at)],
        update_conflicts=True,
        unique_fields=["letter", "user", "section"],
        update_fields=["at"],
    )


def _locked(remark):
    found = Comment.objects.select_for_update(of=("self",)).filter(pk=remark.pk).first()
    if found is None:
        raise Refused(_("Somebody deleted this comment meanwhile."))
    return found
