"""The demonstration: its story told by real actions, its bar, its mailbox."""

import os
from datetime import timedelta
from importlib import import_module
from pathlib import Path

import pytest
from django.core.management import call_command
from django.urls import clear_url_caches, reverse

from accounts.states import Role
from chang_e8_portal import clock
from chang_e8_portal.demo import bar, content, mailbox, story, world
from decisions import results
from decisions.models import Decision, DecisionLetter, MergeConsent, Publication
from decisions.states import OUTCOMES, ConsentState
from notifications import delivery, outbox
from notifications.models import Message
from proposals.models import Call, LetterOfIntent
from proposals.states import LetterState, RoundKind
from reviews.models import Assignment, Review
from tests import make

FINAL_STATES = [LetterState(outcome.value) for outcome in OUTCOMES[RoundKind.FINAL]]


@pytest.fixture
def demo(settings, tmp_path, monkeypatch):
    """The demo switched on, with a data folder of its own."""
    # Read while the demo is still off, so that the portal's own addresses stay without it.
    import_module("chang_e8_portal.urls")
    settings.PORTAL_DEMO = True
    settings.DATA_DIR = tmp_path
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")
    settings.ROOT_URLCONF = "tests.chang_e8_portal.demo_urls"
    clear_url_caches()
    yield
    clear_url_caches()


@pytest.fixture
def few_letters(monkeypatch):
    """The story of twelve letters is the story of forty-one, and three minutes shorter."""
    rows = content.letters()
    joined = next(row for row in rows if row["outcome_final"] == "MERGED")
    joint = [joined, next(row for row in rows if row["key"] == joined["merged_with"])]
    going = [row for row in rows if row["outcome_final"] == "SELECTED"]
    early = [row for row in going if row not in joint][:5]
    others = [row for row in rows if row["outcome_final"] in ("RESERVE", "NOT_SELECTED")][:2]
    out = [row for row in rows if row["outcome_round1"] == "NOT_SHORTLISTED"][:2]
    chosen = [*early, *joint, *others, *out, next(row for row in rows if row["ineligible"])]
    monkeypatch.setattr(content, "letters", lambda: chosen)
    content._letters_by_key.cache_clear()
    yield chosen
    # What was looked up among twelve letters must not stay for those who look among all.
    content._letters_by_key.cache_clear()


def count(**states):
    return LetterOfIntent.objects.filter(**states).count()


@pytest.mark.django_db(transaction=True)
def test_the_story_can_be_told_to_its_end_and_breaks_no_invariant(demo, few_letters, capsys):
    story.tell(to="intake")
    intake = story.moment_of("intake").isoformat()
    filed = [row for row in few_letters if row["submitted_at"] <= intake]
    assert 0 < count(state=LetterState.SUBMITTED) == len(filed)
    assert clock.now() - story.moment_of("intake") < timedelta(minutes=1)

    story.tell(to="closed")
    call = Call.objects.get()
    assert call.seal.letters == 12
    assert count(state=LetterState.DRAFT) == 3

    assert not call.is_opened()

    story.tell(to="review")
    opening = call.openings.get(answer="YES")
    assert opening.proposed_by != opening.answered_by
    assert 0 < Review.objects.submitted().count() < Assignment.objects.active().count() == 33

    story.tell(to="shortlist")
    publication = Publication.objects.get()
    assert not publication.is_released
    # Each in English and, where another language was chosen, in that one.
    agencies = [letter.agency for letter in call.letters.filed().select_related("agency")]
    files = sum(len({"en", agency.letter_language}) for agency in agencies)
    assert DecisionLetter.objects.filter(state="READY").count() == files > len(agencies) == 12
    assert count(state=LetterState.SHORTLISTED) == 0

    story.tell(to="selection")
    assert count(state=LetterState.SHORTLISTED) == 9
    proposal = Publication.objects.get(round__kind=RoundKind.FINAL)
    consents = MergeConsent.objects.filter(round=proposal.round)
    assert {one.state for one in consents} == {ConsentState.GIVEN}
    assert len({one.answered_by for one in consents}) == 2
    assert max(one.answered_at for one in consents) < proposal.proposed_at

    story.tell(to="published")
    assert count(state=LetterState.SELECTED) == 6
    joined = LetterOfIntent.objects.get(state=LetterState.MERGED)
    lead = Decision.objects.get(letter=joined, outcome="MERGED").merged_with
    projects = results.of(call).page["projects"]
    assert {lead.title: [joined.title]} == {
        project["title"]["en"]: [one["title"]["en"] for one in project["joined_by"]]
        for project in projects
        if project["joined_by"]
    }
    assert len(projects) == 6
    letter = DecisionLetter.objects.valid().get(decision__letter=joined, decision__outcome="MERGED")
    assert letter.facts["merged_with"] == lead.title
    told = Message.objects.filter(template="decision_ready").values("key").distinct()
    assert told.count() == sum(
        letter.agency.memberships.count() * (2 if letter.state in FINAL_STATES else 1)
        for letter in LetterOfIntent.objects.exclude(state=LetterState.DRAFT)
    )

    call_command("check_invariants")
    call_command("verify_audit")
    assert "0 findings" in capsys.readouterr().out


