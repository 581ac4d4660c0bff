"""Which stored files the rows of this room name."""

from proposals.models import Attachment, FullerVersion, LetterVersion, UnfiledText


def among(hashes: set[str]) -> set[str]:
    """Those of `hashes` that an attachment, a filed version or a text kept aside names."""
    found = set(
        Attachment.every.filter(sha256__in=hashes).values_list("sha256", flat=True).distinct()
    )
    for model in (LetterVersion, FullerVersion, UnfiledText):
        # A list of a few names a row; read once an hour.
        for listed in model.objects.values_list("content__attachments", flat=True).iterator():
            found |= {item["sha256"] for item in listed or ()} & hashes
    return found
