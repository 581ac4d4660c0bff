"""Agencies with two people each, the panel, and a key for each of their programs."""

from itertools import cycle, islice

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password

from accounts.models import Agency, Membership, User
from accounts.states import Role, Seat
from chang_e8_portal.demo import content
from chang_e8_portal.load.dice import Dice
from reviews.models import ReviewerProfile
from reviews.states import Expertise

# On average this many letters come from one agency.
LETTERS_AN_AGENCY = 4
STAFF = ((Role.CHAIR, 1), (Role.PUBLISHER, 3), (Role.AUDITOR, 1), (Role.OPERATOR, 1))
# fmt: off
COUNTRIES = [
    "AE", "AR", "AT", "AU", "BE", "BG", "BH", "BO", "BR", "CA", "CH", "CL", "CO", "CZ", "DE", "DK",
    "DZ", "EG", "ES", "FI", "FR", "GB", "GR", "HU", "ID", "IE", "IL", "IN", "IR", "IT", "JP", "KE",
    "KR", "KZ", "LU", "MA", "MX", "MY", "NG", "NL", "NO", "NZ", "PE", "PH", "PK", "PL", "PT", "RO",
    "RS", "RU", "SA", "SE", "SG", "TH", "TN", "TR", "UA", "UY", "VN", "ZA",
]
# fmt: on


class People:
    """Everybody of one seed, and the rows to store for them."""

    def __init__(self, *, seed: int, letters: int, reviewers: int, safe: int) -> None:
        """`safe` reviewers have no country, so that no rule finds a conflict of theirs."""
        self._seed = seed
        self._password = make_password(content.DEMO_PASSWORD)
        number = max(1, letters // LETTERS_AN_AGENCY)
        self.agencies = [
            self._agency(n, country)
            for n, country in enumerate(islice(cycle(COUNTRIES), number), 1)
        ]
        self.seats = [
            Membership(user=self._person(f"{seat.lower()}{n}"), agency=agency, seat=seat)
            for n, agency in enumerate(self.agencies, 1)
            for seat in (Seat.REPRESENTATIVE, Seat.EDITOR)
        ]
        self._seat = {(seat.agency_id, seat.seat): seat.user for seat in self.seats}
        self._home = {seat.user_id: seat.agency_id for seat in self.seats}
        self.staff = [
            self._person(f"{role.lower()}{n}", role)
            for role, count in STAFF
            for n in range(1, count + 1)
        ]
        self.reviewers = [
            self._person(f"reviewer{n}", Role.REVIEWER) for n in range(1, reviewers + 1)
        ]
        self._profiles = [
            ReviewerProfile(
                user=user,
                expertise=Expertise.values[n % len(Expertise.values)],
                country="" if n < safe else COUNTRIES[(7 * n) % len(COUNTRIES)],
                employer=f"Institute {n + 1} of load tests",
            )
            for n, user in enumerate(self.reviewers)
        ]

        self._countries = {p.user_id: p.country.code or "-" for p in self._profiles}

    @property
    def everybody(self) -> list[User]:
        return [*self.staff, *self.reviewers, *(seat.user for seat in self.seats)]

    def with_role(self, role) -> list[User]:
        return [user for user in self.staff if user.has_role(role)]

    def seat(self, agency, seat) -> User:
        return self._seat[agency.pk, seat]

    def agency_of(self, user):
        """The id of the agency in which this person has a seat, or None."""
        return self._home.get(user.pk)

    def country_of(self, reviewer) -> str:
        """The reviewer's country or region: no letter from there may be read. Empty for none."""
        return self._countries[reviewer.pk]

    def store(self, *, since) -> None:
        """Write them down, as people who joined at that moment."""
        for user in self.everybody:
            user.date_joined = since
        for seat in self.seats:
            seat.since = since
        Agency.objects.bulk_create(self.agencies)
        User.objects.bulk_create(self.everybody)
        EmailAddress.objects.bulk_create(
            EmailAddress(user=user, email=user.email, verified=True, primary=True)
            for user in self.everybody
        )
        Membership.objects.bulk_create(self.seats)
        ReviewerProfile.objects.bulk_create(self._profiles)

    def _agency(self, n, country) -> Agency:
        return Agency(
            id=Dice(self._seed, "agency", n).uuid(),
            name=f"Load Test Space Agency {self._seed}-{n}",
            name_zh=f"压力测试航天局 {self._seed}-{n}",
            country=country,
        )

    def _person(self, what, *roles) -> User:
        # Two houses: one domain for all would be a conflict of everybody with every letter.
        house = "panel" if roles else "agencies"
        return User(
            id=Dice(self._seed, "person", what).uuid(),
            email=f"{what}@{house}{self._seed}.example.org",
            name=f"{what.capitalize()} of load {self._seed}",
            roles=list(roles),
            password=self._password,
        )
