import json
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.urls import reverse

from proposals import steps
from proposals.models import Call, LetterEvent
from proposals.states import LetterState, RoundKind
from tests import make

FACTS = json.loads((Path(__file__).parents[2] / "chang_e8_portal/demo/data/call.json").read_text())
LANGUAGES = ["en", "zh-hans"]
MOMENTS = {
    "upcoming": make.OPENS - timedelta(days=1),
    "open": make.CLOSES - timedelta(hours=8),
    "closed": make.CLOSES,
}


@pytest.fixture
def the_call(db, it_is):
    return make.call(facts=FACTS, objectives=FACTS["objectives"], priorities=FACTS["priorities"])


def page(client, language="en", address="call"):
    response = client.get(reverse(address), headers={"accept-language": language})
    assert response.status_code == 200
    # The token in the language switch differs on every page.
    return re.sub('name="csrfmiddlewaretoken" value="[^"]+"', "", response.content.decode())


# --- the deadline in words ---


def test_midnight_is_told_as_the_end_of_the_day(the_call):
    assert the_call.closing_words == "31 December 2023, 24:00 Beijing time"
    assert the_call.closing_sentence == (
        "Letters of intent close on 31 December 2023, 24:00 Beijing time "
        "(2023-12-31 16:00 UTC): "
        "a letter sent at 2024-01-01 00:00:00 or later is refused."
    )


@pytest.mark.django_db
def test_another_hour_is_told_as_it_is():
    call = make.call(closes_at=datetime(2024, 2, 3, 10, 30, tzinfo=UTC), zone="Europe/Berlin")
    assert call.closing_words == "3 February 2024, 11:30 Europe/Berlin"


@pytest.mark.django_db
def test_a_month_is_told_without_a_day_and_a_day_with_one():
    call_round = make.first_round(make.call())
    assert call_round.announced_words == "April 2024"
    call_round.announced_for, call_round.precise_to_day = date(2024, 4, 12), True
    assert call_round.announced_words == "12 April 2024"


# --- the page ---


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("moment", MOMENTS)
def test_the_page_tells_each_phase_in_each_language(client, the_call, it_is, moment, language):
    it_is(MOMENTS[moment])
    text = page(client, language)
    assert FACTS["tagline"][language] in text.replace("&#x27;", "'")
    assert {"en": "April 2024", "zh-hans": "2024年4月"}[language] in text
    assert not re.search(r"\d+ (April|September) 2024|2024年[49]月\d", text)
    assert (reverse("proposals:new") in text) == (moment == "open")
    assert (FACTS["after_the_cutoff"][language] in text) == (moment == "closed")


def test_the_page_names_what_is_only_reported(client, the_call):
    text = page(client)
    assert re.search(r"50 W for one payload[^<]*\s*<small[^>]*>\(as reported\)", text)
    assert text.count("as reported") == 1 + sum(x["confidence"] == "1" for x in FACTS["limits"])


@pytest.mark.parametrize("letters", [0, 3])
@pytest.mark.parametrize(("moment", "queries"), [("open", 3), ("closed", 4)])
def test_the_page_asks_for_outcomes_only_when_there_can_be_some(
    client, the_call, it_is, moment, queries, letters, django_assert_num_queries
):
    it_is(MOMENTS[moment])
    for _ in range(letters):
        make.letter(call=the_call)
    with django_assert_num_queries(queries):
        page(client)


def test_a_fact_that_is_corrected_is_shown_at_once_in_each_language(client, the_call):
    for language in ("en", "zh-hans", "en"):
        client.cookies["django_language"] = language
        assert 'id="offer"' in client.get("/").content.decode()
    client.cookies["django_language"] = "zh-hans"
    assert "提供" in client.get("/").content.decode()
    client.cookies["django_language"] = "en"
    the_call.facts["how_to_prepare"][0]["title"]["en"] = "A step that was forgotten"
    the_call.save(update_fields=["facts"])
    page = client.get("/").content.decode()
    assert "A step that was forgotten" in page
    assert "What is offered" in page


def test_nobody_learns_how_many_letters_there_are(client, the_call, it_is):
    before = page(client)
    make.letter(call=the_call)
    make.letter(call=the_call, state=LetterState.SUBMITTED)
    assert page(client) == before


