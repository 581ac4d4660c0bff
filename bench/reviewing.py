"""Measure a reviewer's pages, and print figures beside their targets.

    python -m bench.reviewing [REPEATS]

Makes a database of its own with 41 letters and 24 reviewers, three reviews each, and asks inside
one process, as `bench.inside` does.
"""

import os
import sys

from bench.figure import Figure
from bench.ground import Ground

LETTERS, REVIEWERS, EACH = 41, 24, 3
# figure: (queries, ms of processor time); None where nothing is promised
TARGETS = {
    "queue": (None, 15),
    "review page": (13, 12),
    "saving a review": (None, 12),
    "all reviews": (None, None),
    "discussion": (None, None),
    "my marks": (None, None),
}


def main() -> int:
    repeats = sys.argv[1] if len(sys.argv) > 1 else "40"
    ground = Ground()
    try:
        ground.prepare()
        ground.database("reviewing")
        words = [f"--letters={LETTERS}", f"--reviewers={REVIEWERS}", "--seed=1", "--in-production"]
        words.append(f"--reviews-per-letter={EACH}")
        ground.run("manage.py", "seed_load", *words, database="reviewing")
        # In a process that knows this database from the start.
        told = ground.run("-m", "bench.reviewing", "--inside", repeats, database="reviewing")
    finally:
        ground.close()
    print(told, end="")
    return 1 if "MISSED" in told else 0


def inside(repeats: int) -> None:
    """Print the figures of the database that the environment names."""
    # They set Django up, which the program that starts the servers must not.
    from bench.inside import expect, measured, signed_in  # noqa: PLC0415
    from chang_e8_portal import clock  # noqa: PLC0415
    from reviews import actions  # noqa: PLC0415
    from reviews.forms import review_values  # noqa: PLC0415
    from reviews.models import Assignment, Criterion  # noqa: PLC0415

    assignment = Assignment.objects.select_related("letter", "reviewer", "review").first()
    # Written long ago by the seed; it must be open to be measured.
    far = clock.now().replace(year=2040)
    Assignment.objects.filter(reviewer=assignment.reviewer).update(due_at=far)
    filed, assignment = Assignment.objects.filter(reviewer=assignment.reviewer).select_related(
        "letter", "reviewer", "review"
    )[:2]
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

    def page(address):
        return lambda _number: expect(client.get(address), 200)

    found = {
        "queue": measured(page("/reviews/"), repeats),
        "review page": measured(page(f"/reviews/{assignment.pk}/"), repeats),
        "saving a review": measured(save, repeats),
        "all reviews": measured(page(f"/reviews/{filed.pk}/others/"), repeats),
        "discussion": measured(page(f"/reviews/{filed.pk}/discussion/"), repeats),
        "my marks": measured(page("/reviews/marks/"), repeats),
    }
    for name, figure in found.items():
        line = figure_of(name, **figure)
        mark = "ok    " if line.kept else "MISSED"
        print(f"{mark}  {line.name}: {line.value} ({line.target})")


def figure_of(name, *, queries, cpu_ms, best_cpu_ms, wall_ms) -> Figure:
    most_queries, most_ms = TARGETS[name]
    promised = [f"{most_queries} queries"] if most_queries else []
    promised += [f"{most_ms} ms"] if most_ms else []
    return Figure(
        name=name,
        value=f"{queries} queries, {cpu_ms} ms of processor time (best {best_cpu_ms})",
        target=" and ".join(promised) or "nothing promised",
        kept=not (most_queries and queries > most_queries) and not (most_ms and cpu_ms > most_ms),
    )


if __name__ == "__main__":
    if "--inside" in sys.argv:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chang_e8_portal.settings")
        inside(int(sys.argv[-1]))
    else:
        sys.exit(main())
