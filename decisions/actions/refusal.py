from accounts import refusal


class Refused(refusal.Refused):
    """A decision or a publication that is not possible now."""
