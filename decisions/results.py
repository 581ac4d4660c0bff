"""What the world is told after the final round: signed by two publishers, and told from there.

The page of a publication, and that of each correction, is fixed when it is proposed. What an agency
changes of itself afterwards changes nothing that was told.
"""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Q

from accounts.states import Language
from chang_e8_portal import clock
from decisions import letter_facts, telling
from decisions.models import Correction, Decision, Publication
from decisions.states import PUBLIC, Outcome, PublicationState
from proposals.states import LetterState, Level, RoundKind

# In one language: the very same bytes whoever asks, and however.
NOT_PUBLISHED = "The results are not published yet."

# The order of the announcement's three levels; inside a level by title, never by rank.
_LEVELS = [Level.MISSION, Level.SYSTEM, Level.UNIT]


@dataclass(frozen=True)
class Told:
    """What holds now: the page that was signed last, and since when."""

    publication: Publication
    page: dict
    corrected_at: datetime | None
    # False for what was told before pages were signed: it is gathered anew with each request.
    is_signed: bool = True

    @property
    def released_at(self) -> datetime:
        return self.publication.released_at


@dataclass(frozen=True)
class Other:
    """Results that were told of another call: where they stand, and since when."""

    code: str
    title: dict
    day: date  # of the release, where the call is at home


def of(call) -> Told | None:
    """What the world was told about a call, or None before its final release.

    Asked once for a whole answer, which is then of before the release, or of after it.
    """
    return _told_by(Publication.objects.filter(round__call=call))


def of_code(code) -> Told | None:
    """The same of the call with this code; None before its release, and where there is no such
    call: whoever asks is not told which of the two it is.
    """
    return _told_by(Publication.objects.filter(round__call__code=code))


def _told_by(publications) -> Told | None:
    publication = (
        publications.released()
        .filter(round__kind=RoundKind.FINAL)
        .select_related("round__call")
        .first()
    )
    if publication is None:
        return None
    last = corrections_of(publication).last()
    page = last.page if last else publication.page
    # A publication or correction from before pages were kept tells what its decisions say.
    return Told(
        publication,
        page or page_of(publication.round),
        last.released_at if last else None,
        is_signed=bool(page),
    )


def others(call) -> list[Other]:
    """The other calls whose results are told, the last told first; each by the title it was told
    with. Without a call: all of them.
    """
    rows = (
        Publication.objects.released()
        .filter(round__kind=RoundKind.FINAL)
        .exclude(round__call=call)
        .order_by("-released_at", "round__call__code")
        .values_list(
            *("round__call__code", "page__call", "round__call__title"),
            *("released_at", "round__call__zone"),
        )
    )
    return [
        Other(code, told_with or title, released_at.astimezone(ZoneInfo(zone)).date())
        for code, told_with, title, released_at, zone in rows
    ]


def mark(code="") -> str | None:
    """What the results of a call, else of the present one, hang on: another text whenever they say
    another thing, None before the release.

    One cheap question, for pages that are kept: what is signed never changes, and of the rest that
    stands beside it the mark says which it is.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT decisions_results_mark(%s, %s)", [clock.now(), code])
        return cursor.fetchone()[0]


def corrections_of(publication):
    """Those that changed what the world was told, the first one first."""
    return Correction.objects.filter(
        publication=publication, state=PublicationState.RELEASED, is_public=True
    ).order_by("released_at")


def page_of(call_round, *, instead=None) -> dict:
    """What a release to come will tell, as plain JSON: the facts, and a hash of what is said of
    them in each language. `instead` is one decision as a correction will make it.

    After the first round the world is told no project; `forward` is what the letters say.
    """
    told = _told(call_round, instead)
    projects = [
        _project(letter) | {"joined_by": [_project(one) for one in members]}
        for letter, members in told["projects"]
    ]
    page = {
        "call": call_round.call.title,
        "projects": projects,
        "forward": told["forward"],
        "received": call_round.call.letters.filed().count(),
    }
    said = {
        language: letter_facts.digest(telling.tell(page, language)) for language in Language.values
    }
    return page | {"said": said}


def _told(call_round, instead) -> dict:
    rows = (
        Decision.objects.filter(round=call_round)
        .filter(Q(outcome__in=PUBLIC) | Q(pk=instead.pk if instead else None))
        # Withdrawn after it was decided and before anything was told: nothing is told.
        .exclude(letter__state=LetterState.WITHDRAWN)
        .select_related("letter__agency")
        .order_by("letter__title", "letter__reference")
    )
    decisions = [
        row
        for row in (instead if instead and one.pk == instead.pk else one for one in rows)
        if row.outcome in PUBLIC
    ]
    merged = [row for row in decisions if row.outcome == Outcome.MERGED]
    projects = [
        (row.letter, [one.letter for one in merged if one.merged_with_id == row.letter_id])
        for row in decisions
        if row.outcome != Outcome.MERGED
    ]
    projects.sort(key=lambda project: _LEVELS.index(project[0].level))
    return {"projects": projects, "forward": len(decisions)}


def _project(letter) -> dict:
    return {
        "title": {"en": letter.title, "zh-hans": letter.title_zh or letter.title},
        "agency": {
            "en": letter.agency.name,
            "zh-hans": letter.agency.name_zh or letter.agency.name,
        },
        "place": _in_each_language(letter_facts.place_of, letter.agency),
        "partners": _in_each_language(letter_facts.partners_of, letter),
        "level": letter.level,
        "abstract": letter.public_abstract,
    }


def _in_each_language(said, about) -> dict:
    return {language: said(about, language) for language in Language.values}
