from datetime import timedelta

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import mailing, refusal, tokens
from accounts.models import Agency, ApiToken, CalendarAddress, Invitation, Membership, User
from accounts.states import Language, Role, Seat
from audit import chain

# More than anybody can keep apart; a script that makes them in a loop stops here.
MOST_TOKENS = 20


class Refused(refusal.Refused):
    """A change to people or agencies that is not possible now."""


@transaction.atomic
def enrol(
    *,
    email,
    name,
    password=None,
    roles=(),
    language=Language.ENGLISH,
    time_zone="UTC",
    actor=None,
    at,
) -> User:
    """Make an account whose address counts as proved, because whoever enrols vouches for it.

    Without a password the person chooses one by the way of a forgotten password.
    """
    email = email.lower()
    if User.objects.filter(email=email).exists():
        raise Refused(_("There is an account with this address already."))
    user = User.objects.create_user(
        email, password, name=name, roles=_sorted(roles), language=language, time_zone=time_zone
    )
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    _log("person.enrolled", f"person:{user.pk}", actor=actor, at=at, data={"roles": user.roles})
    return user


@transaction.atomic
def grant_roles(user, roles, *, actor, at) -> User:
    """Say anew what a person does for the call; it holds from their next request on."""
    user = _lock_person(user)
    before, user.roles = user.roles, _sorted(roles)
    if user.roles == before:
        return user
    if user.pk == actor.pk:
        raise Refused(_("Nobody can change their own roles."))
    if user.roles and user.memberships.exists():
        raise Refused(_("This person belongs to a partner agency and cannot judge the call."))
    user.save(update_fields=["roles"])
    _log(
        "person.roles_changed",
        f"person:{user.pk}",
        actor=actor,
        at=at,
        data={"was": before, "is": user.roles},
    )
    return user


@transaction.atomic
def set_active(user, active: bool, *, actor, at) -> User:
    """Open or close an account; a closed one is signed out at its next request."""
    user = _lock_person(user)
    if user.is_active == active:
        return user
    if user.pk == actor.pk:
        raise Refused(_("Nobody can close their own account."))
    user.is_active = active
    user.save(update_fields=["is_active"])
    _log("person.opened" if active else "person.closed", f"person:{user.pk}", actor=actor, at=at)
    return user


@transaction.atomic
def remove_second_factor(user, *, actor, at) -> User:
    """Take away every factor of somebody who lost theirs, and tell them."""
    user = _lock_person(user)
    if user.pk == actor.pk:
        raise Refused(_("Nobody can remove their own second factor in this way."))
    removed, _by_model = Authenticator.objects.filter(user=user).delete()
    if removed:
        _log("person.second_factor_removed", f"person:{user.pk}", actor=actor, at=at)
        mailing.owe("second_factor_removed", user)
    return user


@transaction.atomic
def found_agency(*, actor, at, **fields) -> Agency:
    """Make an agency whose first authorised representative is the person making it."""
    actor = _lock_partner(actor)
    agency = Agency.objects.create(**fields)
    Membership.objects.create(user=actor, agency=agency, seat=Seat.REPRESENTATIVE, since=at)
    _log("agency.founded", f"agency:{agency.pk}", actor=actor, at=at)
    return agency


