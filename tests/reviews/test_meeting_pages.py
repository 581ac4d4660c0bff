"""The pages of a meeting: the chair's, everybody's screen, and what a person in conflict gets."""

import re
import uuid

import pytest
from django.urls import reverse

from accounts.states import Role
from reviews import actions
from reviews.models import Meeting, Participant
from reviews.pseudonyms import pseudonym
from tests import make
from tests.conftest import SettledClient
from tests.reviews.panel_in_session import DAY, MINUTE, Session

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def panel(it_is):
    found = Session()
    it_is(found.at + DAY)
    return found


@pytest.fixture
def meeting(panel):
    return panel.held()


def signed_in(person):
    client = SettledClient()
    client.force_login(person)
    return client


def chairs(meeting, name="meeting", *more):
    return reverse(f"panel:{name}", args=["preliminary", meeting.pk, *more])


def own(meeting, name="meeting", *more):
    return reverse(f"reviews:{name}", args=[meeting.pk, *more])


def text(response):
    return response.content.decode()


# --- planning -------------------------------------------------------------------------------------


def test_the_chair_plans_invites_and_fills_the_agenda(panel):
    client = signed_in(panel.chair)
    answer = client.post(
        reverse("panel:meetings", args=["preliminary"]),
        {"title": "Panel meeting", "place": "Room 5", "starts_at": "2031-03-01T09:00"},
    )
    meeting = Meeting.objects.get()
    # Meant in the call's zone, whatever the chair's is.
    assert f"{meeting.starts_at:%Y-%m-%d %H:%M}" == "2031-03-01 01:00"
    assert answer.url == chairs(meeting, "meeting_people")
    page = client.get(answer.url)
    assert page.context["ticked"] == {one.pk for one in panel.people}
    ids = [str(pk) for pk in page.context["ticked"]]
    answer = client.post(answer.url, {"person": ids})
    assert Participant.objects.count() == len(panel.people)
    page = client.get(answer.url)
    assert page.context["flagged"] == [panel.first]
    for form in (
        {"do": "propose"},
        {"do": "add", "letter": [str(panel.second.pk)]},
        {"do": "subject", "subject": "Any other business"},
    ):
        assert client.post(answer.url, form).status_code == 302
    second = panel.item(meeting, panel.second)
    assert client.post(answer.url, {"do": "up", "item": str(second.pk)}).status_code == 302
    page = client.get(answer.url)
    shown = [str(item) for item in page.context["items"]]
    assert shown == [panel.second.reference, panel.first.reference, "Any other business"]
    assert "drawn by lot" in text(page)
    assert client.post(answer.url, {"do": "remove", "item": str(second.pk)}).status_code == 302
    assert meeting.items.count() == 2


@pytest.mark.parametrize(
    "form",
    [
        {"title": "", "place": "P", "starts_at": "2031-03-01T09:00"},
        {"title": "T", "place": "", "starts_at": "2031-03-01T09:00"},
        {"title": "T", "place": "P", "starts_at": ""},
        {"title": "T", "place": "P", "starts_at": "tomorrow"},
        {"title": "T" * 121, "place": "P", "starts_at": "2031-03-01T09:00"},
        {"title": "T", "place": "P" * 301, "starts_at": "2031-03-01T09:00"},
        {"title": "T", "place": "P", "starts_at": "2019-03-01T09:00"},
    ],
)
def test_a_meeting_without_title_place_or_time_is_not_planned(panel, form):
    client = signed_in(panel.chair)
    answer = client.post(reverse("panel:meetings", args=["preliminary"]), form)
    assert answer.status_code == 422
    assert not Meeting.objects.exists()


def test_a_time_that_has_passed_and_a_moved_meeting_that_began_are_409(panel, meeting):
    client = signed_in(panel.chair)
    form = {"title": "T", "place": "P", "starts_at": "2023-03-01T09:00"}
    there = reverse("panel:meetings", args=["preliminary"])
    assert client.post(there, form).status_code == 409
    form["starts_at"] = "2031-03-01T09:00"
    assert client.post(chairs(meeting, "meeting_change"), form).status_code == 409
    assert "starts_at" in client.get(chairs(meeting, "meeting_change")).context["form"].initial


