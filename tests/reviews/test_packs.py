"""Committee packs: what is in one, who gets it, how it is made and for how long it is there."""

import io
import os
import re
import zipfile
from datetime import timedelta

import pytest
from django.urls import reverse
from pypdf import PdfReader

from accounts.states import Role
from audit.models import Entry
from chang_e8_portal import clock
from decisions import actions as decisions
from proposals import files, printing
from reviews import actions, pack_paper
from reviews.models import CommitteePack, Consensus
from reviews.pseudonyms import pseudonym
from reviews.states import PackState
from tests import make
from tests.reviews import packs, papers
from tests.reviews.marks import AT, add_review, scored
from tests.reviews.packs import address, asked, file_of, letter_of, made

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def call_round(it_is):
    call = make.call()
    make.rubric(call)
    it_is(AT)
    return make.first_round(call)


@pytest.fixture
def chair(client, call_round):
    person = make.user(Role.CHAIR, name="Chair One")
    client.force_login(person)
    return person


# --- the file itself, set in earnest ---


def test_a_pdf_has_cover_contents_marks_and_letters_in_one(client, chair, call_round):
    letters = [letter_of(call_round, title=title) for title in ("Dust sensor", "月尘传感器")]
    reviewer = make.reviewer(name="Vera Marker")
    add_review(call_round, letters[0], reviewer, 5)
    add_review(call_round, letters[0], make.reviewer(), (1, 2))
    Consensus.objects.create(
        round=call_round,
        letter=letters[0],
        text="We agree on the sensor.",
        minority_view="One of us does not.",
        marks={"science": "4.5"},
        written_by=chair,
        written_at=AT,
    )
    data = file_of(client, made(client))
    reader = PdfReader(io.BytesIO(data))
    pages = [page.extract_text() for page in reader.pages]
    starts = [
        number
        for number, page in enumerate(pages, 1)
        if "Marks" in page.splitlines() and "Contents" not in page
    ]
    # The contents have the page on which each letter begins.
    assert [line for line in pages[0].splitlines() if line in map(str, starts)] == [
        *map(str, starts)
    ]
    for letter, start in zip(letters, starts, strict=True):
        assert letter.reference in pages[start - 1]
        assert f"Page {start}" in pages[start - 1]
    first = pages[starts[0] - 1]
    for said in (
        *("We agree on the sensor.", "One of us does not.", "Minority view"),
        *("100.00", "28.00", "apart", "one passes, one does not"),
        pseudonym(call_round.pk, letters[0].pk, reviewer.pk),
    ):
        assert said in first, said
    whole = "\n".join(pages)
    assert "Vera Marker" not in whole
    assert "No review of this letter is filed." in pages[starts[1] - 1]
    # The letter's own paper, as reviewers read it.
    assert make.COMPLETE["goals"] in whole
    assert make.COMPLETE["pi_email"] not in whole
    assert all("Confidential copy for Chair One" in page for page in pages)
    titles = packs.is_readable_by_everybody(data, starts)
    assert titles == [
        "Committee pack · Preliminary selection",
        *(f"{number} · {letter.reference}" for number, letter in enumerate(letters, 1)),
    ]


def test_the_same_pack_is_the_same_bytes(client, chair, call_round):
    letter_of(call_round)
    pack = made(client)
    first = pack.sha256
    CommitteePack.objects.update(state=PackState.QUEUED, sha256="")
    actions.make_pack(pack.pk, at=clock.now())
    pack.refresh_from_db()
    assert pack.sha256 == first


# --- what is in it ---


def test_a_zip_has_a_folder_for_each_letter(client, chair, call_round, quick_press):
    letters = [letter_of(call_round) for _n in range(2)]
    archive = zipfile.ZipFile(io.BytesIO(file_of(client, made(client, kind="ZIP"))))
    assert archive.namelist() == [
        f"{number}_{letter.reference}/{name}"
        for number, letter in enumerate(letters, 1)
        for name in (f"{letter.reference}.pdf", "letter.pdf")
    ]
    assert archive.read(archive.namelist()[1]) == papers.PDF
    assert archive.testzip() is None


