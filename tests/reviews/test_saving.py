"""Saving a review as one types and by hand: nothing that was typed is lost, nothing overwritten."""

from decimal import Decimal
from uuid import uuid4

import pytest
from django.http import QueryDict
from django.urls import reverse

from proposals.models import LetterOfIntent
from reviews import actions
from reviews.forms import versions
from reviews.models import Assignment, ConflictCheck, Review, Score
from tests import make
from tests.reviews import papers
from tests.reviews.papers import AUTOSAVE, page_of

pytestmark = pytest.mark.django_db


def test_saving_shows_the_weighted_total(reader, assignment):
    values = papers.form_of(assignment, mark_science="4.5", mark_feasibility="none")

    response = reader.post(page_of(assignment), values, follow=True)

    assert (response.status_code, response.context["total"]) == (200, Decimal("90.00"))
    assert list(Score.objects.values_list("criterion__code", "mark", "cannot_judge")) == [
        ("science", Decimal("4.5"), False),
        ("feasibility", None, True),
    ]


def test_autosave_answers_what_the_page_needs(reader, assignment):
    response = reader.post(page_of(assignment), papers.form_of(assignment), headers=AUTOSAVE)

    assert response.status_code == 200
    answer = response.json()
    assert answer["revision"] == 1
    assert answer["saved_label"].startswith("Saved ")
    assert "80.00" in answer["saved_label"]


def test_a_stale_autosave_gets_the_other_text_under_the_forms_names(reader, assignment):
    reader.post(page_of(assignment), papers.form_of(assignment, strengths="Theirs."))
    mine = papers.form_of(assignment, strengths="Mine.")

    response = reader.post(page_of(assignment), mine, headers=AUTOSAVE)

    assert response.status_code == 412
    answer = response.json()
    assert (answer["revision"], answer["current"]["strengths"]) == (1, "Theirs.")
    assert set(answer["current"]) == set(mine) - {"revision"}
    assert Review.objects.get().strengths == "Theirs."


def version(values):
    """A version as a page carries it along."""
    data = QueryDict(mutable=True)
    data.update({name: value for name, value in values.items() if name != "revision"})
    return versions.to_text(data)


def test_a_stale_save_by_hand_shows_both_texts_and_the_choice_is_saved(reader, assignment):
    # Bad input IR05.
    opened = papers.form_of(assignment, strengths="Before.")
    reader.post(page_of(assignment), papers.form_of(assignment, strengths="Theirs."))

    mine = papers.form_of(assignment, strengths="Mine.")
    response = reader.post(page_of(assignment), mine | {"base": version(opened)})

    body = response.content.decode()
    assert response.status_code == 412
    for words in ("Theirs.", "Mine.", "Before."):
        assert words in body
    assert response.context["found"].differing == ["strengths"]
    assert Review.objects.get().strengths == "Theirs."
    asked = {name: response.context[name] for name in ("base", "mine", "theirs", "revision")}
    # Nothing chosen: asked once more, nothing written.
    assert reader.post(page_of(assignment), asked).status_code == 422
    assert Review.objects.get().revision == 1
    chosen = asked | {"take-strengths": "text", "text-strengths": "Both of us."}
    assert reader.post(page_of(assignment), chosen).status_code == 302
    assert Review.objects.get().strengths == "Both of us."


@pytest.mark.parametrize("autosave", [True, False])
def test_changes_of_different_answers_are_put_together_without_a_question(
    reader, assignment, autosave
):
    opened = papers.form_of(assignment)
    reader.post(page_of(assignment), papers.form_of(assignment, mark_science="2.5"))

    mine = papers.form_of(assignment, mark_feasibility="none", weaknesses="Late.")
    headers = AUTOSAVE if autosave else {}
    response = reader.post(page_of(assignment), mine | {"base": version(opened)}, headers=headers)

    assert response.status_code == (200 if autosave else 302)
    if autosave:
        answer = response.json()
        assert (answer["revision"], answer["taken"]) == (2, ["mark-science"])
        assert answer["values"]["mark-science"] == ["2.5"]
        assert "Science" in answer["notice"]
    review = Review.objects.get()
    assert (review.revision, review.weaknesses) == (2, "Late.")
    assert list(review.scores.values_list("mark", "cannot_judge")) == [
        (Decimal("2.5"), False),
        (None, True),
    ]


