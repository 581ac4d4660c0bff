import re
from threading import Barrier, Thread

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.states import Role
from audit import chain
from audit.models import Entry
from decisions import actions
from decisions.actions import Refused, mailing
from decisions.actions.before_release import letters_locked, release_faults
from decisions.models import Decision, DecisionLetter, Publication
from decisions.states import Outcome, PublicationState, RenderState
from notifications import outbox
from notifications.models import Message
from proposals import actions as letters_room
from proposals import files
from proposals.models import LetterEvent, LetterOfIntent
from tests import make
from tests.decisions import stage

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick_press")]

# --- proposing ---


def test_a_proposal_fixes_one_letter_in_each_language_and_tells_nobody():
    call_round, _letters = stage.final(Outcome.SELECTED, Outcome.NOT_SELECTED)
    before = stage.everything_told()

    publication = stage.propose(call_round)

    assert publication.positive_count == 1
    assert publication.letters.count() == 4
    assert set(publication.letters.values_list("state", flat=True)) == {RenderState.OWED}
    assert stage.everything_told()[:4] == before[:4]


def test_a_round_with_an_undecided_letter_is_not_proposed():
    call_round, _letters = stage.final(Outcome.SELECTED, None)
    with pytest.raises(Refused, match="1 letter is not decided"):
        stage.propose(call_round)


def test_a_round_without_letters_is_not_proposed():
    with pytest.raises(Refused, match="no letters"):
        stage.propose(make.final_round(make.call()))


def test_more_mass_than_the_lander_carries_is_not_proposed():
    call_round, letters = stage.final(*[Outcome.SELECTED] * 3, mass_kg=67)
    with pytest.raises(Refused, match="weigh 201 kg; the lander carries 200 kg"):
        stage.propose(call_round)
    stage.decide(call_round, letters[:1], [Outcome.NOT_SELECTED])
    assert stage.propose(call_round).positive_count == 2


def test_a_merger_needs_a_selected_project():
    call_round, [letter, lead] = stage.final(None, Outcome.NOT_SELECTED)
    actions.decide(
        call_round,
        letter,
        outcome=Outcome.MERGED,
        reason=stage.REASON,
        merged_with=lead,
        actor=make.user(Role.CHAIR),
        at=stage.late(call_round.call),
    )
    with pytest.raises(Refused, match=f"{letter.reference} is merged with {lead.reference}"):
        stage.propose(call_round)


def test_there_is_one_live_proposal_a_round():
    call_round, _letters = stage.final(Outcome.SELECTED)
    stage.propose(call_round)
    with pytest.raises(Refused, match="already proposed"):
        stage.propose(call_round)


def test_a_withdrawn_proposal_is_void_and_a_new_one_can_be_made():
    call_round, _letters = stage.final(Outcome.SELECTED)
    publication = stage.propose(call_round)
    options = {"actor": publication.proposed_by, "at": publication.proposed_at + stage.MINUTE}
    with pytest.raises(Refused, match="Say why"):
        actions.withdraw_proposal(publication, reason=" ", **options)

    actions.withdraw_proposal(publication, reason="The letterhead is wrong.", **options)

    publication.refresh_from_db()
    assert publication.state == PublicationState.VOID
    assert publication.void_reason == "The letterhead is wrong."
    stage.propose(call_round)
    with pytest.raises(Refused, match="no longer open"):
        actions.withdraw_proposal(publication, reason="Twice.", **options)


# --- the second person ---


def test_nobody_releases_what_they_proposed():
    publication, _letters = stage.ready()
    before = stage.everything_told()
    with pytest.raises(Refused) as refusal:
        stage.release(publication, actor=publication.proposed_by)
    assert refusal.value.code == "same_person"
    assert stage.everything_told() == before


def test_the_database_knows_the_two_person_rule_too():
    publication, _letters = stage.ready()
    rows = Publication.objects.filter(pk=publication.pk)
    with pytest.raises(IntegrityError, match="by_two_people"), transaction.atomic():
        rows.update(
            state=PublicationState.RELEASED,
            released_by=publication.proposed_by,
            released_at=publication.proposed_at,
        )