def test_a_cancelled_meeting_says_so_and_leaves_the_queue(panel):
    meeting = panel.planned()
    chair, ana = signed_in(panel.chair), signed_in(panel.ana)
    assert "Panel meeting" in text(ana.get(reverse("reviews:queue")))
    change = chairs(meeting, "meeting_change")
    assert chair.post(change, {"do": "cancel"}).status_code == 302
    assert chair.post(change, {"do": "cancel"}).status_code == 409
    for client, address in ((chair, chairs(meeting)), (ana, own(meeting))):
        body = text(client.get(address))
        assert "This meeting was cancelled." in body
        assert "hx-get" not in body
    assert "Panel meeting" not in text(ana.get(reverse("reviews:queue")))
    assert "Add it" not in text(chair.get(chairs(meeting, "meeting_agenda")))
    for address in (chairs(meeting, "meeting_minutes"), chairs(meeting, "meeting_minutes_pdf")):
        assert chair.get(address).status_code == 404


@pytest.mark.parametrize(
    "form",
    [
        {"do": "fly"},
        {"do": "up", "item": "1"},
        {"do": "up", "item": ""},
        {"do": "remove", "item": str(uuid.uuid4())},
        {"do": "add", "letter": ["x"]},
    ],
)
def test_what_no_page_offers_is_404(panel, meeting, form):
    client = signed_in(panel.chair)
    assert client.post(chairs(meeting, "meeting_agenda"), form).status_code == 404


def test_bad_wishes_for_the_agenda_and_for_guests_are_409_or_404(panel, meeting):
    client = signed_in(panel.chair)
    agenda, people = chairs(meeting, "meeting_agenda"), chairs(meeting, "meeting_people")
    for form in ({"do": "add"}, {"do": "subject", "subject": " "}, {"do": "propose"}):
        assert client.post(agenda, form).status_code == 409
    long = {"do": "subject", "subject": "x" * 201}
    assert client.post(agenda, long).status_code == 409
    assert client.post(people, {}).status_code == 409
    publisher = make.user(Role.PUBLISHER)
    assert client.post(people, {"person": [str(publisher.pk)]}).status_code == 404
    assert client.post(people, {"person": ["x"]}).status_code == 404


# --- holding --------------------------------------------------------------------------------------


def test_the_letter_comes_to_every_screen_and_goes(panel, meeting):
    ana, chair = signed_in(panel.ana), signed_in(panel.chair)
    screen = own(meeting, "meeting_screen")
    assert "No item is being taken" in text(ana.get(screen))
    item = panel.item(meeting, panel.second)
    step = chairs(meeting)
    assert chair.post(step, {"do": "call", "item": str(item.pk), "seen": ""}).status_code == 302
    body = text(ana.get(screen))
    assert "Dust counter" in body
    cleo = pseudonym(panel.round.pk, panel.second.pk, panel.cleo.pk)
    assert f"Reviewer {cleo}" in body
    assert "Cleo Reader" not in body
    # Who has not filed a review of it sees which it is, and no mark.
    body = text(signed_in(panel.ben).get(screen))
    assert "Dust counter" in body
    assert "You do not review this letter" in body
    assert "marks-side-by-side" not in body
    assert "Cleo Reader" in text(chair.get(chairs(meeting)))
    record = {"do": "record", "item": str(item.pk), "decision": "SCORED", "note": "", "ends": "1"}
    assert chair.post(step, record).status_code == 302
    body = text(ana.get(screen))
    assert "No item is being taken" in body
    assert "Stands as scored" in body