def test_a_mark_given_elsewhere_is_not_erased_by_a_page_without_one(reader, assignment):
    opened = papers.form_of(assignment, mark_science="")
    reader.post(page_of(assignment), papers.form_of(assignment, mark_science="3"))
    mine = papers.form_of(assignment, weaknesses="Late.")
    del mine["mark-science"]  # what a browser sends of radio buttons of which none is chosen

    reader.post(page_of(assignment), mine | {"base": version(opened)})

    assert Score.objects.get(criterion__code="science").mark == 3
    assert Review.objects.get().weaknesses == "Late."


def test_a_stale_autosave_that_says_what_it_began_with_gets_the_choice_to_draw(reader, assignment):
    opened = papers.form_of(assignment)
    reader.post(page_of(assignment), papers.form_of(assignment, risk="HIGH"))
    mine = papers.form_of(assignment, risk="MEDIUM") | {"base": version(opened)}

    answer = reader.post(page_of(assignment), mine, headers=AUTOSAVE)

    assert answer.status_code == 412
    panel = answer.json()["panel"]
    for words in ("High", "Medium", "Low"):
        assert words in panel
    asked = version(mine), version(papers.form_of(assignment, risk="HIGH"))
    chosen = {"mine": asked[0], "theirs": asked[1], "base": version(opened), "revision": 1}
    saved = reader.post(page_of(assignment), chosen | {"take-risk": "mine"}, headers=AUTOSAVE)
    assert (saved.status_code, saved.json()["revision"]) == (200, 2)
    assert Review.objects.get().risk == "MEDIUM"


@pytest.mark.parametrize(
    "forged",
    [
        {"mine": "[]", "theirs": "{}"},
        {"mine": "{}", "theirs": "no json"},
        {"mine": '{"risk": ["LOW"]}', "theirs": "{}", "take-risk": "everything"},
        {"mine": '{"risk": "LOW"}', "theirs": "{}"},
        {"mine": "[" * 5000, "theirs": "{}"},
    ],
)
def test_choices_that_no_page_offered_are_refused(reader, assignment, forged):
    reader.post(page_of(assignment), papers.form_of(assignment))
    answer = reader.post(page_of(assignment), {"revision": "1", **forged})
    assert answer.status_code == 400
    assert Review.objects.get().revision == 1


@pytest.mark.parametrize("autosave", [True, False])
def test_past_due_the_text_is_handed_back(reader, assignment, it_is, autosave):
    it_is(assignment.due_at)
    values = papers.form_of(assignment, strengths="Too late.")

    response = reader.post(page_of(assignment), values, headers=AUTOSAVE if autosave else {})

    assert response.status_code == 409
    assert not Review.objects.exists()
    if autosave:
        assert "due date" in response.json()["detail"]
    else:
        assert "Too late." in response.content.decode()


BAD = [
    *({"mark_science": mark} for mark in ("5.5", "3.7", "NaN", "-1", "11", "seven", "4 ", "４")),
    {"strengths": "x" * 3001},
    {"comment_science": "x" * 1001},
    {"major_weaknesses": "x" * 3001},
    {"risk": "EXTREME"},
    *({"revision": revision} for revision in ("", "-1", "x", "99999999999999999999")),
]


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: repr(bad)[:40])
def test_bad_input_is_named_kept_and_not_written(reader, assignment, bad):
    values = papers.form_of(assignment, **{"weaknesses": "Keep me.", **bad})
    response = reader.post(page_of(assignment), values)

    assert response.status_code == 422
    assert not Review.objects.exists()
    assert "Keep me." in response.content.decode()


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: repr(bad)[:40])
def test_autosave_stores_everything_but_what_is_bad(reader, assignment, bad):
    reader.post(page_of(assignment), papers.form_of(assignment, comment_science="Before."))
    values = papers.form_of(assignment, **{"weaknesses": "Keep me.", "revision": 1, **bad})
    response = reader.post(page_of(assignment), values, headers=AUTOSAVE)

    assert response.status_code == 422
    assert response.json()["fields"]
    review = Review.objects.get()
    if "revision" in bad:
        assert (review.revision, review.weaknesses) == (1, "Tight schedule.")
        return
    assert (review.revision, review.weaknesses) == (2, "Keep me.")
    assert response.json()["revision"] == 2
    # What was there before is still there in place of what could not be stored.
    science = review.scores.get(criterion__code="science")
    assert (science.mark, review.risk, review.strengths) == (4, "LOW", "Strong team.")
    assert science.comment == ("Before." if "comment_science" in bad else "")


