import re
import subprocess
from datetime import timedelta

import pytest
from django.core.cache import caches
from django.urls import reverse

from accounts.states import Role
from proposals import files
from proposals.models import CallRound
from reviews import actions
from reviews.api import written
from reviews.models import Assignment, ConflictCheck, Review, ReviewerProfile
from tests import make
from tests.proposals import papers as uploads
from tests.reviews import papers
from tests.reviews.papers import AUTOSAVE, page_of

pytestmark = pytest.mark.django_db
SECRET = "The secret plan of the letter."


def file_of(assignment, kind="letter"):
    return reverse("reviews:letter_file", args=[assignment.pk, kind])


def next_of(reader, assignment):
    return reader.get(reverse("reviews:next", args=[assignment.pk]))


@pytest.fixture
def unanswered(assignment):
    """The conflict question of the assignment's letter is still open."""
    ConflictCheck.objects.update(answered_at=None)


# --- conflicts ------------------------------------------------------------------------------------


def asked(reviewer, **fields):
    agency = make.agency(name="Tide Office", country="NO")
    letter = make.eligible_letter(
        agency=agency, partners=[make.partner()], summary=SECRET, **fields
    )
    return make.check(reviewer, letter, answered=False)


def test_the_conflicts_page_says_who_is_behind_a_letter_and_nothing_of_its_text(client):
    check = asked(make.reviewer())
    client.force_login(check.reviewer)

    body = client.get(reverse("reviews:conflicts")).content.decode()

    for shown in (check.letter.reference, "Seismometer", "Tide Office", "Norway", "Dust Institute"):
        assert shown in body
    for hidden in (SECRET, check.letter.goals, check.letter.public_abstract):
        assert hidden not in body


def test_answers_are_saved_and_the_rest_may_stay_open(client):
    first = asked(make.reviewer())
    second = make.check(first.reviewer, make.eligible_letter(), answered=False)
    client.force_login(first.reviewer)
    answer = {
        f"answer-{first.letter_id}": "yes",
        f"kind-{first.letter_id}": "FAMILY",
        f"note-{first.letter_id}": "my brother",
    }

    response = client.post(reverse("reviews:conflicts"), answer)

    assert response.url == reverse("reviews:conflicts")
    first.refresh_from_db()
    assert (first.conflicted, first.kind, first.note) == (True, "FAMILY", "my brother")
    second.refresh_from_db()
    assert second.answered_at is None

    response = client.post(reverse("reviews:conflicts"), {"rest": "on"})
    assert response.url == reverse("reviews:queue")
    second.refresh_from_db()
    assert second.is_clear


def test_a_conflict_without_a_reason_keeps_what_was_chosen_and_writes_nothing(client):
    first = asked(make.reviewer())
    second = make.check(first.reviewer, make.eligible_letter(), answered=False)
    client.force_login(first.reviewer)
    answer = {
        f"answer-{first.letter_id}": "yes",
        f"note-{first.letter_id}": "we met once",
        f"answer-{second.letter_id}": "no",
    }

    response = client.post(reverse("reviews:conflicts"), answer)

    assert response.status_code == 422
    assert "we met once" in response.content.decode()
    form = response.context["form"]
    assert form[f"answer-{second.letter_id}"].value() == "no"
    assert ConflictCheck.objects.unanswered().count() == 2


def test_an_answer_about_a_recorded_conflict_or_a_strangers_letter_is_refused(client):
    recorded = make.check(make.reviewer(), make.eligible_letter(), conflicted=True)
    foreign = asked(make.reviewer())
    client.force_login(recorded.reviewer)
    url = reverse("reviews:conflicts")

    assert client.post(url, {f"answer-{recorded.letter_id}": "no"}).status_code == 409
    assert client.post(url, {f"answer-{foreign.letter_id}": "no"}).status_code == 404
    assert client.post(url, {"answer-nonsense": "no"}).status_code == 404
    recorded.refresh_from_db()
    foreign.refresh_from_db()
    assert (recorded.conflicted, foreign.answered_at) == (True, None)


@pytest.mark.parametrize("letters", [1, 3])
def test_the_conflicts_page_costs_the_same(client, letters, django_assert_num_queries):
    reviewer, call = make.reviewer(), make.call()
    for _ in range(letters):
        asked(reviewer, call=call)
        make.check(reviewer, make.eligible_letter(call=call), conflicted=True)
        make.check(reviewer, make.eligible_letter(call=call))
    client.force_login(reviewer)
    with django_assert_num_queries(6):
        response = client.get(reverse("reviews:conflicts"))
    assert len(response.context["questions"]) == letters


