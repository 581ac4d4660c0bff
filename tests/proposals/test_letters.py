import pytest
from django.urls import reverse

from accounts.states import Seat
from proposals import actions
from proposals.models import LetterEvent, LetterOfIntent
from proposals.states import LetterState, Level
from proposals.views.letters import PAGE
from tests import make

LIST = "/letters/"
NEW = "/letters/new/"


def titles(response):
    return [letter.title for letter in response.context["page"]]


# --- the list ---


@pytest.mark.parametrize("letters", [1, 3])
def test_the_list_costs_the_same_however_long(cast, sign_in, letters, django_assert_num_queries):
    for _ in range(letters - 1):
        make.letter(call=cast.call, agency=cast.agency)
    client = sign_in(cast.editor)
    # Session, user, states with counts, call, its rounds, seats, count, page.
    with django_assert_num_queries(8):
        response = client.get(LIST)
    assert len(titles(response)) == letters


def test_the_list_holds_the_letters_of_one_s_own_agencies(cast, sign_in):
    make.letter(call=cast.call, title="Somebody else's")
    assert titles(sign_in(cast.viewer).get(LIST)) == ["Seismometer"]
    assert titles(sign_in(cast.stranger).get(LIST)) == []


@pytest.fixture
def three(cast):
    for title, reference in (("Zebra rover", "R-1"), ("Antenna", "R-2"), ("月尘传感器", "R-3")):
        letter = make.letter(call=cast.call, agency=cast.agency, title=title)
        LetterOfIntent.objects.filter(pk=letter.pk).update(reference=reference)
    LetterOfIntent.objects.filter(reference="R-2").update(
        state=LetterState.SUBMITTED, submitted_at=make.CLOSES
    )
    cast.letter.delete()
    return cast


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "rover"}, ["Zebra rover"]),
        ({"q": " 月尘 "}, ["月尘传感器"]),
        ({"q": "r-2"}, ["Antenna"]),
        ({"q": "atlantis", "sort": "title"}, ["Antenna", "Zebra rover", "月尘传感器"]),
        ({"state": "SUBMITTED"}, ["Antenna"]),
        ({"state": "DRAFT", "q": "a"}, ["Zebra rover", "月尘传感器"]),
        ({"sort": "reference"}, ["Zebra rover", "Antenna", "月尘传感器"]),
        ({"q": "%"}, []),
        ({"q": "_"}, []),
        ({"q": "' OR 1=1--"}, []),
        ({"q": "a" * 5000}, []),
        ({"sort": "reference; DROP TABLE x", "state": "' OR 1=1", "q": "ze"}, ["Zebra rover"]),
        ({"sort": "agency__memberships", "q": "ze"}, ["Zebra rover"]),
    ],
)
def test_search_filter_and_order_live_in_the_address(three, sign_in, query, found):
    response = sign_in(three.editor).get(LIST, query)
    assert response.status_code == 200
    assert sorted(titles(response)) == sorted(found)
    if query.get("sort") in ("title", "reference"):
        assert titles(response) == found


def test_states_are_offered_with_their_counts(three, sign_in):
    states = sign_in(three.editor).get(LIST).context["states"]
    assert [(choice.value, count) for choice, count in states] == [("DRAFT", 2), ("SUBMITTED", 1)]


@pytest.mark.parametrize(
    ("page", "number"), [("1", 1), ("2", 2), ("-1", 2), ("1e9", 1), ("9" * 30, 2), ("", 1)]
)
def test_pages_are_clamped(cast, sign_in, page, number):
    for _ in range(PAGE):
        make.letter(call=cast.call, agency=cast.agency)
    response = sign_in(cast.editor).get(LIST, {"page": page, "q": "Seis"})
    assert response.context["page"].number == number
    assert "q=Seis" in response.content.decode()


@pytest.mark.parametrize(
    ("person", "says"),
    [
        ("founder", "No letter yet"),
        ("newcomer", "First an agency, then a letter"),
        ("reviewer", "No letter here"),
    ],
)
def test_an_empty_list_says_what_to_do(db, it_is, sign_in, person, says):
    make.call()
    people = {"founder": make.member, "newcomer": make.user, "reviewer": make.reviewer}
    text = sign_in(people[person]()).get(LIST).content.decode()
    assert says in text


def test_a_search_without_a_hit_says_so(cast, sign_in):
    assert "No letter fits" in sign_in(cast.editor).get(LIST, {"q": "zzz"}).content.decode()


def test_a_title_is_shown_as_text(cast, sign_in):
    LetterOfIntent.objects.update(title="<script>alert(1)</script>")
    text = sign_in(cast.editor).get(LIST).content.decode()
    assert "&lt;script&gt;alert(1)" in text
    assert "<script>alert" not in text


# --- a new one ---


def test_a_letter_is_started_with_as_little_as_an_agency(cast, sign_in):
    response = sign_in(cast.editor).post(NEW, {"agency": cast.agency.pk})
    letter = LetterOfIntent.objects.exclude(pk=cast.letter.pk).get()
    assert response.url == reverse("proposals:edit", args=[letter.pk, "a"])
    assert (letter.agency, letter.call, letter.state) == (cast.agency, cast.call, "DRAFT")
    assert letter.reference.startswith(cast.call.code)


