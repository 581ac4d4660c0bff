"""A pasted list of people: one a line, a name and an e-mail address in any usual order. Pure."""

import re
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts import hygiene

MOST = 200
_ADDRESS = re.compile(r"[^\s<>\"',;|()\[\]]+@[^\s<>\"',;|()\[\]]+")
_BETWEEN = " \t<>\"',;|()[]"


@dataclass(frozen=True)
class Guest:
    name: str
    email: str


def read(text: str) -> list[Guest]:
    """The people of a list; empty lines are passed over.

    "Ana Nakara <ana@oba.example>", "ana@oba.example, Ana Nakara" and a row copied from a
    spreadsheet read alike. Raises ValidationError with one sentence for each line that names no
    one address, repeats one, or lacks a name, and for a list of more than 200.
    """
    guests, faults, seen = [], [], {}
    for number, row in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), 1):
        if not row.strip(_BETWEEN):
            continue
        try:
            guest = _guest(row)
        except ValidationError as fault:
            faults += [_at(number, message) for message in fault.messages]
            continue
        if guest.email in seen:
            again = _("the same address as in line %(line)d.") % {"line": seen[guest.email]}
            faults.append(_at(number, again))
        seen.setdefault(guest.email, number)
        guests.append(guest)
    if len(guests) > MOST:
        faults = [_("At most %(most)d people at a time. Split the list.") % {"most": MOST}]
    if faults:
        raise ValidationError(faults)
    return guests


def _guest(row) -> Guest:
    addresses = list(dict.fromkeys(a.lower() for a in _ADDRESS.findall(row)))
    if len(addresses) != 1:
        raise ValidationError(_("write one name and one e-mail address."))
    [email] = addresses
    hygiene.check_address(email)
    name = hygiene.line(re.sub(r"\s+", " ", _ADDRESS.sub(" ", row)).strip(_BETWEEN))
    if not name:
        raise ValidationError(_("the name is missing."))
    if len(name) > 150 or len(email) > 254:
        raise ValidationError(_("the name or the address is too long."))
    return Guest(name=name, email=email)


def _at(number, sentence) -> str:
    return _("Line %(number)d: %(sentence)s") % {"number": number, "sentence": sentence}
