"""Makes the wiring known to Django: its system checks and its commands."""

from django.apps import AppConfig
from django.core.checks import Tags, register

from chang_e8_portal import checks


class PortalConfig(AppConfig):
    """No models here."""

    name = "chang_e8_portal"
    verbose_name = "Chang'e-8 portal"

    def ready(self) -> None:
        """Register the checks that only the whole portal can make."""
        register(checks.no_time_travel_in_production, Tags.security)
        register(checks.receipts_can_be_signed, Tags.security)
        register(checks.letters_can_be_signed, Tags.security)
        register(checks.the_time_stamp_service_has_an_address, Tags.security)
        register(checks.letters_can_be_typeset, Tags.compatibility)
        register(checks.psycopg2_is_the_driver, Tags.database)
        register(checks.settings_that_do_nothing_yet, Tags.compatibility)
        register(checks.the_scanner_has_an_address, Tags.files)
        register(checks.the_bucket_can_be_spoken_to, Tags.files)
