"""Seats in an agency: changed, handed over, ended. Never none who represents it."""

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions.invitations import end_invitations
from accounts.actions.record import log, tell_of_seat
from accounts.actions.refusal import Refused
from accounts.actions.tokens import revoke_all_tokens
from accounts.models import Agency, Membership
from accounts.states import Seat


@transaction.atomic
def change_seat(membership, seat, *, actor, at) -> Membership:
    """Give a member another seat, and tell them and every representative."""
    membership = _lock_seat(membership)
    was = membership.seat
    if was == seat:
        return membership
    membership.seat = seat
    membership.save(update_fields=["seat"])
    _keep_a_representative(membership.agency)
    if was == Seat.REPRESENTATIVE:
        end_invitations(membership.user, agency=membership.agency, at=at)
    data = {"person": str(membership.user_id), "was": was, "is": str(seat)}
    log("agency.seat_changed", f"agency:{membership.agency_id}", actor=actor, at=at, data=data)
    tell_of_seat("seat_changed", membership, actor=actor)
    return membership


@transaction.atomic
def hand_over(membership, to, *, actor, at) -> Membership:
    """Pass the representative's seat on: the other becomes one, the giver an editor, at once."""
    membership, to = _lock_seat(membership), Membership.objects.get(pk=to.pk)
    if membership.seat != Seat.REPRESENTATIVE:
        raise Refused(_("Only a representative has this seat to hand over."))
    if to.agency_id != membership.agency_id or to.pk == membership.pk or not to.user.is_active:
        raise Refused(_("Please choose a colleague of the same agency."))
    Membership.objects.filter(pk=to.pk).update(seat=Seat.REPRESENTATIVE)
    Membership.objects.filter(pk=membership.pk).update(seat=Seat.EDITOR)
    end_invitations(membership.user, agency=membership.agency, at=at)
    data = {"from": str(membership.user_id), "to": str(to.user_id)}
    log("agency.handed_over", f"agency:{membership.agency_id}", actor=actor, at=at, data=data)
    to.refresh_from_db()
    tell_of_seat("seat_changed", to, actor=actor)
    return to


@transaction.atomic
def end_seat(membership, *, actor, at) -> None:
    """Leave an agency, or take a colleague out of it. Their letters stay with the agency.

    Their programs' tokens end with the last seat they had anywhere.
    """
    membership = _lock_seat(membership)
    person, agency = membership.user, membership.agency
    membership.delete()
    _keep_a_representative(agency)
    end_invitations(person, agency=agency, at=at)
    if not person.memberships.exists():
        revoke_all_tokens(person, actor=actor, at=at)
    own = person.pk == actor.pk
    log(
        "agency.left" if own else "agency.member_removed",
        f"agency:{agency.pk}",
        actor=actor,
        at=at,
        data={"person": str(person.pk), "was": membership.seat},
    )
    tell_of_seat("seat_left" if own else "seat_ended", membership, actor=actor)


def _lock_seat(membership) -> Membership:
    """Lock the agency: of two representatives who leave at the same moment, one stays."""
    Agency.objects.select_for_update(no_key=True).get(pk=membership.agency_id)
    rows = Membership.objects.select_related("user", "agency")
    found = rows.filter(pk=membership.pk).first()
    if found is None:
        raise Refused(_("This person no longer belongs to the agency."))
    return found


def _keep_a_representative(agency):
    if not agency.memberships.filter(seat=Seat.REPRESENTATIVE, user__is_active=True).exists():
        raise Refused(
            _("An agency needs a representative. Hand this seat over to a colleague first.")
        )
