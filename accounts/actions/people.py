"""Who has an account, what they serve the call as, and how an account is closed."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import mailing
from accounts.actions.invitations import end_invitations
from accounts.actions.record import lock_person, log, tell, write_roles
from accounts.actions.refusal import Refused
from accounts.actions.tokens import revoke_all_tokens, revoke_calendar_address
from accounts.models import User
from accounts.states import Language, Role


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

    Without a password the person chooses one by the way of a forgotten password. Without an
    `actor` it is the portal itself that enrols: a demo, a test, a command at the machine. A person
    enrols no publisher: that takes two.
    """
    email = email.lower()
    if actor and Role.PUBLISHER in roles:
        raise Refused(_two_publishers(), code="two_publishers")
    if User.objects.filter(email=email).exists():
        raise Refused(_("There is an account with this address already."), code="known")
    user = User.objects.create_user(
        email,
        password,
        name=name,
        roles=Role.in_order(roles),
        language=language,
        time_zone=time_zone,
    )
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    log("person.enrolled", f"person:{user.pk}", actor=actor, at=at, data={"roles": user.roles})
    return user


@transaction.atomic
def grant_roles(user, roles, *, actor, at) -> User:
    """Say anew what a person does for the call; it holds from their next request on.

    One person alone makes nobody a publisher. Whoever ends a publisher's role is seen doing it: the
    publisher and all others are told.
    """
    user = lock_person(user)
    before, after = user.roles, Role.in_order(roles)
    if before == after:
        return user
    if user.pk == actor.pk:
        raise Refused(_("Nobody can change their own roles."))
    if after and user.memberships.exists():
        raise Refused(_("This person belongs to a partner agency and cannot judge the call."))
    if Role.PUBLISHER in after and Role.PUBLISHER not in before:
        raise Refused(_two_publishers(), code="two_publishers")
    write_roles(user, after, actor=actor, at=at)
    if Role.PUBLISHER in before and Role.PUBLISHER not in after:
        others = User.objects.active().with_role(Role.PUBLISHER)
        tell("publisher_ended", [user, *others], who=user, actor=actor)
    return user


@transaction.atomic
def set_active(user, active: bool, *, actor, reason="", at) -> User:
    """Open or close an account, and tell its person and whoever represents their agencies.

    Closing ends every session, every API token and the calendar's address that there is at this
    moment; none comes back when it is opened again.
    """
    user = lock_person(user)
    if user.is_active == active:
        return user
    if user.pk == actor.pk:
        raise Refused(_("Nobody can close their own account."))
    user.is_active = active
    user.save(update_fields=["is_active"])
    if not active:
        end_invitations(user, at=at)
        _end_sessions(user)
        revoke_all_tokens(user, actor=actor, at=at)
        revoke_calendar_address(user, actor=actor, at=at)
    data = {"reason": reason} if reason else None
    action = "person.opened" if active else "person.closed"
    log(action, f"person:{user.pk}", actor=actor, at=at, data=data)
    template = "account_opened" if active else "account_closed"
    tell(template, [user, *user.representatives()], who=user, actor=actor, reason=reason)
    return user


@transaction.atomic
def remove_second_factor(user, *, actor, reason="", at) -> User:
    """Take away every factor of somebody who lost theirs, and end their sessions.

    They and everybody who represents one of their agencies are told: whoever can take a factor away
    could take an account over, so it is never done unseen.
    """
    user = lock_person(user)
    if user.pk == actor.pk:
        raise Refused(_("Nobody can remove their own second factor in this way."))
    removed, _by_model = Authenticator.objects.filter(user=user).delete()
    if not removed:
        raise Refused(_("This person has no second factor."), code="no_factor")
    _end_sessions(user)
    data = {"reason": reason} if reason else None
    log("person.second_factor_removed", f"person:{user.pk}", actor=actor, at=at, data=data)
    mailing.owe("second_factor_removed", user, reason=reason)
    tell(
        "colleague_second_factor_removed",
        user.representatives(),
        who=user,
        actor=actor,
        reason=reason,
    )
    return user


@transaction.atomic
def set_preferences(user, *, changes) -> User:
    """Change one's own name, language or time zone."""
    for name, value in changes.items():
        setattr(user, name, value)
    user.save(update_fields=list(changes))
    return user


def _end_sessions(user):
    """Delete every session of a person: also one that allauth's list of them does not know."""
    for session in Session.objects.iterator():
        if session.get_decoded().get(SESSION_KEY) == str(user.pk):
            session.delete()
    UserSession.objects.filter(user=user).delete()


def _two_publishers() -> str:
    return _("A publisher is proposed by one publisher and approved by another.")
