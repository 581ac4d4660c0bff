"""What the world is told after the final round."""

from django.db.models import OuterRef, Q, Subquery
from django.utils import translation

from accounts.states import Language
from decisions.models import Correction, Decision
from decisions.states import PUBLIC, Outcome, PublicationState
from proposals.states import LetterState, Level

# The order of the announcement's three levels; inside a level by title, never by rank.
_LEVELS = [Level.MISSION, Level.SYSTEM, Level.UNIT]


def told_by(publication) -> dict:
    """The projects that go forward, letters merged into their lead project, and the counts."""
    return _told(publication.round)


def page_of(call_round) -> dict:
    """The same as plain JSON, for a release to come: what the page will say, and nothing else.

    After the first round the world is told no project; `forward` is what the letters say.
    """
    told = _told(call_round)
    projects = [
        _project(project["letter"]) | {"joined_by": [_project(one) for one in project["members"]]}
        for project in told["projects"]
    ]
    return {
        "projects": projects,
        "forward": told["letters_forward"],
        "received": told["letters_received"],
    }


def _told(call_round) -> dict:
    # One statement for what is told and for when it was corrected: before a correction or after.
    corrected = (
        Correction.objects.filter(
            decision=OuterRef("pk"), state=PublicationState.RELEASED, is_public=True
        )
        .order_by("-released_at")
        .values("released_at")
    )
    rows = (
        Decision.objects.filter(round=call_round)
        .annotate(corrected_at=Subquery(corrected[:1]))
        .filter(Q(outcome__in=PUBLIC) | Q(corrected_at__isnull=False))
        # Withdrawn after it was decided and before anything was told: nothing is told.
        .exclude(letter__state=LetterState.WITHDRAWN)
        .select_related("letter__agency")
        .order_by("letter__title", "letter__reference")
    )
    touched = list(rows)
    decisions = [row for row in touched if row.outcome in PUBLIC]
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
        "letters_received": call_round.call.letters.filed().count(),
        "corrected_at": max(
            (row.corrected_at for row in touched if row.corrected_at), default=None
        ),
    }


def _project(letter) -> dict:
    return {
        "title": {"en": letter.title, "zh-hans": letter.title_zh or letter.title},
        "agency": {
            "en": letter.agency.name,
            "zh-hans": letter.agency.name_zh or letter.agency.name,
        },
        "place": _in_each_language(lambda: letter.agency.place),
        "partners": _in_each_language(lambda: letter.partner_lines),
        "level": letter.level,
        "abstract": letter.public_abstract,
    }


def _in_each_language(said) -> dict:
    spoken = {}
    for language in Language.values:
        with translation.override(language):
            spoken[language] = said()
    return spoken
