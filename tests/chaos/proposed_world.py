"""Run as a program in a house of chaos: makes a round that is decided and proposed, and prints it.

python -m tests.chaos.proposed_world --letters=4
"""

import argparse
import json
import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chang_e8_portal.settings")
django.setup()

from django.test import Client  # noqa: E402

from accounts.states import Role  # noqa: E402
from tests import make  # noqa: E402
from tests.chaos.decided import decided  # noqa: E402
from tests.decisions import stage  # noqa: E402


def main(*, letters):
    publication = stage.propose(decided(letters))
    client = Client()
    client.force_login(make.user(Role.PUBLISHER))
    make.stepped_up(client)
    return {
        "publication": str(publication.pk),
        "positive": publication.positive_count,
        "session": client.cookies["sessionid"].value,
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--letters", type=int, required=True)
    print(json.dumps(main(**vars(parser.parse_args()))))
