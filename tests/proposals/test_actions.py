from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier, Event, Thread

import pytest
from django.db import DatabaseError, connection, transaction

from accounts import actions as people_room
from accounts import codes
from accounts.refusal import Refused
from audit import chain
from audit.models import Entry
from notifications.models import Message
from proposals import actions, content
from proposals.actions.drafting import MOST_DRAFTS
from proposals.models import CallSeal, LetterOfIntent, LetterVersion, Receipt
from proposals.states import LetterState
from tests import make

MILLISECOND = timedelta(milliseconds=1)
KEY = "a-key-that-nobody-guesses"


def submit(cast, key=KEY, **fields):
    return actions.submit(cast.letter, actor=cast.representative, idempotency_key=key, **fields)


def save(cast, revision=1, **changes):
    return actions.save_draft(cast.letter, changes=changes, revision=revision, actor=cast.editor)


def test_submitting_files_the_words_and_anchors_them_and_tells_everybody(cast):
    receipt = submit(cast)

    letter = LetterOfIntent.objects.get()
    version = LetterVersion.objects.get()
    assert (letter.state, letter.submitted_at) == (LetterState.SUBMITTED, version.accepted_at)
    assert version.sha256 == content.digest(version.content)
    assert version.content["fields"]["summary"] == make.COMPLETE["summary"]
    entry = Entry.objects.get(action="letter.submitted")
    assert (receipt.audit_seq, receipt.audit_head) == (entry.seq, entry.hash)
    assert entry.data == {"version": 1, "sha256": version.sha256}
    assert list(letter.events.values_list("actor", "from_state", "to_state", "at")) == [
        (cast.representative.pk, "DRAFT", "SUBMITTED", version.accepted_at)
    ]
    told = Message.objects.values_list("recipient", flat=True)
    assert set(told) == {p.pk for p in (cast.representative, cast.editor, cast.viewer)}
    assert chain.verify().fault is None


def test_the_last_millisecond_is_in_time(cast, it_is):
    it_is(cast.call.closes_at - MILLISECOND)
    assert submit(cast).version.accepted_at == cast.call.closes_at - MILLISECOND


@pytest.mark.parametrize("late", [0 * MILLISECOND, timedelta(microseconds=1), timedelta(days=1)])
def test_from_the_closing_instant_on_nothing_is_accepted(cast, it_is, late, nothing_written):
    # Bad input ID03.
    it_is(cast.call.closes_at + late)
    with nothing_written():
        with pytest.raises(actions.Refused) as refused:
            submit(cast)
        assert refused.value.code == "call_closed"
        with pytest.raises(actions.Refused):
            save(cast, title="Late")
        with pytest.raises(actions.Refused):
            actions.start_draft(cast.call, cast.agency, actor=cast.editor)


def test_before_the_opening_nothing_is_accepted(cast, it_is, nothing_written):
    it_is(cast.call.opens_at - MILLISECOND)
    with nothing_written(), pytest.raises(actions.Refused) as refused:
        actions.start_draft(cast.call, cast.agency, actor=cast.editor)
    assert refused.value.code == "call_not_open"


def test_an_incomplete_letter_is_refused_with_the_names_of_its_gaps(cast, nothing_written):
    save(cast, summary="", goals="")
    with nothing_written(), pytest.raises(actions.Incomplete) as refused:
        submit(cast)
    assert refused.value.fields == {"a": ["summary"], "c": ["goals"]}


def test_a_letter_changed_since_it_was_looked_at_is_not_filed(cast, nothing_written):
    seen = content.digest(content.of(cast.letter, version=1))
    save(cast, summary="A colleague had a better idea.")
    with nothing_written(), pytest.raises(actions.Changed):
        submit(cast, seen=seen)
    seen = content.digest(content.of(LetterOfIntent.objects.get(), version=1))
    assert submit(cast, seen=seen).version.sha256 == seen


def test_the_same_key_again_answers_with_the_same_receipt(cast, it_is, nothing_written):
    receipt = submit(cast)
    it_is(cast.call.closes_at + timedelta(days=1))
    with nothing_written():
        assert submit(cast) == receipt


