"""The demo's 41 letters on their way to a frozen ranking, as the chair and three reviewers go it.

The chair has an assignment proposed, adjusts and applies it. The three who read one letter declare
their conflicts, mark it with the keyboard and talk about it. One of them is signed out in the
middle, another's server dies: no word is lost.
"""

import os
import re
import signal
from collections import Counter
from contextlib import ExitStack
from datetime import timedelta
from decimal import Decimal

import pytest
from playwright.sync_api import expect

from accounts.models import User
from accounts.states import Role
from audit.models import Entry
from chang_e8_portal import clock
from chang_e8_portal.demo import content, story
from chang_e8_portal.demo.story import reviews as others
from chang_e8_portal.demo.story import who_and_when
from proposals import actions as letters_room
from proposals.models import LetterOfIntent
from proposals.states import Eligibility, RoundKind
from reviews import actions
from reviews.models import Assignment, Consensus, Contribution, Ranking, Review
from tests.journeys.conftest import log_in

pytestmark = pytest.mark.e2e

PASSWORD = content.DEMO_PASSWORD
LETTERS = 41
# What a worker may take for a plan of 41 letters beside a busy browser, in ms.
PLANNING = 90_000


@pytest.fixture
def preliminary(transactional_db, settings, tmp_path, running):
    """The demo's call, opened and screened; no question of conflict is asked yet."""
    story.tell(to="closed")
    call = who_and_when.the_call()
    clock.travel_to(call.closes_at + timedelta(days=3))
    first, second = User.objects.with_role(Role.PUBLISHER).order_by("email")[:2]
    letters_room.approve_opening(letters_room.propose_opening(call, actor=first), actor=second)
    actions.screen_letters(
        call.letters.filed(),
        outcome=Eligibility.ELIGIBLE,
        actor=who_and_when.first_with(Role.CHAIR),
        at=clock.now(),
    )
    assert LetterOfIntent.objects.eligible().count() == LETTERS
    return who_and_when.the_round(RoundKind.PRELIMINARY)


@pytest.mark.long
def test_from_41_letters_to_a_frozen_ranking(running, preliminary):
    chair = who_and_when.first_with(Role.CHAIR)
    with running("web", "worker", "mailer", "beat") as (portal, tree), ExitStack() as later:
        with portal.visitor(chair.email, PASSWORD) as page:
            letter, readers = _plan(page)
            _adjust_and_apply(page, letter, readers)
        given = Assignment.objects.active().filter(letter=letter)
        assert {one.reviewer for one in given} == set(readers)

        clock.travel_to(clock.now() + timedelta(days=2))
        ada, bo, cleo = readers
        for reader in readers:
            _declare(portal, reader, letter, readers)
        with portal.visitor(ada.email, PASSWORD) as page:
            _mark(page, given.get(reviewer=ada))
            _file(page, given.get(reviewer=ada))
        _score_while_signed_out(portal, given.get(reviewer=bo))
        with portal.visitor(cleo.email, PASSWORD) as page:
            _mark(page, given.get(reviewer=cleo))
            os.killpg(tree.children["web"].pid, signal.SIGKILL)
            page.locator("[name=confidential_comment]").fill("Written while nobody listened.")
            _says(page, "no connection")
            # Another server takes over; the page goes on asking, and saves by itself.
            later.enter_context(running("web"))
            _says(page, "Saved ")
            _file(page, given.get(reviewer=cleo))
        review = Review.objects.get(assignment__in=given, assignment__reviewer=cleo)
        assert review.confidential_comment == "Written while nobody listened."
        assert {score.mark for score in review.scores.all()} == {Decimal("4.5")}

        _talk(portal, readers, letter)
        # The reviews of those whom nobody watched.
        due = preliminary.reviews_due_at
        others.file_some(preliminary, since=due - timedelta(days=9), until=due - timedelta(days=1))
        clock.travel_to(due + timedelta(days=1))
        with portal.visitor(chair.email, PASSWORD) as page:
            page.goto("/panel/preliminary/ranking/freeze/")
            page.get_by_role("button", name="Freeze the ranking").click()
            expect(page.locator("main")).to_contain_text("frozen")
        assert tree.ended() == ["web"]
    assert Ranking.objects.get(round=preliminary).letters.count() == LETTERS
    assert Entry.objects.filter(action="ranking.frozen").count() == 1


def _plan(page):
    """Ask everybody and have a plan computed; the first letter of three readers on it, and they."""
    page.goto("/panel/conflicts/mine/")
    page.locator("[name=rest]").check()
    page.get_by_role("button", name="Save my answers").click()
    page.goto("/panel/preliminary/assignment/")
    page.get_by_role("button", name="Open the conflict questions").click()
    page.get_by_role("link", name="Plan the assignment").click()
    page.get_by_role("button", name="Compute a plan").click()
    expect(page.locator("table.plan tbody").first).to_be_visible(timeout=PLANNING)
    # Letters are numbered at random: the first may be a heavy instrument, which five read.
    found = page.locator("table.plan tbody:not(:has(tr:nth-child(4)))").first
    letter = LetterOfIntent.objects.get(reference=found.locator("th .reference").inner_text())
    names = [
        text.rpartition(f"keep: {letter.reference}, ")[2]
        for text in found.locator("label:has([name=locked])").all_text_contents()
    ]
    return letter, [User.objects.get(name=name) for name in names]


