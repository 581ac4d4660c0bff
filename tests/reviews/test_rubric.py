"""The criteria: changed until the cutoff, one version after the other, and frozen from then on."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import InternalError, connection, transaction

from accounts.models import Membership
from accounts.states import Role, Seat
from audit.models import Entry
from proposals.models import Call
from reviews import actions, rubrics
from reviews.forms import RubricForm, rubric_values, versions
from reviews.models import Criterion, RubricSeal, RubricVersion
from tests import make
from tests.reviews.marks import AT, crossed, scored

pytestmark = pytest.mark.django_db
PAGE, EDIT = "/panel/criteria/", "/panel/criteria/edit/"
BEFORE = make.CLOSES - timedelta(microseconds=1)


@pytest.fixture
def call(it_is):
    made = make.call()
    make.rubric(made)
    return made


@pytest.fixture
def chair(client):
    person = make.user(Role.CHAIR)
    client.force_login(person)
    return person


def weights(**by_code):
    return {code: {"weight": weight} for code, weight in by_code.items()}


def change(call, changes, *, revision=0, actor=None):
    return actions.change_rubric(
        call, changes, revision=revision, actor=actor or make.user(Role.CHAIR)
    )


def page_of(call, **typed):
    """The form as the page shows it now, with what somebody typed."""
    criteria = list(Criterion.objects.filter(call=call))
    values = rubric_values(criteria, rubrics.latest_of(call))
    base = {name: text for name, text in values.items() if name != "revision"}
    return values | {"base": versions.to_text(versions.sent(base))} | typed


# --- changing -------------------------------------------------------------------------------------


def test_a_change_is_a_version_and_stands_in_the_record(call, it_is):
    it_is(BEFORE)
    chair = make.user(Role.CHAIR)

    made = change(call, weights(science=55, feasibility=45), actor=chair)

    assert (made.number, made.made_by, made.made_at) == (2, chair, BEFORE)
    assert [line["weight"] for line in made.content] == [55, 45]
    assert made.sha256 == rubrics.digest(rubrics.content_of(Criterion.objects.filter(call=call)))
    first = RubricVersion.objects.get(number=1)
    assert [line["weight"] for line in first.content] == [60, 40]
    entry = Entry.objects.last()
    assert (entry.action, entry.actor) == ("rubric.changed", str(chair.pk))
    assert entry.data == {
        "version": 2,
        "sha256": made.sha256,
        "weights": {"science": 55, "feasibility": 45},
    }


def test_without_a_difference_nothing_is_written(call):
    made = change(call, weights(science=60, feasibility=40))
    assert (made.number, RubricVersion.objects.count()) == (1, 1)
    assert not Entry.objects.filter(action="rubric.changed").exists()


def test_weights_that_are_not_a_hundred_are_refused(call):
    with pytest.raises(actions.Refused, match="add up to 95"):
        change(call, weights(science=55))
    assert list(Criterion.objects.values_list("weight", flat=True)) == [60, 40]
    assert not RubricVersion.objects.exists()


def test_a_field_or_criterion_that_does_not_exist_is_an_error(call):
    for changes in ({"beauty": {"weight": 0}}, {"science": {"code": "x"}}):
        with pytest.raises(KeyError), transaction.atomic():
            change(call, changes)


def test_from_the_cutoff_on_nothing_changes(call, it_is):
    it_is(make.CLOSES)
    with pytest.raises(actions.Refused) as refusal:
        change(call, weights(science=55, feasibility=45))
    assert refusal.value.code == "call_closed"


def test_whoever_saw_an_older_version_is_told(call):
    change(call, weights(science=55, feasibility=45))
    with pytest.raises(actions.Stale) as stale:
        change(call, weights(science=50, feasibility=50), revision=1)
    assert stale.value.current.number == 2


# --- freezing -------------------------------------------------------------------------------------


def test_nothing_is_frozen_before_the_cutoff(call, it_is):
    it_is(BEFORE)
    # A machine whose clock is a day ahead asks.
    assert actions.seal_rubric(call, at=make.CLOSES + timedelta(days=1)) is None
    assert not RubricSeal.objects.exists()


def test_the_version_of_the_cutoff_is_frozen_once(call, it_is):
    made = change(call, weights(science=55, feasibility=45))
    it_is(make.CLOSES)

    assert actions.seal_rubrics(Call.objects.all(), at=make.CLOSES) == 1
    assert actions.seal_rubrics(Call.objects.all(), at=make.CLOSES) == 0

    seal = RubricSeal.objects.get()
    assert (seal.version, seal.sealed_at) == (made, make.CLOSES)
    [entry] = Entry.objects.filter(action="rubric.frozen")
    assert entry.data["sha256"] == made.sha256
    assert actions.seal_rubric(call, at=AT) == seal


def test_what_nobody_versioned_is_frozen_as_it_stands(call, it_is):
    it_is(make.CLOSES)
    assert actions.seal_rubric(call, at=make.CLOSES).version.number == 1


def test_a_call_without_criteria_has_nothing_to_freeze(it_is):
    it_is(make.CLOSES)
    assert actions.seal_rubric(make.call(), at=make.CLOSES) is None


@pytest.mark.parametrize("table", ["rubricversion", "rubricseal"])
@pytest.mark.parametrize("deed", ["UPDATE reviews_{} SET id = id", "DELETE FROM reviews_{}"])
def test_the_database_lets_nobody_change_what_was_kept(call, it_is, table, deed):
    it_is(make.CLOSES)
    actions.seal_rubric(call, at=make.CLOSES)
    with (
        pytest.raises(InternalError, match="never changed"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(deed.format(table))


def test_runs_and_rankings_name_the_frozen_rubric(call, it_is):
    it_is(AT)
    crossed(make.first_round(call))
    scored()

    ranking = actions.freeze_ranking(
        make.first_round(call), actor=make.user(Role.CHAIR), at=AT + timedelta(days=1)
    )

    version = RubricSeal.objects.get().version
    assert ranking.scoring_run.rubric == ranking.rubric_version == version
    for action in ("scoring.made", "ranking.frozen"):
        assert Entry.objects.get(action=action).data["rubric_sha256"] == version.sha256


# --- pages ----------------------------------------------------------------------------------------


def test_the_chair_changes_weights_and_words(client, call, chair):
    page = client.get(EDIT).content.decode()
    assert "<output data-weights-sum>100</output>" in page

    sent = page_of(
        call,
        **{
            "weight-science": "55",
            "weight-feasibility": "45",
            "threshold-science": "3",
            "name-science-zh-hans": "科学价值",
            "anchor5-science-en": "Nobody has measured this.",
        },
    )
    assert client.post(EDIT, sent).url == PAGE

    science = Criterion.objects.get(code="science")
    assert (science.weight, science.threshold) == (55, Decimal(3))
    assert science.name == {"en": "Science", "zh-hans": "科学价值"}
    assert science.anchors[5] == {"en": "Nobody has measured this."}
    page = client.get(PAGE).content.decode()
    assert "science: weight 60 → 55, threshold – → 3.0, other words" in page
    assert rubrics.latest_of(call).sha256 in page


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"weight-science": "70"}, "The weights add up to 110, not to 100."),
        ({"weight-science": "0"}, "at least 1"),
        ({"weight-science": "60.5"}, "weight"),
        ({"weight-science": "1_0"}, "weight"),
        ({"weight-science": ""}, "required"),
        ({"threshold-science": "5.1"}, "at most 5"),
        ({"threshold-science": "3.25"}, "too many digits"),
        ({"threshold-science": "good"}, "number"),
        ({"name-science-en": " "}, "required"),
        ({"question-science-en": "x" * 501}, "at most 500"),
    ],
)
def test_what_cannot_be_is_handed_back_with_the_reason(client, call, chair, typed, said):
    response = client.post(EDIT, page_of(call, **typed))
    assert response.status_code == 422
    assert said in response.content.decode()
    assert list(Criterion.objects.values_list("weight", flat=True)) == [60, 40]


def test_after_the_cutoff_the_form_is_refused_and_the_typing_handed_back(
    client, call, chair, it_is
):
    sent = page_of(call, **{"question-science-en": "Is it beautiful?"})
    it_is(make.CLOSES)

    response = client.post(EDIT, sent)

    assert response.status_code == 409
    page = response.content.decode()
    assert "The criteria are frozen since the call closed." in page
    assert "Is it beautiful?" in page
    assert "Change the criteria" not in client.get(PAGE).content.decode()


def test_two_people_who_change_different_answers_keep_both(client, call, chair):
    sent = page_of(call, **{"question-science-en": "Is it beautiful?"})
    change(call, weights(science=55, feasibility=45))

    assert client.post(EDIT, sent).url == PAGE

    science = Criterion.objects.get(code="science")
    assert (science.weight, science.question["en"]) == (55, "Is it beautiful?")
    assert rubrics.latest_of(call).number == 3


def test_two_people_who_change_the_same_answer_choose(client, call, chair):
    sent = page_of(call, **{"weight-science": "70", "weight-feasibility": "30"})
    change(call, weights(science=55, feasibility=45))

    response = client.post(EDIT, sent)

    assert response.status_code == 412
    assert list(Criterion.objects.values_list("weight", flat=True)) == [55, 45]
    context = response.context
    answer = {name: context[name] for name in ("revision", "base", "mine", "theirs")}
    undecided = client.post(EDIT, answer | {"take-weight-science": "mine"})
    assert undecided.status_code == 422
    mixed = {"take-weight-science": "mine", "take-weight-feasibility": "theirs"}
    assert client.post(EDIT, answer | mixed).status_code == 422  # 70 and 45
    mine = {"take-weight-science": "mine", "take-weight-feasibility": "mine"}
    assert client.post(EDIT, answer | mine).url == PAGE
    assert list(Criterion.objects.values_list("weight", flat=True)) == [70, 30]


def test_a_frozen_rubric_shows_its_hash(client, call, chair, it_is):
    it_is(make.CLOSES)
    assert "within seconds" in client.get(PAGE).content.decode()
    seal = actions.seal_rubric(call, at=make.CLOSES)
    page = client.get(PAGE).content.decode()
    assert "judged by version 1" in page
    assert seal.version.sha256 in page


def test_a_chair_with_a_seat_in_an_agency_sets_no_weights(client, call):
    person = make.user(Role.CHAIR)
    Membership.objects.create(user=person, agency=make.agency(), seat=Seat.VIEWER, since=make.OPENS)
    client.force_login(person)
    assert client.get(PAGE).status_code == 200
    assert client.get(EDIT).status_code == client.post(EDIT, page_of(call)).status_code == 403


@pytest.mark.parametrize("number", [1, 3])
def test_the_page_asks_the_same_however_many_versions(
    client, call, chair, number, django_assert_max_num_queries
):
    for version in range(number):
        change(
            call,
            weights(science=50 - version, feasibility=50 + version),
            revision=version + 1 if version else 0,
        )
    with django_assert_max_num_queries(8):
        client.get(PAGE)


def test_the_form_says_what_is_stored_and_nothing_else(call):
    criteria = list(Criterion.objects.filter(call=call))
    form = RubricForm(criteria, rubric_values(criteria, None))
    assert form.is_valid(), form.errors
    before = rubrics.content_of(criteria)
    for criterion in criteria:
        for name, value in form.changes[criterion.code].items():
            setattr(criterion, name, value)
    assert rubrics.content_of(criteria) == before
