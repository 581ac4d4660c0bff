"""Double-anonymous rounds: the switch, conflicts by name, the team opened last, names in texts."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.states import Role
from audit.models import Entry
from proposals import content, files
from proposals.models import FullerVersion, LetterVersion
from reviews import actions, anonymity, parties
from reviews.models import Assignment, ConflictCheck, MarkChange, NameSearch, Review, Score
from tests import make
from tests.programs import Program
from tests.reviews import papers
from tests.reviews.test_anonymous_worlds import paper

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def nameless(assignment):
    """The assignment's round is double-anonymous; nobody has opened a letter yet."""
    call_round = assignment.round
    actions.set_double_anonymous(
        call_round, True, actor=assignment.assigned_by, at=assignment.assigned_at
    )
    assignment.refresh_from_db()
    return assignment


@pytest.fixture
def filed(nameless):
    """A filed review of that letter, 4 for both criteria."""
    return make.review(of=nameless, recognised="NO")


def team_page(assignment):
    return reverse("reviews:team", args=[assignment.pk])


# --- The switch -----------------------------------------------------------------------------------


def test_the_chair_switches_the_round_until_a_reviewer_opens_a_letter(client, assignment):
    client.force_login(assignment.assigned_by)
    page = reverse("panel:anonymity", args=["preliminary"])
    assert client.post(page, {"do": "on"}).status_code == 302
    assignment.round.refresh_from_db()
    assert assignment.round.double_anonymous
    entry = Entry.objects.latest("seq")
    assert (entry.action, entry.actor) == (
        "round.double_anonymous",
        str(assignment.assigned_by.pk),
    )

    reader = client.__class__()
    reader.force_login(assignment.reviewer)
    assert reader.get(papers.page_of(assignment)).status_code == 200
    assert Assignment.objects.get(pk=assignment.pk).opened_at is not None
    assert client.post(page, {"do": "off"}).status_code == 409
    assert "has opened a letter" in client.get(page).content.decode()
    assignment.round.refresh_from_db()
    assert assignment.round.double_anonymous


@pytest.mark.parametrize("route", ["reviews:letter_pdf", "reviews:letter_file"])
def test_each_way_to_the_text_counts_as_opening_it(reader, assignment, route):
    more = ["letter"] if route == "reviews:letter_file" else []
    response = reader.get(reverse(route, args=[assignment.pk, *more]))
    assert response.status_code == 200
    b"".join(response)
    assert Assignment.objects.get(pk=assignment.pk).opened_at is not None
    with pytest.raises(actions.Refused):
        actions.set_double_anonymous(
            assignment.round, True, actor=assignment.assigned_by, at=assignment.assigned_at
        )


def test_a_call_may_say_it_from_the_start():
    assert anonymity.may_fall({}) == frozenset(anonymity.MAY_FALL)
    assert anonymity.may_fall({"team_may_lower": ["science"]}) == {"science"}


def test_reviewers_are_not_told_that_there_is_a_switch(client, reader):
    page = reverse("panel:anonymity", args=["preliminary"])
    assert reader.get(page).status_code == 403
    client.force_login(make.member())
    assert client.get(page).status_code == 404


# --- Conflicts by name ----------------------------------------------------------------------------


def asked(*, names):
    """A reviewer who was asked about letters of these agencies, in a double-anonymous round."""
    call = make.call()
    make.rubric(call)
    actions.set_double_anonymous(make.first_round(call), True, actor=make.user(), at=call.closes_at)
    person = make.reviewer()
    letters = [
        make.eligible_letter(call=call, agency=make.agency(name=name), title=f"Project {at}")
        for at, name in enumerate(names)
    ]
    for letter in letters:
        make.check(person, letter, answered=False)
    return person, letters


def key_of(letters, name):
    return next(p.key for p in parties.named_in(letters) if p.name == name)


