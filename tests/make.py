"""Builders for tests: one call makes a believable row, keywords change what the test is about."""

import itertools
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from allauth.account.models import EmailAddress
from django.db import connection, transaction

from accounts import step_up
from accounts.models import Agency, Membership, User
from accounts.states import AgencyKind, Role, Seat
from proposals import content
from proposals.forms import section_form
from proposals.models import (
    Call,
    CallRound,
    CallSeal,
    LetterEvent,
    LetterOfIntent,
    LetterVersion,
    Opening,
    Screening,
)
from proposals.sections import SECTIONS
from proposals.states import Answer, Eligibility, LetterState, Level, ProjectType, RoundKind
from reviews.models import Assignment, ConflictCheck, Criterion, Review, Score

OPENS = datetime(2023, 10, 1, 16, tzinfo=UTC)
CLOSES = datetime(2023, 12, 31, 16, tzinfo=UTC)
SECOND = timedelta(seconds=1)

# As many digits for the last as for the first, or the order of names would change on the way.
_number = itertools.count(1_000_000)

# The smallest content that may be filed at unit level.
COMPLETE = {
    "title": "Seismometer",
    "level": Level.UNIT,
    "project_type": ProjectType.INSTRUMENT,
    "priorities": ["payloads"],
    "summary": "We listen to the Moon.",
    "public_abstract": "A seismometer for the south pole.",
    "pi_name": "Ana Nakara",
    "pi_position": "Head of the laboratory",
    "pi_email": "pi@example.org",
    "pi_phone": "+51 1 555 0100",
    "representative_name": "Caro Palmar",
    "representative_function": "Director",
    "objectives": ["fields"],
    "goals": "A year of records.",
    "innovation_science": "First at the pole.",
    "innovation_engineering": "A colder sensor.",
    "complement": "Adds a second station.",
    "mass_kg": Decimal("6.5"),
    "power_average_w": Decimal("4"),
    "power_peak_w": Decimal("9"),
    "data_mbit_per_day": Decimal("120"),
    "trl_now": 5,
    "trl_delivery": 8,
    "heritage": "Flown twice.",
    "fm_delivery": date(2026, 12, 15),
    "shared_costs": "We pay for the sensor.",
    "expertise": "We train two people a year.",
    "visibility": "A yearly open day.",
    "relations": "Our first joint instrument.",
    "data_sharing": True,
    "peaceful_use": True,
    "consent_to_publish": True,
    "is_correct": True,
}


PASSWORD = "a long test password"


def user(*roles, **fields):
    number = next(_number)
    fields.setdefault("email", f"person{number}@example.org")
    fields.setdefault("name", f"Person {number}")
    return User.objects.create_user(password=PASSWORD, roles=list(roles), **fields)


def agency(**fields):
    fields.setdefault("name", f"Demo Space Agency {next(_number)}")
    fields.setdefault("kind", AgencyKind.SPACE_AGENCY)
    fields.setdefault("country", "PE")
    fields.setdefault("letter_language", "zh-hans")  # a letter more than the English one
    return Agency.objects.create(**fields)


def member(of=None, seat=Seat.REPRESENTATIVE, **fields):
    """A person with a seat in an agency."""
    person = user(**fields)
    Membership.objects.create(user=person, agency=of or agency(), seat=seat, since=OPENS)
    return person


def verified(person):
    """The same person, who can sign in with a password in a real browser."""
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    return person


def call(**fields):
    defaults = {
        # As long as the others, so that the call made first is the first by its code.
        "code": f"T{next(_number):07}",
        "title": {"en": "Chang'e-8 call", "zh-hans": "嫦娥八号征集"},
        "contact": "contact@example.org",
        "opens_at": OPENS,
        "closes_at": CLOSES,
        "objectives": [{"code": "fields", "en": "Physical fields", "zh-hans": "物理场"}],
        "priorities": [{"code": "payloads", "en": "Payloads", "zh-hans": "载荷"}],
        "correspondence": {
            key: {"en": key, "zh-hans": key}
            for key in ("letterhead", "office", "place", "signatory", "signatory_position")
        },
    }
    made = Call.objects.create(**{**defaults, **fields})
    CallRound.objects.create(
        call=made,
        kind=RoundKind.PRELIMINARY,
        announced_for=date(2024, 4, 1),
        reviews_due_at=datetime(2024, 3, 15, 16, tzinfo=UTC),
    )
    CallRound.objects.create(
        call=made,
        kind=RoundKind.FINAL,
        announced_for=date(2024, 9, 1),
        reviews_due_at=datetime(2024, 8, 15, 16, tzinfo=UTC),
    )
    return made


def first_round(of):
    return of.rounds.get(kind=RoundKind.PRELIMINARY)


def final_round(of):
    return of.rounds.get(kind=RoundKind.FINAL)


def letter(*, call=None, agency=None, state=LetterState.DRAFT, complete=True, **fields):
    """A letter of intent; complete unless told otherwise."""
    content = {**(COMPLETE if complete else {}), **fields}
    call = call or globals()["call"]()
    return LetterOfIntent.objects.create(
        call=call,
        agency=agency or globals()["agency"](),
        reference=f"{call.code}-{next(_number)}",
        state=state,
        created_at=OPENS,
        updated_at=OPENS,
        submitted_at=None if state == LetterState.DRAFT else CLOSES - timedelta(days=1),
        **content,
    )


