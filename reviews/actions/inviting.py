"""Asking people to review. The chair proposes, the person answers, the operator grants the role.

The link in the mail carries a secret made of the portal's own key and the invitation's id: it can
be written again into a reminder, and whoever reads the database cannot make it. Whoever holds it
may answer. It signs nobody in, and reading it changes nothing, because mail scanners open links.
"""

import hashlib
from datetime import timedelta

from django.db import transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from accounts import actions as people
from accounts.models import User
from accounts.states import Role
from audit import chain
from notifications import outbox
from proposals.models import CallRound
from reviews.actions.refusal import Refused
from reviews.models import ReviewerInvitation
from reviews.states import InvitationAnswer, InvitationStanding

# Not more than one mail a day to somebody who has not answered.
PAUSE = timedelta(days=1)


@transaction.atomic
def invite_reviewers(
    call_round, guests, *, letters, due_at, language, actor, at
) -> list[ReviewerInvitation]:
    """Ask these people to review in a round, all of them or none: one mail each.

    `letters` and `due_at` are what the invitation says the work is. Refused for people who are
    invited to the round already.
    """
    CallRound.objects.select_for_update(no_key=True).get(pk=call_round.pk)
    if not guests:
        raise Refused(_("Write at least one name and address."))
    if due_at <= at:
        raise Refused(_("The reviews cannot be due in the past."))
    known = ReviewerInvitation.objects.filter(
        round=call_round, withdrawn_at=None, email__in=[guest.email for guest in guests]
    )
    if addresses := sorted(known.values_list("email", flat=True)):
        raise Refused(
            _("Invited to this round already: %(addresses)s.") % {"addresses": ", ".join(addresses)}
        )
    made = []
    for guest in guests:
        invitation = ReviewerInvitation(
            round=call_round,
            email=guest.email,
            name=guest.name,
            letters=letters,
            due_at=due_at,
            language=language,
            invited_by=actor,
            invited_at=at,
        )
        invitation.secret_hash = _hash(secret_of(invitation))
        made.append(invitation)
    ReviewerInvitation.objects.bulk_create(made)
    chain.append_many(
        _fact("reviewer.invited", one, actor=actor, at=at, letters=letters) for one in made
    )
    for invitation in made:
        _mail(invitation, at=at)
    return made


@transaction.atomic
def remind_invited(invitations, *, actor, at) -> int:
    """Mail once more to those of these people who have not answered; return how many were.

    Whoever got a mail within a day is left in peace.
    """
    rows = ReviewerInvitation.objects.standing(InvitationStanding.WAITING)
    rows = rows.filter(pk__in=[one.pk for one in invitations]).select_for_update(of=("self",))
    due = [one for one in rows.select_related("round__call").order_by("pk") if may_remind(one, at)]
    if not due:
        raise Refused(_("There is nobody to remind: all have answered or had a mail today."))
    for invitation in due:
        invitation.reminded_at = at
        # Where the portal's key was changed meanwhile the old link ends and the new one holds.
        invitation.secret_hash = _hash(secret_of(invitation))
    ReviewerInvitation.objects.bulk_update(due, ["reminded_at", "secret_hash"])
    chain.append_many(_fact("reviewer.reminded", one, actor=actor, at=at) for one in due)
    for invitation in due:
        _mail(invitation, at=at)
    return len(due)


@transaction.atomic
def take_back_invitation(invitation, *, actor, at) -> ReviewerInvitation:
    """The link no longer works; a mail that has not left is not sent. Twice is once."""
    invitation = _lock(invitation)
    if invitation.standing == InvitationStanding.REVIEWER:
        raise Refused(
            _("%(name)s reviews already. Only the operator takes a role away.")
            % {"name": invitation.name}
        )
    if invitation.withdrawn_at is None:
        invitation.withdrawn_at = at
        invitation.save(update_fields=["withdrawn_at"])
        outbox.call_off(f"reviewer-invitation-{invitation.pk}-")
        chain.append_many([_fact("reviewer.invitation_taken_back", invitation, actor=actor, at=at)])
    return invitation


