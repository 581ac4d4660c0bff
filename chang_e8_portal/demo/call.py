"""The Chang'e-8 call and its rubric, from the data into the database."""

from datetime import UTC, date, datetime

from chang_e8_portal.demo import content
from proposals.models import Call, CallRound
from proposals.states import RoundKind
from reviews.models import Criterion

# Early enough for a ranking, a decision and letters before the announced month ends.
_REVIEWS_DUE = {
    RoundKind.PRELIMINARY: datetime(2024, 3, 20, 16, tzinfo=UTC),
    RoundKind.FINAL: datetime(2024, 8, 20, 16, tzinfo=UTC),
}


def opening() -> datetime:
    """When the call opens."""
    return datetime.fromisoformat(content.call()["opens_at"])


def announce() -> Call:
    """Make the call, its two rounds and its criteria."""
    data = content.call()
    call = Call.objects.create(
        code=data["code"],
        title=data["title"],
        summary=data["summary"]["text"],
        issuer=data["issuing_body"],
        contact=data["contact"]["email"],
        opens_at=opening(),
        closes_at=datetime.fromisoformat(data["closes_at"]),
        zone=data["zone"],
        objectives=data["objectives"],
        priorities=data["priorities"],
        facts=data,
        correspondence=content.correspondence(),
    )
    for row in data["rounds"]:
        year, month = row["announced"]["date"].split("-")
        CallRound.objects.create(
            call=call,
            kind=row["code"],
            announced_for=date(int(year), int(month), 1),
            reviews_due_at=_REVIEWS_DUE[row["code"]],
        )
    Criterion.objects.bulk_create(
        Criterion(
            call=call,
            code=row["code"],
            position=row["order"],
            name=row["name"],
            question=row["question"],
            anchors=row["anchors"],
            weight=row["weight_percent"],
            threshold=row["threshold"],
            short_name=row["short_name"],
        )
        for row in content.rubric()["criteria"]
    )
    return call
