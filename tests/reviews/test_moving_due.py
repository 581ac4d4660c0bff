"""The fuller proposals are due at another time: who moves it, to when, and what follows."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from accounts.models import Membership
from accounts.states import Role, Seat
from audit.models import Entry
from notifications.models import Message
from notifications.states import MessageState
from proposals import actions as letters_room
from proposals import invariants, reminders
from proposals.models import CallRound, DueChange
from proposals.states import LetterState, RoundKind
from reviews import actions
from reviews.models import Ranking
from tests import make
from tests.proposals.conftest import everything
from tests.reviews import papers

pytestmark = pytest.mark.django_db
# make.shortlisted_letter is told of the shortlist at `TOLD`.
TOLD = make.CLOSES + timedelta(days=110)
DUE = datetime(2024, 6, 15, 16, tzinfo=UTC)
REVIEWS_DUE = datetime(2024, 8, 15, 16, tzinfo=UTC)
DAY, WEEK, MOMENT = timedelta(days=1), timedelta(days=7), timedelta(milliseconds=1)
NOW = DUE - 30 * DAY
LATER = DUE + 10 * DAY
REASON = "The portal could not be reached for two days."
ADDRESS = "/panel/final/fuller-due/"
TYPED = "2024-06-26T00:00"


@pytest.fixture
def final(it_is):
    call = make.call()
    make.rubric(call)
    CallRound.objects.filter(call=call, kind=RoundKind.FINAL).update(proposals_due_at=DUE)
    it_is(NOW)
    return make.final_round(call)


@pytest.fixture
def letter(final):
    made = make.shortlisted_letter(call=final.call, title="Dust sensor")
    make.member(made.agency, language="en")
    papers.filed(made)
    return made


@pytest.fixture
def chair(final, client):
    person = make.user(Role.CHAIR, name="Chair One")
    client.force_login(person)
    return person


def move(final, chair, due_at=LATER, **fields):
    return actions.move_fuller_due(
        final, **{"due_at": due_at, "reason": REASON, "seen": DUE, **fields}, actor=chair
    )


def present(final):
    final.refresh_from_db()
    return final.proposals_due_at


def sent(due_at=TYPED, *, reason=REASON, seen=DUE, **more):
    return {"due_at": due_at, "reason": reason, "seen": seen.isoformat(), **more}


def damage() -> list[str]:
    """What is found of due instants; the letters here were never filed in earnest."""
    return [said for said in invariants.findings(at=NOW) if "moved" in said]


def told():
    return Message.objects.filter(template="fuller_due_moved")


# --- moving it ------------------------------------------------------------------------------------


def test_it_moves_with_a_reason_that_stands_in_the_record(final, letter, chair):
    change = move(final, chair)
    assert present(final) == LATER
    assert (change.due_before, change.due_at, change.changed_at) == (DUE, LATER, NOW)
    entry = Entry.objects.order_by("seq").last()
    assert (entry.action, entry.actor) == ("fuller.due_moved", str(chair.pk))
    assert entry.subject == f"round:{final.pk}"
    assert entry.data == {
        "change": change.pk,
        "from": DUE.isoformat(),
        "to": LATER.isoformat(),
        "reason": REASON,
    }
    assert damage() == []


def test_a_proposal_is_taken_until_the_new_instant_and_not_at_it(final, letter, chair, it_is):
    move(final, chair)
    it_is(LATER - MOMENT)
    papers.file_fuller(letter)
    it_is(LATER)
    with pytest.raises(letters_room.Refused) as refusal:
        papers.file_fuller(letter)
    assert refusal.value.code == "too_late"


def test_what_was_closed_opens_again(final, letter, chair, it_is):
    papers.file_fuller(letter)
    it_is(DUE)
    with pytest.raises(letters_room.Refused):
        papers.file_fuller(letter, changes="Too late.")
    change = move(final, chair)
    assert change.opens_again
    papers.file_fuller(letter, changes="In time after all.")
    assert letter.fuller_versions.count() == 2
    assert "That time had passed." in told().get().body


def test_a_millisecond_before_it_is_due_nothing_opens_again(final, letter, chair, it_is):
    it_is(DUE - MOMENT)
    assert not move(final, chair).opens_again
    assert "What is filed already counts." in told().get().body


@pytest.mark.parametrize(
    ("now", "to"),
    [
        # Later: to any instant ahead, while it is open and once it was closed.
        (NOW, DUE + MOMENT),
        (DUE - MOMENT, DUE + MOMENT),
        (DUE, DUE + MOMENT),
        (DUE + 3 * DAY, DUE + 3 * DAY + MOMENT),
        # Until the reviews are due.
        (NOW, REVIEWS_DUE - MOMENT),
        (REVIEWS_DUE - 2 * MOMENT, REVIEWS_DUE - MOMENT),
        # Earlier: so that agencies keep seven days.
        (NOW, NOW + WEEK),
        (DUE - WEEK - MOMENT, DUE - MOMENT),
    ],
)
def test_when_it_can_be(final, chair, it_is, now, to):
    it_is(now)
    move(final, chair, to)
    assert present(final) == to


@pytest.mark.parametrize(
    ("now", "to", "said"),
    [
        (NOW, NOW, "has passed"),
        (NOW, NOW - DAY, "has passed"),
        (DUE + DAY, DUE + DAY, "has passed"),
        (NOW, DUE, "already"),
        (NOW, NOW + WEEK - MOMENT, "must keep 7 days. Choose 23 May 2024, 24:00 Beijing time or"),
        (DUE - WEEK, DUE - MOMENT, "must keep 7 days"),
        (NOW, REVIEWS_DUE, "The reviews of this round are due at 15 August 2024, 24:00 Beijing"),
        (NOW, REVIEWS_DUE + DAY, "Choose a due time before that."),
    ],
)
def test_when_it_cannot_be(final, letter, chair, it_is, now, to, said):
    it_is(now)
    before = everything()
    with pytest.raises(actions.Refused, match=said) as refusal:
        move(final, chair, to)
    assert refusal.value.code == "date"
    assert everything() == before


def test_the_least_that_is_named_can_be_chosen(final, chair, it_is):
    it_is(NOW + timedelta(seconds=20))
    with pytest.raises(actions.Refused, match="Choose 24 May 2024, 00:01 Beijing time or later"):
        move(final, chair, NOW + WEEK)
    move(final, chair, NOW + WEEK + timedelta(minutes=1))


def test_from_the_reviews_due_instant_on_nothing_moves_it(final, letter, chair, it_is):
    it_is(REVIEWS_DUE)
    before = everything()
    with pytest.raises(actions.Refused) as refusal:
        move(final, chair, REVIEWS_DUE + DAY)
    assert refusal.value.code == "fixed"
    assert everything() == before


def test_a_frozen_ranking_keeps_it_where_it_is(final, letter, chair, client):
    froze(final, chair)
    with pytest.raises(actions.Refused) as refusal:
        move(final, chair)
    assert refusal.value.code == "fixed"
    assert "is frozen" in client.get(ADDRESS).content.decode()
    assert "<textarea" not in client.get(ADDRESS).content.decode()
    answer = client.post(ADDRESS, sent())
    assert answer.status_code == 409
    # What was typed stays.
    assert REASON in answer.content.decode()
    assert present(final) == DUE


def froze(final, chair):
    Ranking.objects.create(round=final, frozen_at=NOW, frozen_by=chair, rubric=[])


def test_two_chairs_do_not_undo_each_other_unseen(final, letter, chair):
    other = make.user(Role.CHAIR)
    move(final, other, LATER + DAY)
    before = everything()
    with pytest.raises(actions.Refused, match="26 June 2024, 24:00 Beijing time") as refusal:
        move(final, chair)
    assert refusal.value.code == "changed"
    assert everything() == before


def test_a_second_click_is_the_first_one(final, letter, chair):
    first = move(final, chair)
    before = everything()
    assert move(final, chair) == first
    assert everything() == before
    # To and fro again is another one.
    back = move(final, chair, DUE, seen=LATER)
    assert move(final, chair) not in (first, back)


def test_what_was_moved_is_never_changed(final, chair):
    change = move(final, chair)
    for spoil in (
        lambda: DueChange.objects.update(reason="Another one."),
        lambda: DueChange.objects.filter(pk=change.pk).delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            spoil()


def test_a_move_beside_the_action_is_found(final, chair):
    move(final, chair)
    CallRound.objects.filter(pk=final.pk).update(proposals_due_at=LATER + DAY)
    assert damage() == ["proposals: the due instant of Final selection moved without a reason"]
    DueChange.objects.create(
        round=final,
        due_before=LATER,
        due_at=LATER + DAY,
        reason=REASON,
        changed_by=chair,
        changed_at=NOW + DAY,
    )
    [said] = damage()
    assert said.endswith("until 2024-06-26 16:00 was moved is not in the record")


@pytest.mark.django_db(transaction=True)
def test_whoever_files_waits_for_the_move_and_is_in_time(final, letter, chair, it_is):
    it_is(DUE)
    moved, filed = threading.Event(), threading.Event()

    def file():
        moved.wait()
        papers.file_fuller(letter)
        filed.set()
        connection.close()

    thread = threading.Thread(target=file)
    thread.start()
    with transaction.atomic():
        move(final, chair)
        moved.set()
        assert not filed.wait(0.5)
    thread.join()
    assert filed.is_set()


# --- who is told ----------------------------------------------------------------------------------


def test_everybody_with_a_letter_on_the_shortlist_is_told_once(final, letter, chair):
    agency = letter.agency
    second = make.shortlisted_letter(call=final.call, agency=agency, title="Mast camera")
    other = make.shortlisted_letter(call=final.call)
    lone = make.member(other.agency, Seat.VIEWER, language="zh-hans")
    gone = make.member(agency, Seat.EDITOR, is_active=False)
    waiting, withdrawn = (make.eligible_letter(call=final.call) for _n in range(2))
    withdrawn.state = LetterState.WITHDRAWN
    withdrawn.save(update_fields=["state"])
    others = [make.member(one.agency) for one in (waiting, withdrawn)]
    editor = make.member(agency, Seat.EDITOR, time_zone="America/Lima")

    move(final, chair)

    mails = {mail.recipient: mail for mail in told()}
    assert set(mails) == {*agency.members.filter(is_active=True), lone}
    assert not {gone, *others} & set(mails)
    body = mails[editor].body
    for said in (
        *(REASON, "15 June 2024, 24:00 Beijing time", "25 June 2024, 24:00 Beijing time"),
        *("2024-06-25 11:00 America/Lima", letter.reference, second.reference),
        f"/letters/{second.pk}/fuller/",
    ):
        assert said in body, said
    assert other.reference not in body
    assert mails[editor].subject.startswith("More time for the fuller proposals")
    # In the log of the letter it is about; one about two is in neither.
    assert mails[lone].about == other.pk
    assert mails[editor].about is None
    assert mails[lone].language == "zh-hans"

    move(final, chair, DUE, seen=LATER)
    assert told().count() == 2 * len(mails)
    assert told().filter(subject__startswith="Less time", recipient=editor).count() == 1


def test_before_the_shortlist_is_published_nobody_is_told(final, chair, client):
    make.member(make.eligible_letter(call=final.call).agency)
    move(final, chair)
    assert not told().exists()
    said = client.post(ADDRESS, sent("2024-06-28T00:00", seen=LATER)).content.decode()
    assert "The shortlist is not published yet" in said


# --- reminders ------------------------------------------------------------------------------------


def reminded(at) -> int:
    return reminders.queue_fuller_due(at=at)


def test_reminders_go_by_the_new_time(final, letter, chair):
    assert reminded(DUE - 14 * DAY) == 1
    move(final, chair)
    assert reminded(DUE - 7 * DAY) == 0
    for days in (14, 7, 3, 1):
        assert reminded(LATER - days * DAY - MOMENT) == 0
        assert reminded(LATER - days * DAY) == 1
    assert reminded(LATER) == 0
    mails = Message.objects.filter(template="fuller_due").order_by("queued_at")
    # The one of the old time had not left yet, and does not.
    assert [mail.state for mail in mails] == [MessageState.LAPSED, *[MessageState.QUEUED] * 4]
    assert "25 June 2024, 24:00 Beijing time" in mails.last().body
    assert mails.last().expires_at == LATER


def test_a_step_before_the_move_is_not_owed_as_well(final, letter, chair, it_is):
    it_is(DUE + DAY)
    # Of the new time thirteen days are left, seven of them before the next step.
    move(final, chair, DUE + 14 * DAY)
    assert reminded(DUE + DAY) == 0
    assert reminded(DUE + 7 * DAY - MOMENT) == 0
    assert reminded(DUE + 7 * DAY) == 1


def test_a_time_that_moved_earlier_reminds_earlier(final, letter, chair):
    move(final, chair, NOW + 8 * DAY)
    assert reminded(NOW + DAY) == 1
    assert Message.objects.get(template="fuller_due").expires_at == NOW + 8 * DAY


# --- the chair's page -----------------------------------------------------------------------------


def test_it_is_shown_first_and_moves_when_confirmed(final, letter, chair, client):
    page = client.get(ADDRESS).content.decode()
    assert "Fuller proposals are due by 15 June 2024, 24:00 Beijing time" in page
    before = everything()
    shown = client.post(ADDRESS, sent())
    assert shown.status_code == 200
    assert everything() == before
    said = shown.content.decode()
    for words in (
        *("15 June 2024, 24:00 Beijing time", "25 June 2024, 24:00 Beijing time", REASON),
        *("2024-06-25 16:00 UTC", "has longer to write and file", "is told by mail, once"),
        # Of the announced month no day is made.
        *("stays announced for September 2024", "stay due 15 August 2024, 24:00"),
    ):
        assert words in said, words
    answer = client.post(ADDRESS, sent(confirm="yes"), follow=True)
    assert answer.redirect_chain == [(ADDRESS, 302)]
    assert present(final) == LATER
    assert REASON in answer.content.decode()
    assert told().count() == 1
    # A second click of the same button.
    assert client.post(ADDRESS, sent(confirm="yes")).status_code == 302
    assert told().count() == 1


@pytest.mark.parametrize(
    ("now", "typed", "said"),
    [
        (DUE + DAY, TYPED, "What was closed opens again."),
        (NOW, "2024-06-10T00:00", "Agencies have less time than they were told."),
    ],
)
def test_what_it_means_is_said_before(final, letter, chair, client, it_is, now, typed, said):
    it_is(now)
    assert said in client.post(ADDRESS, sent(typed)).content.decode()
    closed = "This time has passed: nothing more is taken." in client.get(ADDRESS).content.decode()
    assert closed == (now >= DUE)


def test_one_can_go_back_and_change_it(final, letter, chair, client):
    answer = client.post(ADDRESS, sent(back="yes"))
    assert answer.status_code == 200
    assert f'value="{TYPED}"' in answer.content.decode()
    assert REASON in answer.content.decode()
    assert "Moved before" not in answer.content.decode()


@pytest.mark.parametrize("confirm", [{}, {"confirm": "yes"}])
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"due_at": ""}, "Write the new due time"),
        ({"due_at": "26 June"}, "Write the day and the time like"),
        ({"due_at": "2024-06-31T00:00"}, "Write the day and the time like"),
        ({"due_at": "9999-12-31T23:59"}, "Choose a day from 2020 to 2040."),
        ({"due_at": "2024-05-16T23:00"}, "Choose a later one."),
        ({"due_at": "2024-06-16T00:00"}, "Choose another due time."),
        ({"due_at": "2024-05-20T00:00"}, "Choose 23 May 2024, 24:00 Beijing time or later."),
        ({"due_at": "2024-08-16T00:00"}, "Choose a due time before that."),
        ({"reason": " \n "}, "Say why the due time moves"),
        ({"reason": "x" * 1501}, "1501"),
        ({"seen": ""}, "Load the page anew"),
        ({"seen": "2024-06-15T16:00:00"}, "Load the page anew"),
        ({"seen": "yesterday"}, "Load the page anew"),
    ],
)
def test_bad_input_is_told_and_nothing_is_written(
    final, letter, chair, client, changes, said, confirm
):
    before = everything()
    answer = client.post(ADDRESS, {**sent(), **changes, **confirm})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert everything() == before


def test_an_offset_says_another_zone(final, chair, client):
    client.post(ADDRESS, sent("2024-06-25T12:00-05:00", confirm="yes"))
    assert present(final) == datetime(2024, 6, 25, 17, tzinfo=UTC)


def test_a_page_that_is_behind_is_told_and_shows_the_present_time(final, letter, chair, client):
    move(final, make.user(Role.CHAIR), LATER + DAY)
    answer = client.post(ADDRESS, sent(confirm="yes"))
    assert answer.status_code == 409
    said = answer.content.decode()
    assert "It was moved while you looked at it" in said
    assert f'name="seen" value="{(LATER + DAY).isoformat()}"' in said
    assert f'value="{TYPED}"' in said
    assert present(final) == LATER + DAY


def test_the_last_instant_counts_when_it_is_confirmed(final, letter, chair, client, it_is):
    assert client.post(ADDRESS, sent("2024-08-15T00:00")).status_code == 200
    it_is(REVIEWS_DUE)
    answer = client.post(ADDRESS, sent("2024-08-15T00:00", confirm="yes"))
    assert answer.status_code == 409
    assert present(final) == DUE


def test_a_chair_with_a_seat_in_an_agency_sets_no_dates(final, letter, client):
    partial = make.user(Role.CHAIR)
    Membership.objects.create(
        user=partial, agency=letter.agency, seat=Seat.VIEWER, since=make.OPENS
    )
    client.force_login(partial)
    assert client.get(ADDRESS).status_code == 403
    assert client.post(ADDRESS, sent(confirm="yes")).status_code == 403
    assert present(final) == DUE


def test_there_is_no_such_page_where_none_are_asked(final, chair, client):
    assert client.get("/panel/preliminary/fuller-due/").status_code == 404
    CallRound.objects.update(proposals_due_at=None)
    assert client.get(ADDRESS).status_code == 404
    assert client.post(ADDRESS, sent(confirm="yes")).status_code == 404


def test_the_panels_first_page_leads_to_it(final, letter, chair, client, it_is):
    said = client.get(reverse("panel:home")).content.decode()
    assert "due 15 June 2024, 24:00 Beijing time" in said
    assert f'<a href="{ADDRESS}">Move this time</a>' in said
    it_is(REVIEWS_DUE)
    said = client.get(reverse("panel:home")).content.decode()
    assert f'<a href="{ADDRESS}">About this time</a>' in said


@pytest.mark.parametrize("moves", [1, 3])
def test_the_page_costs_the_same_however_often_it_moved(
    final, chair, client, moves, django_assert_num_queries
):
    for number in range(moves):
        seen = present(final)
        move(final, make.user(Role.CHAIR), DUE + (number + 1) * DAY, seen=seen)
    client.get(ADDRESS)
    with django_assert_num_queries(7):
        said = client.get(ADDRESS).content.decode()
    assert said.count(REASON) == moves


# --- the agency's pages ---------------------------------------------------------------------------


def test_the_agency_reads_the_old_time_the_new_one_and_the_reason(final, letter, chair, client):
    move(final, chair)
    client.force_login(letter.agency.members.get())
    page = client.get(reverse("proposals:fuller", args=[letter.pk])).content.decode()
    assert "from 15 June 2024, 24:00 Beijing time to 25 June 2024, 24:00 Beijing time" in page
    assert REASON in page
    assert "Fuller proposals are due by 25 June 2024, 24:00 Beijing time" in page
    detail = client.get(reverse("proposals:detail", args=[letter.pk])).content.decode()
    assert "The time was changed for everybody; it was 15 June 2024, 24:00 Beijing time." in detail


def test_a_time_it_never_knew_is_not_told(final, letter, chair, client, it_is):
    it_is(TOLD - MOMENT)
    move(final, chair, reason="Before anybody knew.")
    client.force_login(letter.agency.members.get())
    for name in ("fuller", "detail"):
        page = client.get(reverse(f"proposals:{name}", args=[letter.pk])).content.decode()
        assert "25 June 2024, 24:00 Beijing time" in page
        assert "Before anybody knew." not in page
        assert "15 June 2024" not in page
