"""What the actions of this room share: a person's row is locked, what was done is written down."""

from django.utils.translation import gettext as _

from accounts import mailing
from accounts.actions.refusal import Refused
from accounts.models import User
from audit import chain


def lock_person(user) -> User:
    return User.objects.select_for_update(no_key=True).get(pk=user.pk)


def lock_partner(user) -> User:
    """Lock the person, so that nobody is given a role while they take a seat."""
    user = lock_person(user)
    if not user.is_partner:
        raise Refused(_("People who judge the call cannot join a partner agency."))
    return user


def log(action, subject, *, actor, at, data=None):
    actor = str(actor.pk) if actor else ""
    chain.append(action, subject=subject, actor=actor, at=at, data=data)


def write_roles(user, roles, *, actor, at) -> None:
    """Write a locked person's roles, with the entry that says what they were."""
    before, user.roles = user.roles, roles
    user.save(update_fields=["roles"])
    data = {"was": before, "is": roles}
    log("person.roles_changed", f"person:{user.pk}", actor=actor, at=at, data=data)


def tell(template, people, **context) -> None:
    """Owe each of these people one mail, whoever stands among them twice."""
    for person in {person.pk: person for person in people}.values():
        mailing.owe(template, person, **context)


def tell_of_seat(template, membership, *, actor):
    """Mail whom it concerns, and every representative: nobody's seat changes unseen."""
    heads = User.objects.representing([membership.agency_id])
    tell(
        template,
        [membership.user, actor, *heads],
        who=membership.user,
        agency=membership.agency,
        seat=membership.get_seat_display,
        actor=actor,
    )
