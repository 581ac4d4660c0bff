"""Rank intervals: how sure the place of each letter is."""

from reviews.plots.intervals import Places, intervals
from reviews.views.ranking.table import RankingPage


class IntervalsPage(RankingPage):
    template = "panel/ranking/intervals.html"
    here = "intervals"

    def more(self, page) -> dict:
        summary = self.board.summary
        groups = summary.get("groups", [])
        letters = [
            Places(
                label=line.letter.reference,
                scored=line.position,
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
        places = max([line.scored or 0 for line in letters] + groups, default=0)
        return {"plot": intervals(letters, places=places, cut=cut), "several": len(groups) > 1}
