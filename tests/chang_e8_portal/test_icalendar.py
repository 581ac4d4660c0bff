"""The calendar as a file, read back by the letter of RFC 5545."""

import re
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chang_e8_portal.icalendar import Event, written

AT = datetime(2024, 1, 1, 9, 30, tzinfo=UTC)
# What a text of a calendar can hold: no control characters but the line break.
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.just("\n"), max_size=200)


def event(**fields):
    known = {"uid": "a@example.org", "at": AT, "words": "Due", "address": "https://example.org/"}
    return Event(**{**known, "known_at": AT, **fields})


def lines_of(data: bytes) -> list[str]:
    """The content lines, unfolded; every line of the file keeps the rules."""
    assert data.endswith(b"\r\n")
    raw = data.removesuffix(b"\r\n").split(b"\r\n")
    assert all(len(line) <= 75 and b"\n" not in line and b"\r" not in line for line in raw)
    for line in raw:
        line.decode()  # no character is cut in two
    return data.decode().replace("\r\n ", "").removesuffix("\r\n").split("\r\n")


def value(lines, name) -> str:
    [found] = [line.partition(":")[2] for line in lines if line.startswith(f"{name}:")]
    return found


def unescaped(text) -> str:
    meant = {"n": "\n", "N": "\n"}
    assert not re.search(r"(?<!\\)(\\\\)*[;,]", text)
    return re.sub(r"\\(.)", lambda found: meant.get(found[1], found[1]), text)


def test_a_calendar_has_what_the_format_asks():
    lines = lines_of(written([event()], product="-//P//EN", name="Dates"))
    assert lines[:3] == ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//P//EN"]
    assert lines[-1] == "END:VCALENDAR"
    assert (value(lines, "UID"), value(lines, "DTSTAMP")) == ("a@example.org", "20240101T093000Z")
    assert value(lines, "DTSTART") == "20240101T093000Z"
    assert lines.count("BEGIN:VEVENT") == lines.count("END:VEVENT") == 1


def test_a_moment_is_written_in_utc_and_a_day_as_a_day():
    beijing = datetime(2024, 1, 1, tzinfo=timezone(timedelta(hours=8)))
    lines = lines_of(written([event(at=beijing)], product="p", name="n"))
    assert value(lines, "DTSTART") == "20231231T160000Z"
    lines = lines_of(written([event(at=date(2024, 4, 1))], product="p", name="n"))
    assert "DTSTART;VALUE=DATE:20240401" in lines


@given(words=TEXTS)
def test_every_text_comes_back_as_it_was(words):
    lines = lines_of(written([event(words=words)], product="p", name="n"))
    assert unescaped(value(lines, "SUMMARY")) == words


@pytest.mark.parametrize("words", ["a\r\nBEGIN:VALARM", "a\x00b\x07c", "a\x7f"])
def test_no_text_makes_a_line_of_its_own(words):
    lines = lines_of(written([event(words=words)], product="p", name="n"))
    assert [line for line in lines if line.startswith("BEGIN")] == [
        "BEGIN:VCALENDAR",
        "BEGIN:VEVENT",
    ]
    assert not re.search(r"[\x00-\x08\x0a-\x1f\x7f]", value(lines, "SUMMARY"))


def test_an_empty_calendar_is_one():
    assert lines_of(written([], product="p", name="n"))[-1] == "END:VCALENDAR"


def test_the_same_events_are_the_same_bytes():
    made = [written([event(words="中" * 50)], product="p", name="n") for _time in range(2)]
    assert made[0] == made[1]
