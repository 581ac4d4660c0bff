"""Letters by reviewers: whose totals lie above and below what is expected. For the chair alone."""

from accounts.models import User
from reviews.models import ScoringRun
from reviews.plots.matrix import Value, difference, matrix
from reviews.views.ranking.table import RankingPage


class ReviewersPage(RankingPage):
    action = "see_severity"
    template = "panel/ranking/reviewers.html"
    here = "reviewers"
    per_page = 25

    def more(self, page) -> dict:
        lines = {str(line.letter_id): line for line in page}
        reviews = [one for one in self.reviews() if one["letter"] in lines]
        people = User.objects.in_bulk({one["reviewer"] for one in reviews})
        people = {str(key): person for key, person in people.items()}
        order = sorted(people, key=lambda key: (people[key].name.casefold(), key))
        number = {key: place for place, key in enumerate(order)}
        drawn: dict = {key: [None] * len(order) for key in lines}
        table = []
        for one in reviews:
            line = lines[one["letter"]]
            away = self.away(one, line)
            value = Value("?") if away is None else difference(away)
            drawn[one["letter"]][number[one["reviewer"]]] = value
            table.append(
                {
                    "line": line,
                    "number": number[one["reviewer"]] + 1,
                    "person": people[one["reviewer"]],
                    "total": one["total"],
                    "away": away,
                    "sign": value.text,
                }
            )
        place = {key: at for at, key in enumerate(lines)}
        table.sort(key=lambda row: (place[str(row["line"].letter_id)], row["number"]))
        rows = [(line.letter.reference, drawn[key]) for key, line in lines.items()]
        return {
            "plot": matrix(rows, [str(at) for at in range(1, len(order) + 1)]),
            "people": [people[key] for key in order],
            "table": table,
        }

    def reviews(self) -> list[dict]:
        """Letter, reviewer, total and residual of each review; the rest of the run stays away."""
        run = ScoringRun.objects.filter(pk=self.board.run_id)
        return run.values_list("result__reviews", flat=True).first() or []

    def away(self, review, line):
        """Points above the letter's mean, or above what letter and reviewer lead one to expect."""
        if self.as_scored:
            return None if line.total is None else review["total"] - float(line.total)
        return review["residual"]
