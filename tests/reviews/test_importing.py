"""`import_reviews`: all reviews of a file or none, each fault with its line."""

import csv
import io
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command

from accounts.states import Role
from audit.models import Entry
from reviews import actions, invariants
from reviews.models import ConflictCheck, Ranking, Review, Score
from tests import make
from tests.reviews.marks import AT

pytestmark = pytest.mark.django_db
HEADER = [
    *("call", "proposal_id", "reviewer_id", "criterion"),
    *("score", "scale_min", "scale_max", "higher_is_better", "confidence", "submitted_at"),
]


@pytest.fixture
def given(it_is):
    """A letter given to a reviewer, and the round's time to review."""
    call = make.call()
    make.rubric(call)
    it_is(AT)
    return make.assignment(letter=make.eligible_letter(call=call))


@pytest.fixture
def file(tmp_path):
    return tmp_path / "marks.csv"


def line(given, criterion, score, **changed):
    """One line of the file; keywords change its cells."""
    cells = {
        "call": given.letter.call.code,
        "proposal_id": given.letter.reference,
        "reviewer_id": given.reviewer.email,
        "criterion": criterion,
        "score": score,
        "scale_min": 0,
        "scale_max": 5,
        "higher_is_better": 1,
        "confidence": "",
        "submitted_at": "",
    }
    return {**cells, **changed}


def whole(given, **changed):
    return [line(given, code, 4) | changed for code in ("science", "feasibility")]


def write(file, lines):
    with file.open("w", newline="") as out:
        table = csv.DictWriter(out, HEADER)
        table.writeheader()
        table.writerows(lines)


def bring(file, lines, *options):
    write(file, lines)
    call_command("import_reviews", str(file), *options, stdout=io.StringIO())


def refused(file, lines, *options) -> str:
    """What is said of a file that is refused; nothing of it is stored."""
    entries = Entry.objects.count()
    with pytest.raises(CommandError) as fault:
        bring(file, lines, *options)
    assert not Review.objects.exists()
    assert not Score.objects.exists()
    assert Entry.objects.count() == entries
    return str(fault.value)


def marks_of(given):
    scores = Score.objects.filter(review__assignment=given)
    return dict(scores.values_list("criterion__code", "mark"))


def test_a_review_is_filed_with_its_marks_and_on_record(given, file):
    lines = [
        line(given, "science", "4.5", confidence="high", submitted_at="2024-02-01T10:00:00+08:00"),
        line(given, "feasibility", "", confidence="high", submitted_at="2024-02-01T10:00:00+08:00"),
    ]
    bring(file, lines)
    review = Review.objects.get()
    assert (review.state, review.confidence) == ("SUBMITTED", "HIGH")
    assert review.submitted_at == datetime(2024, 2, 1, 2, tzinfo=UTC)
    assert marks_of(given) == {"science": Decimal("4.5"), "feasibility": None}
    assert Score.objects.get(mark=None).cannot_judge
    entry = Entry.objects.get(action="reviews.imported")
    assert (entry.subject, entry.data["reviews"]) == (f"round:{given.round_id}", 1)
    assert Entry.objects.get(action="review.submitted").data["import"] == entry.data["sha256"]
    assert list(invariants.findings(at=AT)) == []


@pytest.mark.parametrize(
    ("score", "least", "most", "better", "mark"),
    [
        ("8", "0", "10", "1", "4"),
        ("1", "1", "9", "0", "5"),
        ("9", "1", "9", "0", "0"),
        ("5", "1", "9", "no", "2.5"),
        ("70", "0", "100", "true", "3.5"),
        ("0.5", "-1", "1", "1", "3.75"),
        ("3", "1", "6", "1", "2"),
    ],
)
def test_a_scale_is_put_on_the_calls_own(given, file, score, least, most, better, mark):
    scale = {"scale_min": least, "scale_max": most, "higher_is_better": better}
    lines = [line(given, code, score, **scale) for code in ("science", "feasibility")]
    if Decimal(mark) * 2 % 1:
        assert "line 2: this is 3.750 on the call's scale" in refused(file, lines)
        return
    bring(file, lines)
    assert set(marks_of(given).values()) == {Decimal(mark)}


def test_letters_and_people_go_by_their_names_or_their_ids(given, file):
    bring(
        file,
        whole(
            given,
            proposal_id=str(given.letter_id),
            reviewer_id=str(given.reviewer_id),
            call="",
        ),
    )
    assert Review.objects.get().assignment == given


