"""Run as a program: queries and processor time of single requests, measured in the process.

    python -m bench.inside measure REPEATS      the table of figures
    python -m bench.inside drafts COUNT         drafts ready to be filed, and who may file them

No network and no waiting is in these figures: processor time of this process alone, the median of
many repeats. The database's own time is in `wall_ms`.
"""

import cProfile
import json
import os
import pstats
import secrets
import statistics
import sys
import time

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chang_e8_portal.settings")
django.setup()

from django.core.files.base import ContentFile  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from accounts import step_up  # noqa: E402
from accounts.models import Agency, Membership, User  # noqa: E402
from accounts.states import Seat  # noqa: E402
from chang_e8_portal import clock, collector, session_life  # noqa: E402
from chang_e8_portal.load import paper  # noqa: E402
from proposals import actions, content, files  # noqa: E402
from proposals.models import Call, LetterOfIntent  # noqa: E402
from proposals.sections import FIELDS, SECTIONS  # noqa: E402
from proposals.states import AttachmentKind  # noqa: E402

KINDS = (AttachmentKind.LETTER, AttachmentKind.ENDORSEMENT, AttachmentKind.CV)
FAR = "9999-01-01T00:00:00+00:00"


def signed_in(person) -> Client:
    """A browser of this person, who was here a moment ago and has shown a second factor."""
    client = Client(raise_request_exception=True)
    client.force_login(person)
    session = client.session
    session[step_up.SESSION_KEY] = {"submit": FAR}
    session[session_life.STARTED] = session[session_life.SEEN] = clock.machine_now().timestamp()
    session.save()
    return client


def newcomer(like):
    """A representative and the agency, which has no file and no letter yet."""
    code = secrets.token_hex(6)
    agency = Agency.objects.create(name=f"Agency {code}", kind=like.kind, country=like.country)
    person = User.objects.create_user(email=f"{code}@example.org", password=None, name="Bench")
    now = clock.now()
    Membership.objects.create(user=person, agency=agency, seat=Seat.REPRESENTATIVE, since=now)
    return person, agency


def make_drafts(count, *, attach):
    """Copies of a filed letter as drafts, each of an agency of its own: (person, letter)."""
    filed = LetterOfIntent.objects.filed().select_related("call", "agency").first()
    changes = {name: getattr(filed, name) for name in FIELDS}
    stored = files.store_pdf(ContentFile(paper.pdf("bench"), name="bench.pdf"))
    drafts = []
    for _number in range(count):
        person, agency = newcomer(filed.agency)
        letter = actions.start_draft(filed.call, agency, actor=person, changes=changes)
        for kind in KINDS if attach else ():
            actions.attach(letter, kind=kind, stored=stored, name="bench.pdf", actor=person)
        letter.refresh_from_db()
        drafts.append((person, letter))
    return drafts


def measured(do, repeats) -> dict:
    """Queries of one run of `do(number)`, the medians of the times of the others, and the function
    calls that the interpreter makes in the last: these are the same on every machine.
    """
    do(0)  # fills caches of templates, translations and content types
    collector.settle()  # as chang_e8_portal.wsgi does
    with CaptureQueriesContext(connection) as asked:
        do(1)
        queries = len(asked)  # before the next request empties the log
    processor, wall = [], []
    for number in range(2, repeats + 1):
        at, began = time.perf_counter(), time.process_time()
        do(number)
        processor.append(time.process_time() - began)
        wall.append(time.perf_counter() - at)
    profile = cProfile.Profile()
    profile.runcall(do, repeats + 1)
    return {
        "queries": queries,
        "cpu_ms": round(statistics.median(processor) * 1000, 2),
        "best_cpu_ms": round(min(processor) * 1000, 2),
        "wall_ms": round(statistics.median(wall) * 1000, 2),
        "calls": pstats.Stats(profile).total_calls,
    }


def expect(response, status):
    if response.status_code != status:
        raise SystemExit(f"{response.status_code}, not {status}: {response.content[:500]!r}")


def measure(repeats) -> dict:
    drafts = make_drafts(repeats + 2, attach=True)
    person, first = drafts[0]
    client, anybody = signed_in(person), Client()

    def submit(number):
        person, letter = drafts[number]
        cookies = signed_in(person).cookies
        seen = content.digest(content.of(letter, version=1))
        form = {"idempotency_key": secrets.token_urlsafe(24), "seen": seen}

        def post():
            # One client for all: a new one loads the whole of the middleware again.
            client.cookies = cookies
            expect(client.post(f"/letters/{letter.pk}/submit/", form), 302)

        return post

    revision = first.revision
    # The whole section is sent, as the page sends it.
    section = {name: getattr(first, name) for name in SECTIONS["c"].fields}
    section = {name: value for name, value in section.items() if value not in (None, "", [], False)}

    def save(number, *, headers, status):
        nonlocal revision
        form = {**section, "revision": revision, "goals": f"Goal number {number}. " * 20}
        expect(client.post(f"/letters/{first.pk}/edit/c/", form, headers=headers), status)
        revision += 1

    figures = {
        "call page": measured(lambda _n: expect(anybody.get("/"), 200), repeats),
        "call page, signed in": measured(lambda _n: expect(client.get("/"), 200), repeats),
        "list of letters": measured(lambda _n: expect(client.get("/letters/"), 200), repeats),
        "editor, section C": measured(
            lambda _n: expect(client.get(f"/letters/{first.pk}/edit/c/"), 200), repeats
        ),
        "saving as one types": measured(
            lambda n: save(n, headers={"X-Requested-With": "autosave"}, status=200), repeats
        ),
        "page before submitting": measured(
            lambda _n: expect(client.get(f"/letters/{first.pk}/submit/"), 200), repeats
        ),
    }
    first.refresh_from_db()
    posts = [submit(number) for number in range(len(drafts))]
    figures["submit"] = measured(lambda n: posts[n](), repeats)
    return figures


def drafts_for_the_crowd(count) -> dict:
    return {
        "call": str(Call.objects.current().pk),
        "letters": [
            {"letter": str(letter.pk), "session": signed_in(person).cookies["sessionid"].value}
            for person, letter in make_drafts(count, attach=False)
        ],
    }


if __name__ == "__main__":
    what, number = sys.argv[1], int(sys.argv[2])
    print(json.dumps((measure if what == "measure" else drafts_for_the_crowd)(number)))
