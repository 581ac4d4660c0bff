"""Agencies, and who is invited to a seat in one."""

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions.record import lock_partner, log
from accounts.actions.refusal import Refused
from accounts.models import Agency, Invitation, Membership
from accounts.states import Seat


@transaction.atomic
def found_agency(*, actor, at, **fields) -> Agency:
    """Make an agency whose first authorised representative is the person making it."""
    actor = lock_partner(actor)
    agency = Agency.objects.create(**fields)
    Membership.objects.create(user=actor, agency=agency, seat=Seat.REPRESENTATIVE, since=at)
    log("agency.founded", f"agency:{agency.pk}", actor=actor, at=at)
    return agency


@transaction.atomic
def edit_agency(agency, *, changes, actor, at) -> Agency:
    """Change an agency's own description."""
    agency = Agency.objects.select_for_update(no_key=True).get(pk=agency.pk)
    for name, value in changes.items():
        setattr(agency, name, value)
    agency.save(update_fields=list(changes))
    log(
        "agency.edited", f"agency:{agency.pk}", actor=actor, at=at, data={"fields": sorted(changes)}
    )
    return agency


@transaction.atomic
def invite(agency, *, email, seat, actor, at) -> Invitation:
    """Offer a seat in the agency. The mail is owed by the row itself and sent by the sweep."""
    Agency.objects.select_for_update(no_key=True).get(pk=agency.pk)
    email = email.lower()
    if Membership.objects.filter(agency=agency, user__email=email).exists():
        raise Refused(_("This person already belongs to your agency."))
    if Invitation.objects.open().filter(agency=agency, email=email).exists():
        raise Refused(_("This address has been invited and has not answered yet."))
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
        Membership.objects.get_or_create(
            user=actor,
            agency=invitation.agency,
            defaults={"seat": invitation.seat, "since": at},
        )
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


def _close(invitation, *, accepted, at) -> Invitation:
    rows = Invitation.objects.select_for_update(of=("self",)).select_related("agency")
    invitation = rows.get(pk=invitation.pk)
    if invitation.answered_at:
        raise Refused(_("This invitation has already been answered or withdrawn."))
    invitation.answered_at, invitation.accepted = at, accepted
    invitation.save(update_fields=["answered_at", "accepted"])
    return invitation