def test_an_address_is_the_same_in_any_letters_and_a_letter_nobody_reviewed_is_none(given, file):
    unread = make.eligible_letter(call=given.letter.call)
    lines = whole(given, reviewer_id=given.reviewer.email.upper())
    lines.append(line(given, "", "", proposal_id=unread.reference, reviewer_id=""))
    bring(file, lines)
    assert Review.objects.get().assignment == given


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"score": "5.5"}, "score 5.5 is outside its scale, 0 to 5"),
        ({"score": "-1"}, "score -1 is outside its scale"),
        ({"score": "4.3"}, "this is 4.300 on the call's scale, between its half steps"),
        ({"score": "NaN"}, "score is no number: 'NaN'"),
        ({"score": "inf"}, "score is no number"),
        ({"score": "1_0"}, "score is no number"),
        ({"score": "3,5"}, "score is no number"),
        ({"score": "=1+1"}, "score is no number: '=1+1'"),
        ({"score": "'=4"}, "score is no number"),
        ({"score": "four"}, "score is no number"),
        ({"score": "٤"}, "score is no number"),
        ({"proposal_id": ""}, "no proposal_id"),
        ({"proposal_id": "CE8-0000-9999"}, "no letter 'CE8-0000-9999' in this round"),
        ({"proposal_id": '=HYPERLINK("x")'}, "no letter '=HYPERLINK("),
        ({"reviewer_id": ""}, "a score without a reviewer_id"),
        ({"reviewer_id": "who@example.org"}, "nobody with the id or e-mail 'who@example.org'"),
        ({"criterion": ""}, "no criterion ''"),
        ({"criterion": "beauty"}, "no criterion 'beauty' in this call, only: science, feasibility"),
        ({"call": "CE9"}, "call 'CE9', but the reviews go into"),
        ({"scale_min": "5"}, "scale_min 5 is not below scale_max 5"),
        ({"higher_is_better": ""}, "higher_is_better is 1 or 0"),
        ({"confidence": "certain"}, "confidence is LOW, MEDIUM, HIGH or empty"),
        ({"submitted_at": "2024-02-30"}, "submitted_at is a moment with its zone"),
        ({"submitted_at": "2024-02-01T10:00:00"}, "submitted_at is a moment with its zone"),
        (
            {"submitted_at": "2099-01-01T00:00:00Z"},
            "submitted_at 2099-01-01T00:00:00Z is still to come",
        ),
        ({"submitted_at": "01/02/2024"}, "submitted_at is a moment with its zone"),
    ],
)
def test_a_fault_refuses_the_whole_file_and_says_where(given, file, changed, said):
    other = make.assignment(letter=given.letter)
    science, feasibility = whole(given)
    told = refused(file, [*whole(other), science | changed, feasibility])
    assert f"line 4: {said}" in told
    assert "nothing was written" in told


def test_every_fault_is_told_at_once(given, file):
    lines = [
        line(given, "science", "7"),
        line(given, "feasibility", "4", reviewer_id="who@example.org"),
    ]
    told = refused(file, lines)
    assert "line 2: score 7 is outside" in told
    # What each name means is looked up once the file can be read at all.
    lines[0]["score"], lines[0]["proposal_id"] = "4", "CE8-1"
    told = refused(file, lines)
    assert "line 2: no letter" in told
    assert "line 3: nobody" in told


@pytest.mark.parametrize("score", ["4", ""])
def test_a_second_line_of_one_mark_is_a_fault(given, file, score):
    lines = [*whole(given), line(given, "science", score)]
    lines[0]["score"] = score
    assert "line 4: " in refused(file, lines)


def test_two_names_of_one_reviewer_are_one_reviewer(given, file):
    lines = [*whole(given), *whole(given, reviewer_id=str(given.reviewer_id))]
    assert "line 4: a second line for 'science' of this review" in refused(file, lines)


def test_a_review_without_an_answer_to_every_criterion_is_none(given, file):
    told = refused(file, [line(given, "science", 4)])
    assert "line 2: this review has no line for: feasibility" in told


def test_lines_of_one_review_say_the_same_of_it(given, file):
    lines = whole(given)
    lines[1]["confidence"] = "LOW"
    assert "line 3: another confidence or submitted_at than on line 2" in refused(file, lines)


