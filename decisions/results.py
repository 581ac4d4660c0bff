"""What the world is told after the final round."""

from decisions.models import Decision
from decisions.states import PUBLIC, Outcome
from proposals.states import Level

# The order of the announcement's three levels; inside a level by title, never by rank.
_LEVELS = [Level.MISSION, Level.SYSTEM, Level.UNIT]


def told_by(publication) -> dict:
    """The projects that go forward, letters merged into their lead project, and the counts."""
    decisions = list(
        Decision.objects.filter(round=publication.round_id, outcome__in=PUBLIC)
        .select_related("letter__agency")
        .order_by("letter__title", "letter__reference")
    )
    merged = [d for d in decisions if d.outcome == Outcome.MERGED]
    projects = [
        {
            "letter": decision.letter,
            "members": [m.letter for m in merged if m.merged_with_id == decision.letter_id],
        }
        for decision in decisions
        if decision.outcome != Outcome.MERGED
    ]
    projects.sort(key=lambda project: _LEVELS.index(project["letter"].level))
    return {
        "projects": projects,
        "letters_forward": len(decisions),
        "letters_received": publication.round.call.letters.filed().count(),
    }