def test_what_cannot_be_seen_is_refused_with_its_remedy(reader, assignment):
    values = papers.form_of(assignment, strengths="Good\x0bteam", confidential_comment="\u202eok")
    response = reader.post(page_of(assignment), values)
    assert set(response.context["form"].errors) == {"strengths", "confidential_comment"}
    assert not Review.objects.exists()


def test_a_line_break_is_one_character(reader, assignment):
    words = "x" * 1499 + "\r\n" + "y" * 1500
    values = papers.form_of(assignment, strengths=words)
    assert reader.post(page_of(assignment), values).status_code == 302
    assert len(Review.objects.get().strengths) == 3000


def test_a_field_the_form_does_not_have_changes_nothing(reader, assignment):
    values = papers.form_of(assignment) | {"state": "SUBMITTED", "submitted_at": "2023-01-01"}
    reader.post(page_of(assignment), values)
    assert Review.objects.values_list("state", "submitted_at").get() == ("DRAFT", None)


# --- what cannot be saved is handed back ----------------------------------------------------------


def unanswered(assignment):
    ConflictCheck.objects.update(answered_at=None)
    return 409


def conflicted(assignment):
    answer = {assignment.letter_id: ("MONEY", "")}
    actions.answer_conflicts(assignment.reviewer, answer, at=assignment.assigned_at)
    return 403


def waived(assignment):
    Assignment.objects.update(ended_at=assignment.assigned_at, conflicted=None)
    return 409


def withdrawn(assignment):
    LetterOfIntent.objects.update(state="WITHDRAWN")
    return 409


@pytest.mark.parametrize("why", [unanswered, conflicted, waived, withdrawn])
def test_words_about_a_letter_that_is_shut_are_handed_back_without_the_letter(
    reader, assignment, why
):
    status = why(assignment)
    values = papers.form_of(assignment, strengths="My words.", mark_science="3.5")

    response = reader.post(page_of(assignment), values)

    body = response.content.decode()
    assert response.status_code == status
    assert "My words." in body
    assert "Mark: science" in body
    assert "The secret plan" not in body
    assert not Review.objects.exists()


def test_a_stranger_gets_the_own_words_and_no_hint_that_there_is_such_a_letter(client, assignment):
    client.force_login(make.reviewer())
    values = papers.form_of(assignment, strengths="My words.")
    answers = []
    for pk in (assignment.pk, uuid4()):
        answer = client.post(reverse("reviews:review", args=[pk]), values)
        assert answer.status_code == 404
        answers.append(papers.seen(answer).replace(str(pk), "<id>"))
    assert answers[0] == answers[1]
    assert "My words." in answers[0]


def test_signed_out_without_a_script_the_words_come_back(client, assignment):
    values = papers.form_of(assignment, major_weaknesses="My words.")
    response = client.post(
        page_of(assignment), values, headers={"Origin": "http://testserver"}, follow=False
    )
    assert response.status_code == 401
    body = response.content.decode()
    assert "My words." in body
    assert "Major weaknesses" in body


def test_words_from_a_page_of_two_versions_come_back_as_well(client, assignment):
    mine = version(papers.form_of(assignment, strengths="My own words."))
    values = {"mine": mine, "theirs": "{}", "text-weaknesses": "Put together."}
    response = client.post(page_of(assignment), values, headers={"Origin": "http://testserver"})
    body = response.content.decode()
    assert "My own words." in body
    assert "Put together." in body


def test_saving_asks_the_same_however_much_is_written(
    reader, assignment, django_assert_max_num_queries
):
    values = papers.form_of(assignment, strengths="x" * 3000)
    reader.post(page_of(assignment), papers.form_of(assignment))
    with django_assert_max_num_queries(20):
        saved = reader.post(page_of(assignment), values | {"revision": 1}, headers=AUTOSAVE)
    assert saved.status_code == 200
