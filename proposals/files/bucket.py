"""Files in a bucket that speaks S3, through django-storages, instead of in a folder."""

from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError
from django.core.files import File
from django.core.files.storage import storages

from proposals.files.incoming import Unavailable


class Bucket:
    """The same methods as `store.Folder`. The bucket is private; no address of it is given out."""

    def __init__(self):
        self._storage = storages["private"]

    def keep(self, path, sha256):
        # Answered only once the store has the bytes; the same name again is the same content.
        with _in_our_words(), path.open("rb") as handle:
            self._storage.save(_name(sha256), File(handle))

    def open(self, sha256):
        with _in_our_words():
            handle = self._storage.open(_name(sha256))
            # Fetched here, at most 10 MB: an error in the middle of an answer cannot be said.
            handle.readable()
            handle.seek(0)
        return handle

    def modified(self, sha256):
        try:
            with _in_our_words():
                return self._storage.get_modified_time(_name(sha256))
        except FileNotFoundError:
            return None

    def delete(self, sha256):
        with _in_our_words():
            self._storage.delete(_name(sha256))

    def listing(self):
        prefix = self._storage.location and f"{self._storage.location.strip('/')}/"
        with _in_our_words():
            for item in self._storage.bucket.objects.filter(Prefix=prefix):
                name = item.key.rpartition("/")[2]
                if len(name) == 64:
                    yield name, item.last_modified

    def now(self):
        """The present by the store's own clock: the moment of something just written there."""
        with _in_our_words():
            mark = self._storage.bucket.Object(f"{self._storage.location}clock".lstrip("/"))
            mark.put(Body=b"")
            return mark.last_modified


def _name(sha256):
    return f"{sha256[:2]}/{sha256}"


@contextmanager
def _in_our_words():
    try:
        yield
    except ClientError as error:
        if error.response["Error"]["Code"] in ("404", "NoSuchKey"):
            raise FileNotFoundError(str(error)) from error
        raise Unavailable(str(error)) from error
    except BotoCoreError as error:
        raise Unavailable(str(error)) from error
