"""Who may do what in the panel's rooms. Default deny; visibility lives in `visible_to`."""

from django.core.exceptions import PermissionDenied
from django.http import Http404

from accounts.states import Role
from reviews.models import ConflictCheck

_CHAIR = frozenset({Role.CHAIR})
_STAFF = frozenset(Role)

# Action of the panel: (roles that may, roles that may know that others may). Whoever is in neither
# is told "no such page"; partner agencies are in none.
_PANEL = {
    "panel": (_CHAIR, _STAFF),
    # How many letters there are, before the cutoff as well.
    "count": ({Role.CHAIR, Role.PUBLISHER, Role.AUDITOR, Role.OPERATOR}, frozenset()),
    "screen": (_CHAIR, _STAFF),
    "read_letter": (_CHAIR, _STAFF),
    "ask": (_CHAIR, _STAFF),
    # Until when fuller proposals are taken.
    "move_due": (_CHAIR, _STAFF),
    "read_rubric": (_STAFF, _STAFF),
    "edit_rubric": (_CHAIR, _STAFF),
    "see_conflicts": ({Role.CHAIR, Role.AUDITOR}, {Role.REVIEWER, Role.OPERATOR}),
    "rule_on_conflicts": (_CHAIR, {Role.REVIEWER, Role.OPERATOR}),
    "see_reviewers": (_CHAIR, _STAFF),
    "invite": (_CHAIR, _STAFF),
    # Giving the role itself: the chair proposes, by inviting, and the operator grants.
    "grant_reviewer": ({Role.OPERATOR}, {Role.CHAIR, Role.PUBLISHER}),
    # Conflicts of one's own as a chair, and who presides where one does not.
    "preside": (_CHAIR, frozenset()),
    "see_assignments": (
        {Role.CHAIR, Role.AUDITOR},
        {Role.REVIEWER, Role.PUBLISHER, Role.OPERATOR},
    ),
    "assign": (_CHAIR, {Role.REVIEWER, Role.OPERATOR}),
    # Planning and holding the panel's meetings; whoever is invited has pages of her or his own.
    "meet": (_CHAIR, {Role.REVIEWER}),
    "see_progress": (_CHAIR, _STAFF),
    "see_scores": (_CHAIR, {Role.REVIEWER}),
    "see_ranking": ({Role.CHAIR, Role.PUBLISHER}, {Role.REVIEWER}),
    # What is known of reviewers by their marks: not even that it is known is for others.
    "see_severity": (_CHAIR, frozenset()),
    "freeze": (_CHAIR, {Role.REVIEWER}),
    # What reviewers wrote, once their call is archived.
    "read_archive": ({Role.AUDITOR}, frozenset()),
    "export": (_CHAIR, {Role.REVIEWER, Role.PUBLISHER, Role.OPERATOR}),
}


def can(user, action: str, obj=None) -> bool:
    """Whether `user` may do `action`.

    For the panel, the keys of `_PANEL`; "see_ranking" means a frozen one. For reviewers: declare
    (conflicts), and on a review of one's own: read, save, submit, reopen.
    """
    if not (user.is_authenticated and user.is_active):
        return False
    if action in ("count", "edit_rubric", "move_due") and user.has_role(Role.CHAIR) and user.seats:
        # A chair with a seat in an agency is told as little as an agency, unless another office
        # entitles her or him, and sets neither weights nor dates for the letters of her or his own;
        # reading for the panel is no office.
        return any(user.has_role(role) for role in _PANEL[action][0] - _CHAIR)
    if action in _PANEL:
        return any(user.has_role(role) for role in _PANEL[action][0])
    match action:
        case "declare":
            return user.has_role(Role.REVIEWER)
        case "read" | "save" | "submit" | "reopen":
            return user.has_role(Role.REVIEWER) and obj.assignment.reviewer_id == user.pk
    return False


def may_know(user, action: str) -> bool:
    """Whether a refusal may admit that there is such a page: 403 rather than 404."""
    return any(user.has_role(role) for role in _PANEL[action][1])


def admit(user, action: str) -> None:
    """Return if `user` may; else 403 for whoever may know of the page, 404 for everybody else."""
    if can(user, action):
        return
    if may_know(user, action):
        raise PermissionDenied
    raise Http404


def admit_to_ranking(user, ranking) -> None:
    """Let `user` pass to a round's order; `ranking` is the frozen one, or None.

    Nobody but the chair learns anything of the order before it is frozen.
    """
    admit(user, "see_ranking" if ranking else "see_scores")


def presides(user, letter) -> bool:
    """Whether `user` chairs this letter: every chair does who has no hard conflict with it.

    There is no first chair in the policy. Where one is in conflict the others preside, and where
    nobody is left the operators are told (`reviews.reminders`).
    """
    return user.has_role(Role.CHAIR) and not is_barred(user, letter)


def is_barred(user, letter) -> bool:
    """Whether a hard conflict keeps `user`, in whatever office, from this letter."""
    return ConflictCheck.objects.conflicted().filter(reviewer=user, letter=letter).exists()


def presided_by(user, rows, letter="pk"):
    """Those of `rows` that are about letters `user` has no hard conflict with.

    `letter` names the column. It is for lists, counts, tables and searches of people whom
    `can` has admitted; `presides` is the same rule for one letter.
    """
    return rows.exclude(ConflictCheck.objects.bar(user, letter))
