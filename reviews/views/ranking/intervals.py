"""Rank intervals: how sure the place of each letter is."""

from bisect import bisect_left
from collections import defaultdict

from reviews.plots.intervals import Places, intervals
from reviews.views.ranking.table import RankingPage


class IntervalsPage(RankingPage):
    template = "panel/ranking/intervals.html"
    here = "intervals"

    def more(self, page) -> dict:
        summary = self.board.summary
        groups = summary.get("groups", [])
        as_scored = self.places_as_scored()
        letters = [
            Places(
                label=line.letter.reference,
                scored=as_scored.get(line.letter_id),
                expected=line.expected_rank,
                low=line.rank_5,
                quarter=line.rank_25,
                three_quarters=line.rank_75,
                high=line.rank_95,
            )
            for line in page
        ]
        # Places are counted inside a group, and the best are taken from all.
        cut = summary.get("top") if len(groups) == 1 else None
        return {
            "plot": intervals(letters, places=max(groups, default=0), cut=cut),
            "several": len(groups) > 1,
            "lines": [(line, as_scored.get(line.letter_id)) for line in page],
        }

    def places_as_scored(self) -> dict:
        """Letter to its place by total, counted as its interval is: among the rateable letters of
        its group. Beside places among all letters every interval would seem a rise.
        """
        rateable, positions = [], defaultdict(list)
        lines = self.lines().filter(expected_rank__isnull=False, position__isnull=False)
        for letter, group, position in lines.order_by("position").values_list(
            "letter", "group", "position"
        ):
            rateable.append((letter, group, position))
            positions[group].append(position)
        return {
            letter: bisect_left(positions[group], position) + 1
            for letter, group, position in rateable
        }
