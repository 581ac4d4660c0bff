"""Figures about the letters of a call: how they came in, and what came in."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Count, Q, Sum

from proposals.models import Attachment, LetterEvent
from proposals.states import LETTER_KINDS, LetterState, Level
from reviews.plots.steps import Steps, steps


@dataclass(frozen=True)
class Day:
    """One day of the call's zone: letters filed, withdrawn, and how many stand at its end."""

    day: date
    filed: int
    withdrawn: int
    standing: int


@dataclass(frozen=True)
class Curve:
    """How many letters stood at each moment, drawn and day by day."""

    days: list[Day]
    line: Steps


def curve(call, *, until: datetime) -> Curve:
    """The number of letters that stood, from the call's opening to `until`.

    It tells when letters were filed and withdrawn, never whose they are.
    """
    zone, changes = call.tzinfo, []
    for event in LetterEvent.objects.filter(letter__call=call, at__lte=until).order_by("at", "pk"):
        if LetterState.SUBMITTED == event.to_state != event.from_state:
            changes.append((event.at, 1))
        elif event.to_state == LetterState.WITHDRAWN:
            changes.append((event.at, -1))
    return Curve(
        days=_days(changes, call.opens_at.astimezone(zone).date(), zone),
        line=steps(changes, start=call.opens_at, until=until),
    )


def contents(letters) -> dict:
    """What a set of filed letters holds: sums and counts, ready to be shown as bars."""
    number = letters.count()
    on_board = letters.filter(level__in=(Level.SYSTEM, Level.UNIT))
    attached = dict(
        Attachment.objects.filter(letter__in=letters.values("pk"))
        .order_by()
        .values_list("kind")
        .annotate(n=Count("letter", distinct=True))
    )
    return {
        "number": number,
        "mass": on_board.aggregate(kg=Sum("mass_kg"))["kg"] or Decimal(0),
        "levels": _counted(letters, "level"),
        "types": _counted(letters, "project_type"),
        "places": _counted(letters, "agency__country", "agency__country_text"),
        "attached": [(kind, attached.get(kind.value, 0)) for kind in LETTER_KINDS],
        "answered": letters.aggregate(
            title_zh=Count("pk", filter=~Q(title_zh="")),
            co_investigators=Count("pk", filter=~Q(co_investigators=[])),
            partners=Count("pk", filter=~Q(partners="") & ~Q(partners=[])),
            budget=Count("pk", filter=Q(budget_amount__isnull=False)),
            flight_model=Count("pk", filter=Q(fm_delivery__isnull=False)),
        ),
    }


def _counted(letters, *names) -> list[tuple]:
    """Values of these columns with the number of letters, the most frequent first."""
    rows = letters.order_by().values_list(*names).annotate(n=Count("pk"))
    return list(rows.order_by("-n", *names))


def _days(changes, first, zone) -> list[Day]:
    """Only days on which something happened: a table of ninety zeros helps nobody."""
    days, standing = {}, 0
    for at, change in changes:
        day = max(first, at.astimezone(zone).date())
        filed, withdrawn, _end = days.get(day, (0, 0, 0))
        standing += change
        days[day] = (filed + (change > 0), withdrawn + (change < 0), standing)
    return [Day(day, *row) for day, row in days.items()]