def test_a_submitted_letter_can_be_neither_edited_nor_submitted_anew(cast, nothing_written):
    submit(cast)
    with nothing_written():
        with pytest.raises(actions.Refused) as refused:
            save(cast, title="Un-submitted?")
        with pytest.raises(actions.Refused):
            submit(cast, key="another-key-entirely")
    assert refused.value.code == "submitted"


def test_a_save_that_began_before_the_submission_does_not_undo_it(cast):
    # The page of somebody who opened the draft holds a row in state DRAFT.
    stale = LetterOfIntent.objects.get()
    submit(cast)
    with pytest.raises(actions.Refused):
        actions.save_draft(stale, changes={"title": "Old"}, revision=1, actor=cast.editor)
    assert LetterOfIntent.objects.get().state == LetterState.SUBMITTED


# --- two people in one draft ---


def test_two_saves_of_one_section_are_not_both_accepted(cast, nothing_written):
    save(cast, title="First")
    with nothing_written(), pytest.raises(actions.Stale) as stale:
        save(cast, summary="Second")
    assert (stale.value.current.title, stale.value.current.revision) == ("First", 2)


def test_two_sections_do_not_disturb_each_other(cast):
    save(cast, title="Identity")
    save(cast, goals="Science")
    assert save(cast, hazards="Resources").revision == 4


def test_a_save_whose_answer_was_lost_may_be_sent_again(cast, nothing_written):
    save(cast, title="Once")
    with nothing_written():
        assert save(cast, title="Once").revision == 2


def test_a_revision_from_the_future_is_stale(cast, nothing_written):
    with nothing_written(), pytest.raises(actions.Stale):
        save(cast, revision=2**63, title="Forced")


# --- many at once ---


def at_once(count, deed):
    """What `deed(i)` returned or raised in each of `count` threads that start together."""
    gate = Barrier(count)

    def run(number):
        try:
            gate.wait(10)
            return deed(number)
        except Refused as refused:  # of any room
            return refused
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def test_twenty_submits_with_one_key_give_one_version_and_one_receipt(shared):
    # Bad input IR01.
    answers = at_once(20, lambda _number: submit(shared))

    assert {answer.pk for answer in answers} == {Receipt.objects.get().pk}
    assert LetterVersion.objects.count() == 1
    assert Message.objects.count() == 3
    assert Entry.objects.filter(action="letter.submitted").count() == 1
    assert chain.verify().fault is None


def test_twenty_submits_with_twenty_keys_give_one_version(shared):
    # Bad input IR04.
    answers = at_once(20, lambda number: submit(shared, key=f"key-number-{number:010d}"))

    accepted = [answer for answer in answers if isinstance(answer, Receipt)]
    refused = [answer.code for answer in answers if isinstance(answer, actions.Refused)]
    assert (len(accepted), refused) == (1, ["submitted"] * 19)
    assert LetterVersion.objects.count() == 1
    assert chain.verify().fault is None


def test_submitting_and_editing_at_once_happen_in_one_order(shared):
    # Bad input IR03.
    deeds = [lambda: submit(shared), lambda: save(shared, summary="Edited.")]

    _receipt, edited = at_once(2, lambda number: deeds[number]())

    letter, version = LetterOfIntent.objects.get(), LetterVersion.objects.get()
    assert letter.state == LetterState.SUBMITTED
    # Either the edit came first and is filed, or it was refused; the copies never differ.
    assert version.content["fields"]["summary"] == letter.summary
    assert (letter.summary == "Edited.") != isinstance(edited, actions.Refused)


def somebody_waits_for_a_lock():
    """Ask until PostgreSQL says so; the lock that is waited for gives up after five seconds."""
    waiting = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    with connection.cursor() as cursor:
        for _ in range(20_000):
            cursor.execute(waiting)
            if cursor.fetchone()[0]:
                return True
    return False


