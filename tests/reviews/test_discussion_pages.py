"""Others' reviews and the discussion: seen after one's own is filed, and nobody by name."""

import csv
import io
from decimal import Decimal

import pytest
from django.http import QueryDict
from django.urls import reverse
from openpyxl import load_workbook

from accounts.states import Role
from reviews import actions
from reviews.forms import versions
from reviews.models import Consensus, Contribution
from reviews.pseudonyms import pseudonym
from tests import make

pytestmark = pytest.mark.django_db


def code_of(assignment):
    return pseudonym(assignment.round_id, assignment.letter_id, assignment.reviewer_id)


def address(name, assignment):
    return reverse(f"reviews:{name}", args=[assignment.pk])


def panel(name, assignment):
    return reverse(f"panel:{name}", args=["preliminary", assignment.letter_id])


@pytest.fixture
def colleague(assignment):
    """Another reviewer of the letter, who has filed and is of another opinion."""
    other = make.assignment(letter=assignment.letter, reviewer=make.reviewer(name="Wanda Kuo"))
    make.review(of=other, marks={"science": Decimal("1.5")}, major_weaknesses="Too heavy by half.")
    return other


@pytest.fixture
def filed(assignment):
    make.review(of=assignment)
    return assignment


@pytest.fixture
def chair(client):
    return make.user(Role.CHAIR)


# --- others' reviews ------------------------------------------------------------------------------


def test_nothing_of_the_others_is_there_before_ones_own_review_is_filed(
    reader, assignment, colleague
):
    for begun in (False, True):
        if begun:
            make.review(of=assignment, submitted=False)
        assert reader.get(address("others", assignment)).status_code == 404
        assert reader.get(address("discussion", assignment)).status_code == 403
        assert reader.get(address("consensus", assignment)).status_code == 403
        body = reader.get(address("review", assignment)).content.decode()
        assert address("others", assignment) not in body


def test_afterwards_they_stand_side_by_side_under_pseudonyms(reader, filed, colleague):
    third = make.assignment(letter=filed.letter)
    make.review(of=third, submitted=False, strengths="Still thinking.")

    body = reader.get(address("others", filed)).content.decode()

    assert "Too heavy by half." in body
    assert f"Reviewer {code_of(colleague)}" in body
    assert "Totals 30.00 points apart." in body
    for secret in ("Wanda Kuo", code_of(third), "Still thinking.", str(colleague.pk)):
        assert secret not in body
    assert body.index(">You<") < body.index(f"Reviewer {code_of(colleague)}")


def test_whoever_takes_the_review_back_sees_them_no_more(reader, filed, colleague):
    actions.reopen_review(filed.review, actor=filed.reviewer)
    assert reader.get(address("others", filed)).status_code == 404
    assert reader.get(address("discussion", filed)).status_code == 403


def test_a_colleague_in_conflict_or_waived_is_seen_no_more(reader, filed, colleague):
    answer = {filed.letter_id: ("MONEY", "")}
    actions.answer_conflicts(colleague.reviewer, answer, at=filed.assigned_at)
    body = reader.get(address("others", filed)).content.decode()
    assert code_of(colleague) not in body
    assert "Too heavy" not in body


def test_marks_changed_after_filing_show_both_and_the_reason(client, filed, colleague):
    review = actions.reopen_review(colleague.review, actor=colleague.reviewer)
    review = actions.save_review(
        colleague,
        changes={"change_reason": "I misread the table."},
        scores={"science": {"mark": Decimal("3.5"), "cannot_judge": False}},
        revision=review.revision,
        actor=colleague.reviewer,
    )
    actions.submit_review(review, actor=colleague.reviewer)
    client.force_login(filed.reviewer)
    for name in ("others", "discussion"):
        body = client.get(address(name, filed)).content.decode()
        assert "<del>1.5</del> 3.5" in body
        assert "I misread the table." in body


@pytest.mark.parametrize("reviews", [1, 3])
def test_the_pages_cost_the_same_however_many_review(
    client, assignment, reviews, django_assert_max_num_queries
):
    make.review(of=assignment)
    for _ in range(reviews):
        other = make.assignment(letter=assignment.letter)
        make.review(of=other)
        said = actions.contribute(other.round, other.letter, text="Hm.", actor=other.reviewer)
        actions.contribute(
            other.round, other.letter, text="Ha.", answers=said, actor=assignment.reviewer
        )
    client.force_login(assignment.reviewer)
    with django_assert_max_num_queries(12):
        assert client.get(address("others", assignment)).status_code == 200
    with django_assert_max_num_queries(15):
        assert len(client.get(address("discussion", assignment)).context["thread"]) == reviews


