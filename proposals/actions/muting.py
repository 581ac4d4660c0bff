"""A person wants no more reminders about one letter, or wants them again."""

from django.db import transaction

from proposals.models import ReminderMute


@transaction.atomic
def mute_reminders(letter, person, *, at) -> None:
    """No more reminders about this letter for this person, save the last one. Twice is once."""
    ReminderMute.objects.get_or_create(letter=letter, user=person, defaults={"since": at})


@transaction.atomic
def unmute_reminders(letter, person) -> None:
    """Remind this person of this letter again."""
    ReminderMute.objects.filter(letter=letter, user=person).delete()
