"""A reviewer's own profile, and what it shows of conflicts as soon as it is saved."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from audit.models import Entry
from reviews import actions
from reviews.models import ConflictCheck, ReviewerProfile
from tests import make

pytestmark = pytest.mark.django_db
PROFILE = reverse("reviews:profile")
AT = make.CLOSES + timedelta(days=4)
WHOLE = {
    "expertise": "ENGINEER",
    "country": "NO",
    "employer": "Tide Office",
    "former_employers": "Salt Bureau\r\n\r\n Salt Bureau \nDust Institute",
    "keywords": "dust, 月壤，mechanisms; dust",
    "about": "Twenty years of hinges.",
    "most_letters": "6",
    "away_from": "2024-02-01",
    "away_until": "2024-02-10",
}


@pytest.fixture
def reviewer(client):
    person = make.reviewer()
    client.force_login(person)
    return person


def test_what_is_written_is_kept_and_shown_again(client, reviewer):
    assert client.get(PROFILE).status_code == 200
    assert client.post(PROFILE, WHOLE).status_code == 302

    profile = ReviewerProfile.objects.get(user=reviewer)
    assert profile.keywords == ["dust", "月壤", "mechanisms"]
    assert profile.former_employers == ["Salt Bureau", "Dust Institute"]
    assert (profile.country.code, profile.most_letters) == ("NO", 6)
    assert (profile.away_from, profile.away_until) == (date(2024, 2, 1), date(2024, 2, 10))
    body = client.get(PROFILE).content.decode()
    for shown in ("dust, 月壤, mechanisms", "Salt Bureau\nDust Institute", "2024-02-10"):
        assert shown in body
    [entry] = Entry.objects.all()
    assert entry.data == {"fields": sorted(WHOLE)}

    client.post(PROFILE, WHOLE | {"about": ""})
    assert Entry.objects.order_by("seq").last().data == {"fields": ["about"]}


@pytest.mark.parametrize(
    "wrong",
    [
        {"expertise": ""},
        {"country": ""},
        {"country": "XX"},
        {"employer": "x" * 151},
        {"employer": "a\u202eb"},
        {"keywords": "x" * 41},
        {"keywords": ",".join(f"word{n}" for n in range(21))},
        {"keywords": "a\x07b"},
        {"former_employers": "x" * 151},
        {"about": "x" * 3001},
        {"most_letters": "-1"},
        {"most_letters": "1e3"},
        {"most_letters": "501"},
        {"away_from": "", "away_until": "2024-02-10"},
        {"away_from": "2024-02-11"},
        {"away_until": "9999-12-31"},
        {"away_from": "soon"},
    ],
)
def test_what_cannot_be_right_names_its_field_and_loses_nothing(client, reviewer, wrong):
    response = client.post(PROFILE, WHOLE | wrong)
    assert response.status_code == 422
    assert set(response.context["form"].errors) & {*wrong, "away_until"}
    if "about" not in wrong:
        assert "Twenty years of hinges." in response.content.decode()
    assert not ReviewerProfile.objects.exists()


def test_a_new_employer_who_takes_part_is_a_conflict_at_once_and_stays_one(client, reviewer):
    letter = make.eligible_letter(agency=make.agency(name="Tide Office", country="PE"))
    check = make.check(reviewer, letter)
    given = make.assignment(letter=letter, reviewer=reviewer)

    client.post(PROFILE, WHOLE)

    check.refresh_from_db()
    given.refresh_from_db()
    assert (check.conflicted, check.kind) == (True, "SAME_AGENCY")
    assert given.ended_at
    assert list(Entry.objects.order_by("seq").values_list("action", flat=True)) == [
        "profile.saved",
        "conflict.found",
    ]
    client.post(PROFILE, WHOLE | {"employer": "Nobody's"})
    check.refresh_from_db()
    assert check.conflicted


def test_a_former_employer_counts_as_one(reviewer):
    letter = make.eligible_letter(partners=[make.partner("Salt Bureau", "NO")])
    check = make.check(reviewer, letter, answered=False)
    actions.save_profile(
        reviewer,
        changes={"expertise": "SCIENTIST", "former_employers": ["Salt Bureau"]},
        at=AT,
    )
    assert ConflictCheck.objects.get(pk=check.pk).kind == "SAME_AGENCY"
