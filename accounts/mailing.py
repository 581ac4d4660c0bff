"""Mail that this room owes somebody.

The outbox is a floor above. allauth's adapter, which is the outbox's own (`ACCOUNT_ADAPTER`), takes
these mails as it takes those of a forgotten password: as rows, within the caller's transaction.
"""

from zoneinfo import ZoneInfo

from allauth.account.adapter import get_adapter
from django.utils import timezone, translation


def owe(template: str, person, **context) -> None:
    """Owe `person` the mail `accounts/mail/<template>`, in their language and time zone."""
    with translation.override(person.language), timezone.override(ZoneInfo(person.time_zone)):
        words = {"person": person, **context}
        get_adapter().send_mail(f"accounts/mail/{template}", person.email, words)