def test_names_are_in_it_only_if_asked_for(client, chair, call_round, quick_press):
    letter = letter_of(call_round)
    add_review(call_round, letter, make.reviewer(name="Vera Marker"), 4)
    made(client)
    assert not any("Vera Marker" in said for said in quick_press)
    made(client, with_names="on")
    assert any("Vera Marker (" in said for said in quick_press)
    assert Entry.objects.filter(action="pack.asked", data__with_names=True).count() == 1


def test_a_double_anonymous_round_says_whose_a_letter_is_only_with_names(
    client, chair, call_round, quick_press
):
    call_round.double_anonymous = True
    call_round.save(update_fields=["double_anonymous"])
    agency = make.agency(name="Observatory of Lemuria")
    letter_of(call_round, agency=agency)
    archive = zipfile.ZipFile(io.BytesIO(file_of(client, made(client, kind="ZIP"))))
    made(client)
    assert not any("Lemuria" in said or make.COMPLETE["pi_name"] in said for said in quick_press)
    assert [name.rpartition(".")[2] for name in archive.namelist()] == ["pdf"]
    made(client, with_names="on")
    assert any("Lemuria" in said for said in quick_press)


def test_letters_in_conflict_are_absent_and_leave_no_gap(client, chair, call_round, quick_press):
    first, barred, last = (letter_of(call_round) for _n in range(3))
    make.check(chair, barred, conflicted=True)
    pack = made(client)
    assert pack.letters == [str(first.pk), str(last.pk)]
    cover = quick_press[-1]
    assert barred.reference not in "".join(quick_press)
    assert "2 letters" in cover
    assert re.search(rf"1 {first.reference} .* 2 {last.reference}", cover)


def test_the_order_is_by_rank_only_if_asked_for(client, chair, call_round, quick_press):
    letters = [letter_of(call_round) for _n in range(6)]
    for mark, letter in enumerate(letters[:5], 1):
        for _review in range(2):
            add_review(call_round, letter, make.reviewer(), mark - 0.5)
    # One opinion is no place, however good.
    add_review(call_round, letters[5], make.reviewer(), 5)
    scored()
    ids = [str(letter.pk) for letter in letters]
    assert made(client).letters == ids
    assert "not placed" not in "".join(quick_press)
    assert made(client, order="RANK").letters == [*ids[4::-1], ids[5]]
    assert "".join(quick_press).count("not placed: fewer than two reviews") >= 1
    drawn = [tuple(made(client, order="RANDOM").letters) for _time in range(3)]
    assert all(sorted(one) == sorted(ids) for one in drawn)
    assert len(set(drawn)) > 1


def test_a_withdrawn_letter_is_left_out_while_it_is_made(client, chair, call_round, quick_press):
    kept, gone = letter_of(call_round), letter_of(call_round)
    asked(client)
    gone.state = "WITHDRAWN"
    gone.save(update_fields=["state"])
    actions.make_due(at=clock.now())
    assert gone.reference not in "".join(quick_press)
    assert kept.reference in quick_press[-1]


def test_a_letter_that_cannot_be_set_does_not_keep_the_others_from_it(
    client, chair, call_round, quick_press, monkeypatch
):
    letter_of(call_round)

    def unprintable(*_given, **_named):
        raise printing.Unprintable("too long")

    monkeypatch.setattr(pack_paper.papers, "letter_page", unprintable)
    assert made(client).state == PackState.READY
    assert any("cannot be set as a paper" in said for said in quick_press)


def test_it_speaks_the_language_in_which_it_was_asked_for(client, chair, call_round, quick_press):
    letter_of(call_round)
    chair.language = "zh-hans"
    chair.save(update_fields=["language"])
    made(client)
    assert "目录" in quick_press[-1]


# --- who gets it ---


