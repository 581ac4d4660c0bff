"""A plan as its pages show it: ids become letters and people, with few queries."""

from django.db.models import Q

from accounts.models import User
from proposals.models import LetterOfIntent
from reviews import plan_words
from reviews.models import AssignmentPlan, ConflictCheck, ReviewerProfile


class PlanRows:
    """The letters and people of a plan, read once, and what it says of them."""

    def __init__(self, plan: AssignmentPlan):
        self.plan = plan
        asked, result = plan.parameters, plan.result
        ids = set(result["reviewers"])
        ids |= {reviewer for key in ("locked", "barred") for _letter, reviewer in asked[key]}
        ids |= {change["reviewer"] for change in asked["allowed"] if change["reviewer"]}
        people = User.objects.filter(pk__in=ids).order_by("name")
        self.people = {str(one.pk): one for one in people}
        profiles = ReviewerProfile.objects.filter(user__in=list(self.people))
        self.profiles = {str(one.user_id): one for one in profiles}
        letters = LetterOfIntent.objects.filter(pk__in=asked["letters"]).order_by("reference")
        self.letters = {str(one.pk): one for one in letters.select_related("agency")}
        self.names = {pk: one.reference for pk, one in self.letters.items()}
        self.names |= {pk: one.name for pk, one in self.people.items()}

    def pairs(self, pairs) -> list[dict]:
        """(letter id, reviewer id) pairs as rows; those of whom nothing is left are not there."""
        return [
            {
                "value": f"{letter}:{reviewer}",
                "letter": self.letters[letter],
                "person": self.people[reviewer],
            }
            for letter, reviewer in pairs
            if letter in self.letters and reviewer in self.people
        ]

    def remedies(self, changes) -> list[str]:
        return [plan_words.remedy(change, self.names) for change in changes]

    def rows(self) -> list[dict]:
        """Each letter with its pairs, the best first, and the affinity of the worst."""
        found: dict = {pk: [] for pk in self.letters}
        kept = {(letter, reviewer) for letter, reviewer in self.plan.parameters["locked"]}
        for pair in self.known():
            [about] = self.pairs([(pair["letter"], pair["reviewer"])])
            row = pair | about | {"profile": self.profiles.get(pair["reviewer"])}
            row["kept"] = (pair["letter"], pair["reviewer"]) in kept
            found[pair["letter"]].append(row)
        return [
            {
                "letter": self.letters[pk],
                "pairs": sorted(pairs, key=lambda pair: -pair["affinity"]),
                "worst": min((pair["affinity"] for pair in pairs), default=1.0),
            }
            for pk, pairs in found.items()
        ]

    def known(self) -> list[dict]:
        """The plan's pairs whose letter and reviewer are still there."""
        return [
            pair
            for pair in self.plan.result["pairs"]
            if pair["letter"] in self.letters and pair["reviewer"] in self.people
        ]

    def worst(self) -> dict | None:
        """The pair that fits worst, of those the plan was free to choose."""
        free = [pair for pair in self.known() if not pair["locked"]]
        if not free:
            return None
        pair = min(free, key=lambda pair: pair["affinity"])
        [about] = self.pairs([(pair["letter"], pair["reviewer"])])
        return about | {"affinity": pair["affinity"]}

    def loads(self) -> list[dict]:
        """Each reviewer with the number of letters, most first."""
        rows = [
            {
                "person": self.people[reviewer],
                "profile": self.profiles.get(reviewer),
                "load": load,
                "most": max(load, most),
            }
            for reviewer, load, most in self.plan.result["loads"]
            if reviewer in self.people
        ]
        return sorted(rows, key=lambda row: (-row["load"], row["person"].name))

    def with_checks(self, rows) -> None:
        """Put its conflict check beside each pair of these rows."""
        pairs = [pair for row in rows for pair in row["pairs"]]
        checks = {
            (str(check.letter_id), str(check.reviewer_id)): check
            for check in _checks_around((pair["letter"].pk, pair["reviewer"]) for pair in pairs)
        }
        for pair in pairs:
            pair["check"] = checks.get((str(pair["letter"].pk), pair["reviewer"]))

    def doubts(self) -> dict[str, int]:
        """How many new pairs have a soft conflict, and how many an open conflict question."""
        new = {(row["letter"], row["reviewer"]) for row in self.known() if not row["given"]}
        around = _checks_around(new).filter(Q(answered_at__isnull=True) | ~Q(source=""))
        checks = [one for one in around if (str(one.letter_id), str(one.reviewer_id)) in new]
        return {
            "soft": sum(check.is_soft for check in checks),
            "unanswered": sum(check.answered_at is None for check in checks),
        }

    def mails(self) -> list[dict]:
        """Each reviewer who gets new letters, with these."""
        theirs: dict = {}
        for pair in self.known():
            if not pair["given"]:
                theirs.setdefault(pair["reviewer"], []).append(self.letters[pair["letter"]])
        rows = [{"person": self.people[who], "letters": found} for who, found in theirs.items()]
        return sorted(rows, key=lambda row: row["person"].name)


def _checks_around(pairs):
    """The checks of these (letter id, reviewer id) pairs, and of more of the same people."""
    pairs = list(pairs)
    return ConflictCheck.objects.filter(
        letter__in={letter for letter, _reviewer in pairs},
        reviewer__in={reviewer for _letter, reviewer in pairs},
    )
