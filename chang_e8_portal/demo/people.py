"""The demo's people: synthetic, with one password that is printed on the screen."""

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password

from accounts.models import Agency, Membership, User
from accounts.states import AgencyKind
from chang_e8_portal.demo import content
from reviews.models import ReviewerProfile

_KINDS = {
    "AGENCY": AgencyKind.SPACE_AGENCY,
    "UNIVERSITY": AgencyKind.RESEARCH,
    "INSTITUTE": AgencyKind.RESEARCH,
    "COMPANY": AgencyKind.COMPANY,
    "INTERNATIONAL_ORGANISATION": AgencyKind.INTERNATIONAL,
}


def settle(*, at) -> dict[str, Agency]:
    """Make all agencies, their members, the reviewers and the staff; return agencies by key."""
    # One slow hash for everybody: a hundred people with the same password need not take a minute.
    password = make_password(content.DEMO_PASSWORD)
    agencies = {row["key"]: _agency(row) for row in content.agencies()}
    for row in content.people()["staff"]:
        _person(row, [row["role"]], password)
    for row in content.people()["reviewers"]:
        user = _person(row, ["REVIEWER"], password)
        ReviewerProfile.objects.create(
            user=user,
            expertise=row["kind"],
            country=row["country"],
            employer=row["employer"],
            keywords=row["keywords"],
            about=row["profile"],
        )
    for row in content.people()["members"]:
        user = _person(row, [], password)
        Membership.objects.create(
            user=user, agency=agencies[row["agency"]], seat=row["role"], since=at
        )
    return agencies


def _agency(row) -> Agency:
    return Agency.objects.create(
        name=row["name"]["en"],
        name_zh=row["name"].get("zh-hans", ""),
        kind=_KINDS[row["type"]],
        country=row["country"],
        country_text="" if row["country"] else row["country_name"]["en"],
        letter_language=row["language"],
    )


def _person(row, roles, password) -> User:
    user = User.objects.create(email=row["email"], name=row["name"], roles=roles, password=password)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user
