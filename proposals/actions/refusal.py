"""What the actions of this room raise when a legal request cannot be granted now."""

from django.utils.translation import gettext as _

from accounts import refusal


class Refused(refusal.Refused):
    """A change to a letter that is not possible now."""

    # The record of it, where it was an attempt to submit.
    attempt = None


class Stale(Refused):
    """Somebody else saved meanwhile. `current` is the letter as it now stands."""

    code = "stale"

    def __init__(self, current):
        super().__init__(
            _(
                "Somebody saved this section after you opened it. "
                "Your text is kept here; compare it with theirs before you save again."
            )
        )
        self.current = current


class Incomplete(Refused):
    """The letter lacks what a submission needs. `fields` maps section keys to field names."""

    code = "incomplete"

    def __init__(self, fields):
        super().__init__(_("Some required answers are still missing."))
        self.fields = fields


class Changed(Refused):
    """The working copy is no longer what the person looked at before submitting."""

    code = "changed"

    def __init__(self):
        super().__init__(
            _(
                "Somebody changed this letter after you opened this page. Nothing was submitted. "
                "Please look at it again: below is what would be filed now."
            )
        )
