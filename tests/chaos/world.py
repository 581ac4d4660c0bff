"""Run as a program in a house of chaos: makes an open call with complete drafts, and prints them.

python -m tests.chaos.world --letters=50 --closes_in=86400
"""

import argparse
import json
import os
from datetime import timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chang_e8_portal.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.core.files.base import ContentFile  # noqa: E402
from django.test import Client  # noqa: E402

from accounts.models import Membership  # noqa: E402
from accounts.states import Seat  # noqa: E402
from chang_e8_portal import clock  # noqa: E402
from chang_e8_portal.load import paper  # noqa: E402
from proposals import actions, content, files  # noqa: E402
from proposals.states import AttachmentKind  # noqa: E402
from tests import make  # noqa: E402


def main(*, letters, closes_in, editors, code):
    now = clock.database_now()
    call = make.call(
        code=code,
        opens_at=now - timedelta(days=100),
        closes_at=now + timedelta(seconds=closes_in),
    )
    person = make.user(email=f"representative@{code.lower()}.example.org")
    writers = [
        make.user(email=f"editor{number}@{code.lower()}.example.org") for number in range(editors)
    ]
    # The same people sit in several agencies, none of which has more files than it may.
    agencies = [make.agency() for _number in range(-(-letters // settings.AGENCY_MOST_FILES))]
    for agency in agencies:
        seat(person, agency, Seat.REPRESENTATIVE)
        for writer in writers:
            seat(writer, agency, Seat.EDITOR)
    data = ContentFile(paper.pdf(f"Letter of {code}"), name="letter.pdf")
    stored = files.store_pdf(data)
    made = [
        draft(call, agencies[number // settings.AGENCY_MOST_FILES], person, stored)
        for number in range(letters)
    ]
    client = Client()
    client.force_login(person)
    make.stepped_up(client)
    return {
        "call": str(call.pk),
        "session": client.cookies["sessionid"].value,
        "people": editors + 1,
        "letters": [
            {"id": str(letter.pk), "seen": content.digest(content.of(letter, version=1))}
            for letter in made
        ],
    }


def seat(person, agency, kind):
    Membership.objects.create(user=person, agency=agency, seat=kind, since=clock.database_now())


def draft(call, agency, person, stored):
    letter = actions.start_draft(call, agency, actor=person, changes=dict(make.COMPLETE))
    actions.attach(
        letter, kind=AttachmentKind.LETTER, stored=stored, name="letter.pdf", actor=person
    )
    # As it is stored, which is what is hashed: a whole number may be a decimal there.
    letter.refresh_from_db()
    return letter


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--letters", type=int, default=1)
    parser.add_argument("--closes_in", type=float, default=10 * 86400)
    parser.add_argument("--editors", type=int, default=1)
    parser.add_argument("--code", required=True)
    print(json.dumps(main(**vars(parser.parse_args()))))
