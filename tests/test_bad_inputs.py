"""The corpus of bad inputs: `bad_inputs.csv` says what is sent and what is promised for it.

A test that tries one carries its number, in the id of a case, a docstring or a comment. That a
number is there is what is looked for here; whether its test is any good is for a reader to judge.
"""

import csv
import re
from pathlib import Path

TESTS = Path(__file__).parent
CORPUS = {
    row["id"]: row
    for row in csv.DictReader((TESTS / "bad_inputs.csv").read_text(encoding="utf-8").splitlines())
}
NUMBER = re.compile(r"(?<![a-z0-9])I[UFTNDHRL]\d\d(?!\d)", re.IGNORECASE)

# No test of ours tries these, and why.
NOT_TRIED = {
    "IU46": "a slow sender is kept waiting by nginx (deploy/nginx.conf), which no test runs",
    "IR16": "there is no earlier release whose code could run beside a migration",
}
# What the portal does instead of what the row says; the tests hold it to this.
OTHERWISE = {
    "IU04": "the portal refuses by the announced length; that nginx does so before is not tried",
    "ID10": "the call stays closed; an alarm is the business of whoever watches the clock",
    "ID11": "a web machine's clock changes nothing; the database's is watched by its operator, and "
    "nothing opens a sealed call again",
    "ID14": "a day has no hour: the form refuses an instant; the new cutoff takes any offset",
    "IH06": "HEAD on an export is answered as GET is, without the body",
    "IH14": "processor work is compared by its hashes, not by time; reset and sign-up write a few "
    "rows more for one answer than for the other",
    "IH15": "a code lives for a quarter of an hour, in one browser",
    "IR04": "the second one is refused: what is filed is reopened before it is replaced",
    "IR10": "everything is one transaction, broken off by an exception in its middle",
    "IL13": "there are no signed links: a letter is handed out to whoever is signed in",
}


def test_every_bad_input_is_tried_or_named():
    tried = {
        number.upper()
        for path in TESTS.rglob("*.py")
        if path != Path(__file__)
        for number in NUMBER.findall(path.read_text(encoding="utf-8"))
    }
    assert tried - set(CORPUS) == set(), "in a test and not in the corpus"
    assert set(CORPUS) - tried - set(NOT_TRIED) == set(), "in the corpus and in no test"
    assert tried & set(NOT_TRIED) == set()
    assert set(OTHERWISE) <= tried
