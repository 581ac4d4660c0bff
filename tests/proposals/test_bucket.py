"""The store of files, as a folder and as a bucket: an S3 over HTTP in the test's own process."""

import hashlib
from datetime import timedelta

import boto3
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from moto.server import ThreadedMotoServer

from proposals import files
from proposals.files.store import store
from proposals.models import Attachment
from tests.proposals import papers

pytestmark = pytest.mark.django_db

OPTIONS = {
    "bucket_name": "letters",
    "access_key": "a",
    "secret_key": "b",
    "region_name": "eu-west-1",
}
LARGE = b"%PDF-" + bytes(9 * 1024 * 1024)  # more than one part of a multipart upload


@pytest.fixture(scope="module")
def s3():
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(s3, settings):
    """An empty bucket, and settings that name it."""
    client = boto3.client(
        "s3",
        endpoint_url=s3,
        aws_access_key_id="a",
        aws_secret_access_key="b",
        region_name="eu-west-1",
    )
    client.create_bucket(
        Bucket="letters", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    settings.S3_BUCKET = "letters"
    settings.STORAGES = {
        **settings.STORAGES,
        "private": {
            "BACKEND": "storages.backends.s3.S3Storage",
            "OPTIONS": {**OPTIONS, "endpoint_url": s3, "file_overwrite": True},
        },
    }
    yield client
    for item in client.list_objects_v2(Bucket="letters").get("Contents", []):
        client.delete_object(Bucket="letters", Key=item["Key"])
    client.delete_bucket(Bucket="letters")
    storages["private"].connection.meta.client.close()
    client.close()


@pytest.fixture(params=["folder", "bucket"])
def either(request):
    if request.param == "bucket":
        request.getfixturevalue("bucket")


def stored_in(bucket):
    return [item["Key"] for item in bucket.list_objects_v2(Bucket="letters").get("Contents", [])]


@pytest.mark.parametrize("data", [b"letter", LARGE], ids=["small", "large"])
def test_bytes_lie_under_their_hash_and_come_back(either, data):
    sha256 = files.store_bytes(data)
    assert sha256 == hashlib.sha256(data).hexdigest() == files.store_bytes(data)
    with files.open_stored(sha256) as handle:
        assert handle.read() == data
        assert handle.seek(2) == 2
        assert handle.read(3) == data[2:5]
    assert files.is_whole(sha256)


def test_what_is_not_there_is_missing(either):
    assert not files.is_whole("0" * 64)
    with pytest.raises(FileNotFoundError):
        files.open_stored("0" * 64)
    assert store().modified("0" * 64) is None
    store().delete("0" * 64)


def test_the_store_lists_dates_and_deletes(either):
    sha256 = files.store_bytes(b"letter")
    [(name, modified)] = store().listing()
    assert name == sha256
    assert abs(store().now() - modified) < timedelta(minutes=1)
    assert abs(store().modified(sha256) - modified) < timedelta(seconds=1)
    store().delete(sha256)
    assert list(store().listing()) == []


def test_the_same_bytes_again_are_new_again(either):
    """The sweep leaves alone what somebody has just sent."""
    sha256 = files.store_bytes(b"letter")
    before = store().modified(sha256)
    files.store_bytes(b"letter")
    assert store().modified(sha256) >= before


def test_a_rejected_file_is_nowhere(bucket, settings):
    with pytest.raises(files.Rejected):
        files.store(ContentFile(b"<html>"))
    assert stored_in(bucket) == []
    assert [path for path in settings.PRIVATE_FILES.rglob("*") if path.is_file()] == []


def test_an_upload_lies_in_the_bucket_alone_and_is_handed_out_by_the_portal(
    bucket, cast, sign_in, settings
):
    client = sign_in(cast.editor)
    upload = SimpleUploadedFile("letter.pdf", papers.GOOD)
    address = reverse("proposals:attachments", args=[cast.letter.pk])
    assert client.post(address, {"kind": "LETTER", "file": upload}).status_code == 302
    attachment = Attachment.objects.get()
    assert stored_in(bucket) == [f"{attachment.sha256[:2]}/{attachment.sha256}"]
    assert [path for path in settings.PRIVATE_FILES.rglob("*") if path.is_file()] == []

    where = reverse("proposals:attachment_file", args=[cast.letter.pk, attachment.pk])
    response = client.get(where)
    assert response.status_code == 200
    assert b"".join(response.streaming_content) == papers.GOOD
    response = client.get(where, headers={"Range": "bytes=0-3"})
    assert b"".join(response.streaming_content) == b"%PDF"


def test_a_bucket_that_is_away_is_said_and_nothing_is_kept(
    bucket, cast, sign_in, settings, nothing_written, caplog
):
    settings.STORAGES = {
        **settings.STORAGES,
        "private": {
            "BACKEND": "storages.backends.s3.S3Storage",
            "OPTIONS": {**OPTIONS, "endpoint_url": "http://127.0.0.1:9"},
        },
    }
    upload = SimpleUploadedFile("letter.pdf", papers.GOOD)
    address = reverse("proposals:attachments", args=[cast.letter.pk])
    with nothing_written():
        response = sign_in(cast.editor).post(address, {"kind": "LETTER", "file": upload})
    assert (response.status_code, response["Retry-After"]) == (503, "10")
    # Away is not the same as not there.
    with pytest.raises(files.Unavailable):
        files.is_whole("0" * 64)
    storages["private"].connection.meta.client.close()


def test_a_bucket_that_refuses_us_is_said(bucket, settings):
    bucket.delete_bucket(Bucket="letters")
    with pytest.raises(files.Unavailable):
        files.store_bytes(b"letter")
    bucket.create_bucket(
        Bucket="letters", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