def test_nobody_reads_marks_or_consensus_before_the_own_review_is_filed(panel, meeting):
    late = make.assignment(letter=panel.second, reviewer=panel.ben, assigned_by=panel.chair)
    panel.agreed(panel.second)
    panel.opened(meeting, panel.second)
    client, screen = signed_in(panel.ben), own(meeting, "meeting_screen")
    body = text(client.get(screen))
    assert "File your own review" in body
    for shut in ("Take it.", "marks-side-by-side", "Too heavy"):
        assert shut not in body
    make.review(of=late)
    body = text(client.get(screen))
    assert "Take it." in body
    assert "marks-side-by-side" in body


def test_a_screen_that_is_the_same_is_304_and_one_that_changed_is_not(
    panel, meeting, django_assert_max_num_queries
):
    panel.opened(meeting, panel.second)
    client, screen = signed_in(panel.ana), own(meeting, "meeting_screen")
    answer = client.get(screen)
    tag = answer["ETag"]
    # It tells the browser which one it has, and does not keep a session of its own alive.
    assert tag.strip('"') in text(answer)
    with django_assert_max_num_queries(9):
        answer = client.get(screen, headers={"If-None-Match": tag})
    assert (answer.status_code, answer.content, answer["ETag"]) == (304, b"", tag)
    panel.agreed(panel.second)
    assert client.get(screen, headers={"If-None-Match": tag}).status_code == 200
    chinese = client.get(screen, headers={"If-None-Match": tag, "Accept-Language": "zh-hans"})
    assert chinese.status_code == 200
    for broken in ("", "x", '"x', "W/"):
        assert client.get(screen, headers={"If-None-Match": broken}).status_code == 200


def test_a_page_that_waits_for_the_meeting_keeps_no_session_alive(panel):
    meeting = panel.planned()
    client = signed_in(panel.ana)
    assert "X-Portal-Poll" in text(client.get(own(meeting)))
    actions.start_meeting(meeting, set(), actor=panel.chair, at=panel.at + DAY)
    assert "X-Portal-Poll" not in text(client.get(own(meeting)))


def test_the_chairs_page_loads_anew_only_where_its_forms_no_longer_fit(panel, meeting):
    client = signed_in(panel.chair)
    address = client.get(chairs(meeting)).context["screen_url"]
    assert "HX-Refresh" not in client.get(address, headers=HTMX)
    panel.called(meeting, panel.first)
    assert client.get(address, headers=HTMX)["HX-Refresh"] == "true"
    # The one who must leave is shown nothing else, by the same way.
    deputy = signed_in(panel.deputy)
    body = text(deputy.get(chairs(meeting)))
    assert "Please leave the room now" in body
    assert "Ice drill" not in body
    assert "For you who lead" not in body


def test_the_chair_sees_who_must_leave_and_opens_nothing_before(panel, meeting):
    client, step = signed_in(panel.chair), chairs(meeting)
    item = str(panel.item(meeting, panel.first).pk)
    assert client.post(step, {"do": "call", "item": item, "seen": ""}).status_code == 302
    page = client.get(step)
    assert [str(one.person) for one in page.context["leaving"]] == ["Cleo Reader", "Dora Deputy"]
    answer = client.post(step, {"do": "open", "item": item})
    assert answer.status_code == 409
    assert "must leave the room: Cleo Reader, Dora Deputy" in text(answer)
    out = [str(panel.cleo.pk), str(panel.deputy.pk)]
    assert client.post(step, {"do": "left", "item": item, "person": out}).status_code == 302
    assert client.post(step, {"do": "open", "item": item}).status_code == 302
    record = {"do": "record", "item": item, "decision": "LEFT", "reason": "", "note": "n"}
    answer = client.post(step, record)
    assert answer.status_code == 422
    assert answer.context["form"].errors.keys() == {"reason"}
    answer = client.post(step, {**record, "decision": "CONSENSUS", "ends": "1"})
    assert answer.status_code == 409
    assert "Write the consensus first" in text(answer)
    for broken in ({"decision": "FLY"}, {"decision": "MORE"}, {"note": "x" * 3001}):
        assert client.post(step, {**record, **broken}).status_code == 422
    record = {**record, "decision": "MORE", "more": "2", "reason": "Open.", "ends": "1"}
    assert client.post(step, record).status_code == 302
    assert client.post(step, {"do": "back", "person": out}).status_code == 302
    page = client.get(reverse("panel:assign", args=["preliminary", panel.first.pk]))
    assert page.context["wanted"] == 4
    assert "wants 2 more reviews" in text(page)
    page = client.get(reverse("panel:assignment", args=["preliminary"]))
    assert "2 of 4" in text(page)
    page = client.get(reverse("panel:plans", args=["preliminary"]))
    assert "A meeting wanted more reviews of 1 letter" in text(page)


