from datetime import timedelta

import pytest

from tests import make
from tests.reviews import papers

DAY = timedelta(days=1)


@pytest.fixture
def assignment(it_is):
    """A letter with text, given to a reviewer who has no conflict; ten days before it is due."""
    agency = make.agency(name="Observatory of Lemuria")
    make.member(agency)
    letter = make.eligible_letter(agency=agency, summary="The secret plan of the letter.")
    make.rubric(letter.call)
    papers.filed(letter, pdf=True)
    given = make.assignment(letter=letter)
    it_is(given.due_at - 10 * DAY)
    return given


@pytest.fixture
def reader(client, assignment):
    """The assignment's reviewer, signed in."""
    client.force_login(assignment.reviewer)
    return client
