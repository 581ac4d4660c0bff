from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from accounts.states import Role
from reviews import actions
from reviews.actions.planning import DEFAULTS
from reviews.models import Assignment, AssignmentPlan, ConflictCheck, Ranking, ReviewerProfile
from reviews.states import PlanState
from tests import make

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
ROUND = "preliminary"
NUMBERS = {name: DEFAULTS[name] for name in DEFAULTS} | {"reviewers": 1}


@pytest.fixture
def call(it_is):
    made = make.call()
    make.opened(made)
    it_is(made.closes_at + 20 * DAY)
    return made


@pytest.fixture
def chair(client, call):
    person = make.user(Role.CHAIR)
    client.force_login(person)
    return person


def letters_of(call, count):
    return [make.eligible_letter(call=call, title=f"Sensor {n}") for n in range(count)]


def reviewer(letters, kind="ENGINEER", **fields):
    person = make.reviewer(**fields)
    ReviewerProfile.objects.create(user=person, expertise=kind, country="FR", about="Sensors.")
    for letter in letters:
        make.check(person, letter)
    return person


def plan_of(chair, letters, people, **fields):
    """A plan that is there, made by hand: no solver is needed to show one."""
    pairs = [
        {
            "letter": str(letter.pk),
            "reviewer": str(person.pk),
            "affinity": 0.25,
            "penalty": 0.0,
            "locked": False,
            "given": False,
            "parts": {"text": 0.25, "keywords": None, "bids": None},
        }
        for letter in letters
        for person in people
    ]
    return AssignmentPlan.objects.create(
        round=make.first_round(letters[0].call),
        asked_by=chair,
        asked_at=make.CLOSES,
        **{
            "state": PlanState.READY,
            "parameters": NUMBERS
            | {"letters": [str(one.pk) for one in letters]}
            | {"locked": [], "barred": [], "allowed": []},
            "result": {
                "reviewers": [str(one.pk) for one in people],
                "dropped": [],
                "pairs": pairs,
                "loads": [[str(one.pk), len(letters), 7] for one in people],
                "objective": 1.0,
                "proven": True,
                "prices": {"one_per_country": 0.5, "an_engineer": 0.0},
            },
            **fields,
        },
    )


def address(plan, name="plan"):
    return reverse(f"panel:{name}", args=[ROUND, plan.pk])


def value(letter, person):
    return f"{letter.pk}:{person.pk}"


def test_a_plan_is_asked_for_computed_adjusted_and_applied(client, chair, call):
    letters = letters_of(call, 1)
    people = [reviewer(letters), reviewer(letters, "SCIENTIST")]
    url = reverse("panel:plans", args=[ROUND])
    assert 'value="3"' in client.get(url).content.decode()

    numbers = {**NUMBERS, "reviewers": 1, "a_scientist": "", "an_engineer": ""}
    answer = client.post(url, numbers)
    plan = AssignmentPlan.objects.get()
    assert answer.url == address(plan)
    waiting = client.get(answer.url).content.decode()
    assert "being computed" in waiting
    assert 'http-equiv="refresh"' in waiting
    part = client.get(address(plan, "plan_state"), headers={"HX-Request": "true"})
    assert "HX-Refresh" not in part
    assert "hx-get" in part.content.decode()

    actions.compute_due(at=make.CLOSES)
    assert client.get(address(plan, "plan_state"))["HX-Refresh"] == "true"
    page = client.get(address(plan)).content.decode()
    assert "hx-get" not in page
    plan.refresh_from_db()
    [[_letter, chosen]] = actions.new_pairs(plan)
    [first] = [one for one in people if str(one.pk) == chosen]
    [other] = [one for one in people if one != first]
    assert first.name in page

    pair = value(letters[0], first)
    answer = client.post(address(plan), {"shown": pair, "barred": pair})
    second = AssignmentPlan.objects.exclude(pk=plan.pk).get()
    assert answer.url == address(second)
    actions.compute_due(at=make.CLOSES)
    second.refresh_from_db()
    assert actions.new_pairs(second) == [(str(letters[0].pk), str(other.pk))]

    question = client.get(address(second, "apply_plan")).content.decode()
    assert "1 mail is sent." in question
    assert other.email in question
    assert letters[0].reference in question
    assert not Assignment.objects.exists()
    assert client.post(address(second, "apply_plan")).status_code == 302
    assert Assignment.objects.get().reviewer == other
    assert client.post(address(second, "apply_plan")).status_code == 409
    assert client.get(address(second, "apply_plan")).url == address(second)


