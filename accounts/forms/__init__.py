"""What people fill in about themselves and their agency.

The forms of the second factor are in `factors`, which allauth loads by name, after itself.
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
