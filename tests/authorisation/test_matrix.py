"""The authorisation matrix: who may do what, in every state, by page and by program.

`matrix.csv` is the promise: a row is an action on something in a state, a column one of fourteen
kinds of visitor. 2 allowed, L log in first, 3 forbidden, 4 not there, 9 not now, B not writable;
+ and - mean that something is or is not in what the visitor can reach.
"""

import csv
from pathlib import Path

import pytest
from django.db import transaction

from tests.authorisation.people import ROLES, Visitor
from tests.authorisation.rows import LATER, OTHERWISE, ROWS
from tests.proposals.conftest import everything

pytestmark = pytest.mark.django_db

_FILE = Path(__file__).parent / "matrix.csv"
MATRIX = {row["id"]: row for row in csv.DictReader(_FILE.read_text(encoding="utf-8").splitlines())}


def test_every_row_is_tried_or_named_as_to_come():
    later = set().union(*LATER.values())
    assert set(ROWS) | later == set(MATRIX)
    assert not set(ROWS) & later


def test_every_row_has_a_word_for_everybody():
    for row in MATRIX.values():
        assert all(row[role] in {*"2349LB+-="} for role in ROLES), row["id"]


@pytest.mark.parametrize("key", ROWS)
def test_the_matrix_holds(key, it_is):
    """Each cell of a row: the answer is the promised one, and a refusal changes nothing."""
    world_of, *tries = ROWS[key]
    world = world_of(it_is)
    wrong = []
    # Every visitor comes to the same world. What only looks is known to change nothing.
    before = any(getattr(attempt, "writes", False) for attempt in tries) and everything()
    for role in ROLES:
        visitor = Visitor(role, world.people[role])
        for attempt in tries:
            promised = OTHERWISE.get((key, role), MATRIX[key][role])
            with transaction.atomic():
                writes = getattr(attempt, "writes", False)
                told = attempt(world, visitor)
                if told != promised:
                    wrong.append(f"{role}: {attempt.__name__} says {told}, promised {promised}")
                elif told != "2" and writes and everything() != before:
                    wrong.append(f"{role}: {attempt.__name__} was refused and changed something")
                transaction.set_rollback(True)
    assert not wrong, "\n".join([MATRIX[key]["action"], *wrong])
