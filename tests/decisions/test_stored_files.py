"""The sweep of what no row names, from the room that sees every room's rows."""

import os
import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction

from decisions import actions, tasks
from proposals import actions as letters
from proposals import files
from proposals.files import orphans
from proposals.files.intake import lock_key
from proposals.models import Attachment, UnfiledText
from tests import make
from tests.decisions import stage

pytestmark = pytest.mark.django_db


def put(data, *, age=timedelta(hours=25)):
    """Stored bytes that have lain there so long."""
    sha256 = files.store_bytes(data)
    path = files.path_of(sha256)
    when = path.stat().st_mtime - age.total_seconds()
    os.utime(path, (when, when))
    return sha256


def attach(letter, sha256, **fields):
    return Attachment.every.create(
        letter=letter,
        name="x.pdf",
        size=1,
        pages=1,
        sha256=sha256,
        uploaded_at=make.OPENS,
        uploaded_by=make.user(),
        **fields,
    )


def test_what_nothing_names_is_swept_after_a_day():
    old = put(b"old")
    young = put(b"young", age=timedelta(hours=23))
    assert actions.sweep_files() == 1
    assert not files.path_of(old).exists()
    assert files.is_whole(young)
    assert actions.sweep_files() == 0


def test_what_a_row_of_any_room_names_stays():
    letter = make.letter(state="SUBMITTED")
    attached, removed, filed, kept_aside = (put(bytes([n])) for n in range(4))
    attach(letter, attached)
    attach(letter, removed, kind="CV", removed_at=make.OPENS)
    make.version(letter, {"attachments": [{"sha256": filed}]})
    UnfiledText.objects.create(
        letter=letter, content={"attachments": [{"sha256": kept_aside}]}, kept_at=make.OPENS
    )
    assert actions.sweep_files() == 0
    for sha256 in (attached, removed, filed, kept_aside):
        assert files.is_whole(sha256)


def test_a_decision_letter_s_file_stays(quick_press):
    publication, _letters = stage.ready()
    sha256 = stage.first_letter(publication).sha256
    os.utime(files.path_of(sha256), (0, 0))
    assert actions.sweep_files() == 0
    assert files.is_whole(sha256)


def test_a_removed_file_goes_with_its_row_and_then_its_bytes(it_is):
    sha256 = put(b"removed")
    attach(make.letter(), sha256, removed_at=make.OPENS)
    it_is(make.OPENS + letters.attaching.KEPT_FOR)
    tasks.sweep_stored_files()
    assert not Attachment.every.exists()
    assert not files.path_of(sha256).exists()


def test_what_is_just_being_stored_again_is_left_alone():
    """The lock that `files.store` holds while it puts bytes down, held by another connection."""
    sha256 = put(b"old")
    holds, done = threading.Event(), threading.Event()

    def store_slowly():
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [lock_key(sha256)])
            holds.set()
            done.wait(10)
        connection.close()

    thread = threading.Thread(target=store_slowly)
    thread.start()
    try:
        assert holds.wait(10)
        assert actions.sweep_files() == 0
    finally:
        done.set()
        thread.join()
    assert files.is_whole(sha256)
    assert actions.sweep_files() == 1


def test_bytes_that_were_stored_again_are_new():
    """Listed as old, then sent once more by somebody before the sweep came to them."""
    sha256 = put(b"old")

    def named(hashes):
        files.store_bytes(b"old")
        return set()

    assert orphans.sweep(named) == 0
    assert files.is_whole(sha256)


def test_bytes_that_a_row_named_meanwhile_stay():
    sha256 = put(b"old")
    asked = []

    def named(hashes):
        asked.append(hashes)
        return hashes if len(asked) > 1 else set()

    assert orphans.sweep(named) == 0
    assert files.is_whole(sha256)
    assert asked == [{sha256}, {sha256}]


def test_what_is_left_of_broken_uploads_is_swept(settings):
    folder = settings.PRIVATE_FILES / "incoming"
    folder.mkdir(parents=True)
    for name, age in (("old", 0), ("young", None)):
        (folder / name).write_text("x")
        if age is not None:
            os.utime(folder / name, (age, age))
    assert actions.sweep_files() == 1
    assert not (folder / "old").exists()
    assert (folder / "young").exists()