# --- the queue ------------------------------------------------------------------------------------


def test_the_queue_is_in_an_order_of_each_reviewers_own_that_stays(client, it_is):
    call = make.call()
    letters = [make.eligible_letter(call=call) for _ in range(8)]
    orders = []
    for _ in range(2):
        reviewer = make.reviewer()
        for letter in letters:
            make.assignment(letter=letter, reviewer=reviewer)
        client.force_login(reviewer)
        twice = [
            [a.letter_id for a in client.get(reverse("reviews:queue")).context["page"]]
            for _ in range(2)
        ]
        assert twice[0] == twice[1]
        orders.append(twice[0])
    assert set(orders[0]) == set(orders[1]) == {letter.pk for letter in letters}
    assert orders[0] != orders[1]  # one chance in 40,320


@pytest.mark.parametrize(
    ("state", "expected"),
    [("", 3), ("todo", 1), ("begun", 1), ("filed", 1), ("' OR 1=1", 3)],
)
def test_the_queue_is_filtered_by_the_address(client, assignment, state, expected):
    for submitted in (True, False):
        letter = make.eligible_letter(call=assignment.letter.call)
        of = make.assignment(letter=letter, reviewer=assignment.reviewer)
        make.review(of=of, submitted=submitted)
    client.force_login(assignment.reviewer)

    context = client.get(reverse("reviews:queue"), {"state": state}).context

    assert (len(context["page"]), context["total"], context["filed"]) == (expected, 3, 1)


def test_the_queue_is_searched_by_reference_title_and_agency(reader, assignment):
    found = {"Lemuria": 1, "seismo lemuria": 1, assignment.letter.reference: 1, "100%": 0, "_": 0}
    for words, count in found.items():
        page = reader.get(reverse("reviews:queue"), {"q": words}).context["page"]
        assert (words, len(page)) == (words, count)


def test_a_letter_whose_question_is_open_is_in_the_queue_without_a_link(
    reader, assignment, unanswered
):
    response = reader.get(reverse("reviews:queue"))
    assert page_of(assignment) not in response.content.decode()
    assert response.context["following"] is None


def test_an_empty_queue_says_what_comes_next(client):
    check = asked(make.reviewer())
    client.force_login(check.reviewer)
    assert "Answer the questions" in client.get(reverse("reviews:queue")).content.decode()

    client.force_login(make.reviewer())
    assert "no letter for you" in client.get(reverse("reviews:queue")).content.decode()


@pytest.mark.parametrize("letters", [1, 3])
def test_the_queue_costs_the_same(client, it_is, letters, django_assert_num_queries):
    reviewer, call = make.reviewer(), make.call()
    make.rubric(call)
    for number in range(letters):
        of = make.assignment(letter=make.eligible_letter(call=call), reviewer=reviewer)
        if number:
            make.review(of=of, submitted=False)
    client.force_login(reviewer)
    with django_assert_num_queries(9):
        response = client.get(reverse("reviews:queue"))
    assert len(response.context["page"]) == letters


# --- the letter -----------------------------------------------------------------------------------


def test_the_review_page_shows_the_filed_text_and_not_the_working_copy(reader, assignment):
    assignment.letter.summary = "Changed behind the panel's back."
    assignment.letter.save(update_fields=["summary"])

    body = reader.get(page_of(assignment)).content.decode()

    assert SECRET in body
    assert "behind the panel" not in body
    for anchor in ("Science 0", "Science 5", "Feasibility 3"):
        assert anchor in body


def test_text_is_escaped(client, it_is):
    agency = make.agency()
    make.member(agency)
    letter = make.eligible_letter(agency=agency, title="<script>alert(1)</script>", goals="<b>x")
    papers.filed(letter)
    given = make.assignment(letter=letter)
    client.force_login(given.reviewer)
    body = client.get(page_of(given)).content.decode()
    assert "<script>alert" not in body
    assert "&lt;b&gt;x" in body


