"""Rounds with marks in them: letters with reviews by named reviewers, and the board they make."""

from datetime import timedelta
from decimal import Decimal

from reviews import actions
from reviews.models import ScoreboardLine
from tests import make

AT = make.CLOSES + timedelta(days=80)


def letter_marked(call_round, marks, **fields):
    """A letter of the round with a review for each reviewer of `marks`.

    A mark is a number for both criteria, or a pair for science and feasibility; None is "cannot
    judge".
    """
    letter = make.eligible_letter(call=call_round.call, **fields)
    for reviewer, mark in marks.items():
        add_review(call_round, letter, reviewer, mark)
    return letter


def add_review(call_round, letter, reviewer, mark):
    science, feasibility = mark if isinstance(mark, tuple) else (mark, mark)
    of = make.assignment(letter=letter, reviewer=reviewer, round=call_round)
    given = {"science": _decimal(science), "feasibility": _decimal(feasibility)}
    return make.review(of=of, marks=given)


def crossed(call_round, *, letters=8, severe=Decimal("1.5")):
    """Letters from good to weak, each read by two of four reviewers, one of whom is severe.

    Returns the letters, best first, and the reviewers, the severe one first.
    """
    reviewers = [make.reviewer(name=f"Reviewer {name}") for name in "ABCD"]
    pairs = [(0, 1), (1, 2), (2, 3), (3, 0), (0, 2), (1, 3)]
    made = []
    for number in range(letters):
        merit = Decimal(5) - Decimal(number) / 2
        marks = {}
        for at in pairs[number % len(pairs)]:
            mark = merit - (severe if at == 0 else 0)
            marks[reviewers[at]] = max(Decimal(0), mark)
        made.append(letter_marked(call_round, marks))
    return made, reviewers


def scored(at=AT) -> int:
    """Make the boards that are owed, as the worker does."""
    return actions.score_owed(at=at)


def lines(board) -> dict:
    return {line.letter_id: line for line in ScoreboardLine.objects.filter(board=board)}


def _decimal(value):
    return None if value is None else Decimal(str(value))
