"""System checks: what would fail later and worse is said at the start."""

import ctypes
import sys
from datetime import timedelta
from importlib.util import find_spec
from urllib.parse import urlsplit

import psycopg2
from django.conf import settings
from django.core.checks import Error, Warning
from django.db.backends.postgresql.psycopg_any import is_psycopg3

from chang_e8_portal import clock
from decisions.pdf_signature import keys as letter_keys
from proposals import scanner, signing

# WeasyPrint opens these by name at the first letter. No wheel carries them.
# library name on Linux, on macOS, Debian's package
LIBRARIES = [
    ("libpango-1.0.so.0", "libpango-1.0.dylib", "libpango-1.0-0"),
    ("libpangoft2-1.0.so.0", "libpangoft2-1.0.dylib", "libpangoft2-1.0-0"),
    # Without this one letters are made all the same, 36 times slower.
    ("libharfbuzz-subset.so.0", "libharfbuzz-subset.dylib", "libharfbuzz-subset0"),
]


def no_time_travel_in_production(**_) -> list[Error]:
    """Refuse the demo's clock and mailbox when DEBUG=0: a moved clock would move the cutoff."""
    if not settings.PRODUCTION:
        return []
    return [
        Error(
            f"{name} is set, and DEBUG=0 says that this is production.",
            hint=f"Unset {name}. It is for the demo and the tests.",
            id=f"portal.E00{number}",
        )
        for number, name in enumerate(["PORTAL_CLOCK", "PORTAL_DEMO"], start=1)
        if getattr(settings, name)
    ]


def receipts_can_be_signed(**_) -> list[Error]:
    """Refuse to run where no receipt could be signed. A trial makes a key of its own."""
    try:
        signing.ensure_usable()
    except (signing.KeyUnusable, OSError) as fault:
        return [
            Error(
                f"The key that signs receipts cannot be used: {fault}",
                hint="Set SIGNING_KEY_FILE, or make a key once: manage.py make_signing_key",
                id="portal.E004",
            )
        ]
    return []


def letters_can_be_signed(**_) -> list[Error | Warning]:
    """Refuse to run where no decision letter could be signed. A trial makes a key of its own.

    A certificate that ran out is no reason to close the portal; only letters wait for a new one.
    """
    try:
        letter_keys.ensure_usable()
        ends = letter_keys.signatory().certificate.not_valid_after_utc
    except (letter_keys.KeyUnusable, OSError) as fault:
        return [
            Error(
                f"The key that signs decision letters cannot be used: {fault}",
                hint="Set PDF_SIGNING_KEY_FILE, or make a key once: manage.py make_letter_key",
                id="portal.E006",
            )
        ]
    if ends > clock.now() + timedelta(days=30):
        return []
    return [
        Warning(
            f"The certificate that signs decision letters holds to {ends:%Y-%m-%d} only.",
            hint="docs/letters.md says how the key is changed.",
            id="portal.W003",
        )
    ]


def the_time_stamp_service_has_an_address(**_) -> list[Error]:
    """Refuse an address nobody can ask: letters would wait for their stamp for ever."""
    address = urlsplit(settings.PDF_TIMESTAMP_URL)
    if not settings.PDF_TIMESTAMP_URL or (address.scheme in ("http", "https") and address.hostname):
        return []
    return [
        Error(
            "PDF_TIMESTAMP_URL is not an address.",
            hint="Write http://... or https://..., as the time-stamp service names it.",
            id="portal.E007",
        )
    ]


def letters_can_be_typeset(**_) -> list[Warning]:
    """Name the system packages that WeasyPrint lacks, before the first letter fails."""
    packages = [
        package
        for linux, macos, package in LIBRARIES
        if not _loads(macos if sys.platform == "darwin" else linux)
    ]
    if not packages:
        return []
    return [
        Warning(
            "Decision letters cannot be made, or only very slowly: system libraries are missing.",
            hint=f"On Debian and Ubuntu: apt-get install {' '.join(packages)}",
            id="portal.W001",
        )
    ]


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def psycopg2_is_the_driver(**_) -> list[Error]:
    """Refuse psycopg 3, which Django silently prefers wherever it happens to be installed.

    psycopg2 was asked for, and the tests and the measured times hold for it.
    """
    if not is_psycopg3:
        return []
    return [
        Error(
            f"psycopg 3 is installed, and Django uses it instead of psycopg2 "
            f"{psycopg2.__version__}.",
            hint="Uninstall it: pip uninstall psycopg psycopg-binary",
            id="portal.E003",
        )
    ]


def settings_that_do_nothing_yet(**_) -> list[Warning]:
    """Say so when somebody relies on a variable that is reserved and not connected."""
    if not settings.SENTRY_DSN:
        return []
    return [
        Warning(
            "SENTRY_DSN is set, and this version does nothing with it yet.",
            hint="Errors are in the log.",
            id="portal.W002",
        )
    ]


def the_scanner_has_an_address(**_) -> list[Error]:
    """Refuse an address nobody can connect to: files would wait for the scanner for ever."""
    try:
        if settings.CLAMAV_ADDRESS:
            scanner.address(settings.CLAMAV_ADDRESS)
    except ValueError as error:
        return [
            Error("CLAMAV_ADDRESS is not an address.", hint=f"Write {error}.", id="portal.E005")
        ]
    return []


def the_bucket_can_be_spoken_to(**_) -> list[Error]:
    """Name the optional dependency before the first upload fails."""
    if not settings.S3_BUCKET or (find_spec("storages") and find_spec("boto3")):
        return []
    return [
        Error(
            "S3_BUCKET is set, and the library that speaks to it is not installed.",
            hint="pip install 'django-storages[s3]', as requirements-prod.lock does.",
            id="portal.E008",
        )
    ]