@pytest.mark.long
@pytest.mark.django_db
def test_what_a_person_did_by_hand_is_kept_by_the_story(demo, few_letters):
    story.tell(to="intake")
    call = Call.objects.get()
    mine = make.letter(call=call, title="A letter of my own")
    story.tell(to="closed")
    mine.refresh_from_db()
    assert (mine.state, mine.title) == (LetterState.DRAFT, "A letter of my own")
    assert call.letters.filter(title="A letter of my own").count() == 1


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_travelling_back_starts_the_story_over(demo, few_letters):
    story.tell(to="intake")
    mine = make.letter(call=Call.objects.get(), title="A letter of my own")

    world.travel("closed")
    assert LetterOfIntent.objects.filter(pk=mine.pk).exists()
    assert Call.objects.get().seal.letters == 12

    world.travel("intake")
    assert not LetterOfIntent.objects.filter(pk=mine.pk).exists()
    assert not hasattr(Call.objects.get(), "seal")
    assert clock.now() - story.moment_of("intake") < timedelta(minutes=1)
    assert world.destination() is None


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_a_world_that_was_left_half_made_is_made_anew(demo, tmp_path, monkeypatch):
    make.call(code="half")
    (tmp_path / "demo-unfinished").touch()
    told = []
    monkeypatch.setattr(story, "tell", lambda *, to: told.append(to))

    world.prepare(phase="intake", reset=False)

    assert told == ["intake"]
    assert not Call.objects.exists()
    assert not (tmp_path / "demo-unfinished").exists()


@pytest.mark.django_db
def test_running_it_again_keeps_the_data(demo, monkeypatch):
    make.call()
    monkeypatch.setattr(story, "tell", lambda *, to: pytest.fail("the story was told again"))

    world.prepare(phase="review", reset=False)

    assert Call.objects.count() == 1


@pytest.mark.django_db
def test_the_bar_moves_the_clock_by_a_step_and_comes_back(demo, client):
    before = clock.now()
    answer = client.post("/demo/travel/", {"step": "day", "next": "/results/"})
    assert (answer.status_code, answer.url) == (302, "/results/")
    assert timedelta(hours=23, minutes=59) < clock.now() - before < timedelta(hours=24, minutes=1)


@pytest.mark.django_db
def test_the_bar_goes_to_one_minute_before_the_cutoff(demo, client):
    call = make.call()
    clock.travel_to(call.closes_at - timedelta(days=30))
    client.post("/demo/travel/", {"step": "cutoff", "next": "/"})
    left = call.closes_at - clock.now()
    assert timedelta(seconds=55) < left <= bar.BEFORE_CUTOFF


@pytest.mark.django_db
@pytest.mark.parametrize("where", ["//evil.example.org/", "https://evil.example.org/", ""])
def test_the_bar_never_leads_to_another_site(demo, client, where):
    answer = client.post("/demo/travel/", {"step": "hour", "next": where})
    assert answer.url == "/"


@pytest.mark.django_db
def test_an_unknown_phase_is_refused_and_the_clock_stands(demo, client):
    before = clock.shift()
    assert client.post("/demo/travel/", {"phase": "doomsday"}).status_code == 400
    assert clock.shift() == before


@pytest.mark.django_db
def test_only_one_journey_at_a_time(demo):
    assert world.set_out("review")
    assert not world.set_out("closed")
    assert world.destination() == "review"


@pytest.mark.django_db
def test_the_mailbox_shows_what_was_sent_and_filters_by_address(demo, client, settings):
    person = make.user(Role.OPERATOR, email="reader@example.org")
    for address in ("reader@example.org", "other@example.org"):
        outbox.enqueue_text(
            key=f"test-{address}",
            address=address,
            language="en",
            template="test",
            subject=f"For {address}",
            body="Line one\n" + "-" * 60 + "\nline three",
            at=clock.now(),
        )
    for message in Message.objects.all():
        assert delivery.deliver(message.pk, at=clock.now())

    assert {mail.to for mail in mailbox.mails()} == {person.email, "other@example.org"}
    (mail,) = mailbox.mails(to="READER@")
    assert mail.subject == "For reader@example.org"
    assert "line three" in mail.text
    page = client.get(reverse("demo:mail"), {"to": "reader@"}).content.decode()
    assert "For reader@example.org" in page
    assert "For other@example.org" not in page


@pytest.mark.django_db
def test_the_mailbox_is_shown_by_pages(demo, client, settings):
    folder = Path(settings.EMAIL_FILE_PATH)
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(21):
        written = folder / f"{number:02}.log"
        written.write_text(f"To: a@example.org\nSubject: Mail {number:02}.\n\nThe text.\n")
        os.utime(written, (number, number))
    first = client.get(reverse("demo:mail")).content.decode()
    assert "Mail 20." in first
    assert "Mail 00." not in first
    assert "1 to 20 of 21" in first
    assert "Mail 00." in client.get(reverse("demo:mail"), {"page": 2}).content.decode()


@pytest.mark.django_db
def test_the_guide_names_the_people_and_the_password(demo, few_letters, client):
    story.tell(to="intake")
    page = client.get("/demo/").content.decode()
    for word in ("lunar-south-pole-2028", "leo@atlantis", "publisher2@portal", "tamatea@lemuria"):
        assert word in page


@pytest.mark.django_db
def test_outside_the_demo_none_of_its_pages_exist(client, settings):
    assert settings.PORTAL_DEMO is False
    for page in ("/demo/", "/demo/mail/", "/demo/travel/"):
        assert client.get(page).status_code in (302, 404)
