"""A person's dates behind a secret address: which ones, for whom, and nothing that tells more."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from icalendar import Calendar

from accounts import actions
from accounts.models import CalendarAddress
from accounts.states import Role, Seat
from chang_e8_portal import clock
from proposals.models import Clarification
from reviews import actions as panel
from reviews.models import Meeting, Participant
from tests import make

pytestmark = pytest.mark.django_db
TITLE = "A title that nobody must see"
DAY = timedelta(days=1)


@pytest.fixture
def call(it_is):
    call = make.call()
    it_is(call.closes_at + 20 * DAY)
    return call


def feed_of(person):
    """The person's secret address."""
    secret = actions.make_calendar_address(person, at=clock.now())
    return reverse("calendar_feed", args=[secret])


def read(address, **headers):
    return Client().get(address, headers=headers)


def words_of(person) -> list[str]:
    return [str(event["SUMMARY"]) for event in events_of(person)]


def values_of(person, name) -> list:
    """Moments, days and texts of all events, as another program reads them."""
    return [event.decoded(name) for event in events_of(person)]


def events_of(person) -> list:
    return Calendar.from_ical(read(feed_of(person)).content).walk("VEVENT")


def given(call, reviewer=None, **fields):
    letter = make.eligible_letter(call=call, title=TITLE)
    return make.assignment(letter=letter, reviewer=reviewer, **fields)


# --- the address ---


def test_a_calendar_is_read_without_signing_in(call):
    response = read(feed_of(make.member()))
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert response.headers["Cache-Control"] == "private, no-cache"
    assert b"PRODID:-//Chang'e-8 portal//" in response.content


def test_a_wrong_address_is_not_there(call):
    person = make.member()
    address = feed_of(person)
    for wrong in (address.replace(".ics", "x.ics"), "/calendar/x.ics", "/calendar/.ics"):
        assert read(wrong).status_code == 404
    assert read(address.upper()).status_code == 404
    assert Client().post(address).status_code == 405


def test_nobody_who_reads_the_database_can_read_the_calendar(call):
    person = make.member()
    address = feed_of(person)
    kept = CalendarAddress.objects.get(user=person)
    assert kept.sha256 not in address
    assert read(reverse("calendar_feed", args=[kept.sha256])).status_code == 404


def test_an_old_address_ends_with_a_new_one_and_with_the_account(call):
    person = make.member()
    old, new = feed_of(person), feed_of(person)
    assert (read(old).status_code, read(new).status_code) == (404, 200)
    person.is_active = False
    person.save(update_fields=["is_active"])
    assert read(new).status_code == 404


def test_a_program_that_has_it_already_is_told_so(call):
    person = make.reviewer()
    address = feed_of(person)
    tag = read(address).headers["ETag"]
    same = read(address, **{"If-None-Match": tag})
    assert (same.status_code, same.content, same.headers["ETag"]) == (304, b"", tag)
    given(call, person)
    changed = read(address, **{"If-None-Match": tag})
    assert changed.status_code == 200
    assert changed.headers["ETag"] != tag


def test_it_speaks_the_persons_language(call):
    person = make.member(language="zh-hans")
    told = read(feed_of(person), **{"Accept-Language": "en"})
    assert "嫦娥八号征集" in told.content.decode().replace("\r\n ", "")
    assert told.headers["Content-Language"] == "zh-hans"


def test_it_is_written_as_the_format_asks(call):
    """RFC 5545: lines of 75 octets that end with CR and LF, no character cut in two, UTC."""
    call.title = {"en": "A call; with, signs \\ and " + "月" * 60}
    call.save(update_fields=["title"])
    address = feed_of(make.member())
    data = read(address).content
    lines = data.removesuffix(b"\r\n").split(b"\r\n")
    assert all(len(line) <= 75 and b"\n" not in line for line in lines)
    for line in lines:
        line.decode()
    events = Calendar.from_ical(data).walk("VEVENT")
    assert str(events[0]["SUMMARY"]) == f"Letters of intent close: {call}"
    assert f"DTSTART:{call.closes_at:%Y%m%dT%H%M%SZ}".encode() in lines
    assert read(address).content == data