@transaction.atomic
def edit_agency(agency, *, changes, actor, at) -> Agency:
    """Change an agency's own description."""
    agency = Agency.objects.select_for_update(no_key=True).get(pk=agency.pk)
    for name, value in changes.items():
        setattr(agency, name, value)
    agency.save(update_fields=list(changes))
    _log(
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
    _log("agency.invited", f"agency:{agency.pk}", actor=actor, at=at, data=data)
    return invitation


@transaction.atomic
def answer_invitation(invitation, *, accept: bool, actor, at) -> Invitation:
    """Take or decline an offered seat, once. Whoever judges the call cannot take one.

    The door hands in an invitation that is addressed to the person (`addressed_to`).
    """
    if accept:
        actor = _lock_partner(actor)
    invitation = _close(invitation, accepted=accept, at=at)
    if accept:
        Membership.objects.get_or_create(
            user=actor,
            agency=invitation.agency,
            defaults={"seat": invitation.seat, "since": at},
        )
    _log(
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
    _log("agency.invitation_withdrawn", subject, actor=actor, at=at, data=data)
    return invitation


@transaction.atomic
def set_preferences(user, *, changes) -> User:
    """Change one's own name, language or time zone."""
    for name, value in changes.items():
        setattr(user, name, value)
    user.save(update_fields=list(changes))
    return user


@transaction.atomic
def make_token(user, *, name, scope, days, at) -> tuple[ApiToken, str]:
    """Make a key for a program of this person; answer it with the secret, which is not kept.

    It ends after `days` days. The person is told by mail, which the row itself owes.
    """
    user = _lock_person(user)
    usable = ApiToken.objects.usable_at(at).filter(user=user)
    if usable.filter(name=name).exists():
        raise Refused(_("You have a token of this name. Revoke it first, or choose another name."))
    if usable.count() >= MOST_TOKENS:
        raise Refused(
            _("You have %(number)d tokens. Revoke one that you no longer need first.")
            % {"number": MOST_TOKENS}
        )
    secret = tokens.new_secret()
    token = ApiToken.objects.create(
        user=user,
        name=name,
        scope=scope,
        prefix=secret[: tokens.SHOWN],
        sha256=tokens.digest(secret),
        created_at=at,
        expires_at=at + timedelta(days=days),
    )
    data = {"token": str(token.pk), "scope": str(scope), "days": days}
    _log("token.made", f"person:{user.pk}", actor=user, at=at, data=data)
    return token, secret


@transaction.atomic
def revoke_token(token, *, actor, at) -> ApiToken:
    """End a token for good, from its next use on. Revoking it twice is revoking it once."""
    token = ApiToken.objects.select_for_update().get(pk=token.pk)
    if token.revoked_at:
        return token
    token.revoked_at = at
    token.save(update_fields=["revoked_at"])
    data = {"token": str(token.pk)}
    _log("token.revoked", f"person:{token.user_id}", actor=actor, at=at, data=data)
    return token


@transaction.atomic
def make_calendar_address(user, *, at) -> str:
    """Give this person's calendar a new secret address, and answer its secret, which is not kept.

    The address there was before leads nowhere from now on.
    """
    user, secret = _lock_person(user), tokens.random_word()
    CalendarAddress.objects.update_or_create(
        user=user, defaults={"sha256": tokens.digest(secret), "made_at": at}
    )
    _log("calendar.made", f"person:{user.pk}", actor=user, at=at)
    return secret


@transaction.atomic
def revoke_calendar_address(user, *, at) -> bool:
    """Let this person's calendar address lead nowhere; whether there was one."""
    gone, _rows = CalendarAddress.objects.filter(user=_lock_person(user)).delete()
    if gone:
        _log("calendar.revoked", f"person:{user.pk}", actor=user, at=at)
    return bool(gone)


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
    data = {"person": str(membership.user_id), "was": was, "is": str(seat)}
    _log("agency.seat_changed", f"agency:{membership.agency_id}", actor=actor, at=at, data=data)
    _tell_of_seat("seat_changed", membership, actor=actor)
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
    data = {"from": str(membership.user_id), "to": str(to.user_id)}
    _log("agency.handed_over", f"agency:{membership.agency_id}", actor=actor, at=at, data=data)
    to.refresh_from_db()
    _tell_of_seat("seat_changed", to, actor=actor)
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
    if not person.memberships.exists():
        for token in person.api_tokens.filter(revoked_at=None):
            revoke_token(token, actor=actor, at=at)
    own = person.pk == actor.pk
    _log(
        "agency.left" if own else "agency.member_removed",
        f"agency:{agency.pk}",
        actor=actor,
        at=at,
        data={"person": str(person.pk), "was": membership.seat},
    )
    _tell_of_seat("seat_left" if own else "seat_ended", membership, actor=actor)


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


def _tell_of_seat(template, membership, *, actor):
    """Mail whom it concerns, and every representative: nobody's seat changes unseen."""
    heads = User.objects.active().filter(
        memberships__agency=membership.agency_id, memberships__seat=Seat.REPRESENTATIVE
    )
    concerned = {person.pk: person for person in (membership.user, actor, *heads.order_by("pk"))}
    for person in concerned.values():
        mailing.owe(
            template,
            person,
            who=membership.user,
            agency=membership.agency,
            seat=membership.get_seat_display,
            actor=actor,
        )


def _lock_person(user) -> User:
    return User.objects.select_for_update(no_key=True).get(pk=user.pk)


def _lock_partner(user) -> User:
    """Lock the person, so that nobody is given a role while they take a seat."""
    user = _lock_person(user)
    if not user.is_partner:
        raise Refused(_("People who judge the call cannot join a partner agency."))
    return user


def _close(invitation, *, accepted, at) -> Invitation:
    rows = Invitation.objects.select_for_update(of=("self",)).select_related("agency")
    invitation = rows.get(pk=invitation.pk)
    if invitation.answered_at:
        raise Refused(_("This invitation has already been answered or withdrawn."))
    invitation.answered_at, invitation.accepted = at, accepted
    invitation.save(update_fields=["answered_at", "accepted"])
    return invitation


def _sorted(roles) -> list[str]:
    """Roles in the order of their list, each once: the same set is the same value."""
    return [role for role in Role.values if role in set(roles)]


def _log(action, subject, *, actor, at, data=None):
    actor = str(actor.pk) if actor else ""
    chain.append(action, subject=subject, actor=actor, at=at, data=data)