def test_nothing_of_the_letter_opens_before_the_question_is_answered(
    reader, assignment, unanswered
):
    response = reader.get(page_of(assignment))
    assert (response.status_code, response.url) == (302, reverse("reviews:conflicts"))
    assert SECRET not in reader.get(response.url).content.decode()

    pdf = reader.get(file_of(assignment))
    assert pdf.status_code == 409
    assert SECRET not in pdf.content.decode()

    saved = reader.post(page_of(assignment), papers.form_of(assignment))
    assert saved.status_code == 409
    assert not Review.objects.exists()


def test_a_conflict_shuts_the_letter(reader, assignment):
    answer = {assignment.letter_id: ("MONEY", "")}
    actions.answer_conflicts(assignment.reviewer, answer, at=assignment.assigned_at)

    for response in (
        reader.get(page_of(assignment)),
        reader.post(page_of(assignment), papers.form_of(assignment)),
        reader.get(file_of(assignment)),
        reader.post(reverse("reviews:reopen", args=[assignment.pk])),
    ):
        assert response.status_code == 403
        assert SECRET not in response.content.decode()
    assert not Review.objects.exists()


def test_a_waived_letter_is_no_longer_shown(reader, assignment):
    actions.waive(
        assignment, reason="Ill.", actor=assignment.assigned_by, at=assignment.assigned_at
    )
    assert reader.get(page_of(assignment)).status_code == 409
    assert reader.get(file_of(assignment)).status_code == 409


def test_the_pdf_is_a_download_no_browser_runs(reader, assignment):
    response = reader.get(file_of(assignment))

    assert b"".join(response.streaming_content) == papers.PDF
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == (
        f"attachment; filename*=UTF-8''{assignment.letter.reference}-letter.pdf"
    )
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "no-store" in response["Cache-Control"]


def test_a_file_that_is_gone_from_the_disk_is_owned_up_to(reader, assignment):
    [attachment] = assignment.letter.versions.get().content["attachments"]
    files.path_of(attachment["sha256"]).unlink()
    assert reader.get(file_of(assignment)).status_code == 503


@pytest.mark.parametrize("kind", ["cv", "LETTER", "other", "drawing"])
def test_a_file_that_was_not_filed_has_no_address(reader, assignment, kind):
    assert reader.get(file_of(assignment, kind)).status_code == 404


def test_all_filed_files_can_be_read_as_what_they_are(reader, assignment):
    letter = assignment.letter
    picture = files.store_bytes(uploads.PNG)
    said = letter.versions.get().content
    said["attachments"].append(
        {"kind": "DRAWING", "name": "plan.png", "size": 9, "pages": 0, "sha256": picture}
    )
    make.version(letter, said, number=2)
    text = reader.get(page_of(assignment)).content.decode()
    for kind in ("letter", "drawing"):
        assert file_of(assignment, kind) in text
    response = reader.get(file_of(assignment, "drawing"))
    assert response["Content-Type"] == "image/png"
    assert response["Content-Disposition"].endswith(f"{letter.reference}-drawing.png")
    assert b"".join(response.streaming_content) == uploads.PNG


@pytest.mark.parametrize(
    ("scan", "status"),
    [("CLEAN", 200), ("NOT_ASKED", 200), ("OWED", 404), ("INFECTED", 404)],
)
def test_what_is_not_cleared_by_the_scanner_is_hidden(reader, assignment, scan, status):
    [item] = assignment.letter.versions.get().content["attachments"]
    assignment.letter.attachments.create(
        name="theirs.pdf",
        size=item["size"],
        pages=1,
        sha256=item["sha256"],
        scan=scan,
        uploaded_at=make.OPENS,
        uploaded_by=make.user(),
    )
    response = reader.get(file_of(assignment))
    if response.streaming:
        list(response.streaming_content)
    assert response.status_code == status
    text = reader.get(page_of(assignment)).content.decode()
    assert (file_of(assignment) in text) is (status == 200)


# --- what is kept of a drawn letter ---------------------------------------------------------------


def test_a_letter_is_drawn_for_each_language_and_each_way_of_reading(reader, assignment):
    """What one page kept must not be shown where less may be read, or where words are others."""
    team, hidden = "Ana Nakara", "Left empty by the agency"
    assert team in reader.get(page_of(assignment)).content.decode()
    assert caches["letters"]._cache  # kept
    CallRound.objects.filter(pk=assignment.round_id).update(double_anonymous=True)
    assert team not in reader.get(page_of(assignment)).content.decode()
    CallRound.objects.filter(pk=assignment.round_id).update(double_anonymous=False)
    reader.cookies["django_language"] = "zh-hans"
    assert hidden not in reader.get(page_of(assignment)).content.decode()


