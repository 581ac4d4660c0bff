import hashlib
import os
import resource
from contextlib import contextmanager

import pytest
from django.core.files.base import ContentFile

from proposals import files
from proposals.files import incoming
from tests.proposals import papers

# A file is put down under an advisory lock of the database.
pytestmark = pytest.mark.django_db


def stored_files(settings):
    return sorted(path.name for path in settings.PRIVATE_FILES.rglob("*") if path.is_file())


def test_a_file_is_kept_under_the_hash_of_its_bytes(settings):
    kept = files.store_pdf(ContentFile(papers.GOOD))
    sha256 = hashlib.sha256(papers.GOOD).hexdigest()
    assert kept == files.Stored(sha256=sha256, size=len(papers.GOOD), pages=1)
    assert stored_files(settings) == [sha256]
    assert files.is_whole(sha256)
    assert files.path_of(sha256).read_bytes() == papers.GOOD


def test_the_same_bytes_again_are_the_same_file(settings):
    assert files.store_pdf(ContentFile(papers.GOOD)) == files.store_pdf(ContentFile(papers.GOOD))
    assert len(stored_files(settings)) == 1


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty_file"),
        (b"%PDF-" + bytes(files.MOST_BYTES - 4), "too_large"),
        (b"<html>", "not_a_pdf"),
    ],
)
def test_a_rejected_file_leaves_nothing_behind(settings, data, code):
    with pytest.raises(files.Rejected) as rejected:
        files.store_pdf(ContentFile(data))
    assert rejected.value.code == code
    assert stored_files(settings) == []


def test_exactly_the_limit_is_not_too_large(monkeypatch):
    monkeypatch.setattr(incoming, "MOST_BYTES", len(papers.GOOD))
    assert files.store_pdf(ContentFile(papers.GOOD)).size == len(papers.GOOD)


def test_a_full_disk_leaves_nothing_behind(settings, monkeypatch):
    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(files.Unavailable, match="No space"):
        files.store_bytes(b"letter")
    assert stored_files(settings) == []


@contextmanager
def files_of_at_most(count):
    """As on a full disk: the operating system writes so many bytes of a file and no more."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (count, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_disk_that_fills_up_meanwhile_leaves_no_stub(settings, caplog):
    with files_of_at_most(1024 * 1024), pytest.raises(files.Unavailable):
        files.store(ContentFile(papers.GOOD + bytes(2 * 1024 * 1024)))
    assert stored_files(settings) == []
    assert "could not be written" in caplog.text


def test_where_no_file_can_be_begun_nothing_is_lost(settings):
    settings.PRIVATE_FILES.mkdir()
    (settings.PRIVATE_FILES / "incoming").write_text("a file where the folder should be")
    with pytest.raises(files.Unavailable):
        files.store(ContentFile(papers.GOOD))


def test_more_than_any_file_may_have_is_our_own_mistake(settings):
    with pytest.raises(ValueError, match="more bytes"):
        files.store_bytes(bytes(files.MOST_BYTES + 1))
    assert stored_files(settings) == []


def test_a_damaged_or_missing_file_is_not_whole():
    sha256 = files.store_bytes(b"letter")
    files.path_of(sha256).write_bytes(b"lettre")
    assert not files.is_whole(sha256)
    assert not files.is_whole("0" * 64)