def test_conflicts_are_asked_by_name_and_never_by_letter(client):
    person, letters = asked(names=["Zeta Agency", "Alpha Agency"])
    client.force_login(person)
    assert client.get(reverse("reviews:conflicts")).url == reverse("reviews:names")
    body = client.get(reverse("reviews:names")).content.decode()
    assert body.index("Alpha Agency") < body.index("Ana Nakara") < body.index("Zeta Agency")
    # Both letters name her, and the list says it once.
    assert body.count("Ana Nakara") == 1
    for letter in letters:
        assert not any(text in body for text in (letter.reference, letter.title, str(letter.pk)))


def test_a_name_that_is_marked_bars_its_letters_and_the_rest_is_clear(client):
    person, letters = asked(names=["Zeta Agency", "Alpha Agency"])
    client.force_login(person)
    sent = {
        "names": [key_of(letters, "Zeta Agency")],
        "kind": "COLLABORATOR",
        "note": "Last year",
        "rest": "on",
    }
    response = client.post(reverse("reviews:names"), sent)
    assert response.url == reverse("reviews:queue")
    barred, clear = (ConflictCheck.objects.get(reviewer=person, letter=one) for one in letters)
    assert (barred.conflicted, barred.kind, barred.note) == (
        True,
        "COLLABORATOR",
        "Zeta Agency. Last year",
    )
    assert not clear.conflicted
    assert clear.answered_at is not None
    body = client.get(reverse("reviews:names")).content.decode()
    assert letters[0].reference not in body
    assert "Zeta Agency" in body


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"kind": "FAMILY"},
        {"names": ["0123456789abcdef"], "kind": "FAMILY"},
        {"names": ["first"], "kind": ""},
        {"names": ["first"], "kind": "COMPETING"},
        {"names": ["first"], "kind": "FAMILY", "note": "x" * 201},
    ],
)
def test_bad_answers_change_nothing(client, sent):
    person, letters = asked(names=["Zeta Agency", "Alpha Agency"])
    client.force_login(person)
    if sent.get("names") == ["first"]:
        sent = {**sent, "names": [key_of(letters, "Zeta Agency")]}
    assert client.post(reverse("reviews:names"), sent).status_code == 422
    assert not ConflictCheck.objects.filter(answered_at__isnull=False).exists()


def test_the_page_of_letters_takes_no_answer_about_a_letter_without_a_name(client):
    person, letters = asked(names=["Zeta Agency"])
    client.force_login(person)
    sent = {f"answer-{letters[0].pk}": "no"}
    assert client.post(reverse("reviews:conflicts"), sent).status_code == 404
    assert not ConflictCheck.objects.filter(answered_at__isnull=False).exists()


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_of_names_costs_the_same_however_long(client, django_assert_num_queries, count):
    person, _letters = asked(names=[f"Agency {at}" for at in range(count)])
    client.force_login(person)
    with django_assert_num_queries(4):
        assert client.get(reverse("reviews:names")).status_code == 200


# --- The review -----------------------------------------------------------------------------------


def test_a_review_without_a_word_on_recognising_the_team_is_not_complete(reader, nameless):
    page = papers.page_of(nameless)
    form = papers.form_of(nameless) | {"do": "submit"}
    response = reader.post(page, form)
    assert response.status_code == 422
    assert "Say whether you recognise the team." in response.content.decode()
    again = form | {"revision": 1, "recognised": "YES"}
    assert reader.post(page, again).status_code == 302
    assert Review.objects.get().recognised == "YES"


def test_nobody_is_asked_about_the_team_where_everybody_knows_it(reader, assignment):
    body = reader.get(papers.page_of(assignment)).content.decode()
    assert "recognise the team" not in body
    assert reader.get(team_page(assignment)).status_code == 404