def test_a_drawn_letter_is_not_shown_for_another_version_or_with_old_words_of_the_call(
    reader, assignment
):
    letter, call = assignment.letter, assignment.letter.call
    first = reader.get(page_of(assignment)).content.decode()
    call.objectives = [{"code": "fields", "en": "Magnetism of the crust"}]
    call.save(update_fields=["objectives"])
    second = reader.get(page_of(assignment)).content.decode()
    assert ("Magnetism of the crust" in first, "Magnetism of the crust" in second) == (False, True)
    version = letter.versions.get()
    version.content["fields"]["goals"] = "Two years of records."
    make.version(letter, version.content, number=2)
    assert "Two years of records." in reader.get(page_of(assignment)).content.decode()


def test_a_drawn_letter_opens_to_nobody_who_may_not_read_it(reader, assignment):
    reader.get(page_of(assignment))
    ConflictCheck.objects.update(answered_at=None)
    assert reader.get(page_of(assignment)).status_code == 302
    reader.force_login(make.reviewer())
    assert reader.get(page_of(assignment)).status_code == 404


# --- submitting -----------------------------------------------------------------------------------


def test_submitting_reopening_and_the_next_letter(reader, assignment):
    other = make.assignment(
        letter=make.eligible_letter(call=assignment.letter.call), reviewer=assignment.reviewer
    )
    values = papers.form_of(assignment) | {"do": "submit"}

    response = reader.post(page_of(assignment), values, follow=True)
    assert Review.objects.get().state == "SUBMITTED"
    assert response.context["form"] is None
    assert next_of(reader, assignment).url == page_of(other)
    assert next_of(reader, other).url == reverse("reviews:queue")

    reader.post(reverse("reviews:reopen", args=[assignment.pk]))
    assert Review.objects.get().state == "DRAFT"


def test_an_unfinished_submission_is_saved_and_says_what_is_missing(reader, assignment):
    values = papers.form_of(assignment, mark_science="5", strengths="", confidential_comment="Hm.")

    response = reader.post(page_of(assignment), values | {"do": "submit"})

    assert response.status_code == 422
    assert set(response.context["form"].errors) == {"comment-science", "strengths"}
    review = Review.objects.get()
    assert (review.state, review.confidential_comment) == ("DRAFT", "Hm.")
    # The page goes on from what was saved.
    assert response.context["form"]["revision"].value() == 1


def test_after_the_due_date_the_review_can_be_read_and_not_written(reader, assignment, it_is):
    reader.post(page_of(assignment), papers.form_of(assignment))
    it_is(assignment.due_at)

    response = reader.get(page_of(assignment))

    assert response.context["form"] is None
    assert "Strong team." in response.content.decode()
    reader.post(reverse("reviews:reopen", args=[assignment.pk]))
    assert Review.objects.get().state == "DRAFT"


# --- whose ----------------------------------------------------------------------------------------


def test_another_reviewers_review_is_not_there(client, assignment):
    make.review(of=assignment, strengths="Private thoughts.")
    colleague = make.reviewer()
    make.assignment(letter=assignment.letter, reviewer=colleague)
    client.force_login(colleague)

    for response in (
        client.get(page_of(assignment)),
        client.post(page_of(assignment), papers.form_of(assignment, revision=1)),
        client.post(page_of(assignment), papers.form_of(assignment), headers=AUTOSAVE),
        client.post(reverse("reviews:reopen", args=[assignment.pk])),
        client.get(file_of(assignment)),
    ):
        assert response.status_code == 404
    body = client.get(page_of(Assignment.objects.get(reviewer=colleague))).content.decode()
    assert "Private thoughts." not in body
    assert Review.objects.get().revision == 1


def test_a_reviewer_who_is_also_the_chair_has_only_the_own_letters_in_the_queue(client, assignment):
    both = make.user(Role.CHAIR, Role.REVIEWER)
    client.force_login(both)
    assert client.get(reverse("reviews:queue")).context["total"] == 0
    assert client.get(page_of(assignment)).status_code == 404


