"""The names under which reviewers of one letter meet each other.

A keyed hash of round, letter and person: the same on every page about that letter, another one on
the next letter, and nothing anybody without the portal's secret key can work out or compare. A new
secret key gives everybody new names.
"""

from django.utils.crypto import salted_hmac

_LETTERS = "23456789BCDFGHJKLMNPQRSTVWXZ"  # no vowels, so no words; nothing that looks like another
# Seventeen million names: among ten people two share one once in four hundred thousand letters.
_LENGTH = 5


def pseudonym(round_id, letter_id, person_id) -> str:
    """Five letters and digits."""
    mac = salted_hmac(
        "reviews.pseudonyms", f"{round_id}:{letter_id}:{person_id}", algorithm="sha256"
    )
    number = int.from_bytes(mac.digest(), "big")
    name = ""
    for _place in range(_LENGTH):
        number, place = divmod(number, len(_LETTERS))
        name += _LETTERS[place]
    return name
