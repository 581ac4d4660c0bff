from django.db import transaction

from accounts.models import User
from audit import chain
from proposals.models import LetterOfIntent
from reviews.actions.competing import hold
from reviews.actions.finding import find, log_found
from reviews.models import ConflictCheck, ReviewerProfile


@transaction.atomic
def save_profile(user, *, changes, at) -> ReviewerProfile:
    """Write what a reviewer says about herself or himself; the first save makes the row.

    What it shows of the letters she or he was asked about is looked at at once: a new employer may
    be a partner. What was found once stays, whatever is written here later.
    """
    letters = LetterOfIntent.objects.filter(
        pk__in=ConflictCheck.objects.filter(reviewer=user).values("letter")
    )
    hold(*letters.values_list("call", flat=True).distinct())
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    profile = ReviewerProfile.objects.filter(user=user).first() or ReviewerProfile(user=user)
    changed = [name for name, value in changes.items() if getattr(profile, name) != value]
    for name, value in changes.items():
        setattr(profile, name, value)
    if profile.pk is None:
        profile.save(force_insert=True)
    else:
        profile.save(update_fields=list(changes))
    by_call: dict = {}
    for letter in letters.select_related("agency", "call").order_by("call", "pk"):
        by_call.setdefault(letter.call_id, []).append(letter)
    found = []
    for asked in by_call.values():
        found += find([user], asked, at=at)[1]
    chain.append(
        "profile.saved",
        subject=f"person:{user.pk}",
        actor=str(user.pk),
        at=at,
        data={"fields": sorted(changed)},
    )
    log_found(found, at=at)
    return profile
