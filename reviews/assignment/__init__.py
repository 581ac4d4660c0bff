"""Who reads which letter: the best assignment that keeps all rules. Pure: no database, no Django.

pool.py         what goes in, and the rules
results.py      what comes out: a plan, or a shortfall
planning.py     from the one to the other, and what each rule costs
worst_pair.py   first the worst pair is made as good as can be, with flows.py,
columns.py      then the sum of all, over millions of pairs by way of a few,
program.py      each time a linear program for HiGHS: model.py, rows.py
elastic.py      the same program where it has no solution: the fewest changes that help,
shortages.py    and who is lacking
wording.py      both in English
files/          pools read from files
"""

from reviews.assignment.planning import plan, price_of_rules
from reviews.assignment.pool import ENGINEER, SCIENTIST, Pool, Rules
from reviews.assignment.program import Unsolved
from reviews.assignment.results import (
    Change,
    Kind,
    Lack,
    LetterRow,
    Pair,
    Plan,
    Shortage,
    Shortfall,
)

__all__ = [
    "ENGINEER",
    "SCIENTIST",
    "Change",
    "Kind",
    "Lack",
    "LetterRow",
    "Pair",
    "Plan",
    "Pool",
    "Rules",
    "Shortage",
    "Shortfall",
    "Unsolved",
    "plan",
    "price_of_rules",
]