def test_a_plan_names_soft_conflicts_and_open_questions(client, chair, call):
    letters = letters_of(call, 1)
    clear, soft = reviewer(letters), reviewer(letters)
    ConflictCheck.objects.filter(reviewer=soft).update(
        source="AUTOMATIC", kind="SAME_COUNTRY", strength="SOFT", answered_at=None
    )
    plan = plan_of(chair, letters, [clear, soft])

    page = client.get(address(plan))
    [row] = page.context["page"]
    assert {pair["person"]: pair["check"].is_soft for pair in row["pairs"]} == {
        clear: False,
        soft: True,
    }
    text = page.content.decode()
    assert text.count("Soft conflict") == text.count("Not answered yet") == 1
    question = client.get(address(plan, "apply_plan"))
    assert question.context["doubts"] == {"soft": 1, "unanswered": 1}
    assert "1 new pair has a soft conflict" in question.content.decode()
    assert "In 1 new pair the conflict question" in question.content.decode()


def test_a_plan_that_is_applied_late_asks_until_when(client, chair, call, it_is):
    letters = letters_of(call, 1)
    plan = plan_of(chair, letters, [reviewer(letters)])
    late = make.first_round(call).reviews_due_at + DAY
    it_is(late)
    url = address(plan, "apply_plan")
    assert "Reviews of this round were due on" in client.get(url).content.decode()

    for due_at, status in (("", 422), ("nonsense", 422), (f"{late - DAY:%Y-%m-%dT%H:%M}", 409)):
        answer = client.post(url, {"due_at": due_at})
        assert answer.status_code == status
        assert not Assignment.objects.exists()
    assert f'value="{late - DAY:%Y-%m-%dT%H:%M}"' in answer.content.decode()

    assert client.post(url, {"due_at": f"{late + DAY:%Y-%m-%dT%H:%M}"}).status_code == 302
    assert late < Assignment.objects.get().due_at


@pytest.mark.parametrize("count", [1, 3])
def test_the_workbench_costs_the_same_however_many(
    client, chair, call, count, django_assert_num_queries
):
    letters = letters_of(call, count)
    people = [reviewer(letters) for _ in range(count)]
    plans = [plan_of(chair, letters, people) for _ in range(count)]

    with django_assert_num_queries(11):
        listed = client.get(reverse("panel:plans", args=[ROUND]))
    with django_assert_num_queries(11):
        page = client.get(address(plans[0]))
    with django_assert_num_queries(10):
        question = client.get(address(plans[0], "apply_plan"))

    assert listed.content.decode().count("/assignment/plan/") >= count
    assert len(page.context["page"]) == count
    assert page.content.decode().count('name="locked"') == count * count
    assert len(question.context["mails"]) == count


def test_a_conflicted_chair_learns_nothing_of_such_a_plan(client, chair, call):
    letters = letters_of(call, 2)
    plan = plan_of(chair, letters, [reviewer(letters)])
    other = make.user(Role.CHAIR)
    make.check(other, letters[1], conflicted=True)
    client.force_login(other)

    for name in ("plan", "plan_state", "apply_plan"):
        assert client.get(address(plan, name)).status_code == 403
    assert client.post(address(plan)).status_code == 403
    assert client.post(address(plan, "apply_plan")).status_code == 403
    listed = client.get(reverse("panel:plans", args=[ROUND]))
    assert listed.context["plans"] == []
    assert listed.context["total"] == 1
    assert client.get(reverse("panel:plans", args=[ROUND]), {"from": plan.pk}).status_code == 403
    assert not Assignment.objects.exists()


def test_the_auditor_looks_and_does_nothing(client, call):
    letters = letters_of(call, 1)
    plan = plan_of(make.user(Role.CHAIR), letters, [reviewer(letters)])
    client.force_login(make.user(Role.AUDITOR))
    page = client.get(address(plan)).content.decode()
    assert letters[0].reference in page
    assert 'name="locked"' not in page
    assert "Apply this plan" not in page
    assert client.get(address(plan, "apply_plan")).status_code == 404
    assert client.post(address(plan)).status_code == 404


def test_an_impossible_plan_says_why_and_is_allowed_its_exceptions(client, chair, call):
    [letter] = letters_of(call, 1)
    person = reviewer([letter], name="Ines Quispe")
    change = {
        "kind": "no_scientist",
        "letter": str(letter.pk),
        "reviewer": None,
        "country": None,
        "by": 1,
    }
    shortage = {
        "lack": "scientist",
        "letters": [str(letter.pk)],
        "reviewers": [],
        "country": None,
        "wanted": 1,
        "available": 0,
    }
    result = {
        "reviewers": [str(person.pk)],
        "dropped": [[str(letter.pk), str(person.pk)]],
        "shortages": [shortage],
        "changes": [change],
        "proven": True,
    }
    plan = plan_of(chair, [letter], [person], state=PlanState.IMPOSSIBLE, result=result)

    page = client.get(address(plan)).content.decode()
    assert f"No scientist may read {letter.reference}." in page
    assert f"Let {letter.reference} be read without a scientist." in page
    assert client.get(address(plan, "apply_plan")).url == address(plan)
    assert client.post(address(plan, "apply_plan")).status_code == 409

    client.post(address(plan), {"do": "allow"})
    actions.compute_due(at=make.CLOSES)
    again = AssignmentPlan.objects.exclude(pk=plan.pk).get()
    assert again.state == PlanState.READY
    assert "Exceptions you allowed" in client.get(address(again)).content.decode()
    # The box unticked takes the exception back.
    client.post(address(again), {})
    assert AssignmentPlan.objects.get(state=PlanState.QUEUED).parameters["allowed"] == []


