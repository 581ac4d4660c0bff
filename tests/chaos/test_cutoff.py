"""Promise R01: nothing is accepted after the cutoff, whatever clock a web server has."""

import secrets
import threading
import time
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.db import OperationalError, connection
from django.test import Client

from chang_e8_portal import clock
from proposals import actions, content
from proposals.models import Call, LetterOfIntent, LetterVersion, SubmitAttempt
from tests import make

THREADS = 40
SIDE = 2.0  # seconds before and after the cutoff
ANSWERS = {302: "accepted", 409: "call_closed", 503: "busy"}
A_ROUND = 1000  # letters; as many are sent as the machine manages in the time
FAR = timedelta(days=1)


@pytest.fixture
def web_clocks_a_day_off(monkeypatch):
    """Half of the web servers live in yesterday and half in tomorrow."""
    off = {}

    def now():
        return datetime.now(UTC) + off.setdefault(threading.get_ident(), FAR * (-1) ** len(off))

    monkeypatch.setattr(clock, "now", now)


@pytest.mark.django_db(transaction=True)
def test_nobody_is_late_and_the_seal_counts_everybody(web_clocks_a_day_off, at_once, size):
    # Bad input ID09.
    wanted, patience = size((600, 20), (10_000, 900))
    started, outcomes = time.monotonic(), Counter()
    while outcomes.total() < wanted and time.monotonic() - started < patience:
        outcomes.update(storm(at_once))
    # A machine that is very busy needs another cutoff until somebody was on either side of one.
    while len(outcomes) < 2 and time.monotonic() - started < 3 * patience:
        outcomes.update(storm(at_once))

    print(f"{outcomes.total()} attempts within {SIDE} s of a cutoff: {dict(outcomes)}")
    assert outcomes["accepted"]
    assert outcomes["call_closed"]


def storm(at_once):
    """One cutoff with everybody at the door; yields what each attempt was answered."""
    representative = make.member()
    agency = representative.agencies.get()
    call = make.call(opens_at=clock.database_now() - FAR, closes_at=clock.database_now() + FAR)
    letters = [drafted(call, agency, number) for number in range(A_ROUND)]
    LetterOfIntent.objects.bulk_create(letters)
    seen = {letter.pk: content.digest(content.of(letter, version=1)) for letter in letters}
    start = threading.Event()

    def visitor(number):
        mine = letters[number::THREADS]
        # Half go through the pages, half through the action that a program of theirs would reach.
        send = (
            through_the_page(representative) if number % 2 else through_the_action(representative)
        )

        def attempt():
            answers = []
            try:
                start.wait(60)
                ends = time.monotonic() + 2 * SIDE
                for letter in mine:
                    if time.monotonic() > ends:
                        break
                    answers.append((letter.pk, send(letter, seen[letter.pk])))
            finally:
                connection.close()
            return answers

        return attempt

    def sealer():
        """A worker whose clock is a day ahead asks again and again."""
        try:
            # Everybody is ready: the cutoff is two seconds from now.
            closes_at = clock.database_now() + timedelta(seconds=SIDE)
            Call.objects.filter(pk=call.pk).update(closes_at=closes_at)
            start.set()
            deadline = time.monotonic() + 60
            while time.monotonic() < deadline:
                if sealed := actions.seal(call, at=datetime.now(UTC) + FAR):
                    return sealed
                threading.Event().wait(0.02)
            raise AssertionError("the call was not sealed within a minute")
        finally:
            connection.close()

    *answers, seal = at_once([*map(visitor, range(THREADS)), sealer])
    sent = [pair for some in answers for pair in some]
    call.refresh_from_db()
    accepted = {letter for letter, outcome in sent if outcome == "accepted"}
    versions = LetterVersion.objects.filter(letter__call=call)

    # Busy is an honest answer: send it again, nothing was done.
    assert {outcome for _letter, outcome in sent} <= {"accepted", "call_closed", "busy"}
    assert not versions.filter(accepted_at__gte=call.closes_at).exists()
    assert set(versions.values_list("letter_id", flat=True)) == accepted
    assert seal.letters == len(accepted) == call.letters.filed().count()
    assert seal.sealed_at >= call.closes_at
    answered = [pair for pair in sent if pair[1] != "busy"]
    on_record = SubmitAttempt.objects.filter(letter__call=call).exclude(outcome="error")
    assert sorted(on_record.values_list("letter_id", "outcome")) == sorted(answered)
    return [outcome for _letter, outcome in sent]


def drafted(call, agency, number):
    return LetterOfIntent(
        call=call,
        agency=agency,
        reference=f"{call.code}-{number:04d}",
        created_at=call.opens_at,
        updated_at=call.opens_at,
        **make.COMPLETE,
    )


def through_the_page(person):
    client = Client(raise_request_exception=False)
    client.force_login(person)
    make.stepped_up(client)

    def send(letter, seen):
        response = client.post(
            f"/letters/{letter.pk}/submit/",
            {"idempotency_key": secrets.token_urlsafe(24), "seen": seen},
        )
        return ANSWERS.get(response.status_code, response.status_code)

    return send


def through_the_action(person):
    def send(letter, seen):
        key = secrets.token_urlsafe(24)
        try:
            actions.submit(letter, actor=person, idempotency_key=key, seen=seen)
        except actions.Refused as refusal:
            return refusal.code
        except OperationalError:
            return "busy"
        return "accepted"

    return send