def test_a_submission_that_waited_past_the_cutoff_is_refused(shared, it_is):
    # Bad input ID05.
    it_is(shared.call.closes_at - MILLISECOND)
    inside, may_leave = Event(), Event()

    def hold_the_letter():
        with transaction.atomic():
            LetterOfIntent.objects.select_for_update().get()
            inside.set()
            may_leave.wait(10)

    def submit_in_time():
        inside.wait(10)
        return submit(shared)

    def let_the_cutoff_pass():
        inside.wait(10)
        waited = somebody_waits_for_a_lock()
        it_is(shared.call.closes_at)
        may_leave.set()
        return waited

    deeds = (hold_the_letter, submit_in_time, let_the_cutoff_pass)
    _none, refused, waited = at_once(3, lambda number: deeds[number]())

    assert waited
    assert refused.code == "call_closed"
    assert not LetterVersion.objects.exists()


def test_the_seal_waits_for_a_submission_that_is_inside(shared, it_is):
    # Bad input ID06.
    it_is(shared.call.closes_at - MILLISECOND)
    inside, may_leave = Event(), Event()

    def submit_slowly():
        with transaction.atomic():
            submit(shared)
            inside.set()
            may_leave.wait(10)

    def seal():
        inside.wait(10)
        it_is(shared.call.closes_at)
        return actions.seal(shared.call, at=shared.call.closes_at)

    def watch():
        inside.wait(10)
        waited = somebody_waits_for_a_lock()
        may_leave.set()
        return waited

    _none, made, waited = at_once(3, lambda number: (submit_slowly, seal, watch)[number]())

    assert waited
    assert made.letters == 1 == LetterVersion.objects.count()


# --- the database's word ---


@pytest.mark.parametrize("edge", ["opens_at", "closes_at"])
def test_the_database_refuses_a_version_from_outside_the_window(cast, edge):
    outside = getattr(cast.call, edge) - (MILLISECOND if edge == "opens_at" else 0 * MILLISECOND)
    with pytest.raises(DatabaseError, match="while its call is open"), transaction.atomic():
        LetterVersion.objects.create(
            letter=cast.letter,
            number=1,
            content={},
            sha256="0" * 64,
            accepted_at=outside,
            submitted_by=cast.representative,
            idempotency_key=KEY,
        )


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM proposals_receipt",
        "DELETE FROM proposals_letterversion",
        "UPDATE proposals_letterversion SET sha256 = repeat('f', 64)",
        "UPDATE proposals_receipt SET code = 'x'",
    ],
)
def test_the_database_keeps_what_was_filed(cast, statement):
    submit(cast)
    with pytest.raises(DatabaseError, match="never changed"), connection.cursor() as cursor:
        cursor.execute(statement)


def test_the_database_takes_nothing_behind_the_seal_with_whatever_instant(cast):
    make.sealed(cast.call)
    with pytest.raises(DatabaseError, match="the call is sealed"), transaction.atomic():
        LetterVersion.objects.create(
            letter=cast.letter,
            number=1,
            content={},
            sha256="0" * 64,
            accepted_at=cast.call.closes_at - MILLISECOND,
            submitted_by=cast.representative,
            idempotency_key=KEY,
        )


# --- drafts ---


def test_an_agency_begins_letters_but_not_without_end(cast, it_is):
    others = MOST_DRAFTS - cast.call.letters.filter(agency=cast.agency).count()
    for _number in range(others):
        make.letter(call=cast.call, agency=cast.agency)
    with pytest.raises(actions.Refused) as refusal:
        actions.start_draft(cast.call, cast.agency, actor=cast.representative)
    assert refusal.value.code == "too_many_drafts"
    assert cast.call.letters.filter(agency=cast.agency).count() == MOST_DRAFTS
    assert actions.start_draft(cast.call, make.agency(), actor=cast.representative)


def test_a_reference_is_found_however_many_are_taken(cast):
    agency = make.agency()
    rows = [
        LetterOfIntent(
            call=cast.call,
            agency=agency,
            reference=f"{cast.call.code}-{number:04d}",
            created_at=make.OPENS,
            updated_at=make.OPENS,
        )
        for number in range(1, 10_000)
    ]
    LetterOfIntent.objects.bulk_create(rows, batch_size=2_000)
    letter = actions.start_draft(cast.call, cast.agency, actor=cast.representative)
    assert len(letter.reference) == 20