# --- talking --------------------------------------------------------------------------------------


def test_what_is_said_is_shown_with_who_said_it_under_the_right_name(
    client, filed, colleague, chair
):
    client.force_login(colleague.reviewer)
    page = address("discussion", colleague)
    answer = client.post(page, {"text": "Why so\nheavy? <b>", "opened_by": colleague.reviewer_id})
    said = Contribution.objects.get()
    assert answer.url == f"{page}#said-{said.pk}"
    assert "<strong><bdi>You</bdi></strong>" in client.get(page).content.decode()

    client.force_login(filed.reviewer)
    page = address("discussion", filed)
    body = client.get(page, {"to": said.pk}).content.decode()
    assert f"Reviewer {code_of(colleague)}" in body
    assert "heavy? &lt;b&gt;" in body
    assert f'name="answers" value="{said.pk}"' in body
    client.post(page, {"text": "It carries a drill.", "answers": said.pk})
    assert Contribution.objects.get(text="It carries a drill.").answers == said

    client.force_login(chair)
    page = panel("discussion", filed)
    body = client.get(page).content.decode()
    assert f"Wanda Kuo ({code_of(colleague)})" in body
    client.post(page, {"text": "Thank you both."})
    client.force_login(filed.reviewer)
    body = client.get(address("discussion", filed)).content.decode()
    assert "The chair" in body
    assert chair.name not in body
    assert "Wanda Kuo" not in body


@pytest.mark.parametrize("text", ["", "  ", "x" * 3001, "a\x0bb"])
def test_bad_words_are_named_and_kept(reader, filed, text):
    response = reader.post(address("discussion", filed), {"text": text})
    assert response.status_code == 422
    assert response.context["form"].errors
    assert not Contribution.objects.exists()


@pytest.mark.parametrize("to", ["nonsense", "0b5c93d4-16f9-4a9e-9a43-1f7a53a20d0e"])
def test_an_answer_to_nothing_is_refused(reader, filed, to):
    response = reader.post(address("discussion", filed), {"text": "Hm.", "answers": to})
    assert response.status_code in (404, 422)
    shown = reader.get(address("discussion", filed), {"to": to})
    assert shown.status_code == (404 if to == "nonsense" else 200)
    assert not Contribution.objects.exists()


def test_words_that_come_too_late_are_handed_back(reader, filed):
    filed.letter.state = "NOT_SHORTLISTED"
    filed.letter.save(update_fields=["state"])
    response = reader.post(address("discussion", filed), {"text": "One last word."})
    assert response.status_code == 409
    assert "One last word." in response.content.decode()
    shown = reader.get(address("discussion", filed)).content.decode()
    assert "nothing can be added" in shown
    assert "<textarea" not in shown


def test_words_before_ones_own_review_is_filed_are_handed_back(reader, assignment, colleague):
    response = reader.post(address("discussion", assignment), {"text": "I think so, too."})
    assert response.status_code == 403
    body = response.content.decode()
    assert "I think so, too." in body
    assert "Too heavy" not in body
    assert not Contribution.objects.exists()


# --- consensus ------------------------------------------------------------------------------------


def written(**values):
    return {
        "text": "",
        "minority_view": "",
        "mark-science": "",
        "mark-feasibility": "",
        "revision": 0,
        **values,
    }


def version(values):
    data = QueryDict(mutable=True)
    data.update({name: value for name, value in values.items() if name != "revision"})
    return versions.to_text(data)


def test_a_consensus_is_written_and_shown(client, filed, colleague, chair):
    client.force_login(filed.reviewer)
    there = address("consensus", filed)
    sent = written(text="Fly it.", minority_view="Not so fast.", **{"mark-science": "3.5"})
    assert client.post(there, sent).url == f"{address('discussion', filed)}#consensus"
    assert Consensus.objects.get().marks == {"science": "3.5"}
    client.force_login(chair)
    body = client.get(panel("discussion", filed)).content.decode()
    for words in ("Fly it.", "Not so fast.", "<dd>3.5</dd>", "version 1"):
        assert words in body


