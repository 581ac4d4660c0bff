"""The publishers' page about the call: who is let in, and what each of the two sees and does."""

import pytest
from django.urls import reverse

from accounts.states import Role
from proposals import actions
from proposals.models import Opening
from proposals.states import Answer
from tests import make

pytestmark = pytest.mark.django_db
PAGES = ("call", "opening_propose", "opening_approve")
UNKNOWN = "11111111-2222-4333-8444-555555555555"


@pytest.fixture
def call(it_is):
    made = make.call()
    it_is(made.closes_at)
    return made


@pytest.fixture
def publishers():
    return (
        make.user(Role.PUBLISHER, name="Petra First"),
        make.user(Role.PUBLISHER, name="Paul Second"),
    )


@pytest.fixture
def opening(call, publishers):
    return actions.propose_opening(call, actor=publishers[0])


def address(name):
    return reverse(f"decisions:{name}")


def post(client, name, proposal=None):
    return client.post(address(name), {"proposal": proposal.pk} if proposal else {})


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.CHAIR, 403),
        (Role.OPERATOR, 403),
        (Role.AUDITOR, 404),
        (Role.REVIEWER, 404),
        (None, 404),
    ],
)
@pytest.mark.parametrize("early", [True, False])
def test_nobody_but_a_publisher_gets_in(client, call, it_is, role, status, early):
    if early:
        it_is(call.opens_at)
    client.force_login(make.user(role) if role else make.member())
    assert [client.get(address(page)).status_code for page in PAGES] == [status] * 3
    for page in ("opening_propose", "opening_approve", "opening_take_back"):
        assert post(client, page).status_code == status
        assert client.post(address(page), {"proposal": UNKNOWN}).status_code == status
    assert not Opening.objects.exists()


def test_a_chair_with_an_interest_in_the_call_is_told_nothing(client, call):
    chair = make.user(Role.CHAIR)
    make.check(chair, make.eligible_letter(call=call), conflicted=True)
    client.force_login(chair)
    assert client.get(address("call")).status_code == 404
    assert post(client, "opening_propose").status_code == 404


def test_before_the_cutoff_the_answer_is_not_now(client, call, publishers, it_is):
    it_is(call.closes_at - make.SECOND)
    client.force_login(publishers[0])
    page = client.get(address("call"))
    assert "Until the cutoff the letters cannot be opened by anybody" in page.content.decode()
    assert address("opening_propose") not in page.content.decode()
    assert client.get(address("opening_propose")).status_code == 409
    for name in ("opening_propose", "opening_approve", "opening_take_back"):
        assert post(client, name).status_code == 409
    assert not Opening.objects.exists()


def test_one_proposes_and_the_other_approves(client, call, publishers):
    first, second = publishers
    make.letter(call=call, state="SUBMITTED")
    client.force_login(first)
    assert address("opening_propose") in client.get(address("call")).content.decode()
    before = client.get(address("opening_propose")).content.decode()
    assert "1 letter can be read by the chair" in before
    assert client.post(address("opening_propose")).url == address("call")

    opening = Opening.objects.get()
    own = client.get(address("call")).content.decode()
    assert "Another publisher must approve it" in own
    assert second.name in own
    assert address("opening_approve") not in own
    assert client.get(address("opening_approve")).status_code == 403
    assert post(client, "opening_approve", opening).status_code == 403
    assert not call.is_opened()

    client.force_login(second)
    assert address("call") in client.get(reverse("decisions:home")).content.decode()
    page = client.get(address("opening_approve")).content.decode()
    assert "An opening cannot be undone" in page
    assert first.name in page
    answer = client.post(address("opening_approve"), {"proposal": opening.pk}, follow=True)
    assert "The letters are open" in answer.content.decode()
    assert call.is_opened()
    # Sent twice, the second answer is the first one's.
    assert post(client, "opening_approve", opening).status_code == 302


def test_taking_back_and_refusing(client, call, opening, publishers):
    client.force_login(publishers[1])
    assert (
        "refused"
        in client.post(
            address("opening_take_back"), {"proposal": opening.pk}, follow=True
        ).content.decode()
    )
    opening.refresh_from_db()
    assert opening.answer == Answer.NO
    assert "refused by Paul Second" in client.get(address("call")).content.decode()
    # Approved from a page that was open meanwhile.
    assert post(client, "opening_approve", opening).status_code == 409
    assert not call.is_opened()


def test_a_proposal_of_another_call_is_not_found(client, call, publishers):
    other = make.call(opens_at=make.OPENS - 100 * make.SECOND)
    foreign = actions.propose_opening(other, actor=publishers[0])
    client.force_login(publishers[1])
    assert post(client, "opening_approve", foreign).status_code == 404
    assert client.post(address("opening_approve"), {"proposal": UNKNOWN}).status_code == 404
    assert not other.is_opened()


def test_the_page_says_so_when_there_is_no_call(client, publishers):
    client.force_login(publishers[0])
    assert "no call yet" in client.get(address("call")).content.decode()
    assert client.get(address("opening_propose")).status_code == 404


@pytest.mark.parametrize("role", [Role.CHAIR, Role.PUBLISHER])
def test_sealed_letters_are_in_no_list_of_the_panel(client, call, role):
    letter = make.letter(call=call, state="SUBMITTED", title="A secret instrument")
    make.sealed(call)
    client.force_login(make.user(role))
    pages = [reverse("decisions:round", args=["preliminary"]), reverse("decisions:home")]
    if role == Role.CHAIR:
        pages += [reverse("panel:screening"), reverse("panel:home")]
        pages += [reverse("panel:assignment", args=["preliminary"])]
        assert client.get(reverse("panel:letter", args=[letter.pk])).status_code == 404
    for page in pages:
        said = client.get(page).content.decode()
        assert letter.reference not in said
        assert "secret instrument" not in said
    make.opened(call)
    if role == Role.CHAIR:
        assert letter.reference in client.get(reverse("panel:screening")).content.decode()
