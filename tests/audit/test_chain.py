"""The record finds whoever changed it."""

import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import InternalError, connection, transaction

from audit import chain
from audit.models import Entry

pytestmark = pytest.mark.django_db

AT = datetime(2023, 11, 15, 12, 0, 0, 123456, tzinfo=UTC)
# Of the first entry of a chain, as it was calculated before there were salts.
OLD_HASH = "1c0183e84540cc460cb14840554501dd17c1bb9e956c0fc0b7e305450e057a14"


def entries(count=5):
    for number in range(count):
        chain.append(
            "letter.submitted",
            subject=f"letter:{number}",
            actor="someone",
            at=AT + timedelta(seconds=number),
            data={"version": 1, "name": "嫦娥"},
        )


@contextmanager
def as_superuser():
    """What only the owner of the database can do: switch off the guard."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_entry DISABLE TRIGGER audit_entry_is_final")
        yield cursor
        cursor.execute("ALTER TABLE audit_entry ENABLE TRIGGER audit_entry_is_final")


def test_an_untouched_chain_is_whole(capsys):
    entries(5)
    head = Entry.objects.get(seq=5).hash
    assert chain.verify() == chain.Verdict(None, 5, head)
    assert chain.head() == head
    call_command("verify_audit")
    assert capsys.readouterr().out == f"5 entries, chain whole, head {head}\n"


def test_an_empty_chain_is_whole():
    assert chain.verify() == chain.Verdict(None, 0, chain.GENESIS)


def test_time_is_kept_to_the_microsecond_whatever_the_zone():
    entries(1)
    entry = Entry.objects.get()
    assert entry.at == AT
    assert chain.digest(entry) == entry.hash


def test_what_an_entry_says_cannot_be_guessed_from_its_hash():
    """The same thing said twice at the same moment has two hashes, and both follow from it."""
    one, other = (chain.append("a", subject="letter:1", at=AT) for _time in range(2))
    assert chain.content_digest(one) != chain.content_digest(other)
    assert other.hash == chain.link(one.hash, 2, chain.content_digest(other))


def test_entries_from_before_there_were_salts_stay_whole():
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_entry (seq, at, action, subject, actor, data, prev_hash, hash)"
            " VALUES (1, %s, 'call.sealed', 'call:1', '', '{\"letters\": 2}', %s, %s)",
            [AT, chain.GENESIS, OLD_HASH],
        )
    entries(1)
    assert chain.verify() == chain.Verdict(None, 2, chain.head())


@pytest.mark.parametrize(
    "change", ["UPDATE audit_entry SET actor = 'x'", "DELETE FROM audit_entry"]
)
def test_the_database_refuses_to_change_an_entry(change):
    entries(2)
    with pytest.raises(InternalError, match="never changed"), transaction.atomic():
        connection.cursor().execute(change)
    assert chain.verify().fault is None


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("at", "2023-11-15T12:00:02.123457Z"),
        ("action", "letter.withdrawn"),
        ("subject", "letter:9"),
        ("actor", "someone else"),
        ("data", '{"version": 2, "name": "嫦娥"}'),
        ("hash", "0" * 64),
    ],
)
def test_an_edited_entry_is_found_at_the_row(column, value):
    entries(5)
    with as_superuser() as cursor:
        cursor.execute(f'UPDATE audit_entry SET "{column}" = %s WHERE seq = 3', [value])
    verdict = chain.verify()
    assert verdict.fault == "entry 3 was changed after it was written"
    assert verdict.count == 2


def test_an_entry_edited_with_its_hash_is_found_at_the_next():
    entries(5)
    forged = Entry.objects.get(seq=3)
    forged.actor = "someone else"
    with as_superuser() as cursor:
        cursor.execute(
            "UPDATE audit_entry SET actor = %s, hash = %s WHERE seq = 3",
            [forged.actor, chain.digest(forged)],
        )
    assert chain.verify().fault == "entry 4 does not follow the entry before it"


def test_a_cut_off_end_contradicts_the_heads_that_were_made_known():
    entries(5)
    chain.make_known(at=AT)
    with as_superuser() as cursor:
        cursor.execute("DELETE FROM audit_entry WHERE seq > 3")
    assert chain.verify().fault == "entry 5 is not the one whose hash was made known"


@pytest.mark.parametrize("seq", [1, 3])
def test_a_deleted_entry_is_found_at_the_row(seq):
    entries(5)
    with as_superuser() as cursor:
        cursor.execute("DELETE FROM audit_entry WHERE seq = %s", [seq])
    assert chain.verify().fault == f"entry {seq} is missing"


def test_an_inserted_entry_is_found_at_the_row():
    entries(5)
    with as_superuser() as cursor:
        # Make room behind entry 2, then put a copy of it there.
        cursor.execute("UPDATE audit_entry SET seq = seq + 100 WHERE seq > 2")
        cursor.execute("UPDATE audit_entry SET seq = seq - 99 WHERE seq > 100")
        cursor.execute(
            "INSERT INTO audit_entry SELECT 3, at, action, subject, actor, data, hash,"
            " repeat('a', 64) FROM audit_entry WHERE seq = 2"
        )
    assert chain.verify().fault == "entry 3 was changed after it was written"


def test_a_cut_off_end_shows_in_a_head_that_was_given_out():
    entries(5)
    given_out = chain.head()
    with as_superuser() as cursor:
        cursor.execute("DELETE FROM audit_entry WHERE seq = 5")
    verdict = chain.verify()
    assert verdict.fault is None
    assert verdict.head != given_out
    assert not Entry.objects.filter(hash=given_out).exists()


def test_the_command_fails_with_the_first_fault():
    entries(3)
    with as_superuser() as cursor:
        cursor.execute("UPDATE audit_entry SET action = 'x' WHERE seq > 1")
    with pytest.raises(CommandError, match="entry 2 was changed"):
        call_command("verify_audit")


def test_what_is_rolled_back_leaves_no_gap():
    entries(1)
    with transaction.atomic():
        entries(2)
        transaction.set_rollback(True)
    entries(1)
    assert chain.verify().count == 2


@pytest.mark.django_db(transaction=True)
def test_writers_at_the_same_time_make_one_chain():
    barrier = threading.Barrier(4)

    def write():
        barrier.wait()
        try:
            entries(5)
        finally:
            connection.close()

    writers = [threading.Thread(target=write) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    assert (chain.verify().fault, chain.verify().count) == (None, 20)
