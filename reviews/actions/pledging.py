from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import User
from audit import chain
from reviews import pledges
from reviews.actions.refusal import Refused
from reviews.models import Pledge


@transaction.atomic
def accept_pledge(user, call, *, version, sha256, at) -> Pledge:
    """Record that a reviewer accepted the call's pledge in the words that were on the page.

    Once is enough: accepting again gives back the same row. Refused when the words are others by
    now than those with this version and hash.
    """
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    text = pledges.text_of(call)
    if text is None or (text.version, text.sha256) != (version, sha256):
        raise Refused(_("The text of the pledge has changed. Read it again before you accept."))
    if given := pledges.accepted(user, call, text):
        return given
    if Pledge.objects.filter(user=user, call=call, version=version).exists():
        # Whoever edits the words must count the version up, or nobody knows what was pledged.
        raise Refused(
            _("The text of the pledge was changed without a new version. Please tell the contact.")
        )
    given = Pledge.objects.create(
        user=user, call=call, version=version, text_sha256=sha256, accepted_at=at
    )
    chain.append(
        "pledge.accepted",
        subject=f"person:{user.pk}",
        actor=str(user.pk),
        at=at,
        data={
            "call": str(call.pk),
            "version": version,
            "sha256": sha256,
            "language": get_language() or "",
        },
    )
    return given
