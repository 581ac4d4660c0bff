"""Words of Django and allauth that their own Chinese says badly ("错误代码" for a wrong code).

Naming a word here is all it takes: `make messages` finds it, and our catalogue is asked first.
"""

from django.utils.translation import gettext_noop as _
from django.utils.translation import ngettext_lazy

WORDS = (
    # allauth: accounts, addresses, codes and the mails about them
    _("Incorrect code."),
    _("Incorrect password."),
    _("Code"),
    _("Enter Email Verification Code"),
    _("Enter Password Reset Code"),
    _("Email"),
    _("Email address"),
    _("Email Addresses"),
    _("The following email addresses are associated with your account:"),
    _("Primary"),
    _("Make Primary"),
    _("Add Email Address"),
    _("Add Email"),
    _("Do you really want to remove the selected email address?"),
    _("You cannot remove your primary email address (%(email)s)."),
    _("Confirmation email sent to %(email)s."),
    _("You have confirmed %(email)s."),
    _("Removed email address %(email)s."),
    _("Primary email address set."),
    _("Hello from %(site_name)s!"),
    _("Thank you for using %(site_name)s!\n%(site_domain)s"),
    _("Your email verification code is listed below. Please enter it in your open browser window."),
    _("Your password reset code is listed below. Please enter it in your open browser window."),
    _(
        "You're receiving this email because user %(user_display)s has given your email "
        "address to register an account on %(site_domain)s."
    ),
    _("This mail can be safely ignored if you did not initiate this action."),
    _("Password Reset Code"),
    _("Please Confirm Your Email Address"),
    _("You are receiving this mail because the following change was made to your account:"),
    _("Your password has been changed."),
    _("Your password has been reset."),
    _("Password Changed"),
    _("Email Changed"),
    _("Email Removed"),
    _("Email Confirmation"),
    _("Your email has been confirmed."),
    _("Account Already Exists"),
    _("Sign Out"),
    _("Are you sure you want to sign out?"),
    _("You have signed out."),
    _("Successfully signed in as %(name)s."),
    _("The email address and/or password you specified are not correct."),
    _("Be patient, you are sending too many requests."),
    _("Too many failed login attempts. Try again later."),
    _("Account Inactive"),
    _("This account is inactive."),
    _("This account is currently inactive."),
    _("Confirm Access"),
    _("Please reauthenticate to safeguard your account."),
    _("Enter your password:"),
    _("Password Reset"),
    _(
        "Forgotten your password? Enter your email address below, and we'll send you an "
        "email allowing you to reset it."
    ),
    _("Reset My Password"),
    _("Please contact us if you have any trouble resetting your password."),
    _("Password (again)"),
    _("New Password (again)"),
    _("Set Password"),
    _("You must type the same password each time."),
    _("The new value must be different from the current one."),
    _("A user is already registered with this email address."),
    _("This email address is already associated with this account."),
    # Django: passwords and fields
    _("Your password can’t be too similar to your other personal information."),
    _("Your password can’t be a commonly used password."),
    _("Your password can’t be entirely numeric."),
    _("This field is required."),
    _("Enter a valid email address."),
    _("Select a valid choice. That choice is not one of the available choices."),
    _("Select a valid choice. %(value)s is not one of the available choices."),
    _("Enter a whole number."),
    _("Enter a number."),
    _("Enter a valid date."),
    _("Enter a valid date/time."),
    ngettext_lazy(
        "This password is too short. It must contain at least %d character.",
        "This password is too short. It must contain at least %d characters.",
    ),
    ngettext_lazy(
        "Your password must contain at least %(min_length)d character.",
        "Your password must contain at least %(min_length)d characters.",
        "min_length",
    ),
)