def version(letter, said=None, *, number=1, by=None, **fields):
    """What was filed of a letter while its call was open, written down now.

    The call may be sealed by now. Then the database takes nothing more, so its triggers are off for
    this one row.
    """
    said = said or {}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        made = LetterVersion.objects.create(
            letter=letter,
            number=number,
            content=said,
            sha256=content.digest(said),
            accepted_at=letter.submitted_at,
            submitted_by=by or user(),
            idempotency_key=f"version {number}",
            **fields,
        )
        cursor.execute("SET LOCAL session_replication_role = origin")
    return made


def sealed(of):
    """The call's seal, made if it is not there yet."""
    return CallSeal.objects.get_or_create(
        call=of,
        defaults={
            "sealed_at": of.closes_at,
            "letters": of.letters.filed().count(),
            "audit_head": "0" * 64,
        },
    )[0]


def opened(of):
    """The call's opening by two publishers, with its seal, made if they are not there yet."""
    sealed(of)
    found = Opening.objects.filter(call=of, answer=Answer.YES).first()
    return found or Opening.objects.create(
        call=of,
        proposed_by=user(),
        proposed_at=of.closes_at + timedelta(days=1),
        answer=Answer.YES,
        answered_by=user(),
        answered_at=of.closes_at + timedelta(days=1),
    )


def eligible_letter(*, chair=None, **fields):
    """A submitted letter of an opened call that passed screening."""
    return screened(letter(state=LetterState.SUBMITTED, **fields), chair=chair)


def screened(submitted, *, chair=None):
    """The same letter, found eligible after its call was opened."""
    opened(submitted.call)
    Screening.objects.create(
        letter=submitted,
        outcome=Eligibility.ELIGIBLE,
        screened_by=chair or user(Role.CHAIR),
        screened_at=submitted.call.closes_at + timedelta(days=3),
    )
    return submitted


def shortlisted_letter(**fields):
    made = eligible_letter(**fields)
    made.state = LetterState.SHORTLISTED
    made.save(update_fields=["state"])
    LetterEvent.objects.create(
        letter=made,
        actor=None,
        from_state=LetterState.SUBMITTED,
        to_state=LetterState.SHORTLISTED,
        at=made.call.closes_at + timedelta(days=110),
    )
    return made


def rubric(of):
    """Two criteria, 60 and 40 per cent."""
    return [
        Criterion.objects.create(
            call=of,
            code=code,
            position=position,
            weight=weight,
            name={"en": name, "zh-hans": name_zh},
            question={"en": f"How good is it: {name}?"},
            anchors=[{"en": f"{name} {mark}"} for mark in range(6)],
        )
        for position, (code, weight, name, name_zh) in enumerate(
            [("science", 60, "Science", "科学"), ("feasibility", 40, "Feasibility", "可行性")], 1
        )
    ]


def reviewer(**fields):
    return user(Role.REVIEWER, **fields)


def check(reviewer, letter, *, conflicted=False, answered=True, **fields):
    """The conflict check of a pair: answered without a conflict unless told otherwise."""
    if conflicted:
        fields.setdefault("kind", "OTHER")
    return ConflictCheck.objects.create(
        reviewer=reviewer,
        letter=letter,
        conflicted=conflicted,
        source="DECLARED" if conflicted else "",
        answered_at=letter.call.closes_at + timedelta(days=4) if answered else None,
        **fields,
    )


def assignment(*, letter=None, reviewer=None, round=None, **fields):
    """An active assignment whose conflict question has been answered with no."""
    letter = letter or eligible_letter()
    reviewer = reviewer or globals()["reviewer"]()
    round = round or first_round(letter.call)
    if not ConflictCheck.objects.filter(reviewer=reviewer, letter=letter).exists():
        check(reviewer, letter)
    return Assignment.objects.create(
        letter=letter,
        reviewer=reviewer,
        round=round,
        assigned_by=fields.pop("assigned_by", None) or user(Role.CHAIR),
        assigned_at=letter.call.closes_at + timedelta(days=5),
        due_at=round.reviews_due_at,
        **fields,
    )


def review(*, of=None, marks=None, submitted=True, **fields):
    """A review with the same mark for every criterion, or with `marks` by code."""
    of = of or assignment()
    at = of.assigned_at + timedelta(days=1)
    made = Review.objects.create(
        assignment=of,
        state="SUBMITTED" if submitted else "DRAFT",
        updated_at=at,
        submitted_at=at if submitted else None,
        **{
            "strengths": "Strong team.",
            "weaknesses": "Tight schedule.",
            "risk": "LOW",
            "recommendation": "SELECT",
            "confidence": "HIGH",
            **fields,
        },
    )
    for criterion in Criterion.objects.filter(call=of.letter.call):
        Score.objects.create(
            review=made, criterion=criterion, mark=(marks or {}).get(criterion.code, Decimal(4))
        )
    return made


def form_values(letter, *keys):
    """A letter's sections, or all of them, as an HTML form would post them."""
    return {
        name: value
        for key in keys or SECTIONS
        for name, value in section_form(SECTIONS[key], letter).written.items()
        if value not in (None, "")
    }


def stepped_up(client):
    """The session of `client`, as if its person had just given a code, for every kind of act."""
    session = client.session
    far = datetime(9999, 1, 1, tzinfo=UTC).isoformat()
    kinds = ("submit", "withdraw", "token", "seat", "people", "consent", "release")
    session[step_up.SESSION_KEY] = dict.fromkeys(kinds, far)
    session.save()
    return client


def partner(name="Dust Institute", country="PE", share="", *, id=None):
    """A row of `partners`, as it is stored."""
    id = id or f"{next(_number):012d}"
    return {"id": id, "name": name, "country": country, "share": share}
