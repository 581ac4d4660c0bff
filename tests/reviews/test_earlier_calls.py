"""A call whose letters are still being read when the next one opens: the panel keeps its rooms."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.states import Role
from notifications.models import Message
from proposals.models import Call
from reviews import actions, panel_urls
from reviews.models import Assignment, Scoreboard, ScoreboardLine
from tests import make
from tests.programs import Program
from tests.reviews import papers
from tests.reviews.marks import letter_marked
from tests.reviews.panel_in_session import DAY, Session

pytestmark = pytest.mark.django_db

CODE = "CE9-2026"
YEAR = timedelta(days=365)
LINK = re.compile(r'(?:href|action)="(/panel/[^"#?]*)')
# About no call, about all of them, or about one letter, whose call it is.
OF_NO_CALL = re.compile(r"/panel/(archive|letters|assignments|reviewers/roles)/|/panel/$")


@pytest.fixture
def panel(it_is):
    """A session of the panel, while the call that followed is open, and has a letter, too."""
    found = Session()
    make.opened(found.call)
    for letter in (found.first, found.second, found.third):
        make.member(letter.agency)
        papers.filed(letter)
    later = make.call(
        code=CODE, opens_at=found.call.closes_at + 10 * DAY, closes_at=make.CLOSES + YEAR
    )
    make.rubric(later)
    found.later = make.eligible_letter(call=later, title="Rover of the next call")
    it_is(found.at)
    assert Call.objects.current() == later
    return found


def page(client, address):
    answer = client.get(address)
    assert answer.status_code == 200, address
    return b"".join(answer).decode()


def test_every_page_of_the_earlier_call_is_reached_from_the_panels_first_one(client, panel):
    panel.planned()
    client.force_login(panel.chair)
    start = f"/panel/{panel.call.code}/"
    assert f'href="{start}"' in page(client, "/panel/")
    says_whose = f"<bdi>{panel.call.code}</bdi>"
    seen, ahead = {}, [start]
    while ahead:
        address = ahead.pop()
        if address in seen:
            continue
        answer = client.get(address)
        is_page = answer.headers["Content-Type"].startswith("text/html")
        seen[address] = b"".join(answer).decode() if is_page else ""
        assert answer.status_code in (200, 405), address  # 405: the address of a form
        ahead += [one for one in LINK.findall(seen[address]) if one.startswith(start)]
        astray = [one for one in LINK.findall(seen[address]) if not one.startswith(start)]
        assert all(OF_NO_CALL.match(one) for one in astray), (address, astray)
        assert panel.later.title not in seen[address]
        assert answer.status_code == 405 or not is_page or says_whose in seen[address], address
    places = {address.removeprefix(start).split("/")[0] for address in seen}
    assert {"", "preliminary", "screening", "conflicts", "reviewers", "intake"} <= places
    assert len(seen) > 40


def test_the_first_page_of_an_earlier_call_leads_back_to_the_present_one(client, panel):
    client.force_login(panel.chair)
    said = page(client, f"/panel/{panel.call.code}/")
    assert 'href="/panel/"' in said
    assert "Earlier calls" not in said


def test_lists_and_files_hold_the_letters_of_the_call_they_name(client, panel):
    client.force_login(panel.chair)
    for address in ("screening/", "conflicts/", "preliminary/assignment/", "letters.csv"):
        there = page(client, f"/panel/{panel.call.code}/{address}")
        assert panel.first.reference in there, address
        assert panel.later.reference not in there
        assert panel.first.reference not in page(client, f"/panel/{address}")


def test_a_letter_of_the_earlier_call_leads_back_to_its_own_list(client, panel):
    client.force_login(panel.chair)
    said = page(client, f"/panel/letters/{panel.second.pk}/")
    assert f'href="/panel/{panel.call.code}/screening/"' in said
    assert 'href="/panel/screening/"' not in said


def test_an_assignment_is_changed_and_leads_back_to_its_own_round(client, panel):
    client.force_login(panel.chair)
    given = make.assignment(letter=panel.third, reviewer=panel.ana, assigned_by=panel.chair)
    answer = client.post(
        reverse("panel:change", args=[given.pk]), {"do": "waive", "reason": "Ana is ill."}
    )
    assert answer.url == f"/panel/{panel.call.code}/preliminary/assignment/{panel.third.pk}/"
    page(client, answer.url)


def test_boards_follow_the_marks_of_both_calls(panel):
    again = letter_marked(make.first_round(panel.later.call), {panel.ana: 4, panel.ben: 3})
    actions.score_owed(at=panel.at)
    scored = set(ScoreboardLine.objects.filter(reviews__gt=0).values_list("letter", flat=True))
    assert {panel.first.pk, panel.second.pk, again.pk} <= scored


def test_an_archived_call_is_not_scored_any_more(panel):
    Call.objects.filter(pk=panel.call.pk).update(archived_at=panel.at)
    actions.score_owed(at=panel.at)
    assert not Scoreboard.objects.filter(round__call=panel.call).exists()


def test_the_ranking_of_the_earlier_call_can_be_frozen(client, panel):
    assert not Assignment.objects.pending().exists()
    actions.score_owed(at=panel.at)
    client.force_login(panel.chair)
    address = f"/panel/{panel.call.code}/preliminary/ranking/"
    said = page(client, address)
    assert panel.second.reference in said
    assert f'href="{address}freeze/"' in said


def test_a_mail_about_a_meeting_leads_there_whatever_opens_later(client, panel):
    panel.planned()
    mail = Message.objects.get(recipient=panel.chair)
    [address] = re.findall(r"http://[^/]+(/panel/\S+)", mail.body)
    assert address.startswith(f"/panel/{panel.call.code}/preliminary/meeting/")
    client.force_login(panel.chair)
    assert "Panel meeting" in page(client, address)


@pytest.mark.parametrize("address", ["", "screening/", "preliminary/ranking/", "letters.csv"])
def test_a_code_that_no_call_has_is_nowhere(client, panel, address):
    client.force_login(panel.chair)
    assert client.get(f"/panel/CE0-1969/{address}").status_code == 404


def test_programs_ask_about_the_earlier_call_by_its_code(panel):
    program = Program(panel.chair)
    there = program.get(f"/panel/assignments?call={panel.call.code}&round=PRELIMINARY").json()
    assert {one["letter"]["reference"] for one in there["items"]} == {
        panel.first.reference,
        panel.second.reference,
    }
    assert program.get("/panel/assignments?round=PRELIMINARY").json()["items"] == []
    actions.score_owed(at=panel.at)
    ranked = program.get(f"/panel/ranking?call={panel.call.code}&round=PRELIMINARY").json()
    assert panel.second.reference in str(ranked["items"])
    assert program.get("/panel/ranking?call=CE0-1969").status_code == 404


@pytest.mark.parametrize("role", [None, *Role])
def test_an_address_with_a_code_admits_whom_the_same_without_one_admits(client, panel, role):
    """The matrix asks the addresses of the present call; these lead to the same pages."""
    client.force_login(make.user(role) if role else make.member())
    coded = panel_urls.urlpatterns[-1].url_patterns
    names = [route.name for route in coded if "<" not in str(route.pattern)]
    assert len(names) > 10
    for name in names:
        without = client.get(reverse(f"panel:{name}")).status_code
        assert client.get(reverse(f"panel:{name}", args=[CODE])).status_code == without, name
