"""What people fill in about themselves and their agency.

The forms of `signing_in` and of the second factor, `factors`, are loaded by allauth by name, after
itself.
"""

from accounts.forms.people import (
    AddressField,
    AgencyForm,
    HandOverForm,
    InvitationForm,
    LineField,
    PortalForm,
    PreferencesForm,
    SeatForm,
    SignupForm,
    TokenForm,
    time_zones,
)

__all__ = [
    "AddressField",
    "AgencyForm",
    "HandOverForm",
    "InvitationForm",
    "LineField",
    "PortalForm",
    "PreferencesForm",
    "SeatForm",
    "SignupForm",
    "TokenForm",
    "time_zones",
]