def test_boxes_of_other_pages_stay_and_those_unticked_are_taken_back(client, chair, call):
    letters = letters_of(call, 3)
    people = [reviewer(letters), reviewer(letters)]
    plan = plan_of(chair, letters, people)
    ids = [[str(letter.pk), str(people[0].pk)] for letter in letters]
    plan.parameters |= {"locked": [ids[0], ids[1]]}
    plan.save(update_fields=["parameters"])
    shown = [value(letters[1], people[0]), value(letters[2], people[0])]
    client.post(
        address(plan),
        {
            "shown": shown,
            "barred": [shown[1]],
            "locked": [shown[1]],
            "letter": letters[2].pk,
            "reviewer": people[1].pk,
            "wish": "keep",
        },
    )
    asked = AssignmentPlan.objects.get(state=PlanState.QUEUED).parameters
    assert asked["locked"] == sorted([ids[0], [str(letters[2].pk), str(people[1].pk)]])
    assert asked["barred"] == [ids[2]]


def test_half_a_pair_is_told_and_strangers_are_not_there(client, chair, call):
    letters = letters_of(call, 1)
    person = reviewer(letters)
    plan = plan_of(chair, letters, [person])
    answer = client.post(address(plan), {"letter": letters[0].pk, "wish": "keep"})
    assert answer.status_code == 422
    assert "Choose both" in answer.content.decode()
    assert client.post(address(plan), {"letter": uuid4(), "wish": "keep"}).status_code == 422
    for pair in (f"{uuid4()}:{person.pk}", f"{letters[0].pk}:x", "x"):
        assert client.post(address(plan), {"shown": pair}).status_code == 404
    assert AssignmentPlan.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "said"),
    [
        *(("reviewers", text) for text in ("", "0", "99999", "x")),
        *(("load_cost", text) for text in ("nan", "-1", "inf", "2")),
        *(("most", text) for text in ("0", "1.5")),
        *(("least", "9"), ("extra", "-1")),
    ],
)
def test_a_wrong_number_is_told_and_the_rest_kept(client, chair, call, name, said):
    reviewer(letters_of(call, 1))
    answer = client.post(reverse("panel:plans", args=[ROUND]), NUMBERS | {"extra": 5, name: said})
    assert answer.status_code in (409, 422)
    assert answer.context["form"].errors
    assert not AssignmentPlan.objects.exists()


def test_a_pair_in_conflict_is_named_on_the_page_that_applies(client, chair, call):
    letters = letters_of(call, 1)
    person = reviewer(letters, name="Ines Quispe")
    plan = plan_of(chair, letters, [person])
    ConflictCheck.objects.update(conflicted=True, source="DECLARED", kind="OTHER")
    answer = client.post(address(plan, "apply_plan"))
    assert answer.status_code == 409
    assert f"Ines Quispe has a conflict of interest with {letters[0].reference}" in (
        answer.content.decode()
    )


@pytest.mark.parametrize("state", PlanState)
def test_every_state_has_its_page_also_when_frozen(client, chair, call, state):
    letters = letters_of(call, 1)
    fields = {"applied_by": chair, "applied_at": make.CLOSES} if state == "APPLIED" else {}
    if state == PlanState.IMPOSSIBLE:
        fields["result"] = {
            **{"reviewers": [], "dropped": [], "shortages": [], "changes": []},
            "proven": True,
        }
    elif state not in (PlanState.READY, PlanState.APPLIED):
        fields["result"] = {}
    plan = plan_of(chair, letters, [reviewer(letters)], state=state, **fields)
    assert client.get(address(plan)).status_code == 200
    Ranking.objects.create(round=plan.round, frozen_at=make.CLOSES, frozen_by=chair, rubric=[])
    page = client.get(address(plan))
    assert page.status_code == 200
    assert "Compute again" not in page.content.decode()
    answer = client.post(address(plan))
    assert answer.status_code in (404, 409)
    assert AssignmentPlan.objects.count() == 1


def test_a_round_without_letters_says_what_to_do(client, chair, call):
    page = client.get(reverse("panel:plans", args=[ROUND]))
    assert "No letter has entered this round" in page.content.decode()
    assert client.post(reverse("panel:plans", args=[ROUND]), NUMBERS).status_code == 409
    assert client.get(reverse("panel:plan", args=[ROUND, uuid4()])).status_code == 404
    assert client.get(reverse("panel:plans", args=[ROUND]), {"from": "x"}).status_code == 404
