"""Who does a deed of the story, and when: people and moments as the data name them."""

from datetime import datetime, timedelta
from random import Random

from accounts.models import User
from accounts.states import Role
from chang_e8_portal.demo import content
from proposals.models import Call

PHASES = ("intake", "closed", "review", "shortlist", "selection", "published")
# These two reviewers leave their letters to whoever tries the demo.
IDLE_REVIEWERS = 2


def the_call() -> Call:
    """The one call of the demo."""
    return Call.objects.get(code=content.call()["code"])


def the_round(kind):
    """Its preliminary or final round."""
    return the_call().rounds.select_related("call").get(kind=kind)


def first_with(role):
    """The first of the staff with this role."""
    first = next(row for row in content.people()["staff"] if row["role"] == role)
    return User.objects.get(email=first["email"])


def all_with(role):
    """All the staff with this role, in the order of the data."""
    emails = [row["email"] for row in content.people()["staff"] if row["role"] == role]
    return [User.objects.get(email=email) for email in emails]


def idle_reviewers():
    """Those who file nothing, so that a person finds something to review."""
    return User.objects.with_role(Role.REVIEWER).order_by("email")[:IDLE_REVIEWERS]


def member_of(agency, seat):
    """Who holds this seat of an agency, or None."""
    membership = agency.memberships.filter(seat=seat).select_related("user").first()
    return membership.user if membership else None


def agency_names() -> dict[str, str]:
    """The data's key of an agency -> its name in English."""
    return {row["key"]: row["name"]["en"] for row in content.agencies()}


def key_of(letter) -> str:
    """The data's key of a letter, or the reference of one that somebody wrote in the demo."""
    keys = {row["form"]["title"]: row["key"] for row in content.letters()}
    return keys.get(letter.title, letter.reference)


def pen_of(reviewer) -> str:
    """Whose manner of writing a reviewer has; one who joined in the demo borrows somebody's."""
    known = [row["email"] for row in content.people()["reviewers"]]
    return reviewer.email if reviewer.email in known else dice(reviewer.email).choice(known)


def moment_in(text) -> datetime:
    """The moment that the data write as ISO 8601."""
    return datetime.fromisoformat(text)


def days_from(moment, days) -> datetime:
    """So many days after a moment, or before it if negative."""
    return moment + timedelta(days=days)


def dice(*words) -> Random:
    """Chance that falls the same way in every telling."""
    return Random("/".join(words))


def phase_at(moment) -> str:
    """The phase a moment belongs to: the last one that has begun."""
    begun = [row["key"] for row in content.phases() if moment_in(row["at"]) <= moment]
    return begun[-1] if begun else PHASES[0]


def moment_of(phase) -> datetime:
    """When a phase begins."""
    return next(moment_in(row["at"]) for row in content.phases() if row["key"] == phase)
