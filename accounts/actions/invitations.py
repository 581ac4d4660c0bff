"""Seats in an agency that are offered to an address: invited, answered, withdrawn."""

from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions.record import lock_partner, log, tell_of_seat
from accounts.actions.refusal import Refused
from accounts.models import Agency, Invitation, Membership
from accounts.states import Role

MOST_A_DAY = 20  # of one person
MOST_AN_HOUR = 3  # to one address, whoever invites


@transaction.atomic
def invite(agency, *, email, seat, actor, at) -> Invitation:
    """Offer a seat in the agency. The mail is owed by the row itself and sent by the sweep.

    Refused for a colleague, an address that has not answered yet, and beyond what one person and
    one address bear: the portal writes to strangers here, under a name that anybody may choose.
    """
    Agency.objects.select_for_update(no_key=True).get(pk=agency.pk)
    email = email.lower()
    if Membership.objects.filter(agency=agency, user__email=email).exists():
        raise Refused(_("This person already belongs to your agency."))
    for lapsed in agency.invitations.lapsed(at=at).filter(email=email):
        _close(lapsed, accepted=False, at=at)
    if Invitation.objects.open().filter(agency=agency, email=email).exists():
        raise Refused(_("This address has been invited and has not answered yet."))
    _refuse_many(email, actor=actor, at=at)
    invitation = Invitation.objects.create(
        agency=agency,
        email=email,
        seat=seat,
        language=actor.language,
        invited_by=actor,
        invited_at=at,
    )
    data = {"invitation": str(invitation.pk), "seat": seat}
    log("agency.invited", f"agency:{agency.pk}", actor=actor, at=at, data=data)
    return invitation


@transaction.atomic
def answer_invitation(invitation, *, accept: bool, actor, at) -> Invitation:
    """Take or decline an offered seat, once. Whoever judges the call cannot take one.

    The door hands in an invitation that is addressed to the person (`addressed_to`).
    """
    if accept:
        actor = lock_partner(actor)
    invitation = _close(invitation, accepted=accept, at=at)
    if accept:
        membership, _made = Membership.objects.get_or_create(
            user=actor,
            agency=invitation.agency,
            defaults={"seat": invitation.seat, "since": at},
        )
        tell_of_seat("seat_taken", membership, actor=invitation.invited_by)
    log(
        "agency.joined" if accept else "agency.declined",
        f"agency:{invitation.agency_id}",
        actor=actor,
        at=at,
        data={"invitation": str(invitation.pk)},
    )
    return invitation


@transaction.atomic
def withdraw_invitation(invitation, *, actor, at) -> Invitation:
    """Take an offered seat back, for instance when the address was wrong."""
    invitation = _close(invitation, accepted=False, at=at)
    subject, data = f"agency:{invitation.agency_id}", {"invitation": str(invitation.pk)}
    log("agency.invitation_withdrawn", subject, actor=actor, at=at, data=data)
    return invitation


def end_invitations(person, *, agency=None, at) -> None:
    """Nobody takes a seat any more that was offered by somebody who may offer none.

    The caller's entry, about that person's seat or account, says why. Call it before that.
    """
    theirs = Invitation.objects.open().filter(invited_by=person)
    theirs = theirs.filter(agency=agency) if agency else theirs
    theirs.update(answered_at=at, accepted=False)


def _refuse_many(email, *, actor, at):
    today = Invitation.objects.filter(invited_by=actor, invited_at__gt=at - timedelta(days=1))
    # The operator may have to seat the people of many agencies.
    if today.count() >= MOST_A_DAY and not actor.has_role(Role.OPERATOR):
        raise Refused(
            _("You invited %(count)s people within a day. Go on tomorrow.") % {"count": MOST_A_DAY},
            code="too_many",
        )
    lately = Invitation.objects.filter(email=email, invited_at__gt=at - timedelta(hours=1))
    if lately.count() >= MOST_AN_HOUR:
        raise Refused(
            _("This address was invited several times within the hour. Please wait."),
            code="too_many",
        )


def _close(invitation, *, accepted, at) -> Invitation:
    rows = Invitation.objects.select_for_update(of=("self",)).select_related("agency")
    invitation = rows.get(pk=invitation.pk)
    if invitation.answered_at:
        raise Refused(_("This invitation has already been answered or withdrawn."))
    invitation.answered_at, invitation.accepted = at, accepted
    invitation.save(update_fields=["answered_at", "accepted"])
    return invitation
