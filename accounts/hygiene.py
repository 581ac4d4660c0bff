"""What a line of text and an e-mail address must be before they are stored.

Django's own fields let through a title that breaks a mail header, a name that cannot be seen, and
addresses nobody can write to.
"""

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

# Control, surrogate, private-use and unassigned characters; separators of lines and paragraphs.
_UNWRITABLE = {"Cc", "Cs", "Co", "Cn", "Zl", "Zp"}
# These turn the reading direction of everything behind them: a name could pose as another.
_TURNING = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# One letter, digit or mark that can be seen makes a text; format characters and spaces do not.
_INVISIBLE = {"Cf", "Zs", "Mn", "Me"}
# Letters and symbols by their category, and yet nothing is drawn: Hangul fillers, blank Braille.
_BLANK = set("\u115f\u1160\u3164\uffa0\u2800")

# RFC 5321 without quoted names, literal addresses, host names without a dot, and without letters
# beyond ASCII, which many mail servers still refuse. A foreign domain is given in its xn-- form.
_ADDRESS = re.compile(
    r"[a-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}"
    r"@([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+([a-z]{2,63}|xn--[a-z0-9-]{1,59})",
    re.IGNORECASE | re.ASCII,
)


def line(text: str) -> str:
    """One line in Unicode's composed form (NFC), trimmed; raise ValidationError if it is not one.

    An empty text stays empty: whether it may be is the field's to say.
    """
    text = unicodedata.normalize("NFC", text).strip()
    for char in text:
        if unicodedata.category(char) in _UNWRITABLE or char in _TURNING:
            raise ValidationError(
                _("Please take out the character U+%(number)s: it cannot be printed in one line."),
                code="unprintable",
                params={"number": f"{ord(char):04X}"},
            )
    if text and all(unicodedata.category(char) in _INVISIBLE or char in _BLANK for char in text):
        raise ValidationError(_("Please write something that can be seen."), code="invisible")
    return text


def check_address(address: str) -> None:
    """Refuse what no mail server outside this machine would deliver."""
    if not _ADDRESS.fullmatch(address):
        raise ValidationError(
            _("Please give a full e-mail address in plain letters, like name@example.org."),
            code="invalid",
        )
