import io
import json

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from accounts import tokens
from accounts.models import ApiToken, Membership, User
from audit import chain
from audit.models import Entry
from chang_e8_portal import clock
from chang_e8_portal.load import paper
from notifications.models import Message
from proposals import files
from proposals.files import check
from proposals.models import Attachment, Call, LetterEvent, LetterOfIntent, LetterVersion, Receipt
from reviews.models import Assignment, ConflictCheck, Review, Score
from tests import make

MODELS = (
    *(User, Membership, ApiToken, Call, LetterOfIntent, Attachment, LetterVersion, Receipt),
    *(LetterEvent, ConflictCheck, Assignment, Review, Score, Message, Entry),
)
pytestmark = pytest.mark.django_db


def seed_load(*options, letters=9, reviewers=6, each=2, seed=7):
    output = io.StringIO()
    call_command(
        "seed_load",
        f"--letters={letters}",
        f"--reviewers={reviewers}",
        f"--reviews-per-letter={each}",
        f"--seed={seed}",
        *options,
        stdout=output,
    )
    return json.loads(output.getvalue())


def check_invariants():
    output = io.StringIO()
    call_command("check_invariants", stdout=output)
    return output.getvalue()


def test_the_data_are_whole_and_the_chain_holds(it_is):
    made = seed_load()

    assert check_invariants() == "0 findings\n"
    assert chain.verify().fault is None
    assert len(made["letters"]) == LetterOfIntent.objects.filed().count() == 9
    assert LetterOfIntent.objects.eligible().count() == 9
    assert len(made["reviews"]) == Review.objects.submitted().count() == 18
    assert {a.letter_id for a in Assignment.objects.active()} == set(
        LetterOfIntent.objects.values_list("pk", flat=True)
    )


def test_the_same_numbers_on_the_same_day_give_the_same_rows(it_is):
    with transaction.atomic():
        first = seed_load()
        # Not the heads in them: entries of the record are salted.
        receipts = sorted(Receipt.objects.values_list("pk", "code", "audit_seq"))
        transaction.set_rollback(True)

    assert not LetterOfIntent.objects.exists()
    assert seed_load() == first
    assert sorted(Receipt.objects.values_list("pk", "code", "audit_seq")) == receipts


def test_another_seed_gives_another_world_beside_the_first(it_is):
    first, second = seed_load(seed=1), seed_load(seed=2)

    ids = [{row["id"] for row in made["letters"]} for made in (first, second)]
    assert not ids[0] & ids[1]
    assert LetterOfIntent.objects.count() == 18
    assert check_invariants() == "0 findings\n"


def test_a_letter_has_about_three_thousand_characters_and_a_pdf_that_can_be_read(it_is):
    seed_load(letters=3)

    for letter in LetterOfIntent.objects.all():
        texts = [value for value in vars(letter).values() if isinstance(value, str)]
        assert 2000 < sum(map(len, texts)) < 4500
        path = files.path_of(letter.attachments.get().sha256)
        assert path.stat().st_size < 2000
        assert check.look(path).pages == 1


@pytest.mark.parametrize("size", [0, 5_000_000])
def test_the_paper_is_a_sound_pdf_of_the_size_that_was_asked_for(tmp_path, size):
    path = tmp_path / "paper.pdf"
    path.write_bytes(paper.pdf("Letter 1", size=size))

    assert size <= path.stat().st_size < size + 1000
    assert check.look(path).pages == 1


def test_people_log_in_with_the_password_that_is_printed(it_is, client):
    made = seed_load()

    for row in made["users"]:
        user = User.objects.get(pk=row["id"])
        assert (user.email, user.roles) == (row["email"], row["roles"])
        assert tokens.find(row["token"], at=clock.now()).user == user
    answer = client.post(
        "/accounts/login/", {"login": made["users"][-1]["email"], "password": made["password"]}
    )
    assert answer.status_code == 302


def test_no_mail_is_owed_to_people_who_are_not_there(it_is):
    seed_load()
    assert Message.objects.filter(template="letter_submitted").count() == 18
    output = io.StringIO()

    call_command("sweep", stdout=output)

    done = {name: count for name, count in json.loads(output.getvalue()).items() if count}
    assert done == {"rubrics_frozen": 1, "rounds_scored": 1}
    assert set(Message.objects.values_list("state", flat=True)) == {"SENT"}


def test_an_open_call_takes_letters_still(it_is):
    made = seed_load("--open")

    call = Call.objects.get(pk=made["call"]["id"])
    assert call.is_open_at(make.CLOSES.replace(year=2023, month=11, day=15))
    assert made["reviews"] == []
    assert check_invariants() == "0 findings\n"


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"letters": -1}, "start at 0"),
        ({"seed": 1_000_000}, "ends at 999999"),
        ({"reviewers": 1, "each": 2}, "2 reviews a letter need as many reviewers"),
    ],
)
def test_numbers_that_make_no_sense_are_refused_and_nothing_is_stored(it_is, options, sentence):
    with pytest.raises(CommandError, match=sentence):
        seed_load(**options)

    assert not any(model.objects.exists() for model in MODELS)


def test_the_same_seed_twice_is_refused(it_is):
    seed_load(letters=1)
    before = {model: model.objects.count() for model in MODELS}

    with pytest.raises(CommandError, match="in this database already"):
        seed_load(letters=1)

    assert {model: model.objects.count() for model in MODELS} == before


def test_production_is_refused_unless_it_is_meant(it_is, settings):
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="--in-production"):
        seed_load(letters=1)
    assert not User.objects.exists()

    seed_load("--in-production", letters=1)
    assert User.objects.exists()