def test_autosave_without_a_session_is_told_to_sign_in(client, assignment):
    response = client.post(page_of(assignment), papers.form_of(assignment), headers=AUTOSAVE)
    assert response.status_code == 401
    assert not Review.objects.exists()


def test_autosave_of_a_waived_review_is_refused_in_json(reader, assignment):
    Assignment.objects.update(ended_at=assignment.due_at - timedelta(days=11), conflicted=None)
    response = reader.post(page_of(assignment), papers.form_of(assignment), headers=AUTOSAVE)
    assert (response.status_code, response.json()["code"]) == (409, "ended")


# --- the letter as a paper ------------------------------------------------------------------------


def paper_of(assignment):
    return reverse("reviews:letter_pdf", args=[assignment.pk])


def test_the_letter_as_a_pdf_says_whose_copy_it_is_and_not_how_to_reach_people(reader, assignment):
    response = reader.get(paper_of(assignment))

    assert response["Content-Type"] == "application/pdf"
    assert response["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'" in response["Content-Security-Policy"]
    text = subprocess.run(
        ["pdftotext", "-", "-"], input=response.content, capture_output=True, check=True
    ).stdout.decode()
    assert "secret plan" in text
    assert assignment.reviewer.name in text
    assert "pi@example.org" not in text
    assert "+51 1 555 0100" not in text


def test_the_paper_opens_no_earlier_than_the_page(client, reader, assignment, unanswered):
    assert reader.get(paper_of(assignment)).status_code == 409
    client.force_login(make.reviewer())
    assert client.get(paper_of(assignment)).status_code == 404


def test_the_page_shows_the_paper_beside_the_form_when_asked(reader, assignment):
    body = reader.get(page_of(assignment), {"as": "pdf"}).content.decode()
    assert f'<iframe class="letter-paper" src="{paper_of(assignment)}#' in body
    assert SECRET not in body
    assert "<iframe" not in reader.get(page_of(assignment), {"as": "x"}).content.decode()


@pytest.mark.parametrize("written", [False, True])
def test_the_review_page_asks_at_most_thirteen_times(
    reader, assignment, written, django_assert_max_num_queries
):
    if written:
        reader.post(page_of(assignment), papers.form_of(assignment))
    # That a letter was opened is noted once.
    reader.get(page_of(assignment))
    with django_assert_max_num_queries(13):
        assert reader.get(page_of(assignment)).context["form"]


def test_the_form_says_what_it_lacks_before_anything_is_asked(reader, assignment):
    """What `lacks` in forms.js reads: a form without an answer is sent without a question."""
    body = reader.get(reverse("reviews:review", args=[assignment.pk])).content.decode()
    assert "data-when-complete data-confirm=" in body
    assert 'data-explains="mark-science: 0 0.5 1 1.5 2 5"' in body
    for name, either in (("strengths", "strengths"), ("major_weaknesses", "weaknesses")):
        [field] = re.findall(rf'<textarea name="{name}"[^>]*>', body)
        assert f'data-one-of="{either}"' in field


def test_nobody_reads_that_an_agency_wanted_them_left_out(client):
    """Nor any other rule: there is one sentence for all that the records show."""
    call = make.call()
    by_name = make.eligible_letter(call=call, excluded_reviewers=[{"name": "Nadia Excludo"}])
    by_place = make.eligible_letter(call=call, agency=make.agency(country="FR"))
    person = make.reviewer(name="Nadia Excludo")
    ReviewerProfile.objects.create(user=person, country="FR", expertise="ENGINEER")
    chair = make.user(Role.CHAIR)
    actions.open_conflict_checks(make.first_round(call), actor=chair, at=make.CLOSES)
    checks = ConflictCheck.objects.conflicted().filter(reviewer=person)
    assert set(checks.values_list("letter", "kind")) == {
        (by_name.pk, "OTHER"),
        (by_place.pk, "SAME_COUNTRY"),
    }
    client.force_login(person)
    page = client.get("/reviews/conflicts/").content.decode()
    assert page.count("Something that the portal knows of you and of the letter") == 2
    section = page[page.index('id="recorded"') :].partition("</section>")[0]
    for check in checks:
        assert check.get_kind_display() not in section
        assert written.conflict(check)["kind"] == ""
    own = client.get(reverse("own_data")).json()["conflict_answers"]
    assert {one["kind"] for one in own} == {""}