# --- an agency's people ---


def test_an_agency_finds_the_cutoff_and_what_the_panel_asked(call):
    agency = make.agency()
    person = make.member(agency, Seat.VIEWER)
    letter = make.eligible_letter(call=call, agency=agency, title=TITLE)
    others = make.eligible_letter(call=call, title=TITLE)
    for of in (letter, others):
        Clarification.objects.create(
            letter=of,
            question="How cold?",
            asked_by=make.user(Role.CHAIR),
            asked_at=call.closes_at + DAY,
            due_at=call.closes_at + 30 * DAY,
        )
    told = words_of(person)
    assert told == [
        f"Letters of intent close: {call}",
        f"Answer due to the panel's question: {letter.reference}",
    ]
    Clarification.objects.update(answered_at=clock.now(), answer="Very.")
    assert words_of(person) == told[:1]


def test_an_announced_day_is_a_day_and_a_month_is_none(call):
    person = make.member()
    assert len(words_of(person)) == 1
    final = make.final_round(call)
    final.announced_for, final.precise_to_day = date(2024, 9, 12), True
    final.save(update_fields=["announced_for", "precise_to_day"])
    assert words_of(person)[1] == "Announced for this day: Final selection"
    assert values_of(person, "DTSTART")[1] == date(2024, 9, 12)


def test_who_left_the_agency_finds_nothing(call):
    person = make.member()
    address = feed_of(person)
    assert b"SUMMARY" in read(address).content
    person.memberships.all().delete()
    assert b"SUMMARY" not in read(address).content


def asks_fuller(call):
    """The final round, in which fuller proposals are due."""
    final = make.final_round(call)
    final.proposals_due_at = final.reviews_due_at - 30 * DAY
    final.save(update_fields=["proposals_due_at"])
    return final


def test_every_agency_finds_when_fuller_proposals_are_due(call):
    final = asks_fuller(call)
    shortlisted, other = make.agency(), make.agency()
    make.shortlisted_letter(call=call, agency=shortlisted)
    make.eligible_letter(call=call, agency=other)
    seen = []
    for agency in (shortlisted, other):
        person = make.member(agency)
        assert words_of(person)[1:] == ["Fuller proposals due: Final selection"]
        assert values_of(person, "DTSTART")[1] == final.proposals_due_at
        seen.append(values_of(person, "URL")[1])
    # Nobody can read from one of them who is on the shortlist.
    assert seen[0] == seen[1]
    assert seen[0].endswith(reverse("proposals:list"))


def test_a_moved_due_time_of_fuller_proposals_is_followed(call):
    final = asks_fuller(call)
    make.shortlisted_letter(call=call)
    people = [make.member(), make.reviewer(), make.user(Role.CHAIR)]
    before = [values_of(person, "UID") for person in people]
    due_at = final.proposals_due_at + 9 * DAY
    panel.move_fuller_due(
        final,
        due_at=due_at,
        seen=final.proposals_due_at,
        reason="The interface document came late.",
        actor=people[2],
    )
    for person, names in zip(people, before, strict=True):
        assert values_of(person, "UID") == names
        assert values_of(person, "DTSTART").count(due_at) == 1


def test_whoever_reads_fuller_proposals_finds_when_they_are_due_once(call):
    asks_fuller(call)
    words, reviewer, chair = "Fuller proposals due: Final selection", make.reviewer(), Role.CHAIR
    both = make.member()
    both.roles = [Role.REVIEWER, chair]
    both.save(update_fields=["roles"])
    for person in (reviewer, make.user(chair), both):
        assert words_of(person).count(words) == 1
    for person in (make.user(Role.PUBLISHER), make.user(Role.OPERATOR), make.user(Role.AUDITOR)):
        assert words not in words_of(person)
    [address] = values_of(reviewer, "URL")
    client = Client()
    client.force_login(reviewer)
    assert client.get(address).status_code == 200


# --- reviewers and the chair ---