def test_a_program_answers_no_conflict_question_by_letter_and_says_who_it_knows(nameless):
    program = Program(nameless.reviewer)
    path = f"/reviews/{nameless.pk}"
    refused = program.put(f"{path}/conflict", {"conflicted": False})
    assert (refused.status_code, refused.json()["code"]) == (409, "by_name")
    saved = program.put(path, {"recognised": "YES"}, **{"If-Match": '"0"'})
    assert (saved.status_code, saved.json()["recognised"]) == (200, "YES")
    assert "recognised" not in saved.json()["missing"]
    wrong = program.put(path, {"recognised": "PERHAPS"}, **{"If-Match": '"1"'})
    assert wrong.status_code == 422


def test_a_program_is_not_asked_about_the_team_where_everybody_knows_it(assignment):
    program = Program(assignment.reviewer)
    sent = {"recognised": "YES"}
    answer = program.put(f"/reviews/{assignment.pk}", sent, **{"If-Match": '"0"'})
    assert answer.status_code == 422
    assert "recognised" in answer.json()["fields"]


# --- The team, opened last ------------------------------------------------------------------------


def test_the_team_is_shown_after_filing_and_then_marks_only_fall(reader, filed):
    page = team_page(filed.assignment)
    before = reader.get(page).content.decode()
    assert "Observatory of Lemuria" not in before
    assert "Ana Nakara" not in before
    reader.post(page, {"do": "open"})
    after = reader.get(page).content.decode()
    assert "Observatory of Lemuria" in after
    assert "Ana Nakara" in after
    # How to reach people is nobody's business here either.
    assert "pi@example.org" not in after

    sent = {"do": "lower", "mark-feasibility": "2.5", "reason": "They never flew anything."}
    assert reader.post(page, sent).status_code == 302
    change = MarkChange.objects.get()
    assert (change.before, change.after, change.knowing_team, change.reason) == (
        Decimal(4),
        Decimal("2.5"),
        True,
        "They never flew anything.",
    )
    score = Score.objects.get(criterion__code="feasibility")
    assert (score.mark, score.blind_mark) == (Decimal("2.5"), Decimal(4))
    filed.refresh_from_db()
    assert filed.state == "SUBMITTED"
    assert filed.revision == 2
    assert Entry.objects.filter(action="review.lowered").count() == 1


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"mark-feasibility": "4.5", "reason": "Famous."}, 422),
        ({"mark-feasibility": "none", "reason": "Famous."}, 422),
        ({"mark-feasibility": "2.3", "reason": "Hm."}, 422),
        ({"mark-feasibility": "2", "reason": "  "}, 422),
        ({"mark-feasibility": "2", "reason": "x" * 501}, 422),
        ({"mark-feasibility": "4", "reason": "As before."}, 409),
        # Merit is not the team's: science is no criterion whose marks may fall, so it is not asked.
        ({"mark-feasibility": "4", "mark-science": "1", "reason": "Unknown."}, 409),
        ({}, 422),
    ],
)
def test_what_is_no_lower_mark_with_a_reason_changes_nothing(reader, filed, sent, status):
    page = team_page(filed.assignment)
    reader.post(page, {"do": "open"})
    assert reader.post(page, {"do": "lower", **sent}).status_code == status
    assert not MarkChange.objects.exists()
    assert set(Score.objects.values_list("mark", flat=True)) == {Decimal(4)}


def test_the_action_refuses_what_no_form_would_send(filed):
    reader = filed.assignment.reviewer
    with pytest.raises(actions.Refused):
        actions.lower_marks(filed, {"feasibility": Decimal(3)}, reason="Early.", actor=reader)
    actions.open_team(filed, actor=reader)
    for marks in ({"feasibility": Decimal(5)}, {"science": Decimal(1)}, {"nothing": Decimal(1)}):
        with pytest.raises(actions.Refused):
            actions.lower_marks(filed, marks, reason="Because.", actor=reader)
    with pytest.raises(actions.Refused):
        actions.lower_marks(filed, {"feasibility": Decimal(3)}, reason=" ", actor=reader)
    with pytest.raises(actions.Refused):
        actions.reopen_review(filed, actor=reader)


