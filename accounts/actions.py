from django.db import transaction
from django.utils.translation import gettext as _

from accounts import refusal
from accounts.models import Agency, Invitation, Membership, User
from accounts.states import Seat
from audit import chain


class Refused(refusal.Refused):
    """A change to people or agencies that is not possible now."""


@transaction.atomic
def found_agency(*, actor, at, **fields) -> Agency:
    """Make an agency whose first authorised representative is the person making it."""
    agency = Agency.objects.create(**fields)
    Membership.objects.create(user=actor, agency=agency, seat=Seat.REPRESENTATIVE, since=at)
    chain.append("agency.founded", subject=f"agency:{agency.pk}", actor=str(actor.pk), at=at)
    return agency


@transaction.atomic
def edit_agency(agency, *, changes, actor, at) -> Agency:
    """Change an agency's own description."""
    agency = Agency.objects.select_for_update().get(pk=agency.pk)
    for name, value in changes.items():
        setattr(agency, name, value)
    agency.save(update_fields=list(changes))
    chain.append(
        "agency.edited",
        subject=f"agency:{agency.pk}",
        actor=str(actor.pk),
        at=at,
        data={"fields": sorted(changes)},
    )
    return agency


@transaction.atomic
def invite(agency, *, email, seat, actor, at) -> Invitation:
    """Offer a seat in the agency. The mail is owed by the row itself and sent by the sweep."""
    Agency.objects.select_for_update().get(pk=agency.pk)
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
    chain.append(
        "agency.invited",
        subject=f"agency:{agency.pk}",
        actor=str(actor.pk),
        at=at,
        data={"invitation": str(invitation.pk), "seat": seat},
    )
    return invitation


@transaction.atomic
def answer_invitation(invitation, *, accept: bool, actor, at) -> Invitation:
    """Take or decline an offered seat, once. Whoever judges the call cannot take one."""
    invitation = Invitation.objects.select_for_update(of=("self",)).get(pk=invitation.pk)
    if invitation.answered_at:
        raise Refused(_("This invitation has already been answered."))
    if accept and not actor.is_partner:
        raise Refused(_("People who judge the call cannot join a partner agency."))
    invitation.answered_at, invitation.accepted = at, accept
    invitation.save(update_fields=["answered_at", "accepted"])
    if accept:
        Membership.objects.get_or_create(
            user=actor,
            agency=invitation.agency,
            defaults={"seat": invitation.seat, "since": at},
        )
    chain.append(
        "agency.joined" if accept else "agency.declined",
        subject=f"agency:{invitation.agency_id}",
        actor=str(actor.pk),
        at=at,
        data={"invitation": str(invitation.pk)},
    )
    return invitation


@transaction.atomic
def set_preferences(user, *, changes, at) -> User:
    """Change one's own name, language or time zone."""
    for name, value in changes.items():
        setattr(user, name, value)
    user.save(update_fields=list(changes))
    return user