def test_a_reviewer_finds_the_reviews_that_are_not_in(call):
    reviewer = make.reviewer()
    mine, filed = given(call, reviewer), given(call, reviewer)
    make.review(of=filed)
    given(call)  # somebody else's
    assert words_of(reviewer) == [f"Review due: {mine.letter.reference}"]
    assert values_of(reviewer, "DTSTART") == [mine.due_at]
    [address] = values_of(reviewer, "URL")
    assert address.endswith(reverse("reviews:review", args=[mine.pk]))


def test_a_conflict_leaves_no_trace(call):
    reviewer = make.reviewer()
    mine = given(call, reviewer)
    panel.answer_conflicts(reviewer, {mine.letter_id: ("FAMILY", "")}, at=clock.now())
    assert words_of(reviewer) == []


def test_what_moved_keeps_its_name(call):
    reviewer, chair = make.reviewer(), make.user(Role.CHAIR)
    mine = given(call, reviewer)
    before = values_of(reviewer, "UID"), values_of(reviewer, "DTSTART")
    due_at = mine.due_at + DAY
    panel.give_more_time(mine, due_at=due_at, actor=chair, at=clock.now())
    after = values_of(reviewer, "UID"), values_of(reviewer, "DTSTART")
    assert before[0] == after[0]
    assert after[1] == [due_at]


def test_the_chair_finds_the_rounds_and_no_letter(call):
    given(call)
    told = words_of(make.user(Role.CHAIR))
    assert told == [
        f"Letters of intent close: {call}",
        "Reviews due: Preliminary selection",
        "Reviews due: Final selection",
    ]


def test_meetings_are_for_whom_they_concern_and_without_their_titles(call):
    chair, invited, other = make.user(Role.CHAIR), make.reviewer(), make.reviewer()
    meeting = Meeting.objects.create(
        round=make.first_round(call),
        title=TITLE,
        place="Hall 2",
        starts_at=clock.now() + DAY,
        made_by=chair,
        made_at=clock.now(),
    )
    Participant.objects.create(meeting=meeting, person=invited, invited_at=clock.now())
    assert words_of(invited) == ["Meeting of the panel: Preliminary selection"]
    assert words_of(chair)[-1] == "Meeting of the panel: Preliminary selection"
    assert words_of(other) == []


def test_who_lost_a_role_finds_its_dates_no_more(call):
    reviewer = make.reviewer()
    given(call, reviewer)
    address = feed_of(reviewer)
    assert b"SUMMARY" in read(address).content
    reviewer.roles = []
    reviewer.save(update_fields=["roles"])
    assert b"SUMMARY" not in read(address).content


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.OPERATOR])
def test_others_have_a_calendar_with_nothing_in_it(call, role):
    assert words_of(make.user(role)) == []


def test_without_a_call_it_is_empty():
    assert words_of(make.member()) == []


def test_no_calendar_holds_a_title_or_a_name(call):
    reviewer, chair = make.reviewer(name="Ana Nakara"), make.user(Role.CHAIR, name="Caro Palmar")
    given(call, reviewer)
    for person in (reviewer, chair):
        told = read(feed_of(person)).content.decode().replace("\r\n ", "")
        for silent in (TITLE, "Ana Nakara", "Caro Palmar", person.email):
            assert silent not in told


@pytest.mark.parametrize("letters", [1, 3])
def test_it_costs_the_same_however_many_dates(call, letters, django_assert_num_queries):
    agency = make.agency()
    person = make.member(agency)
    person.roles = [Role.REVIEWER, Role.CHAIR]
    person.save(update_fields=["roles"])
    for _number in range(letters):
        of = given(call, person)
        Clarification.objects.create(
            letter=make.eligible_letter(call=call, agency=agency),
            question="How cold?",
            asked_by=of.assigned_by,
            asked_at=call.closes_at + DAY,
            due_at=call.closes_at + 30 * DAY,
        )
    address = feed_of(person)
    with django_assert_num_queries(9):
        assert read(address).content.count(b"BEGIN:VEVENT") == 3 + 2 * letters
