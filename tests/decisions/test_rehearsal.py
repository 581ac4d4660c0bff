"""The dress rehearsal, what changed since the last proposal, and the text for the press."""

import pytest
from django.urls import reverse

from accounts.states import Language, Role
from decisions import actions, differences, rendering, results, tasks, telling
from decisions.actions import Refused
from decisions.models import Rehearsal, ResultsPaper
from decisions.states import Outcome
from decisions.telling import paper
from proposals import actions as letters_room
from proposals import files
from proposals.models import LetterOfIntent
from proposals.printing import Unprintable
from tests import make
from tests.decisions import stage

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick_press")]


def rehearse(publication, *, second=True):
    if second:
        make.user(Role.PUBLISHER)
    at = publication.proposed_at + 2 * stage.MINUTE
    actions.ask_rehearsal(publication, actor=publication.proposed_by, at=at)
    before = stage.everything_told()
    assert actions.rehearse_due(at=at) == 1
    assert stage.everything_told() == before
    return publication.rehearsals.first()


def test_a_rehearsal_tries_everything_and_tells_nobody():
    publication, letters = stage.ready()
    found = rehearse(publication)
    assert (found.letters, found.mails, found.faults) == (4, 2, [])
    assert found.done_at
    publication.refresh_from_db()
    assert publication.is_open
    assert LetterOfIntent.objects.get(pk=letters[0].pk).state == "SHORTLISTED"
    # And afterwards the release itself goes through.
    assert stage.release(publication).is_released


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("file", "damaged or another one"),
        ("text", "Missing from the letter"),
        ("page", "results page would tell something else"),
        ("alone", "no second publisher"),
    ],
)
def test_a_rehearsal_names_what_is_in_the_way(damage, said, monkeypatch):
    publication, letters = stage.ready()
    match damage:
        case "file":
            files.path_of(stage.first_letter(publication).sha256).unlink()
        case "text":
            monkeypatch.setattr(
                rendering, "findings", lambda pdf, facts, never: ["Missing from the letter: level"]
            )
        case "page":
            LetterOfIntent.objects.filter(pk=letters[0].pk).update(title="Another")
    found = rehearse(publication, second=damage != "alone")
    assert said in " ".join(found.faults)


def test_a_rehearsal_sets_the_results_in_each_language_and_keeps_none(monkeypatch, settings):
    publication, _letters = stage.ready()
    real, said = paper.pdf_of, {}

    def seen(holds, **named):
        said[holds.said["language"]] = holds
        if holds.said["language"] in ("ru", "ar"):
            raise Unprintable("out of time")
        return real(holds, **named)

    monkeypatch.setattr(paper, "pdf_of", seen)
    kept = set(settings.PRIVATE_FILES.rglob("*"))
    found = rehearse(publication)
    assert found.faults == [
        "The results cannot be printed in русский. The log says why.",
        "The results cannot be printed in العربية. The log says why.",
    ]
    assert not ResultsPaper.objects.exists()
    assert set(settings.PRIVATE_FILES.rglob("*")) == kept
    monkeypatch.setattr(paper, "pdf_of", real)
    # What was tried is what will be told.
    stage.release(publication)
    told = results.of(publication.round.call)
    assert set(said) == set(Language.values)
    for language, holds in said.items():
        assert holds == telling.of(told, language)


def test_a_key_that_cannot_sign_shows_in_the_rehearsal(settings, tmp_path):
    publication, _letters = stage.ready()
    settings.PDF_SIGNING_KEY_FILE = tmp_path / "letter_key.p12"
    settings.PDF_SIGNING_KEY_FILE.write_bytes(b"spoilt")
    faults = rehearse(publication).faults
    assert len([fault for fault in faults if fault.startswith("The results cannot be pr")]) == 6
    assert len([fault for fault in faults if "signature cannot be checked" in fault]) == 4


def test_the_first_round_tells_the_world_no_results_to_be_printed(monkeypatch):
    call_round, _letters = stage.preliminary(Outcome.SHORTLISTED)
    publication = stage.rendered(call_round)
    monkeypatch.setattr(paper, "pdf_of", None)
    assert rehearse(publication).faults == []


def test_a_reviewer_who_came_after_the_letter_was_made_is_looked_for_in_it(monkeypatch):
    publication, _letters = stage.ready()
    make.reviewer(name="Ada Nakamura")
    monkeypatch.setattr(
        rendering, "findings", lambda pdf, facts, never=(): [f"looked for {name}" for name in never]
    )
    assert "looked for Ada Nakamura" in " ".join(rehearse(publication).faults)