def test_a_wrong_number_releases_nothing():
    publication, _letters = stage.ready()
    before = stage.everything_told()
    with pytest.raises(Refused) as refusal:
        stage.release(publication, confirmed_count=2)
    assert refusal.value.code == "wrong_count"
    assert stage.everything_told() == before


# --- what is checked once more ---


def faults(publication):
    before = stage.everything_told()
    with pytest.raises(Refused) as refusal:
        stage.release(publication)
    assert stage.everything_told() == before
    return str(refusal.value)


def test_every_letter_must_be_rendered():
    call_round, _letters = stage.final(Outcome.SELECTED)
    publication = stage.propose(call_round)
    assert "0 of 2 letters are rendered" in faults(publication)


@pytest.mark.parametrize("damage", ["changed", "gone"])
def test_a_damaged_file_stops_the_release(damage):
    publication, _letters = stage.ready()
    path = files.path_of(stage.first_letter(publication).sha256)
    path.unlink() if damage == "gone" else path.write_bytes(b"%PDF-other")
    assert "is damaged or another one" in faults(publication)


def test_swapped_facts_stop_the_release():
    # Bad input IL07.
    publication, _letters = stage.ready()
    one, _zh, other, _other_zh = publication.letters.order_by("number")
    DecisionLetter.objects.filter(pk=one.pk).update(facts=other.facts)
    DecisionLetter.objects.filter(pk=other.pk).update(facts=one.facts)
    assert "not those that were proposed" in faults(publication)


def test_swapped_facts_stop_the_release_even_under_a_forged_hash():
    publication, _letters = stage.ready()
    one, _zh, other, _other_zh = publication.letters.order_by("number")
    DecisionLetter.objects.filter(pk=one.pk).update(facts=other.facts)
    DecisionLetter.objects.filter(pk=other.pk).update(facts=one.facts)
    forged = actions.before_release.content_hash(publication.letters.all(), publication.page)
    Publication.objects.filter(pk=publication.pk).update(content_hash=forged)
    publication.refresh_from_db()
    assert "not those that were proposed" in faults(publication)


def test_swapped_files_stop_the_release():
    # Bad input IL07.
    publication, _letters = stage.ready()
    one, _zh, other, _other_zh = publication.letters.order_by("number")
    DecisionLetter.objects.filter(pk=one.pk).update(sha256=other.sha256)
    DecisionLetter.objects.filter(pk=other.pk).update(sha256=one.sha256)
    assert "is damaged or another one" in faults(publication)


def test_an_outcome_changed_behind_the_portals_back_stops_the_release():
    publication, _letters = stage.ready()
    Decision.objects.filter(outcome=Outcome.NOT_SELECTED).update(outcome=Outcome.SELECTED)
    assert "does not say what was decided" in faults(publication)


def test_a_letter_that_left_its_state_stops_the_release():
    publication, letters = stage.ready()
    LetterOfIntent.objects.filter(pk=letters[0].pk).update(state="WITHDRAWN")
    assert "Withdraw this proposal" in faults(publication)


# --- all or nothing ---


def test_at_release_states_and_results_change_together(client):
    publication, letters = stage.ready()
    awaited = stage.bare(client.get("/results/"))

    stage.release_without_mails(publication)

    states = [LetterOfIntent.objects.get(pk=letter.pk).state for letter in letters]
    assert states == ["SELECTED", "NOT_SELECTED"]
    assert stage.bare(client.get("/results/")) != awaited
    assert Entry.objects.filter(action="publication.released").count() == 1


