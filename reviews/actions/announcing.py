import re
import uuid
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from audit import chain
from proposals import shortlists
from proposals.models import Call, CallRound
from reviews import practice
from reviews.actions.refusal import Refused
from reviews.actions.rubric import keep_first
from reviews.anonymity import MAY_FALL, may_fall
from reviews.conflicts import strengths_of
from reviews.models import Criterion

# It begins references and stands in addresses, where words stand in its place (/results/feed/,
# /panel/reviewers/): none of them has a digit.
_CODE = re.compile(r"(?=.*[0-9])[A-Za-z0-9][A-Za-z0-9._-]{0,19}")


@transaction.atomic
def announce_call(data: dict, rubric: dict, *, at, id: uuid.UUID | None = None) -> Call:
    """Make a call, its rounds and its criteria from data: the next mission needs no new code.

    The shape is that of `chang_e8_portal/demo/data/call.json` and `rubric.json`; `docs/call.md`
    explains it. `id` is for data that must be the same wherever they are made. Raises `Refused` for
    a code that is taken or weights that do not add up to 100, KeyError and ValueError for data that
    lack or misspell something.
    """
    if not _CODE.fullmatch(data["code"]):
        raise Refused(
            _("The code of a call is at most 20 letters, digits, “.”, “-” and “_”, with a digit.")
        )
    if Call.objects.filter(code=data["code"]).exists():
        raise Refused(_("There is a call with the code %(code)s already.") % {"code": data["code"]})
    weight = sum(row["weight_percent"] for row in rubric["criteria"])
    if weight != 100:
        raise Refused(_("The weights add up to %(weight)s, not to 100.") % {"weight": weight})
    # What would fail much later, at the first question, fails here.
    strengths_of(data.get("conflict_rules", {}))
    for row in data["rounds"]:
        shortlists.read(row.get("shortlist", {}))
    if "pledge" in data:
        int(data["pledge"]["version"]), data["pledge"]["text"]["en"]
    if "practice" in data:
        practice.check(data["practice"], [row["code"] for row in rubric["criteria"]])
    if strange := may_fall(data) - {row["code"] for row in rubric["criteria"]} - {*MAY_FALL}:
        raise ValueError(f"team_may_lower: no such criterion: {', '.join(sorted(strange))}")
    call = Call.objects.create(
        id=id or uuid.uuid4(),
        code=data["code"],
        title=data["title"],
        summary=data["summary"]["text"],
        issuer=data["issuing_body"],
        contact=data["contact"]["email"],
        opens_at=datetime.fromisoformat(data["opens_at"]),
        closes_at=datetime.fromisoformat(data["closes_at"]),
        zone=data["zone"],
        objectives=data["objectives"],
        priorities=data["priorities"],
        facts=data,
        correspondence=data["correspondence"],
    )
    CallRound.objects.bulk_create(_round(call, row) for row in data["rounds"])
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
        for row in rubric["criteria"]
    )
    chain.append("call.announced", subject=f"call:{call.pk}", at=at, data={"code": call.code})
    keep_first(call, at=at)
    return call


def _round(call, row) -> CallRound:
    # "2024-04" is a month and stays one; "2024-04-24" is a day.
    year, month, *day = (int(part) for part in row["announced"]["date"].split("-"))
    return CallRound(
        call=call,
        kind=row["code"],
        announced_for=date(year, month, *(day or [1])),
        precise_to_day=bool(day),
        reviews_due_at=datetime.fromisoformat(row["reviews_due_at"]),
        proposals_due_at=_instant(row.get("proposals_due_at")),
        double_anonymous=row.get("double_anonymous", False),
    )


def _instant(text) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