def test_another_persons_pack_is_not_there(client, chair, call_round, quick_press):
    letter_of(call_round)
    pack = made(client)
    for role in (Role.CHAIR, Role.REVIEWER, Role.PUBLISHER, Role.AUDITOR, Role.OPERATOR):
        client.force_login(make.user(role))
        assert client.get(address(pack)).status_code == 404
    for name in ("pack_file", "pack_state"):
        client.force_login(make.user(Role.CHAIR))
        assert client.get(address(pack, name)).status_code == 404
    client.force_login(chair)
    assert file_of(client, pack).startswith(b"%PDF-")
    assert client.get(address(pack, slug="final")).status_code == 404


def test_a_conflict_that_came_later_takes_it_away(client, chair, call_round, quick_press):
    letter = letter_of(call_round)
    pack = made(client)
    make.check(chair, letter, conflicted=True)
    assert client.get(address(pack)).status_code == 404
    assert (
        str(pack.pk)
        not in client.get(reverse("panel:packs", args=["preliminary"])).content.decode()
    )


def test_whoever_chairs_no_more_gets_nothing(client, chair, call_round, quick_press):
    letter_of(call_round)
    pack = made(client)
    chair.roles = [Role.REVIEWER]
    chair.save(update_fields=["roles"])
    assert client.get(address(pack)).status_code == 404


def test_it_is_a_private_download(client, chair, call_round, quick_press):
    letter_of(call_round)
    response = client.get(address(made(client)))
    list(response.streaming_content)
    assert response.headers["Cache-Control"] == "private, no-store"
    assert response.headers["Content-Disposition"].startswith("attachment")


def test_a_file_that_is_not_ready_is_not_there(client, chair, call_round):
    letter_of(call_round)
    asked(client)
    assert client.get(address(CommitteePack.objects.get())).status_code == 404


# --- how it is made ---


def test_the_page_shows_how_far_it_is_and_asks_again(client, chair, call_round, quick_press):
    letter_of(call_round)
    asked(client)
    pack = CommitteePack.objects.get()
    CommitteePack.objects.update(state=PackState.RUNNING, claimed_at=clock.now(), progress=40)
    for page in (reverse("panel:packs", args=["preliminary"]), address(pack, "pack_state")):
        said = client.get(page).content.decode()
        assert 'hx-trigger="every 2s"' in said
        assert "40 %" in said
    CommitteePack.objects.update(state=PackState.QUEUED)
    actions.make_due(at=clock.now())
    said = client.get(address(pack, "pack_state")).content.decode()
    assert "hx-trigger" not in said
    assert address(pack) in said


def test_two_clicks_are_one_pack(client, chair, call_round):
    letter_of(call_round)
    assert [asked(client).status_code for _click in range(2)] == [302, 409]
    assert CommitteePack.objects.count() == 1


@pytest.mark.parametrize(
    "choices", [{"kind": "DOC"}, {"order": "BEST"}, {"kind": ""}, {"order": ""}]
)
def test_what_cannot_be_chosen_is_refused(client, chair, call_round, choices):
    letter_of(call_round)
    assert asked(client, **choices).status_code == 422
    assert not CommitteePack.objects.exists()


def test_a_round_without_letters_has_no_pack(client, chair, call_round):
    assert asked(client).status_code == 409
    assert client.get(reverse("panel:packs", args=["preliminary"])).status_code == 200


def test_a_pack_is_made_once_however_many_workers(client, chair, call_round, quick_press):
    letter_of(call_round)
    pack = made(client)
    assert actions.make_pack(pack.pk, at=clock.now()) is False
    assert actions.make_due(at=clock.now()) == 0