def test_one_rehearsal_at_a_time_and_none_of_a_void_proposal():
    publication, _letters = stage.ready()
    at = publication.proposed_at
    actions.ask_rehearsal(publication, actor=publication.proposed_by, at=at)
    with pytest.raises(Refused, match="running already"):
        actions.ask_rehearsal(publication, actor=publication.proposed_by, at=at)
    stage.withdraw(publication)
    assert actions.rehearse_due(at=at) == 1
    assert Rehearsal.objects.get().faults == ["This proposal is no longer open."]
    with pytest.raises(Refused, match="no longer open"):
        actions.ask_rehearsal(publication, actor=publication.proposed_by, at=at)


def test_a_publisher_asks_on_the_page_and_reads_the_result(client):
    publication, _letters = stage.ready()
    make.user(Role.PUBLISHER)
    client.force_login(publication.proposed_by)
    where, page = (
        reverse(f"decisions:{name}", args=[publication.round.kind])
        for name in ("rehearse", "publication")
    )
    assert client.post(where).status_code == 302
    assert "Running since" in client.get(page).content.decode()
    assert client.post(where).status_code == 409
    tasks.rehearse_owed_releases()
    assert "Nothing is in the way" in client.get(page).content.decode()
    client.force_login(make.user(Role.CHAIR))
    assert "Dress rehearsal" not in client.get(page).content.decode()
    assert client.post(where).status_code == 403


# --- what changed ---


def test_the_second_person_sees_what_changed_since_the_last_proposal(client):
    first, [one, two] = stage.ready(Outcome.SELECTED, Outcome.NOT_SELECTED)
    assert differences.since_the_last(first) == (None, [])
    stage.withdraw(first)
    stage.decide(first.round, [two], [Outcome.SELECTED])
    actions.decide(
        first.round,
        one,
        outcome=Outcome.CONDITIONAL,
        reason=stage.REASON,
        mass_kg="7.5",
        conditions=[{"text": "Show the budget.", "due": "2024-12-01"}],
        actor=make.user(Role.CHAIR),
        at=stage.late(first.round.call),
    )
    second = stage.propose(first.round)
    stage.render_all(second)

    earlier, found = differences.since_the_last(second)
    assert earlier == first
    changed = {difference.reference: difference for difference in found}
    assert changed[two.reference].changes == [
        ("Outcome", "Not selected", "Selected"),
        ("Mass allotted", "", "6.5 kg"),
        ("Letters that go forward", "1", "2"),
    ]
    assert changed[one.reference].changes == [
        ("Outcome", "Selected", "Selected with conditions"),
        ("Conditions", "", "Show the budget. (2024-12-01)"),
        ("Mass allotted", "6.5 kg", "7.5 kg"),
        ("Letters that go forward", "1", "2"),
    ]
    client.force_login(make.user(Role.PUBLISHER))
    page = client.get(reverse("decisions:release", args=[first.round.kind])).content.decode()
    assert "One more look." in page
    assert "<del>Not selected</del><br><ins>Selected</ins>" in page
    assert "<del>6.5 kg</del><br><ins>7.5 kg</ins>" in page
    assert "14 of 200 kg" in page
    assert "No exception from the rules was needed." in page


def test_a_letter_that_went_is_said_to_have():
    first, [one, _two] = stage.ready(Outcome.SELECTED, Outcome.NOT_SELECTED)
    stage.withdraw(first)
    letters_room.withdraw(one, actor=make.member(of=one.agency))
    [gone] = [d for d in differences.since_the_last(stage.propose(first.round))[1] if d.notice]
    assert (gone.reference, gone.notice) == (one.reference, "No longer in this proposal")
    assert gone.changes == [("Outcome", "Selected", "")]


def test_the_same_proposal_again_has_no_differences():
    first, _letters = stage.ready()
    stage.withdraw(first)
    assert differences.since_the_last(stage.propose(first.round))[1] == []


# --- the press ---


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "1 project, from 1 of 2"), ("zh-hans", "入选"), ("ar", "مشروع واحد"), ("fr", "Pérou")],
)
def test_the_text_for_the_press_tells_what_the_page_will(client, language, said):
    publication, letters = stage.ready(title_zh="月震仪")
    client.force_login(publication.proposed_by)
    where = reverse("decisions:press", args=[publication.round.kind])
    answer = client.get(where, {"lang": language})
    text = answer.content.decode()
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert said in text
    assert ("月震仪" if language == "zh-hans" else "Seismometer") in text
    assert letters[0].agency.name in text
    assert letters[1].agency.name not in text
    assert client.get(where, {"lang": "xx"}).status_code == 404
    client.force_login(make.user(Role.CHAIR))
    assert client.get(where).status_code == 403