def test_a_letter_that_is_called_shows_its_name_and_nothing_more_on_any_screen(panel, meeting):
    """Who must leave may still look over somebody's shoulder."""
    panel.agreed(panel.first)
    item = panel.called(meeting, panel.first)
    pages = ((panel.chair, chairs(meeting)), (panel.ana, own(meeting)))
    for opened in (False, True):
        if opened:
            who = {"actor": panel.chair, "at": panel.at + DAY}
            actions.confirm_left(meeting, item, {one.pk for one in panel.people}, **who)
            actions.open_item(meeting, item, **who)
        for person, address in pages:
            body = text(signed_in(person).get(address))
            assert "Ice drill" in body
            assert ("marks-side-by-side" in body, "Take it." in body) == (opened, opened)


def test_in_a_double_anonymous_round_no_screen_says_whose_a_letter_is(panel, meeting):
    panel.opened(meeting, panel.second)
    pages = [(panel.ana, own(meeting)), (panel.chair, chairs(meeting))]
    for double in (False, True):
        panel.round.double_anonymous = double
        panel.round.save(update_fields=["double_anonymous"])
        for person, address in pages:
            body = text(signed_in(person).get(address))
            assert "Dust counter" in body
            assert ("Agency of Lemuria" in body) == (not double)


def test_an_open_question_is_offered_to_a_reviewer_who_must_leave_and_to_no_chair(panel, meeting):
    """A chair leaves for a conflict alone, and has no page of questions among the reviewers'."""
    for person in (panel.cleo, panel.deputy):
        make.check(person, make.eligible_letter(call=panel.call), answered=False)
    panel.called(meeting, panel.first)
    for person, address, offered in (
        (panel.cleo, own(meeting), True),
        (panel.deputy, chairs(meeting), False),
    ):
        body = text(signed_in(person).get(address))
        assert "Please leave the room now" in body
        assert ("Answer it now" in body) == offered


def test_a_soft_conflict_is_shown_to_the_chair_alone(panel, meeting):
    check = make.check(make.reviewer(name="Sonja Soft"), panel.third)
    actions.record_conflict(
        check, kind="OTHER", strength="SOFT", note="", actor=panel.chair, at=panel.at
    )
    check.refresh_from_db()
    check.answered_at = panel.at
    check.save(update_fields=["answered_at"])
    actions.invite_to_meeting(meeting, [check.reviewer], actor=panel.chair, at=panel.at)
    panel.opened(meeting, panel.third)
    assert "Soft conflict, may stay: Sonja Soft" in text(
        signed_in(panel.chair).get(chairs(meeting))
    )
    assert "Sonja" not in text(signed_in(panel.ana).get(own(meeting)))
    assert "Radio mast" in text(signed_in(check.reviewer).get(own(meeting)))