def test_a_worker_writes_the_mails_of_a_release_once(client):
    publication, letters = stage.ready()
    released = stage.release_without_mails(publication)
    page = "/decisions/final/publication/"
    client.force_login(publication.proposed_by)
    assert "The mails about it are being written" in client.get(page).text
    assert not Message.objects.filter(template="decision_ready").exists()

    # A minute late, by a worker that was down.
    assert actions.mail_told(at=released.released_at + stage.MINUTE) == 1

    told = Message.objects.filter(template="decision_ready")
    assert sorted(told.values_list("address", flat=True)) == sorted(
        person.email for letter in letters for person in letter.agency.members.all()
    )
    for mail in told:
        assert not re.search("select", mail.subject + mail.body, re.IGNORECASE)
        assert mail.queued_at == released.released_at
    assert "2 mails say that there is something to read" in client.get(page).text
    # Whoever joins an agency later reads of it on its pages.
    make.member(of=letters[0].agency)
    assert actions.mail_told(at=released.released_at + 2 * stage.MINUTE) == 0
    assert told.count() == 2


def test_a_failure_in_the_middle_leaves_nothing(monkeypatch):
    # Bad input IR10.
    publication, _letters = stage.ready(*[Outcome.SELECTED] * 4)
    before = stage.everything_told()

    def fails_when_done(real):
        def done(*given, **named):
            real(*given, **named)
            raise RuntimeError("the machine is out of luck")

        return done

    # The last of all that a release writes, and the last of its mails.
    with monkeypatch.context() as broken:
        broken.setattr(chain, "append_many", fails_when_done(chain.append_many))
        with pytest.raises(RuntimeError):
            stage.release(publication)
    assert stage.everything_told() == before
    released = stage.release_without_mails(publication)
    before = stage.everything_told()
    with monkeypatch.context() as broken:
        broken.setattr(outbox, "enqueue_all", fails_when_done(outbox.enqueue_all))
        with pytest.raises(ExceptionGroup, match="could not be written"):
            actions.mail_told(at=released.released_at)
    assert stage.everything_told() == before

    assert actions.mail_told(at=released.released_at) == 1
    assert Message.objects.filter(template="decision_ready").count() == 4


def test_a_release_whose_mails_fail_keeps_no_other_waiting(monkeypatch):
    first, second = (
        stage.release_without_mails(
            stage.rendered(stage.final(Outcome.SELECTED, call=make.call())[0])
        )
        for _ in range(2)
    )
    write = mailing.write_mails

    def fails_for_the_first(publication):
        if publication.pk == first.pk:
            raise RuntimeError("a name nobody can write")
        write(publication)

    monkeypatch.setattr(mailing, "write_mails", fails_for_the_first)
    with pytest.raises(ExceptionGroup):
        actions.mail_told(at=second.released_at)
    assert list(Publication.objects.unmailed()) == [first]


@pytest.mark.parametrize("number", [1, 3])
def test_a_release_is_the_same_statements_however_many_it_tells(number, django_assert_num_queries):
    publication, _letters = stage.ready(*[Outcome.SELECTED] * number)
    other = make.user(Role.PUBLISHER)
    with django_assert_num_queries(25):
        released = stage.release_without_mails(publication, actor=other)
    with django_assert_num_queries(9):
        actions.mail_told(at=released.released_at)


def test_the_same_form_sent_twice_is_one_release():
    publication, _letters = stage.ready()
    other = make.user(Role.PUBLISHER)
    first = stage.release(publication, actor=other, key="one form")
    told = stage.everything_told()

    again = stage.release(publication, actor=other, key="one form")
    assert (again.pk, again.released_at) == (first.pk, first.released_at)
    for key in ("another form", ""):
        with pytest.raises(Refused) as refusal:
            stage.release(publication, actor=other, key=key)
        assert refusal.value.code == "not_proposed"
    assert stage.everything_told() == told


def test_the_first_round_is_released_without_a_word_on_the_results_page(client):
    call_round, letters = stage.preliminary(Outcome.SHORTLISTED, Outcome.NOT_SHORTLISTED)
    awaited = stage.bare(client.get("/results/"))
    publication = stage.propose(call_round)
    stage.render_all(publication)
    stage.release(publication)
    assert stage.bare(client.get("/results/")) == awaited
    states = [LetterOfIntent.objects.get(pk=letter.pk).state for letter in letters]
    assert states == ["SHORTLISTED", "NOT_SHORTLISTED"]