@transaction.atomic
def answer_reviewer_invitation(invitation, *, accept: bool, note, at) -> ReviewerInvitation:
    """The person's own word, by the secret link. It can be changed until the role is granted.

    Accepting uses the account with this address, or makes one without a password: the link came by
    mail, so the address is proved. It gives no role; the operators are told that one is asked for.
    """
    invitation = _lock(invitation)
    _refuse_unanswerable(invitation)
    if accept:
        invitation.user = _account_of(invitation, at=at)
    # An account that was made stays: its person may have signed in meanwhile.
    invitation.answer = InvitationAnswer.ACCEPTED if accept else InvitationAnswer.DECLINED
    invitation.answered_at, invitation.note = at, "" if accept else note
    invitation.save(update_fields=["answer", "answered_at", "note", "user"])
    action = "reviewer.accepted" if accept else "reviewer.declined"
    chain.append_many([_fact(action, invitation, actor=None, at=at)])
    if accept and not invitation.user.has_role(Role.REVIEWER):
        for operator in User.objects.with_role(Role.OPERATOR).active():
            outbox.enqueue(
                key=f"reviewer-accepted-{invitation.pk}-{operator.pk}",
                recipient=operator,
                template="reviewer_accepted",
                context={"invitation": invitation},
                at=at,
            )
    return invitation


@transaction.atomic
def grant_reviewers(invitations, *, actor, at) -> int:
    """Give the role to people who accepted, all of these or none: the operator's part."""
    if not invitations:
        raise Refused(_("Choose at least one person."))
    granted = []
    for invitation in sorted(invitations, key=lambda one: one.pk):
        invitation = _lock(invitation)
        if invitation.standing != InvitationStanding.ACCEPTED or invitation.user is None:
            raise Refused(
                _("%(name)s does not wait for the role any more.") % {"name": invitation.name}
            )
        granted.append(invitation)
    users = User.objects.filter(pk__in=[invitation.user_id for invitation in granted])
    list(users.select_for_update(no_key=True).order_by("pk"))
    for invitation in granted:
        try:
            people.grant_roles(
                invitation.user, [*invitation.user.roles, Role.REVIEWER], actor=actor, at=at
            )
        except people.Refused as refusal:
            raise Refused(f"{invitation.name}: {refusal}") from refusal
        outbox.enqueue(
            key=f"reviewer-granted-{invitation.pk}",
            recipient=invitation.user,
            template="reviewer_granted",
            context={"invitation": invitation},
            at=at,
        )
    return len(granted)


def invitation_by(secret: str) -> ReviewerInvitation | None:
    """The invitation that the link with this secret leads to, if it was not taken back."""
    rows = ReviewerInvitation.objects.filter(withdrawn_at=None, secret_hash=_hash(secret))
    return rows.for_list().first()


def secret_of(invitation) -> str:
    """The secret in the link of an invitation."""
    key = salted_hmac("reviews.invitation", str(invitation.pk), algorithm="sha256")
    return key.hexdigest()


def may_remind(invitation, at) -> bool:
    """Whether the last mail is long enough ago."""
    return (invitation.reminded_at or invitation.invited_at) <= at - PAUSE


def _refuse_unanswerable(invitation):
    if invitation.withdrawn_at:
        raise Refused(_("This invitation was taken back. It needs no answer any more."))
    if invitation.standing == InvitationStanding.REVIEWER:
        raise Refused(_("You have accepted and review already. Please write to the contact."))


def _account_of(invitation, *, at) -> User:
    user = User.objects.select_for_update(no_key=True).filter(email=invitation.email).first()
    if user is None:
        return people.enrol(
            email=invitation.email, name=invitation.name, language=invitation.language, at=at
        )
    if user.memberships.exists():
        raise Refused(
            _(
                "The account with this address belongs to a partner agency, and nobody judges a"
                " call that she or he answers. Leave the agency first, or decline."
            )
        )
    if not user.is_active:
        raise Refused(_("The account with this address is closed. Please write to the contact."))
    return user


def _lock(invitation) -> ReviewerInvitation:
    rows = ReviewerInvitation.objects.select_for_update(of=("self",))
    return rows.for_list().get(pk=invitation.pk)


def _mail(invitation, *, at):
    outbox.enqueue_to_address(
        # An event of its own each time: an invitation, then its reminders.
        key=f"reviewer-invitation-{invitation.pk}-{at:%Y%m%dT%H%M%S}",
        address=invitation.email,
        language=invitation.language,
        template="reviewer_invited",
        context={"invitation": invitation, "secret": secret_of(invitation)},
        at=at,
        # The text holds the secret, so it is wiped from the ledger once it has left.
        secret=True,
    )


def _fact(action, invitation, *, actor, at, **data):
    return {
        "action": action,
        "subject": f"round:{invitation.round_id}",
        "actor": str(actor.pk) if actor else "",
        "at": at,
        "data": {"invitation": str(invitation.pk), **data},
    }


def _hash(secret) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