# --- the seal ---


def test_whose_letters_are_judged_keeps_name_and_place_until_the_archive(cast, it_is):
    submit(cast)
    other = make.letter(call=cast.call).agency
    it_is(cast.call.closes_at)
    actions.seal(cast.call, at=cast.call.closes_at)
    for agency in (cast.agency, other):
        agency.refresh_from_db()
    assert (cast.agency.fixed_at, other.fixed_at) == (cast.call.closes_at, None)
    changes = {"changes": {"name": "Another"}, "actor": cast.representative}
    with pytest.raises(people_room.Refused) as refusal:
        people_room.edit_agency(cast.agency, **changes, at=cast.call.closes_at)
    assert refusal.value.code == "agency_fixed"
    cast.agency.refresh_from_db()
    assert cast.agency.name != "Another"
    actions.archive(cast.call, at=cast.call.closes_at)
    assert people_room.edit_agency(cast.agency, **changes, at=cast.call.closes_at).name == "Another"


def test_an_agency_that_is_judged_in_another_call_stays_fixed(cast, it_is):
    submit(cast)
    later = make.letter(agency=cast.agency, state=LetterState.SUBMITTED)
    make.sealed(later.call)
    it_is(cast.call.closes_at)
    actions.seal(cast.call, at=cast.call.closes_at)
    for call, is_fixed in ((cast.call, True), (later.call, False)):
        actions.archive(call, at=cast.call.closes_at)
        cast.agency.refresh_from_db()
        assert bool(cast.agency.fixed_at) is is_fixed


def test_a_call_is_sealed_once_and_only_after_it_closed(cast, it_is, nothing_written):
    make.letter(call=cast.call)
    with nothing_written():
        assert actions.seal(cast.call, at=cast.call.closes_at - MILLISECOND) is None
    submit(cast)
    it_is(cast.call.closes_at)

    seal = actions.seal(cast.call, at=cast.call.closes_at)

    assert seal.letters == 1
    assert seal.audit_head == chain.head()
    with nothing_written():
        assert actions.seal(cast.call, at=cast.call.closes_at) is None
    assert CallSeal.objects.get() == seal


def test_a_sealed_call_takes_nothing_though_the_database_s_clock_goes_back(
    cast, it_is, nothing_written
):
    """ID10: the seal counted what there was, so nothing may come after it."""
    other = make.letter(call=cast.call, agency=cast.agency)
    actions.submit(other, actor=cast.representative, idempotency_key="the-first-key-of-all")
    it_is(cast.call.closes_at)
    actions.seal(cast.call, at=cast.call.closes_at)
    it_is(cast.call.closes_at - timedelta(hours=1))
    for act in (
        lambda: submit(cast),
        lambda: save(cast, title="An hour more"),
        lambda: actions.start_draft(cast.call, cast.agency, actor=cast.editor),
        lambda: actions.reopen(other, actor=cast.editor),
    ):
        with nothing_written(), pytest.raises(actions.Refused) as refused:
            act()
        assert refused.value.code == "call_closed"


@pytest.mark.parametrize("offset", [-MILLISECOND, 0 * MILLISECOND, MILLISECOND])
@pytest.mark.parametrize("edge", ["opens_at", "closes_at"])
@pytest.mark.django_db
def test_python_and_sql_agree_on_whether_a_call_is_open(edge, offset):
    call = make.call()
    moment = getattr(call, edge) + offset
    assert type(call).objects.open_at(moment).exists() == call.is_open_at(moment)


def test_filing_does_not_wait_for_whoever_locks_the_person_or_the_agency(shared):
    """It would wait at commit, with the audit chain in its hands, which the other waits for."""
    other = Thread(target=at_once, args=(1, lambda _number: submit(shared)))
    with transaction.atomic():
        codes.send(shared.representative, purpose="x", session="s", what="y", at=make.OPENS)
        other.start()
        other.join(3)
        waits = other.is_alive()
    other.join()
    assert not waits
    assert LetterVersion.objects.count() == 1
