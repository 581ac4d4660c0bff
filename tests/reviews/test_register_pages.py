"""The register, its table, rulings, pairs and the page that says who presides."""

import csv
import io
from datetime import timedelta

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from accounts.states import Role
from notifications.models import Message
from reviews import actions, reminders
from reviews.models import CompetingLetters, ConflictCheck
from tests import make

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
REGISTER = reverse("panel:conflicts")


@pytest.fixture
def call(it_is):
    made = make.call()
    make.opened(made)
    it_is(made.closes_at + 20 * DAY)
    return made


@pytest.fixture
def chair(client, call):
    person = make.user(Role.CHAIR, name="Chair One")
    client.force_login(person)
    return person


@pytest.fixture
def three(call):
    """A hard conflict by rule, a soft one, and a pair without one."""
    hard = make.check(
        make.reviewer(name="Ada"),
        make.eligible_letter(call=call),
        conflicted=True,
        evidence=[{"rule": "organisation", "own": "Tide Office", "theirs": "=Tide Office"}],
    )
    soft = make.check(make.reviewer(name="Bea"), make.eligible_letter(call=call), answered=False)
    ConflictCheck.objects.filter(pk=soft.pk).update(
        strength="SOFT",
        source="AUTOMATIC",
        kind="SAME_COUNTRY",
        evidence=[{"rule": "country", "own": "NO", "theirs": "NO"}],
    )
    none = make.check(make.reviewer(name="Cy"), soft.letter)
    return hard, soft, none


def names(client, **query):
    return [check.reviewer.name for check in client.get(REGISTER, query).context["page"]]


def test_the_register_holds_what_is_on_record_and_finds_it(client, chair, three):
    assert names(client) == ["Ada", "Bea"]
    for query, found in (
        ({"strength": "SOFT"}, ["Bea"]),
        ({"strength": "HARD"}, ["Ada"]),
        ({"source": "AUTOMATIC"}, ["Bea"]),
        ({"kind": "SAME_COUNTRY"}, ["Bea"]),
        ({"q": "ada"}, ["Ada"]),
        ({"q": three[1].letter.reference}, ["Bea"]),
        ({"q": "nobody"}, []),
        ({"strength": "MAYBE"}, ["Ada", "Bea"]),
        ({"sort": "-reviewer"}, ["Bea", "Ada"]),
        ({"sort": "strength"}, ["Ada", "Bea"]),
        ({"sort": "password"}, ["Ada", "Bea"]),
    ):
        assert names(client, **query) == found, query
    body = client.get(REGISTER).content.decode()
    for shown in ("Employer Tide Office, and =Tide Office takes part.", "Both of Norway."):
        assert shown in body


def test_the_table_holds_exactly_what_the_page_shows_and_runs_nothing(client, chair, three):
    query = {"strength": "HARD"}
    text = client.get(reverse("panel:conflicts_csv"), query).content.decode("utf-8-sig")
    [row] = csv.DictReader(io.StringIO(text))
    assert (row["Person"], row["Strength"]) == ("Ada", "Hard")
    assert "=Tide Office" in row["Evidence"]
    assert not row["Evidence"].startswith("=")

    xlsx = client.get(reverse("panel:conflicts_xlsx"), query)
    sheet = load_workbook(io.BytesIO(xlsx.content)).active
    assert [cell.value for cell in sheet[2]][:1] == [three[0].letter.reference]
    assert sheet.max_row == 2
    assert xlsx["Cache-Control"] == "private, no-store"


def test_the_auditor_reads_the_register_and_changes_nothing(client, call, three):
    client.force_login(make.user(Role.AUDITOR))
    body = client.get(REGISTER).content.decode()
    assert "Ada" in body
    address = reverse("panel:conflict", args=[three[0].pk])
    assert address not in body
    assert client.post(address, {"do": "lift", "reason": "x"}).status_code == 404


@pytest.mark.parametrize(
    ("deed", "conflicted", "source"),
    [("soften", False, "DECLARED"), ("lift", False, "")],
)
def test_a_hard_conflict_is_softened_or_removed(client, chair, three, deed, conflicted, source):
    hard = three[0]
    address = reverse("panel:conflict", args=[hard.pk])
    assert "Tide Office" in client.get(address).content.decode()
    assert client.post(address, {"do": deed, "reason": "Looked at."}).status_code == 302
    hard.refresh_from_db()
    assert (hard.conflicted, hard.source, hard.ruling) == (conflicted, source, "Looked at.")


def test_a_ruling_that_is_not_possible_keeps_what_was_typed(client, chair, three):
    address = reverse("panel:conflict", args=[three[1].pk])
    response = client.post(address, {"do": "soften", "reason": "Again."})
    assert response.status_code == 409
    assert "Again." in response.content.decode()


