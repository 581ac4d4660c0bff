from django.utils.translation import gettext as _

from accounts import refusal


class Refused(refusal.Refused):
    """A change to reviews or assignments that is not possible now."""


class Stale(Refused):
    """What one wrote was saved elsewhere meanwhile. `current` is the row as it now stands."""

    code = "stale"

    def __init__(self, current):
        super().__init__(
            _(
                "This was saved elsewhere after you opened it. "
                "Your text is kept here; compare it before you save again."
            )
        )
        self.current = current


class Unfinished(Refused):
    """The review lacks answers. `fields` maps names of fields to sentences, as `missing` does."""

    code = "unfinished"

    def __init__(self, fields):
        super().__init__(_("Some answers are still missing."))
        self.fields = fields
