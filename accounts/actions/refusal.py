"""What the actions of this room raise when a legal request cannot be granted now."""

from accounts import refusal


class Refused(refusal.Refused):
    """A change to people or agencies that is not possible now."""