def test_two_who_write_the_consensus_are_merged_or_asked(client, filed, colleague):
    opened = written()
    client.force_login(filed.reviewer)
    client.post(address("consensus", filed), written(text="Fly it."))

    client.force_login(colleague.reviewer)
    there = address("consensus", colleague)
    mine = written(minority_view="Not so fast.") | {"base": version(opened)}
    assert client.post(there, mine).status_code == 302
    found = Consensus.objects.get()
    assert (found.text, found.minority_view, found.revision) == ("Fly it.", "Not so fast.", 2)

    mine = written(text="Do not fly it.") | {"base": version(opened)}
    asked = client.post(there, mine)
    assert asked.status_code == 412
    assert Consensus.objects.get().text == "Fly it."
    carried = {name: asked.context[name] for name in ("base", "mine", "theirs", "revision")}
    chosen = carried | {"take-text": "text", "text-text": "Fly it, later."}
    assert client.post(there, chosen).status_code == 302
    assert Consensus.objects.get().text == "Fly it, later."


@pytest.mark.parametrize("bad", [{"mark-science": "6"}, {"text": "x" * 3001}, {"revision": "x"}])
def test_a_bad_consensus_is_named_kept_and_not_written(reader, filed, bad):
    response = reader.post(address("consensus", filed), written(minority_view="Keep me.") | bad)
    assert response.status_code == 422
    assert "Keep me." in response.content.decode()
    assert not Consensus.objects.exists()


# --- the chair's list -----------------------------------------------------------------------------


def listed(client, **query):
    return client.get(reverse("panel:discussions", args=["preliminary"]), query)


def test_the_chair_sees_where_reviewers_disagree_and_what_was_said(client, filed, colleague, chair):
    calm = make.eligible_letter(call=filed.letter.call)
    for _ in range(2):
        make.review(of=make.assignment(letter=calm))
    actions.contribute(filed.round, filed.letter, text="Hm.", actor=filed.reviewer)
    client.force_login(chair)

    response = listed(client)

    first, second = response.context["page"]
    assert (first["letter"], first["spread"], first["said"]) == (filed.letter, Decimal(30), 1)
    assert (first["apart"].codes, first["apart"].crosses) == (("science",), True)
    assert (second["letter"], bool(second["apart"])) == (calm, False)
    for query, expected in (
        ({"only": "apart"}, [filed.letter]),
        ({"only": "talked"}, [filed.letter]),
        ({"only": "open"}, [filed.letter]),
        ({"sort": "reference"}, [filed.letter, calm]),
        ({"sort": "-reference"}, [calm, filed.letter]),
        ({"q": calm.reference}, [calm]),
        ({"q": "nothing like it"}, []),
    ):
        page = listed(client, **query).context["page"]
        assert [line["letter"] for line in page] == expected, query


def test_the_flagged_letters_can_be_had_as_a_table(client, filed, colleague, chair):
    calm = make.eligible_letter(call=filed.letter.call)
    for _ in range(2):
        make.review(of=make.assignment(letter=calm))
    actions.contribute(filed.round, filed.letter, text="Hm.", actor=filed.reviewer)
    client.force_login(chair)

    address = reverse("panel:discussions_csv", args=["preliminary"])
    text = client.get(address, {"only": "apart"}).content.decode("utf-8-sig")
    [row] = csv.DictReader(io.StringIO(text))
    assert row["Reference"] == filed.letter.reference
    assert (row["Totals apart"], row["Said"], row["Consensus (UTC)"]) == ("30.00", "1", "")
    assert row["Flags"].startswith("totals; marks: ")
    assert "one passes, one does not" in row["Flags"]
    xlsx = client.get(reverse("panel:discussions_xlsx", args=["preliminary"]))
    sheet = load_workbook(io.BytesIO(xlsx.content)).active
    assert [cells[0] for cells in sheet.values] == [
        *("Reference", filed.letter.reference, calm.reference),
    ]


def test_a_letter_the_chair_is_in_conflict_with_is_not_there(client, filed, colleague, chair):
    make.check(chair, filed.letter, conflicted=True)
    client.force_login(chair)
    assert filed.letter.reference not in listed(client).content.decode()
    for name in ("discussion", "consensus"):
        assert client.get(panel(name, filed)).status_code == 404
        refused = client.post(panel(name, filed), {"text": "My words."})
        assert refused.status_code == 404
        assert filed.letter.reference not in refused.content.decode()


@pytest.mark.parametrize("letters", [1, 3])
def test_the_list_costs_the_same_however_many_letters(
    client, it_is, letters, django_assert_num_queries
):
    call = make.call()
    make.rubric(call)
    for _ in range(letters):
        of = make.assignment(letter=make.eligible_letter(call=call))
        make.review(of=of)
        actions.contribute(of.round, of.letter, text="Hm.", actor=of.reviewer)
    client.force_login(make.user(Role.CHAIR))
    with django_assert_num_queries(10):
        assert len(listed(client).context["page"]) == letters