def at_once(*deeds):
    """Run the deeds in threads that start together; return what each returned or raised."""
    gate, answers = Barrier(len(deeds)), [None] * len(deeds)

    def run(number, deed):
        gate.wait()
        try:
            answers[number] = deed()
        except Exception as error:
            answers[number] = error
        finally:
            connection.close()

    threads = [Thread(target=run, args=pair) for pair in enumerate(deeds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@pytest.mark.django_db(transaction=True)
def test_two_publishers_at_once_make_one_proposal_and_one_release():
    # Bad input IR08.
    call_round, letters = stage.final(Outcome.SELECTED, Outcome.NOT_SELECTED)
    people = [make.user(Role.PUBLISHER) for _ in range(3)]

    made = at_once(*(lambda p=p: stage.propose(call_round, actor=p) for p in people[:2]))
    assert sum(isinstance(answer, Publication) for answer in made) == 1
    assert sum(isinstance(answer, Refused) for answer in made) == 1

    publication = Publication.objects.get()
    stage.render_all(publication)
    others = [person for person in people if person.pk != publication.proposed_by_id]
    done = at_once(*(lambda p=p: stage.release(publication, actor=p, key=p.name) for p in others))
    assert sum(isinstance(answer, Publication) for answer in done) == 1
    assert sum(isinstance(answer, Refused) for answer in done) == 1
    assert LetterEvent.objects.filter(letter__in=letters, to_state="SELECTED").count() == 1
    # The row may have been in the other's hands when the first worker came by.
    actions.mail_told(at=publication.proposed_at + 3 * stage.MINUTE)
    assert Message.objects.filter(template="decision_ready").count() == 2


def test_a_file_that_came_after_they_were_read_is_read_under_the_lock():
    publication, _letters = stage.ready()
    letters = letters_locked(publication)
    assert release_faults(publication, letters, whole=frozenset()) == []
    one = letters[0]
    files.path_of(one.sha256).write_bytes(b"another")
    rest = frozenset(letter.sha256 for letter in letters[1:])
    assert release_faults(publication, letters, whole=rest) == [
        f"The file of letter {one.number} is damaged or another one."
    ]


@pytest.mark.django_db(transaction=True)
def test_deciding_and_releasing_at_once_never_tell_what_was_not_approved():
    publication, [letter, _other] = stage.ready()
    chair, other = make.user(Role.CHAIR), make.user(Role.PUBLISHER)
    decided, released = at_once(
        lambda: actions.decide(
            publication.round,
            letter,
            outcome=Outcome.NOT_SELECTED,
            reason=stage.REASON,
            actor=chair,
            at=publication.proposed_at,
        ),
        lambda: stage.release(publication, actor=other),
    )
    assert isinstance(decided, Refused) != isinstance(released, Refused)
    letter.refresh_from_db()
    assert letter.state == ("SHORTLISTED" if isinstance(released, Refused) else "SELECTED")


def test_a_withdrawn_letter_owes_no_decision():
    call_round, letters = stage.final(Outcome.SELECTED, Outcome.SELECTED)
    LetterOfIntent.objects.filter(pk=letters[1].pk).update(state="WITHDRAWN")
    assert stage.propose(call_round).positive_count == 1


def test_announcing_is_what_moves_a_letter(monkeypatch):
    publication, letters = stage.ready()
    told = []
    monkeypatch.setattr(letters_room, "announce", lambda outcomes, **rest: told.append(outcomes))
    stage.release(publication)
    (outcomes,) = told
    assert {key: str(state) for key, state in outcomes.items()} == {
        letters[0].pk: "SELECTED",
        letters[1].pk: "NOT_SELECTED",
    }