def test_whoever_is_not_invited_finds_no_meeting(panel):
    meeting = panel.held(invited=[panel.chair, panel.ana], present=[])
    panel.opened(meeting, panel.second)
    stranger = signed_in(panel.ben)
    item = panel.item(meeting, panel.second)
    real, none = (
        [
            reverse("reviews:meeting", args=[pk]),
            reverse("reviews:meeting_screen", args=[pk]),
            reverse("reviews:meeting_consensus", args=[pk, item.pk]),
            reverse("reviews:meeting_minutes", args=[pk]),
            reverse("reviews:meeting_minutes_pdf", args=[pk]),
        ]
        for pk in (meeting.pk, uuid.uuid4())
    )
    for one, other in zip(real, none, strict=True):
        answers = [stranger.get(address) for address in (one, other)]
        assert [answer.status_code for answer in answers] == [404, 404]
    assert "Panel meeting" not in text(stranger.get(reverse("reviews:meetings")))
    assert str(meeting.pk) not in text(stranger.get(reverse("reviews:queue")))
    assert "Panel meeting" in text(signed_in(panel.ana).get(reverse("reviews:queue")))


def test_a_chair_who_is_not_on_the_list_leads_nothing_and_is_told_why(panel):
    meeting = panel.planned(invited=[panel.ana])
    client = signed_in(panel.chair)
    assert "You are not invited" in text(client.get(chairs(meeting)))
    answer = client.post(chairs(meeting), {"do": "start"})
    assert answer.status_code == 409
    assert "Add yourself to the list first" in text(answer)


def test_nobody_is_ticked_as_present_before_somebody_says_so(panel):
    meeting = panel.planned(invited=[panel.chair, panel.ana])
    client = signed_in(panel.chair)
    boxes = re.compile(r'<input[^>]* name="person"[^>]*>')

    found = boxes.findall(text(client.get(chairs(meeting))))
    assert (len(found), sum("checked" in box for box in found)) == (2, 0)
    found = boxes.findall(text(client.get(chairs(meeting), {"everybody": "1"})))
    assert (len(found), sum("checked" in box for box in found)) == (2, 2)
    # Whoever begins it is there.
    client.post(chairs(meeting), {"do": "start"})
    there = [one.person for one in meeting.participants.all() if one.is_there]
    assert there == [panel.chair]


@pytest.mark.parametrize(
    "form", [{}, {"do": "fly"}, {"do": "call"}, {"do": "start", "person": ["x"]}]
)
def test_steps_that_no_page_offers_are_404(panel, meeting, form):
    assert signed_in(panel.chair).post(chairs(meeting), form).status_code == 404


def test_an_item_in_conflict_is_404_to_a_chair_whatever_the_step(panel, meeting):
    panel.called(meeting, panel.first)
    client, item = signed_in(panel.deputy), str(panel.item(meeting, panel.first).pk)
    for do in ("call", "left", "open", "put_back", "finish", "record"):
        for pk in (item, str(uuid.uuid4())):
            form = {"do": do, "item": pk, "seen": "", "note": ""}
            assert client.post(chairs(meeting), form).status_code == 404
    for do in ("up", "down", "remove"):
        form = {"do": do, "item": item}
        assert client.post(chairs(meeting, "meeting_agenda"), form).status_code == 404
    assert client.get(chairs(meeting, "meeting_consensus", item)).status_code == 404


# --- consensus ------------------------------------------------------------------------------------


def test_the_consensus_is_written_from_the_meeting_and_is_the_letters_own(panel, meeting):
    item = panel.opened(meeting, panel.second)
    client = signed_in(panel.ana)
    address = own(meeting, "meeting_consensus", item.pk)
    assert address in text(client.get(own(meeting)))
    form = {"revision": 0, "text": "We agree.", "minority_view": "", "mark-science": "4"}
    answer = client.post(address, form)
    assert answer.url == f"{own(meeting)}#consensus"
    chair = signed_in(panel.chair)
    assert "We agree." in text(chair.get(chairs(meeting)))
    there = chairs(meeting, "meeting_consensus", item.pk)
    assert "We agree." in text(chair.get(there))
    # Written once more from the page as it was before: both versions, nothing lost.
    answer = chair.post(there, {**form, "text": "We do not agree."})
    assert answer.status_code == 412
    # Who does not review the letter, and who is in conflict with it.
    assert signed_in(panel.ben).get(address).status_code == 403
    first = panel.item(meeting, panel.first)
    shut = own(meeting, "meeting_consensus", first.pk)
    assert signed_in(panel.cleo).get(shut).status_code == 404


