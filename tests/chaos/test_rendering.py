"""Promise R08: whoever dies while letters are made, in the end there is one of each, and whole.

`kill -9` strikes at every statement of a proposal and of the making of a letter, around its commit,
and around the moment when its file gets its name; and four processes make the same letters at once.
"""

import os
import time
from collections import Counter

import pytest
from django.core.management import call_command

from accounts.states import Role
from audit.models import Entry
from decisions import actions, rendering
from decisions.models import DecisionLetter, Publication
from decisions.querysets import LEASE
from decisions.states import RenderState
from proposals import files
from proposals.files.orphans import GRACE
from proposals.files.store import Folder
from proposals.files.store import store as place
from tests import make
from tests.chaos.death import (
    AFTER_COMMIT,
    BEFORE_COMMIT,
    done_by_a_process_that_dies,
    forked,
    strike,
)
from tests.chaos.decided import decided
from tests.decisions import stage

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]
# The steps around the file, which are no statements either.
BEFORE_FILE, AFTER_FILE = "before the file has its name", "after the file has its name"
WORKERS = 4


@pytest.fixture(autouse=True)
def quick_press(monkeypatch):
    """Letters as an empty page: this is about how often they are made, not how they look."""
    monkeypatch.setattr(rendering, "render", lambda facts: stage.paper(facts.letter_number))
    monkeypatch.setattr(rendering, "findings", lambda pdf, facts, **options: [])


def dying_around_the_file(deed, step):
    """The deed, killed just before or after the moment when a stored file gets its name."""

    def doomed():
        keep = Folder.keep

        def kept(*given):
            if step == BEFORE_FILE:
                strike()
            keep(*given)
            if step == AFTER_FILE:
                strike()

        Folder.keep = kept
        deed()

    return doomed


def test_a_worker_killed_at_any_step_leaves_letters_that_another_one_finishes(settings):
    publication = stage.propose(decided(10))
    at = publication.proposed_at + stage.MINUTE
    steps, killed = 0, []
    waiting = iter(DecisionLetter.objects.order_by("number").values_list("pk", flat=True))

    def doomed(letter, step):
        deed = dying_around_the_file(lambda: actions.render_letter(letter, at=at), step)
        assert not done_by_a_process_that_dies(deed, step), f"{step} is no step"
        killed.append(step)
        assert _in_the_chain()[str(letter)] == (step == AFTER_COMMIT)

    for step in (BEFORE_FILE, AFTER_FILE, BEFORE_COMMIT, AFTER_COMMIT):
        doomed(next(waiting), step)
    for letter in waiting:
        if done_by_a_process_that_dies(
            lambda pk=letter: actions.render_letter(pk, at=at), steps + 1
        ):
            break
        steps += 1
        assert _in_the_chain()[str(letter)] == 0, f"made in part at statement {steps}"
    else:
        raise AssertionError("more statements than letters")
    assert steps > 8, "every statement of the making was a step"

    _another_worker_comes_by(at + LEASE)
    _whole(publication)
    assert _swept(settings) > 0, "files without a row were left, and are taken away"
    _whole(publication)
    print(f"killed at {steps} statements")


def test_a_proposal_killed_at_any_step_is_made_whole_or_not_at_all():
    call_round = decided(3)
    publisher, at = make.user(Role.PUBLISHER), stage.late(call_round.call)

    def propose():
        actions.propose(call_round, actor=publisher, at=at)

    before, steps = _proposed(call_round), 0
    assert not done_by_a_process_that_dies(propose, BEFORE_COMMIT)
    assert _proposed(call_round) == before
    while not done_by_a_process_that_dies(propose, steps + 1):
        steps += 1
        assert _proposed(call_round) == before, f"proposed in part at statement {steps}"
        assert steps < 300
    assert steps > 15, "every statement of the proposal was a step"

    _another_worker_comes_by(at)
    _whole(Publication.objects.get())
    print(f"killed at {steps} statements")


def test_a_proposal_killed_right_after_its_commit_is_not_made_twice():
    call_round = decided(3)
    publisher, at = make.user(Role.PUBLISHER), stage.late(call_round.call)

    def propose():
        actions.propose(call_round, actor=publisher, at=at)

    assert not done_by_a_process_that_dies(propose, AFTER_COMMIT)
    with pytest.raises(actions.Refused, match="already proposed"):
        propose()
    _another_worker_comes_by(at)
    _whole(Publication.objects.get())


def test_four_workers_on_the_same_letters_make_each_once(size):
    publication = stage.propose(decided(size(12, 150)))
    letters = list(DecisionLetter.objects.order_by("number").values_list("pk", flat=True))
    at = publication.proposed_at + stage.MINUTE
    gate, opened = os.pipe()
    made, tell = os.pipe()

    def work():
        os.close(opened)
        os.read(gate, 1)  # until the test lets go of the other end
        for letter in letters:
            if actions.render_letter(letter, at=at):
                os.write(tell, b"1")

    children = [forked(work) for _number in range(WORKERS)]
    os.close(opened)
    statuses = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    os.close(tell)

    assert statuses == [0] * WORKERS
    with os.fdopen(made, "rb") as told:
        assert len(told.read()) == len(letters), "each letter was made by one of them"
    os.close(gate)
    _whole(publication)
    assert len(_stored()) == len(letters), "and stored once"


def _another_worker_comes_by(at):
    for letter in DecisionLetter.objects.renderable(at=at).values_list("pk", flat=True):
        assert actions.render_letter(letter, at=at)


def _proposed(call_round):
    """What a proposal changes, all in one value."""
    call_round.refresh_from_db()
    return (
        Publication.objects.count(),
        DecisionLetter.objects.count(),
        call_round.decisions_locked_at,
        Entry.objects.count(),
    )


def _in_the_chain():
    """How often the record says that a letter was made, by its id."""
    rendered = Entry.objects.filter(action="decision_letter.rendered")
    return Counter(data["letter"] for data in rendered.values_list("data", flat=True))


def _stored():
    """The hash of every file that lies in the store."""
    return {sha256 for sha256, _modified in place().listing()}


def _whole(publication):
    """One letter of each decision and language, made once, its file as it was made."""
    letters = list(publication.letters.select_related("decision__letter__agency"))
    assert {row.state for row in letters} == {RenderState.READY}
    agencies = {row.decision.pk: row.decision.letter.agency for row in letters}
    owed = {
        (decision, language)
        for decision, agency in agencies.items()
        for language in ("en", agency.letter_language)
    }
    assert Counter((row.decision_id, row.language) for row in letters) == dict.fromkeys(owed, 1)
    assert _in_the_chain() == dict.fromkeys((str(row.pk) for row in letters), 1)
    assert {row.sha256 for row in letters} <= _stored()
    assert all(files.is_whole(row.sha256) for row in letters)
    call_command("verify_audit")
    call_command("check_invariants")


def _swept(settings) -> int:
    """Let a day and more go by for everything that lies in the store, and sweep."""
    long_ago = time.time() - GRACE.total_seconds() - 60
    for path in settings.PRIVATE_FILES.rglob("*"):
        os.utime(path, (long_ago, long_ago))
    return actions.sweep_files()
