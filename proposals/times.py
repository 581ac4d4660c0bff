"""Instants in words: always with the zone they are told in."""

from django.utils import formats, timezone


def in_words(moment) -> str:
    """ "12 December 2023, 10:00 (UTC+01:00)", in the reader's language and zone."""
    local = timezone.localtime(moment)
    offset = local.strftime("%z")
    zone = f"UTC{offset[:3]}:{offset[3:5]}" if local.utcoffset() else "UTC"
    return f"{formats.date_format(local, 'DATETIME_FORMAT')} ({zone})"
