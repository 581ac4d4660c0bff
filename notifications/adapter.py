from allauth.account.adapter import DefaultAccountAdapter

from chang_e8_portal import clock
from notifications import outbox


class AccountAdapter(DefaultAccountAdapter):
    """Mails of sign-up and password reset go through the outbox like every other.

    So the answer to "is this address known?" does not show in how long a page takes, and a mail
    server that is down never stops a person at the door.
    """

    def send_mail(self, template_prefix, email, context):
        mail = self.render_mail(template_prefix, email, context)
        at = clock.now()
        outbox.enqueue_text(
            key=f"account-{email}-{at.timestamp():.6f}",
            address=email,
            language=self.request.LANGUAGE_CODE if self.request else "en",
            template=template_prefix.replace("/", "-")[:60],
            subject=mail.subject,
            body=mail.body,
            at=at,
        )