def test_without_facts_or_without_a_call_the_page_still_stands(client, db, it_is):
    assert "No call at present" in page(client)
    assert "What the portal promises" in page(client, address="promises")
    make.call()
    assert "The deadline" in page(client)


def test_the_promises_name_the_cutoff_and_hold_the_anchors_of_the_footer(client, the_call):
    text = page(client, address="promises")
    assert the_call.closing_sentence in text
    assert 'id="accessibility"' in text
    assert 'id="privacy"' in text


@pytest.mark.parametrize("address", ["call", "promises"])
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "trace"])
def test_a_public_page_is_only_read(client, the_call, address, method):
    assert getattr(client, method)(reverse(address)).status_code == 405


# --- the time line ---


def states(call, now):
    announced = LetterEvent.objects.announcements(call)
    return [step["state"] for step in steps.of_call(call, announced=announced, now=now)]


def publish(call, state, at):
    LetterEvent.objects.create(
        letter=make.letter(call=call, state=state),
        from_state=LetterState.SUBMITTED,
        to_state=state,
        at=at,
    )


def test_the_time_line_follows_the_clock_and_what_was_published(the_call):
    assert states(the_call, MOMENTS["upcoming"])[:2] == ["now", "next"]
    assert states(the_call, MOMENTS["open"]) == ["now", "next", "next", "next", "next"]
    assert states(the_call, MOMENTS["closed"]) == ["done", "now", "next", "next", "next"]
    publish(the_call, LetterState.SHORTLISTED, datetime(2024, 4, 20, tzinfo=UTC))
    late = datetime(2024, 9, 30, tzinfo=UTC)
    assert states(the_call, late) == ["done", "done", "done", "now", "next"]
    publish(the_call, LetterState.SELECTED, late)
    assert states(the_call, late) == ["done", "done", "done", "done", "now"]


def test_a_publication_is_told_with_its_real_day(the_call):
    # Late in the evening in UTC, the next day in Beijing.
    publish(the_call, LetterState.NOT_SHORTLISTED, datetime(2024, 4, 20, 23, tzinfo=UTC))
    announced = LetterEvent.objects.announcements(the_call)
    assert list(announced) == [RoundKind.PRELIMINARY]
    told = steps.of_call(the_call, announced=announced, now=datetime(2024, 5, 1, tzinfo=UTC))
    assert told[2]["when"] == "published on 21 April 2024"


def test_the_page_says_what_is_published(client, the_call, it_is):
    it_is(datetime(2024, 9, 30, tzinfo=UTC))
    waiting = FACTS["after_the_cutoff"]["en"]
    assert waiting in page(client)
    publish(the_call, LetterState.SHORTLISTED, datetime(2024, 4, 20, tzinfo=UTC))
    assert "The preliminary selection is published" in page(client)
    publish(the_call, LetterState.MERGED, datetime(2024, 9, 20, tzinfo=UTC))
    text = page(client)
    assert "The final selection is published" in text
    assert waiting not in text
    assert reverse("results") in text


def test_another_call_s_publication_says_nothing_about_this_one(the_call):
    publish(make.call(), LetterState.SELECTED, make.CLOSES)
    assert LetterEvent.objects.announcements(the_call) == {}


# --- which call it is ---


def test_of_two_calls_opened_at_one_instant_it_is_always_the_first_by_code(the_call):
    for _ in range(5):
        make.call()
    # PostgreSQL puts a changed row behind the others, and meets it last.
    the_call.save(update_fields=["title"])
    assert Call.objects.current() == the_call


@pytest.mark.django_db
def test_a_call_made_ahead_of_time_takes_over_when_it_opens(it_is):
    present = make.call()
    following = make.call(
        opens_at=make.CLOSES + timedelta(days=400), closes_at=make.CLOSES + timedelta(days=500)
    )
    for moment, served in (
        (make.OPENS - timedelta(days=1), present),
        (make.CLOSES + timedelta(days=1), present),
        (following.opens_at - timedelta(milliseconds=1), present),
        (following.opens_at, following),
    ):
        it_is(moment)
        assert Call.objects.current() == served
