"""Promise R08 when the database server dies: letters are made once, and told whole or not at all.

It is killed at the worst moment, which the test brings about: all is written, and the entry in the
record, the last statement before the commit, waits.
"""

import secrets
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import psycopg2
import pytest

from decisions.querysets import LEASE
from tests.chaos.house import PATIENCE, eventually

ADDRESS = "/decisions/preliminary/publication/release/"
LETTERS = 2
pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def proposed(house):
    """A proposal whose letters nobody makes yet: the worker is down."""
    house.stop("worker")
    return house.proposed_world(letters=LETTERS)


@contextmanager
def nothing_is_recorded(house):
    """Whoever adds to the record waits, with everything else written; then the server is killed."""
    line = psycopg2.connect(house.folders.database_url)
    try:
        line.cursor().execute("LOCK TABLE audit_entry IN EXCLUSIVE MODE")
        yield
        eventually(lambda: somebody_waits(house), "somebody waits to add to the record")
        house.kill_postgres()
    finally:
        line.close()
        house.start_servers()


def somebody_waits(house):
    return house.rows(
        "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        " AND query LIKE 'INSERT INTO \"audit_entry\"%%'"
    )


def made(house):
    """Each letter's decision, language and state, and how often the record says it was made."""
    return house.rows(
        "SELECT l.decision_id, l.language, l.state, (SELECT count(*) FROM audit_entry e"
        " WHERE e.action = 'decision_letter.rendered' AND e.data->>'letter' = l.id::text)"
        " FROM decisions_decisionletter l"
    )


def told(house):
    """How many publications, letters of intent and decision letters were told."""
    [counts] = house.rows(
        "SELECT (SELECT count(*) FROM decisions_publication WHERE state = 'RELEASED'),"
        " (SELECT count(*) FROM decisions_decisionletter WHERE told_at IS NOT NULL),"
        " (SELECT count(*) FROM proposals_letterofintent WHERE state LIKE '%%SHORTLISTED')"
    )
    return counts


def mailed(house):
    return house.rows("SELECT 1 FROM notifications_message WHERE template = 'decision_ready'")


NOTHING = (0, 0, 0)
# Two languages a letter.
EVERYTHING = (1, 2 * LETTERS, LETTERS)


def all_made(house):
    def done():
        house.supervise()
        return {state for _decision, _language, state, _times in made(house)} == {"READY"}

    eventually(done, "all letters are made", 2 * PATIENCE)


def whole(house):
    assert "chain whole" in house.manage("verify_audit")
    assert house.manage("check_invariants") == "0 findings\n"


def test_a_database_that_dies_while_letters_are_made_leaves_each_to_be_made_once(house, proposed):
    with nothing_is_recorded(house):
        house.start("worker")
    assert {(state, times) for _d, _l, state, times in made(house)} <= {
        ("OWED", 0),
        ("RENDERING", 0),
    }

    house.pass_time(LEASE.total_seconds() + 60)
    all_made(house)

    letters = made(house)
    assert len(letters) == 2 * LETTERS
    assert set(
        Counter((decision, language) for decision, language, _s, _t in letters).values()
    ) == {1}
    assert {times for _d, _l, _s, times in letters} == {1}
    whole(house)


def test_a_database_that_dies_in_a_release_leaves_it_whole_or_undone(house, proposed, dice):
    if not house.runs("worker"):
        house.start("worker")
    house.pass_time(LEASE.total_seconds() + 60)
    all_made(house)
    form = {
        "publication": proposed["publication"],
        "count": proposed["positive"],
        "key": secrets.token_hex(16),
    }

    def release():
        return house.ask("POST", ADDRESS, session=proposed["session"], form=form)[0]

    with ThreadPoolExecutor(1) as browser:
        with nothing_is_recorded(house):
            answer = browser.submit(release)
        assert answer.result(PATIENCE) in (0, 503)
    assert told(house) == NOTHING
    assert not mailed(house)

    struck = house.strike("postgres", after=dice.random() * 0.3)
    assert release() in (0, 302, 503)
    struck.result(PATIENCE)
    assert told(house) in (NOTHING, EVERYTHING)
    assert told(house) == EVERYTHING or not mailed(house)
    eventually(lambda: release() == 302, "the release is answered")

    assert told(house) == EVERYTHING
    everybody_is_told_once(house)
    assert release() == 302
    assert told(house) == EVERYTHING
    whole(house)


def everybody_is_told_once(house):
    """One mail a person is owed, and leaves."""

    def sent():
        house.supervise()
        return house.rows("SELECT 1 FROM decisions_mailing") and not house.rows(
            "SELECT 1 FROM notifications_message"
            " WHERE template = 'decision_ready' AND state <> 'SENT'"
        )

    eventually(sent, "every mail has left", 2 * PATIENCE)
    owed = house.rows("SELECT address FROM notifications_message WHERE template = 'decision_ready'")
    people = house.rows(
        "SELECT email FROM accounts_user u JOIN accounts_membership m ON m.user_id = u.id"
    )
    assert sorted(owed) == sorted(people)
