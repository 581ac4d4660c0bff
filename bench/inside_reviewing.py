"""Run as a program: what the panel's pages cost, measured in the process as `bench.inside` does.

python -m bench.inside_reviewing measure REPEATS    the figures of each page, and of the table
python -m bench.inside_reviewing readers COUNT      people signed in, each with a review page
"""

import json
import os
import sys
import time

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chang_e8_portal.settings")
django.setup()

from accounts.models import User  # noqa: E402
from accounts.states import Role  # noqa: E402
from bench.inside import expect, measured, signed_in  # noqa: E402
from chang_e8_portal import clock  # noqa: E402
from proposals.models import Call  # noqa: E402
from reviews import actions  # noqa: E402
from reviews.forms import review_values  # noqa: E402
from reviews.models import Assignment, ConflictCheck, Criterion  # noqa: E402

ROUND = "preliminary"


def measure(repeats) -> dict:
    filed, assignment = _of_a_reviewer(2)
    actions.reopen_review(assignment.review, actor=assignment.reviewer)
    assignment.review.refresh_from_db()
    criteria = list(Criterion.objects.filter(call=assignment.letter.call_id))
    values = review_values(assignment.review, criteria)
    client, revision = signed_in(assignment.reviewer), values["revision"]

    def save(number):
        nonlocal revision
        form = {**values, "revision": revision, "strengths": f"Strength number {number}. " * 20}
        headers = {"X-Requested-With": "autosave"}
        expect(client.post(f"/reviews/{assignment.pk}/", form, headers=headers), 200)
        revision += 1

    def page(visitor, address):
        return lambda _number: expect(visitor.get(address), 200)

    actions.score_owed(at=clock.now())
    chair = signed_in(_chair())
    ranking = f"/panel/{ROUND}/ranking/?sort=-total&page=2"
    figures = {
        "queue": measured(page(client, "/reviews/"), repeats),
        "review page": measured(page(client, f"/reviews/{assignment.pk}/"), repeats),
        "saving a review": measured(save, repeats),
        "all reviews": measured(page(client, f"/reviews/{filed.pk}/others/"), repeats),
        "discussion": measured(page(client, f"/reviews/{filed.pk}/discussion/"), repeats),
        "my marks": measured(page(client, "/reviews/marks/"), repeats),
        "ranking": measured(page(chair, ranking), repeats),
    }
    return figures | {"csv": _table(chair)}


def _table(chair) -> dict:
    """The table of all reviews, read to its end; measured the second time."""
    for _time in range(2):
        before, at, began = _resident(), time.perf_counter(), time.process_time()
        answer = chair.get(f"/panel/{ROUND}/reviews.csv")
        expect_stream(answer)
        lines, first = 0, None
        for part in answer.streaming_content:
            first = first or time.perf_counter() - at
            lines += part.count(b"\r\n")
        spent = time.process_time() - began
    return {
        "lines": lines - 1,
        "first_ms": round(first * 1000, 1),
        "cpu_ms": round(spent * 1000),
        "grown_mb": round((_resident() - before) / 1e6, 1),
    }


def expect_stream(answer):
    if answer.status_code != 200 or not answer.streaming:
        raise SystemExit(f"{answer.status_code}, and not a stream of 200")


def readers(count) -> list[dict]:
    """A review page of `count` reviewers in turn, with the session that may read it."""
    people = list(User.objects.with_role(Role.REVIEWER).active().order_by("pk"))
    found = []
    for number in range(count):
        person = people[number % len(people)]
        given = Assignment.objects.active().filter(reviewer=person)[number // len(people)]
        session = signed_in(person).cookies["sessionid"].value
        found.append({"assignment": str(given.pk), "session": session})
    return found


def _of_a_reviewer(count):
    """Assignments of one reviewer, still open although the seed wrote them long ago."""
    first = Assignment.objects.active().order_by("reviewer", "letter__reference").first()
    far = clock.now().replace(year=2040)
    own = Assignment.objects.filter(reviewer=first.reviewer)
    own.update(due_at=far)
    return own.select_related("letter", "reviewer", "review").order_by("letter__reference")[:count]


def _chair():
    chair = User.objects.with_role(Role.CHAIR).active().first()
    if ConflictCheck.objects.filter(reviewer=chair, conflicted=True).exists():
        raise SystemExit("the chair of the seed is in conflict")
    return chair


def _resident() -> int:
    """Resident memory of this process, in bytes."""
    with open("/proc/self/statm") as numbers:
        return int(numbers.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    what, number = sys.argv[1], int(sys.argv[2])
    assert Call.objects.current() is not None
    print(json.dumps((measure if what == "measure" else readers)(number)))