def test_the_database_refuses_a_higher_mark_once_the_team_is_open(filed):
    actions.open_team(filed, actor=filed.assignment.reviewer)
    scores = Score.objects.filter(criterion__code="feasibility")
    for mark in (Decimal("4.5"), None):
        with pytest.raises(IntegrityError), transaction.atomic():
            scores.update(mark=mark)
    criterion = scores.get().criterion
    with pytest.raises(IntegrityError), transaction.atomic():
        MarkChange.objects.create(
            review=filed,
            criterion=criterion,
            before=Decimal(3),
            after=Decimal(4),
            reason="Famous.",
            knowing_team=True,
            at=filed.updated_at,
        )


def test_a_review_given_back_after_the_team_was_seen_cannot_rise(filed, it_is):
    given, at = filed.assignment, filed.assignment.assigned_at + 2 * DAY
    actions.open_team(filed, actor=given.reviewer)
    actions.waive(given, reason="Enough.", actor=given.assigned_by, at=at)
    again = actions.assign(
        given.round, given.letter, given.reviewer, actor=given.assigned_by, at=at
    )
    it_is(at)
    with pytest.raises(actions.Refused):
        actions.save_review(
            again,
            changes={},
            scores=papers.scores(feasibility=Decimal(5)),
            revision=filed.revision,
            actor=given.reviewer,
        )


def test_a_reason_that_may_name_the_team_is_for_the_chair(client, filed):
    other = make.review(
        of=make.assignment(letter=filed.assignment.letter, round=filed.assignment.round),
        recognised="NO",
    )
    reader = filed.assignment.reviewer
    actions.open_team(filed, actor=reader)
    actions.lower_marks(
        filed, {"feasibility": Decimal(3)}, reason="Lemuria never flew.", actor=reader
    )
    address = reverse("reviews:others", args=[other.assignment.pk])
    client.force_login(other.assignment.reviewer)
    body = client.get(address).content.decode()
    assert "Lowered with the team in view." in body
    assert "Lemuria" not in body
    client.force_login(filed.assignment.assigned_by)
    page = client.get(reverse("panel:anonymity", args=["preliminary"])).content.decode()
    assert "Lemuria never flew." in page


# --- Names in texts and files ---------------------------------------------------------------------


def with_names(letter):
    """The letter's version, which names its agency in a text and a person in its file."""
    letter.goals = "The Observatory of Lemuria has flown before."
    letter.heritage = "Nakara built two."
    letter.save(update_fields=["goals", "heritage"])
    number = letter.versions.count() + 1
    said = content.of(letter, version=number)
    sha256 = files.store_bytes(paper("Ana Nakara"))
    said["attachments"] = [{"kind": "LETTER", "name": "l.pdf", "size": 1, "sha256": sha256}]
    return make.version(letter, said, number=number)


def test_names_in_texts_are_told_to_the_chair_and_nothing_is_rewritten(client, nameless):
    version = with_names(nameless.letter)
    at = nameless.assigned_at
    assert actions.search_names_due(at=at) == 1
    assert actions.search_names_due(at=at) == 0
    search = NameSearch.objects.get()
    assert {"where": "goals", "names": ["Observatory of Lemuria"]} in search.found
    assert {"where": "heritage", "names": ["Ana Nakara"]} in search.found
    # A page without words: a scan may name anybody.
    assert search.unread == ["LETTER"]
    assert LetterVersion.objects.get(pk=version.pk).content == version.content

    client.force_login(nameless.assigned_by)
    page = reverse("panel:anonymity", args=["preliminary"])
    assert "Observatory of Lemuria" in client.get(page).content.decode()
    sent = {"do": "note", "search": search.pk, "note": "Harmless."}
    assert client.post(page, sent).status_code == 302
    search.refresh_from_db()
    assert (search.note, search.noted_by) == ("Harmless.", nameless.assigned_by)
    for wrong, status in (({"search": search.pk + 1}, 404), ({"search": "x"}, 422)):
        assert client.post(page, sent | wrong).status_code == status