def test_a_conflict_the_chair_was_told_of_is_recorded(client, chair, three):
    none = three[2]
    address = reverse("panel:record_conflict")
    form = {
        "letter": none.letter.reference.lower(),
        "person": none.reviewer_id,
        "kind": "FAMILY",
        "strength": "HARD",
        "note": "A cousin.",
    }
    wrong = (
        {"letter": "CE8-0"},
        {"person": make.user(Role.PUBLISHER).pk},
        {"kind": "COMPETING"},
        {"kind": ""},
        {"strength": "MAYBE"},
    )
    for change in wrong:
        response = client.post(address, form | change)
        assert response.status_code == 422, change
        assert "A cousin." in response.content.decode()
    assert client.post(address, form).status_code == 302
    none.refresh_from_db()
    assert (none.conflicted, none.source, none.note) == (True, "CHAIR", "A cousin.")
    assert client.post(address, form).status_code == 409
    unasked = make.reviewer()
    assert client.post(address, form | {"person": unasked.pk}).status_code == 409


def test_competing_letters_are_named_listed_and_taken_back(client, chair, three):
    first, second = three[0].letter, three[1].letter
    make.check(three[0].reviewer, second)
    address = reverse("panel:competing")
    form = {"first": first.reference, "second": second.reference, "reason": "One place."}

    for change in ({"first": second.reference}, {"second": "CE8-0"}, {"reason": " "}):
        assert client.post(address, form | change).status_code in (409, 422)
    assert client.post(address, form).status_code == 302
    assert client.post(address, form).status_code == 409

    [pair] = CompetingLetters.objects.all()
    assert list(client.get(address).context["page"]) == [pair]
    assert list(client.get(address, {"q": "nothing"}).context["page"]) == []
    assert names(client, kind="COMPETING") == ["Ada"]
    for wrong in ("", "x", "٣", "9" * 30):
        assert client.post(address, {"do": "unname", "pair": wrong}).status_code == 404
    assert client.post(address, {"do": "unname", "pair": pair.pk}).status_code == 302
    assert names(client, kind="COMPETING") == []


# --- who presides ---------------------------------------------------------------------------------


def test_a_chair_declares_a_conflict_and_another_one_presides(client, chair, call):
    second = make.user(Role.CHAIR, name="Chair Two")
    letter = make.eligible_letter(call=call, chair=chair)
    actions.ask_chairs(at=call.closes_at)
    address = reverse("panel:own_conflicts")
    answer = {f"answer-{letter.pk}": "yes", f"kind-{letter.pk}": "FAMILY"}

    assert client.post(address, answer).status_code == 302

    context = client.get(address).context
    assert [(line["letter"], line["free"]) for line in context["own_lines"]] == [(letter, [second])]
    assert client.get(reverse("panel:letter", args=[letter.pk])).status_code == 403
    client.force_login(second)
    context = client.get(address).context
    assert [(line["letter"], line["barred"]) for line in context["instead"]] == [(letter, [chair])]
    assert client.get(reverse("panel:letter", args=[letter.pk])).status_code == 200


def test_before_the_opening_a_chair_is_shown_no_letter_to_answer_for(client, it_is):
    call = make.call()
    letter = make.letter(call=call, state="SUBMITTED")
    make.sealed(call)
    it_is(call.closes_at + DAY)
    client.force_login(make.user(Role.CHAIR))
    actions.ask_chairs(at=call.closes_at)

    address = reverse("panel:own_conflicts")
    assert letter.reference not in client.get(address).content.decode()
    assert client.post(address, {f"answer-{letter.pk}": "no"}).status_code == 404


def test_operators_are_told_once_when_nobody_presides_and_not_over_which_letter(call):
    operator, chairs = make.user(Role.OPERATOR), [make.user(Role.CHAIR) for _ in range(2)]
    letter = make.eligible_letter(call=call, chair=chairs[0])
    make.check(chairs[0], letter, conflicted=True)
    assert reminders.queue_missing_chairs(at=call.closes_at) == 0

    make.check(chairs[1], letter, conflicted=True)
    assert reminders.queue_missing_chairs(at=call.closes_at) == 1
    assert reminders.queue_missing_chairs(at=call.closes_at) == 0

    [mail] = Message.objects.all()
    assert mail.recipient == operator
    assert letter.reference not in mail.subject + mail.body


@pytest.mark.parametrize("letters", [1, 3])
@pytest.mark.parametrize(
    ("name", "queries"), [("own_conflicts", 10), ("competing", 7), ("conflicts_csv", 5)]
)
def test_what_the_pages_cost(
    client, chair, call, name, queries, letters, django_assert_num_queries
):
    other = make.user(Role.CHAIR)
    for _ in range(letters):
        pair = [make.eligible_letter(call=call) for _ in range(2)]
        make.check(other, pair[0], conflicted=True)
        actions.name_competitors(*pair, reason="x", actor=other, at=call.closes_at)
    actions.ask_chairs(at=call.closes_at)
    client.get(reverse("panel:home"))
    with django_assert_num_queries(queries):
        client.get(reverse(f"panel:{name}"))