def test_title_and_level_are_kept(cast, sign_in):
    data = {"agency": cast.agency.pk, "title": " Antenna ", "level": "SYSTEM"}
    sign_in(cast.representative).post(NEW, data)
    letter = LetterOfIntent.objects.exclude(pk=cast.letter.pk).get()
    assert (letter.title, letter.level) == ("Antenna", Level.SYSTEM)


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ({}, 422),
        ({"agency": "foreign"}, 422),
        ({"agency": "not an id"}, 422),
        ({"agency": "own", "title": "x" * 151}, 422),
        ({"agency": "own", "title": "a\x0bb"}, 422),
        ({"agency": "own", "level": "GALAXY"}, 422),
        ({"agency": "own", "state": "SUBMITTED"}, 400),
        ({"agency": ["own", "foreign"]}, 400),
    ],
)
def test_a_letter_is_not_started_from_bad_data(cast, sign_in, nothing_written, data, status):
    ids = {"own": cast.agency.pk, "foreign": make.agency().pk}
    named = data.get("agency", "")
    if isinstance(named, list):
        data = {**data, "agency": [ids[name] for name in named]}
    elif named in ids:
        data = {**data, "agency": ids[named]}
    with nothing_written():
        assert sign_in(cast.editor).post(NEW, data).status_code == status


def test_one_writes_only_for_agencies_in_which_one_may(cast, sign_in, nothing_written):
    people = (cast.viewer, make.user(), make.reviewer())
    with nothing_written():
        for person in people:
            assert sign_in(person).get(NEW).status_code == 403
            assert sign_in(person).post(NEW, {"agency": cast.agency.pk}).status_code == 403


def test_of_two_agencies_only_the_one_to_write_for_is_offered(cast, sign_in):
    person = cast.colleague(Seat.VIEWER)
    other = make.agency(name="University of Atlantis")
    person.memberships.create(agency=other, seat=Seat.EDITOR, since=make.OPENS)
    form = sign_in(person).get(NEW).context["form"]
    assert list(form.fields["agency"].queryset) == [other]


def test_no_letter_is_started_outside_the_window(cast, sign_in, it_is, nothing_written):
    it_is(cast.call.closes_at)
    client = sign_in(cast.editor)
    with nothing_written():
        assert client.get(NEW).status_code == 409
        assert client.post(NEW, {"agency": cast.agency.pk}).status_code == 409


def test_without_a_call_there_is_nothing_to_start(db, it_is, sign_in):
    assert sign_in(make.member()).get(NEW).status_code == 404


# --- one letter ---


def detail(client, letter):
    return client.get(reverse("proposals:detail", args=[letter.pk]))


def test_a_draft_says_what_is_missing_and_who_submits(cast, sign_in):
    actions.save_draft(cast.letter, changes={"summary": ""}, revision=1, actor=cast.editor)
    text = detail(sign_in(cast.editor), cast.letter).content.decode()
    assert "Summary" in text
    assert "Rania Haddad" in text
    assert reverse("proposals:submit", args=[cast.letter.pk]) not in text


@pytest.mark.parametrize(
    ("person", "offered"), [("representative", True), ("editor", False), ("viewer", False)]
)
def test_submitting_is_offered_to_whoever_may(cast, sign_in, person, offered):
    text = detail(sign_in(getattr(cast, person)), cast.letter).content.decode()
    assert (reverse("proposals:submit", args=[cast.letter.pk]) in text) == offered


def test_a_viewer_reads_the_draft_and_is_offered_no_editor(cast, sign_in):
    text = detail(sign_in(cast.viewer), cast.letter).content.decode()
    assert make.COMPLETE["goals"] in text
    assert reverse("proposals:edit", args=[cast.letter.pk, "a"]) not in text


def test_a_draft_can_be_read_after_the_cutoff(cast, sign_in, it_is):
    it_is(cast.call.closes_at)
    text = detail(sign_in(cast.editor), cast.letter).content.decode()
    assert "closed before this draft was submitted" in text
    assert make.COMPLETE["goals"] in text


def test_a_submitted_letter_shows_what_was_filed_and_not_the_working_copy(cast, sign_in):
    actions.submit(cast.letter, actor=cast.representative, idempotency_key="a-key-of-some-length")
    LetterOfIntent.objects.update(goals="Tampered with")
    text = detail(sign_in(cast.viewer), cast.letter).content.decode()
    assert make.COMPLETE["goals"] in text
    assert "Tampered with" not in text


@pytest.mark.parametrize("state", LetterState.values)
def test_the_decision_is_linked_once_it_is_announced_and_not_before(cast, sign_in, state):
    letter = make.letter(call=cast.call, agency=cast.agency, state=state)
    if state not in ("DRAFT", "SUBMITTED", "WITHDRAWN"):
        LetterEvent.objects.create(
            letter=letter, from_state="SUBMITTED", to_state=state, at=make.CLOSES
        )
    response = detail(sign_in(cast.viewer), letter)
    link = reverse("decision_letters:page", args=[letter.pk])
    assert (link in response.content.decode()) == letter.is_announced
    assert response.status_code == 200


@pytest.mark.parametrize("colleagues", [0, 3])
def test_a_letter_costs_the_same_however_many_colleagues(
    cast, sign_in, colleagues, django_assert_num_queries
):
    for _ in range(colleagues):
        cast.colleague(Seat.REPRESENTATIVE)
    client = sign_in(cast.editor)
    # Session, user, letter, seats, events, rounds, attachments, one more for the side bar, people,
    # versions, comments, what partners answered.
    with django_assert_num_queries(12):
        detail(client, cast.letter)
