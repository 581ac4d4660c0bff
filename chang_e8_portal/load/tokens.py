"""A key for everybody's programs. Known to whoever knows the seed: for tests of load only."""

import string
from datetime import timedelta

from accounts import tokens
from accounts.models import ApiToken
from accounts.states import TokenScope
from chang_e8_portal.load.dice import Dice
from notifications import outbox

_LETTERS = string.ascii_letters + string.digits


def give(people, *, at) -> dict[str, str]:
    """Store one key that may write for each person; return them by e-mail address."""
    secrets = {user.pk: _secret(user) for user in people}
    made = [
        ApiToken(
            id=Dice("token row", user.pk).uuid(),
            user=user,
            name="load test",
            scope=TokenScope.WRITE,
            prefix=secrets[user.pk][: tokens.SHOWN],
            sha256=tokens.digest(secrets[user.pk]),
            created_at=at,
            expires_at=at + timedelta(days=90),
        )
        for user in people
    ]
    ApiToken.objects.bulk_create(made)
    # The notice that every new token owes.
    owed = {f"token-made-{token.pk}": (token.user, {"token": token}) for token in made}
    outbox.enqueue_all(owed, template="token_made", at=at)
    return {user.email: secrets[user.pk] for user in people}


def _secret(user) -> str:
    """As long as a real one, and as guessable as the seed."""
    length = len(tokens.new_secret()) - len(tokens.PREFIX)
    return tokens.PREFIX + "".join(Dice("token", user.pk).random.choices(_LETTERS, k=length))
