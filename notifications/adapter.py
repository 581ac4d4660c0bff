from datetime import timedelta
from types import SimpleNamespace
from urllib.parse import urlsplit
from uuid import uuid4

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts import hygiene, known_browser
from audit import chain
from chang_e8_portal import clock
from notifications import outbox
from notifications.models import Message

# Mails that a stranger can have sent to any address, and how many of a kind go to one address.
ASKED_BY_ANYBODY = {
    f"account/email/{name}"
    for name in (
        *("password_reset_code", "password_reset_key", "email_confirmation"),
        *("email_confirmation_signup", "account_already_exists", "unknown_account", "login_code"),
    )
}
MAILS, WHILE = 3, timedelta(hours=1)


class AccountAdapter(DefaultAccountAdapter):
    """Mails of sign-up and password reset go through the outbox like every other.

    So the answer to "is this address known?" does not show in how long a page takes, and a mail
    server that is down never stops a person at the door.
    """

    def clean_email(self, email):
        hygiene.check_address(email)
        return email

    def post_login(self, request, user, **kwargs):
        response = super().post_login(request, user, **kwargs)
        known_browser.remember(response, user)
        return response

    def _get_login_attempts_cache_key(self, request, **credentials):
        key = super()._get_login_attempts_cache_key(request, **credentials)
        return f"{key}:{known_browser.name(request, credentials.get('email', ''))}"

    def format_email_subject(self, subject):
        return _("Chang'e-8 portal: %(subject)s") % {"subject": subject}

    def send_notification_mail(self, template_prefix, user, context=None, email=None):
        """Tell the person what changed about how they sign in, and write it down."""
        chain.append(
            "person.signing_in_changed",
            subject=f"person:{user.pk}",
            actor=str(user.pk),
            at=clock.now(),
            data={"what": template_prefix.rpartition("/")[2]},
        )
        super().send_notification_mail(template_prefix, user, context, email)

    def send_mail(self, template_prefix, email, context):
        at = clock.now()
        kind = template_prefix.replace("/", "-")[:60]
        if template_prefix in ASKED_BY_ANYBODY and _enough(email, kind, at):
            # Said nowhere: whether an address is known must not show in how often it is mailed.
            return
        mail = self.render_mail(template_prefix, email, {"email": email, **_at_home(context)})
        outbox.enqueue_text(
            key=f"account-{uuid4()}",
            address=email,
            language=get_language() or "en",
            template=kind,
            subject=mail.subject,
            body=mail.body,
            at=at,
        )


def _enough(address, kind, at) -> bool:
    mails = Message.objects.filter(address=address, template=kind, queued_at__gt=at - WHILE)
    return mails.count() >= MAILS


def _at_home(context) -> dict:
    """The same words for a mail, with the portal's name and address instead of the request's.

    What a request calls the host is the sender's choice; a mail must never repeat it.
    """
    portal = SimpleNamespace(name=_("Chang'e-8 portal"), domain=settings.BASE_URL)
    links = {
        name: settings.BASE_URL + urlsplit(value)._replace(scheme="", netloc="").geturl()
        for name, value in context.items()
        if name.endswith("_url")
    }
    return {**context, **links, "current_site": portal}
