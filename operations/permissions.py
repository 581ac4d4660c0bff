"""Who may look after the portal. Default deny; nothing here shows what a letter says."""

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404
from django.utils.translation import gettext as _

from accounts.states import Role
from notifications.querysets import IN_CONFIDENCE

# What the mail is called that a release owes every member of an agency.
DECISION_MAIL = "decision_ready"


def can(user, action: str, obj=None) -> bool:
    """Whether `user` may `see` how the portal stands, `retry` what failed, `read_ledger` of the
    mail, `resend` the mail `obj`, or `resend_several` (`resendable` says which).

    Mails that tell of a decision, and those in confidence, which the operator does not see, are
    sent again by publishers alone; all others by the operator.
    """
    if not (user.is_authenticated and user.is_active):
        return False
    match action:
        case "see" | "retry":
            return user.has_role(Role.OPERATOR)
        case "read_ledger":
            return any(
                user.has_role(role) for role in (Role.OPERATOR, Role.PUBLISHER, Role.AUDITOR)
            )
        case "resend_several":
            return user.has_role(Role.OPERATOR) or user.has_role(Role.PUBLISHER)
        case "resend":
            of_publishers = obj.template == DECISION_MAIL or obj.template.startswith(IN_CONFIDENCE)
            return user.has_role(Role.PUBLISHER if of_publishers else Role.OPERATOR)
    return False


def resendable(mails, user):
    """Those of `mails` that `user` may have sent again, by the same rule as `resend`."""
    of_publishers = Q(template=DECISION_MAIL) | Q(template__startswith=IN_CONFIDENCE)
    allowed = Q(pk=None)
    if user.has_role(Role.PUBLISHER):
        allowed |= of_publishers
    if user.has_role(Role.OPERATOR):
        allowed |= ~of_publishers
    return mails.filter(allowed)


def admit(user, action: str, obj=None) -> None:
    """Let `user` pass, or raise what the door answers: Http404 to whom nothing is here,
    PermissionDenied to whom it is no secret that something is.
    """
    if can(user, action, obj):
        return
    if not _knows(user, action):
        raise Http404
    if action == "resend" and user.has_role(Role.OPERATOR):
        raise PermissionDenied(_("Mails that tell of a decision are sent again by a publisher."))
    if action == "resend_several":
        raise PermissionDenied(_("Mails are sent again by the operator and the publishers."))
    if action == "resend":
        raise PermissionDenied(_("This mail is sent again by the operator."))
    raise PermissionDenied(_("Only the operator looks after the machine."))


def _knows(user, action) -> bool:
    if user.has_role(Role.OPERATOR) or user.has_role(Role.PUBLISHER):
        return True
    return action in ("read_ledger", "resend", "resend_several") and user.has_role(Role.CHAIR)