def _adjust_and_apply(page, letter, readers):
    """Keep the three of the letter together, bar a pair of another, apply."""
    for reader in readers:
        page.get_by_label(f"keep: {letter.reference}, {reader.name}").check()
    rows = page.locator("table.plan tbody")
    barred = rows.filter(has_not_text=letter.reference).locator("[name=barred]").first
    value = barred.get_attribute("value")
    barred.check()
    page.get_by_role("button", name="Compute again with these pairs").click()
    expect(page.get_by_role("group", name="Never together")).to_be_visible(timeout=PLANNING)
    kept = rows.filter(has_text=letter.reference).get_by_text("kept", exact=True)
    expect(kept).to_have_count(3)
    page.get_by_role("link", name="Apply this plan …").first.click()
    page.get_by_role("button", name="Assign and send").click()
    expect(page.locator("main")).to_contain_text("assignments were made.")
    pairs = Assignment.objects.active().values_list("letter_id", "reviewer_id")
    assert tuple(value.split(":")) not in {(str(one), str(other)) for one, other in pairs}
    counts = Counter(one for one, _other in pairs)
    assert len(counts) == LETTERS
    assert min(counts.values()) >= 3


def _declare(portal, reader, letter, readers):
    """No text opens before the question is answered; one letter is a friend's, the rest clear."""
    given = Assignment.objects.active().filter(reviewer=reader).exclude(letter=letter)
    # All three could read one letter more, and leave it without a reader.
    by_more = Assignment.objects.active().exclude(reviewer__in=readers).values("letter")
    friend = given.filter(letter__in=by_more).first().letter
    with portal.visitor(reader.email, PASSWORD) as page:
        page.goto(f"/reviews/{Assignment.objects.active().get(reviewer=reader, letter=letter).pk}/")
        expect(page.locator("main")).not_to_contain_text(letter.summary[:60])
        page.goto("/reviews/conflicts/")
        page.locator("[name=accept]").check()
        page.get_by_role("button", name="Accept and go on").click()
        page.goto("/reviews/conflicts/")
        page.locator(f"[name=answer-{friend.pk}][value=yes]").check()
        page.locator(f"[name=kind-{friend.pk}]").select_option("COLLABORATOR")
        page.locator("[name=rest]").check()
        page.get_by_role("button", name="Save my answers").click()
        expect(page.locator("main")).to_contain_text("saved")
    # The conflict ends what was assigned.
    assert not given.filter(letter=friend).exists()


def _mark(page, assignment):
    """A mark for each criterion, with the keyboard alone: next, four and a half."""
    page.goto(f"/reviews/{assignment.pk}/")
    expect(page.locator("main")).to_contain_text(assignment.letter.summary[:60])
    for _criterion in content.rubric()["criteria"]:
        for key in ("j", "4", "."):
            page.keyboard.press(key)
    _says(page, "Saved .*Weighted total: 90.00")


def _file(page, assignment):
    """What is said of the letter as a whole, and Control+Enter."""
    page.locator("[name=major_strengths]").fill("Nobody else can measure it there.")
    page.locator("[name=weaknesses]").fill("No spare sensor.")
    for choice in ("risk", "recommendation", "confidence"):
        page.locator(f"[name={choice}]").first.check()
    page.locator("[name=weaknesses]").press("Control+Enter")
    page.get_by_role("button", name="Submit", exact=True).click()
    expect(page.get_by_text("Your review was submitted")).to_be_visible(timeout=30_000)
    assert Review.objects.submitted().filter(assignment=assignment).exists()


def _score_while_signed_out(portal, assignment):
    """The session ends between two sentences; what was written since comes back."""
    email = assignment.reviewer.email
    with portal.visitor(email, PASSWORD) as page:
        _mark(page, assignment)
        portal.sign_everybody_out()
        page.locator("[name=confidential_comment]").fill("Written while signed out.")
        _says(page, "signed out")
        page.on("dialog", lambda dialog: dialog.accept())
        log_in(page, email, PASSWORD)
        page.goto(f"/reviews/{assignment.pk}/")
        expect(page.locator(".scale input[value='4.5']:checked").first).to_be_attached()
        page.locator("[data-autosave-restore]").get_by_role("button", name="Restore it").click()
        _says(page, "Saved ")
        _file(page, assignment)
    review = Review.objects.get(assignment=assignment)
    assert review.confidential_comment == "Written while signed out."


def _talk(portal, readers, letter):
    """Each reads the others' reviews, without their names; one asks, one answers, one concludes."""
    ada, bo, cleo = readers
    pages = {one.reviewer: one.pk for one in Assignment.objects.active().filter(letter=letter)}
    with portal.visitor(ada.email, PASSWORD) as page:
        page.goto(f"/reviews/{pages[ada]}/others/")
        main = page.locator("main")
        expect(main).to_contain_text("Written while signed out.")
        for name in (bo.name, cleo.name):
            expect(main).not_to_contain_text(name)
        page.goto(f"/reviews/{pages[ada]}/discussion/")
        page.locator("[name=text]").fill("Who has seen the thermal model?")
        page.get_by_role("button", name="Say it").click()
    with portal.visitor(bo.email, PASSWORD) as page:
        page.goto(f"/reviews/{pages[bo]}/discussion/")
        page.get_by_role("link", name=re.compile("^Answer")).click()
        page.locator("[name=text]").fill("It is in section D.")
        page.get_by_role("button", name="Say it").click()
    with portal.visitor(cleo.email, PASSWORD) as page:
        page.goto(f"/reviews/{pages[cleo]}/consensus/")
        page.locator("[name=text]").fill("Strong, once the spare sensor is there.")
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.locator("main")).to_contain_text("It is in section D.")
    question, answer = Contribution.objects.order_by("at")
    assert answer.answers == question
    assert Consensus.objects.get().text == "Strong, once the spare sensor is there."


def _says(page, words):
    status = page.locator("[data-autosave-status]")
    expect(status).to_have_text(re.compile(words), timeout=30_000)