def test_what_a_dead_worker_left_is_taken_up_and_given_up_after_three(
    client, chair, call_round, quick_press
):
    letter_of(call_round)
    asked(client)
    pack = CommitteePack.objects.get()
    CommitteePack.objects.update(state=PackState.RUNNING, claimed_at=AT, attempts=1)
    assert actions.make_due(at=AT + timedelta(minutes=1)) == 0
    assert actions.make_due(at=AT + timedelta(minutes=4)) == 1
    CommitteePack.objects.update(state=PackState.RUNNING, claimed_at=AT, attempts=3)
    assert actions.make_due(at=AT + timedelta(minutes=4)) == 0
    pack.refresh_from_db()
    assert pack.state == PackState.FAILED
    assert "could not be made" in client.get(address(pack, "pack_state")).content.decode()


def test_a_worker_whose_claim_was_taken_over_writes_nothing(
    client, chair, call_round, quick_press, monkeypatch
):
    letter_of(call_round)
    asked(client)
    pack = CommitteePack.objects.get()
    monkeypatch.setattr(files, "store_made", lambda path: _taken_over(pack))
    assert actions.make_pack(pack.pk, at=clock.now()) is False
    pack.refresh_from_db()
    assert (pack.state, pack.sha256) == (PackState.RUNNING, "")


def _taken_over(pack):
    CommitteePack.objects.filter(pk=pack.pk).update(attempts=2)
    return "f" * 64


def test_one_that_cannot_be_made_has_failed_and_can_be_asked_for_anew(
    client, chair, call_round, monkeypatch
):
    letter_of(call_round)
    asked(client)
    pack = CommitteePack.objects.get()

    def broken(html, style):
        raise OSError("no space")

    monkeypatch.setattr(printing, "pdf_from", broken)
    with pytest.raises(OSError, match="no space"):
        actions.make_pack(pack.pk, at=clock.now())
    pack.refresh_from_db()
    assert pack.state == PackState.FAILED
    assert asked(client).status_code == 302


def test_nothing_is_left_of_its_making(client, chair, call_round, quick_press, settings):
    letter_of(call_round)
    made(client, kind="ZIP")
    assert list((settings.PRIVATE_FILES / "incoming").iterdir()) == []


def test_what_a_worker_that_died_left_of_its_making_is_swept(settings):
    with files.workshop() as made:
        left = made.parent / "left"
        left.mkdir()
        (left / "1.pdf").write_bytes(b"%PDF-")
    old = clock.machine_now().timestamp() - 2 * DAY.total_seconds()
    assert decisions.sweep_files() == 0
    os.utime(left, (old, old))
    assert decisions.sweep_files() == 1
    assert not left.exists()


# --- for how long ---


def test_after_a_week_it_is_gone_with_its_file(client, chair, call_round, quick_press, it_is):
    letter_of(call_round)
    pack = made(client)
    it_is(AT + 7 * DAY - timedelta(seconds=1))
    assert actions.forget_packs(at=clock.now()) == 0
    list(client.get(address(pack)).streaming_content)
    assert decisions.sweep_files() == 0
    it_is(AT + 7 * DAY)
    # Before the sweep has come by as well.
    assert client.get(address(pack)).status_code == 404
    assert actions.forget_packs(at=clock.now()) == 1
    assert not CommitteePack.objects.exists()


@pytest.mark.parametrize("packs", [1, 3])
def test_the_page_costs_the_same_however_many_packs(
    client, chair, call_round, packs, django_assert_num_queries
):
    letter_of(call_round)
    for _number in range(packs):
        asked(client)
        CommitteePack.objects.update(state=PackState.FAILED)
    page = reverse("panel:packs", args=["preliminary"])
    client.get(page)
    with django_assert_num_queries(7):
        assert client.get(page).status_code == 200


@pytest.mark.parametrize("reviews", [1, 3])
def test_a_letter_costs_the_same_however_many_reviews(
    client, chair, call_round, quick_press, reviews, django_assert_num_queries
):
    letter = letter_of(call_round)
    for _number in range(reviews):
        add_review(call_round, letter, make.reviewer(), 4)
    asked(client)
    pack = CommitteePack.objects.select_related("round__call", "asked_by").get()
    set_by = pack_paper.Papers(pack, [letter])
    with django_assert_num_queries(6):
        set_by.letter(1, letter, set_by.filed(letter))