def test_a_pair_needs_an_assignment_an_answer_and_no_conflict(given, file):
    stranger = make.reviewer()
    assert f"is not assigned to {stranger.email}" in refused(
        file, whole(given, reviewer_id=stranger.email)
    )
    make.check(stranger, given.letter, conflicted=True)
    assert f"{stranger.email} has a conflict with {given.letter.reference}" in refused(
        file, whole(given, reviewer_id=stranger.email)
    )
    ConflictCheck.objects.filter(reviewer=given.reviewer).update(answered_at=None)
    assert "has not answered about" in refused(file, whole(given))


def test_an_assignment_that_ended_is_none(given, file):
    actions.waive(given, reason="Ill.", actor=make.user(Role.CHAIR), at=AT)
    assert "is not assigned to" in refused(file, whole(given))


def test_what_somebody_wrote_is_never_overwritten(given, file):
    make.review(of=given, submitted=False)
    with pytest.raises(CommandError, match="has a review of"):
        bring(file, whole(given))
    assert Review.objects.get().state == "DRAFT"
    with pytest.raises(CommandError):
        bring(file, whole(given))


def test_the_same_file_again_is_refused(given, file):
    bring(file, whole(given))
    with pytest.raises(CommandError, match="already"):
        bring(file, whole(given))
    assert Review.objects.count() == 1


def test_a_frozen_ranking_stays_as_it_is(given, file):
    Ranking.objects.create(
        round=given.round, frozen_at=AT, frozen_by=make.user(Role.CHAIR), rubric=[]
    )
    assert "frozen" in refused(file, whole(given))


def test_a_dry_run_looks_at_everything_and_writes_nothing(given, file, capsys):
    write(file, whole(given))
    call_command("import_reviews", str(file), "--dry-run")
    assert "1 reviews would be filed; nothing was written" in capsys.readouterr().out
    assert not Review.objects.exists()
    assert "no letter" in refused(file, whole(given, proposal_id="x"), "--dry-run")


def test_a_chairs_own_policy_applies_where_it_is_in_a_chairs_name(given, file):
    chair = make.user(Role.CHAIR)
    make.check(chair, given.letter, conflicted=True)
    barred = refused(file, whole(given), "--as", chair.email)
    unknown = refused(file, whole(given, proposal_id="CE8-0"), "--as", chair.email)
    assert barred.replace(given.letter.reference, "") == unknown.replace("CE8-0", "")
    for nobody in (make.reviewer(), make.user(Role.PUBLISHER)):
        assert "is no chair" in refused(file, whole(given), "--as", nobody.email)
    free = make.user(Role.CHAIR)
    bring(file, whole(given), "--as", free.email)
    assert Entry.objects.get(action="reviews.imported").actor == str(free.pk)


def test_the_round_is_named_or_the_last_one_entered(given, file):
    assert "there is no round 'third'" in refused(file, whole(given), "--round", "third")
    assert "no letter" in refused(file, whole(given), "--round", "final")
    bring(file, whole(given), "--round", "preliminary")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "the file is empty"),
        (b"proposal_id,score\n", "missing columns"),
        (b"\xff\xfe\x00", "not UTF-8"),
        (b'"', "not CSV"),
        (",".join(HEADER).encode() + b"\n", "no line of marks"),
        (",".join(HEADER).encode() + b"\nx,y\n", "2 cells, but the header has 10"),
    ],
)
def test_a_file_that_is_no_table_is_refused(given, file, data, said):
    file.write_bytes(data)
    with pytest.raises(CommandError, match=said):
        call_command("import_reviews", str(file))
    assert not Review.objects.exists()


def test_a_file_that_is_not_there_is_named(given, tmp_path):
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("import_reviews", str(tmp_path / "nothing.csv"))


def test_without_a_call_there_is_nothing_to_import_into(file):
    write(file, [])
    with pytest.raises(CommandError, match="no call yet"):
        call_command("import_reviews", str(file))


@pytest.mark.parametrize("letters", [1, 3])
def test_it_costs_the_same_however_long(given, file, letters, django_assert_num_queries):
    lines = whole(given)
    for _number in range(letters - 1):
        lines += whole(make.assignment(letter=make.eligible_letter(call=given.letter.call)))
    write(file, lines)
    with django_assert_num_queries(22):
        call_command("import_reviews", str(file), stdout=io.StringIO())
    assert Review.objects.count() == letters


def test_a_review_counts_after_the_due_date_as_well(given, file, it_is):
    it_is(given.due_at + timedelta(days=1))
    bring(file, whole(given))
    assert Review.objects.get().submitted_at == given.due_at + timedelta(days=1)