def test_a_fuller_proposal_is_searched_in_the_second_round_and_anew_when_it_is_replaced(client):
    letter = make.shortlisted_letter(agency=make.agency(name="Observatory of Lemuria"))
    make.member(letter.agency)
    papers.filed(letter)
    chair = make.user(Role.CHAIR)
    call_round, at = make.final_round(letter.call), letter.call.closes_at
    call_round.proposals_due_at = at + 10 * DAY
    call_round.save(update_fields=["proposals_due_at"])
    actions.set_double_anonymous(call_round, True, actor=chair, at=at)
    assert actions.search_names_due(at=at) == 1
    assert NameSearch.objects.get().found == []
    for number, words in ((1, "As Lemuria says."), (2, "The Observatory of Lemuria says so.")):
        FullerVersion.objects.create(
            letter=letter,
            number=number,
            content={"fields": {"changes": words}, "attachments": []},
            sha256="0" * 64,
            accepted_at=at + number * DAY,
            submitted_by=letter.agency.members.get(),
            idempotency_key=f"fuller {number}",
        )
        assert actions.search_names_due(at=at + number * DAY) == 1
        assert actions.search_names_due(at=at + number * DAY) == 0
    search = NameSearch.objects.get()
    assert search.found == [{"where": "changes", "names": ["Observatory of Lemuria"]}]
    client.force_login(chair)
    body = client.get(reverse("panel:anonymity", args=["final"])).content.decode()
    assert "What changed since the letter: <bdi>Observatory of Lemuria</bdi>" in body


def test_a_barred_chair_reads_of_no_name(client, nameless):
    with_names(nameless.letter)
    actions.search_names_due(at=nameless.assigned_at)
    barred = make.user(Role.CHAIR)
    make.check(barred, nameless.letter, conflicted=True)
    client.force_login(barred)
    page = reverse("panel:anonymity", args=["preliminary"])
    assert "Lemuria" not in client.get(page).content.decode()
    sent = {"do": "note", "search": NameSearch.objects.get().pk, "note": "Mine."}
    assert client.post(page, sent).status_code == 404


def test_rounds_that_show_names_are_not_searched(assignment):
    with_names(assignment.letter)
    assert actions.search_names_due(at=assignment.assigned_at) == 0


@pytest.mark.parametrize("count", [1, 3])
def test_the_chairs_page_costs_the_same_however_long(
    client, it_is, django_assert_num_queries, count
):
    call = make.call()
    it_is(call.closes_at + 20 * DAY)
    make.rubric(call)
    call_round = make.first_round(call)
    chair = make.user(Role.CHAIR)
    actions.set_double_anonymous(call_round, True, actor=chair, at=call.closes_at)
    for _ in range(count):
        letter = make.eligible_letter(call=call)
        make.member(letter.agency)
        with_names(letter)
        review = make.review(of=make.assignment(letter=letter, round=call_round), recognised="YES")
        actions.open_team(review, actor=review.assignment.reviewer)
        actions.lower_marks(
            review, {"feasibility": Decimal(1)}, reason="So.", actor=review.assignment.reviewer
        )
    actions.search_names_due(at=call.closes_at)
    client.force_login(chair)
    with django_assert_num_queries(13):
        client.get(reverse("panel:anonymity", args=["preliminary"]))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The SPACE  agency of\nAtlantis pays.", ["Space Agency of Atlantis"]),
        ("The agency of Atlantis.", []),
        ("An esacape.", []),
        ("Ask Nakara.", ["Ana Nakara"]),
        ("月球研究院的仪器", ["月球研究院"]),
        ("", []),
    ],
)
def test_names_are_found_as_whole_words(text, found):
    names = anonymity.names_in(
        text,
        people=["Ana Nakara"],
        organisations=["Space Agency of Atlantis", "ESA", "月球研究院", ""],
    )
    assert names == found
