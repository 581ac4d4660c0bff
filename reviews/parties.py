"""Both sides of a conflict as the records describe them, read with few queries for many."""

import hashlib
from dataclasses import dataclass, field

from accounts.models import Membership
from proposals.models import Call
from reviews.conflicts import Person, Project, strengths_of
from reviews.models import ReviewerProfile


def strengths(call: Call) -> dict[str, str]:
    """How strong each rule is in this call: `conflict_rules` among its facts, else the default."""
    return strengths_of(call.facts.get("conflict_rules", {}))


def persons(users) -> dict:
    """Each user's id with what the rules ask about her or him."""
    users = list(users)
    agencies: dict = {user.pk: {} for user in users}
    employers: dict = {user.pk: set() for user in users}
    countries: dict = {}
    for seat in Membership.objects.filter(user__in=users).select_related("agency"):
        agencies[seat.user_id][seat.agency_id] = seat.agency.name
    profiles = ReviewerProfile.objects.filter(user__in=users).select_related("agency")
    for profile in profiles:
        countries[profile.user_id] = profile.country.code or ""
        employers[profile.user_id] |= {profile.employer, *profile.former_employers} - {""}
        if profile.agency:
            agencies[profile.user_id][profile.agency_id] = profile.agency.name
    return {
        user.pk: Person(
            name=user.name,
            email=user.email,
            country=countries.get(user.pk, ""),
            agencies=agencies[user.pk],
            employers=frozenset({*employers[user.pk], *agencies[user.pk].values()}),
        )
        for user in users
    }


def projects(letters) -> dict:
    """Each letter's id with what the rules ask about it; the letters come with their agencies."""
    letters = list(letters)
    members: dict = {letter.agency_id: set() for letter in letters}
    seats = Membership.objects.filter(agency__in=members).values_list("agency", "user__email")
    for agency, email in seats:
        members[agency].add(email)
    return {
        letter.pk: Project(
            agency_id=letter.agency_id,
            organisations=tuple(
                filter(
                    None,
                    (
                        *(letter.agency.name, letter.agency.name_zh),
                        *(row["name"] for row in letter.partners),
                        *(row["institution"] for row in letter.co_investigators),
                    ),
                )
            ),
            places=frozenset(
                filter(None, (letter.agency.country.code, *(r["country"] for r in letter.partners)))
            ),
            people=tuple(
                filter(None, (letter.pi_name, *(row["name"] for row in letter.co_investigators)))
            ),
            addresses=frozenset(filter(None, (letter.pi_email, *members[letter.agency_id]))),
            excluded=tuple(row["name"] for row in letter.excluded_reviewers),
        )
        for letter in letters
    }


@dataclass
class Party:
    """An organisation or a person that some letters name."""

    # Made of the name alone, so that it tells nothing else.
    key: str
    name: str
    # Ids of the letters; no page shows them.
    letters: set = field(default_factory=set)


def named_in(letters) -> list[Party]:
    """Everybody whom these letters name, each once, in the order of the names."""
    found: dict[str, Party] = {}
    for letter in letters:
        agency = letter.agency
        names = [
            *(letter.pi_name, letter.representative_name),
            *(row["name"] for row in letter.partners),
            *(row[cell] for row in letter.co_investigators for cell in ("name", "institution")),
        ]
        # The agency last, and with both its names: whoever looks for one of them finds it.
        both = " · ".join(filter(None, (agency.name, agency.name_zh)))
        for name, shown in [*((name, name) for name in names), (agency.name, both)]:
            plain = " ".join(name.split())
            if plain:
                key = hashlib.sha256(plain.casefold().encode()).hexdigest()[:16]
                party = found.setdefault(key, Party(key, plain))
                party.letters.add(letter.pk)
                party.name = max(party.name, " ".join(shown.split()), key=len)
    return sorted(found.values(), key=lambda party: (party.name.casefold(), party.key))