# --- minutes --------------------------------------------------------------------------------------


def test_a_draft_is_the_chairs_and_what_is_closed_is_everybodys(panel, meeting):
    chair, ana = signed_in(panel.chair), signed_in(panel.ana)
    there = chairs(meeting, "meeting_minutes")
    assert ana.get(own(meeting, "meeting_minutes")).status_code == 404
    panel.agreed(panel.second)
    panel.settled(meeting, panel.second, decision="CONSENSUS", note="Calm.")
    page = chair.get(there)
    assert "Draft of the minutes" in text(page)
    assert [item.letter for item in page.context["left_open"]] == [panel.first, panel.third]
    answer = chair.post(there, {})
    assert answer.status_code == 409
    assert chair.post(there, {"leaving": "on"}).status_code == 302
    for client, address in ((chair, there), (ana, own(meeting, "meeting_minutes"))):
        body = text(client.get(address))
        for said in ("Take it.", "Too heavy, says one.", "Calm.", "Not dealt with", "Ana Reader"):
            assert said in body
    assert "minutes stand" in text(chair.post(there, {"leaving": "on"}))
    page = chair.get(chairs(meeting))
    assert "The meeting is closed." in text(page)
    assert chair.get(chairs(panel.planned(), "meeting_minutes")).status_code == 404


def test_ones_own_data_hold_the_meetings_and_nothing_of_their_items(panel, meeting):
    panel.settled(meeting, panel.first)
    for person, left in ((panel.cleo, 1), (panel.ana, 0)):
        answer = signed_in(person).get(reverse("own_data"))
        data = answer.json()
        assert [one["meeting__title"] for one in data["meetings"]] == ["Panel meeting"]
        assert [one["because"] for one in data["left_the_room"]] == ["CONFLICT"] * left
        assert str(panel.item(meeting, panel.first).pk) not in text(answer)


@pytest.mark.parametrize("rows", [1, 3])
def test_lists_and_pages_cost_the_same_however_long(panel, rows, django_assert_max_num_queries):
    for number in range(rows):
        meeting = panel.held()
        for extra in range(number):
            actions.add_subject(meeting, subject=f"Item {extra}", actor=panel.chair)
    panel.opened(meeting, panel.first)
    chair, ana = signed_in(panel.chair), signed_in(panel.ana)
    with django_assert_max_num_queries(6):
        assert len(chair.get(reverse("panel:meetings", args=["preliminary"])).context["rows"])
    with django_assert_max_num_queries(6):
        assert len(ana.get(reverse("reviews:meetings")).context["rows"]) == rows
    with django_assert_max_num_queries(28):
        assert chair.get(chairs(meeting)).status_code == 200
    with django_assert_max_num_queries(18):
        assert ana.get(own(meeting)).status_code == 200
    with django_assert_max_num_queries(20):
        assert chair.get(chairs(meeting, "meeting_agenda")).status_code == 200
    with django_assert_max_num_queries(10):
        assert chair.get(chairs(meeting, "meeting_people")).status_code == 200
    with django_assert_max_num_queries(13):
        assert chair.get(chairs(meeting, "meeting_minutes")).status_code == 200
    at = panel.at + DAY + 2 * MINUTE
    actions.record_item(
        meeting,
        panel.item(meeting, panel.first),
        **{"decision": "SCORED", "more": 0, "reason": "", "note": "", "ends": True},
        actor=panel.chair,
        at=at,
    )
    actions.close_meeting(meeting, leaving=True, actor=panel.chair, at=at)
    with django_assert_max_num_queries(8):
        assert ana.get(own(meeting, "meeting_minutes")).status_code == 200
