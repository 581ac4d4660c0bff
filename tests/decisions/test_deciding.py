from decimal import Decimal

import pytest
from django.urls import reverse

from accounts.states import Role
from audit.models import Entry
from decisions import actions, rounds
from decisions.actions import Refused
from decisions.models import Decision
from decisions.states import Outcome
from proposals.states import Eligibility, Level
from reviews.models import RankedLetter
from tests import make
from tests.decisions import stage

pytestmark = pytest.mark.django_db


def decide(call_round, letter, outcome, **fields):
    options = {"reason": stage.REASON, "actor": make.user(Role.CHAIR), **fields}
    return actions.decide(
        call_round, letter, outcome=outcome, at=stage.late(call_round.call), **options
    )


def form_of(outcome, *, version=0, **fields):
    """What the decide page posts."""
    return {
        "outcome": outcome,
        "reason": stage.REASON,
        "strengths": "",
        "weaknesses": "",
        "version": version,
        "conditions-TOTAL_FORMS": "3",
        "conditions-INITIAL_FORMS": "0",
        **fields,
    }


def page_of(call_round, letter):
    return reverse("decisions:letter", args=[call_round.kind, letter.pk])


# --- the action ---


def test_a_decision_is_recorded_and_the_letter_does_not_learn_it():
    call_round, [letter] = stage.final(None)
    before = (letter.state, letter.updated_at)

    decision = decide(call_round, letter, Outcome.SELECTED)

    letter.refresh_from_db()
    assert (letter.state, letter.updated_at) == before
    assert (decision.version, decision.mass_kg) == (1, letter.mass_kg)
    entry = Entry.objects.get(action="decision.made")
    assert entry.subject == f"letter:{letter.pk}"
    assert "SELECTED" not in str(entry.data), "auditors read the chain before the world is told"


def test_deciding_again_is_the_undo_and_leaves_nothing_of_the_first():
    call_round, [letter] = stage.final(None)
    funds = [{"text": "Show funds", "due": "2025-03-31"}]
    decide(call_round, letter, Outcome.CONDITIONAL, conditions=funds)

    decision = decide(call_round, letter, Outcome.NOT_SELECTED)

    assert (decision.version, decision.conditions, decision.mass_kg) == (2, [], None)
    assert Decision.objects.count() == 1


def test_nothing_is_decided_before_the_ranking_is_frozen():
    letter = make.shortlisted_letter()
    with pytest.raises(Refused, match="Freeze the ranking"):
        decide(make.final_round(letter.call), letter, Outcome.SELECTED)
    assert not Decision.objects.exists()


@pytest.mark.parametrize(
    ("outcome", "details", "sentence"),
    [
        (Outcome.SHORTLISTED, {}, "does not belong to this round"),
        (Outcome.CONDITIONAL, {}, "at least one condition"),
        (Outcome.CONDITIONAL, {"conditions": [{"text": "a", "due": None}]}, "by which day"),
        (Outcome.RESERVE, {}, "rank on the reserve list"),
        (Outcome.RESERVE, {"reserve_rank": 1}, "until when"),
        (Outcome.MERGED, {}, "other project"),
        (Outcome.SELECTED, {"reason": "  "}, "Give the reason"),
    ],
)
def test_a_decision_that_lacks_something_is_refused(outcome, details, sentence):
    call_round, [letter] = stage.final(None)
    with pytest.raises(Refused, match=sentence):
        decide(call_round, letter, outcome, **details)
    assert not Decision.objects.exists()


def test_a_letter_merges_only_with_another_one_of_the_round():
    call_round, [letter] = stage.final(None)
    for lead in (letter, make.shortlisted_letter()):
        with pytest.raises(Refused, match="other project"):
            decide(call_round, letter, Outcome.MERGED, merged_with=lead)


def test_a_letter_screened_out_can_only_be_told_so():
    call_round, [letter] = stage.preliminary(None)
    letter.screening.outcome = Eligibility.INELIGIBLE
    letter.screening.rule, letter.screening.reason = "Rule 3", "Two letters from one team."
    letter.screening.save(update_fields=["outcome", "rule", "reason"])
    with pytest.raises(Refused, match="not eligible by screening"):
        decide(call_round, letter, Outcome.SHORTLISTED)
    assert decide(call_round, letter, Outcome.INELIGIBLE).version == 1


def test_while_a_proposal_stands_nothing_is_decided_anew():
    call_round, letters = stage.final(Outcome.SELECTED, Outcome.NOT_SELECTED)
    publication = stage.propose(call_round)
    with pytest.raises(Refused, match="locked") as refusal:
        decide(call_round, letters[1], Outcome.SELECTED)
    assert refusal.value.code == "locked"

    actions.withdraw_proposal(
        publication,
        reason="One more look.",
        actor=publication.proposed_by,
        at=stage.late(call_round.call),
    )
    assert decide(call_round, letters[1], Outcome.SELECTED).version == 2


def test_nothing_is_decided_after_the_release(quick_press):
    publication, [letter, _other] = stage.released()
    with pytest.raises(Refused) as refusal:
        decide(publication.round, letter, Outcome.NOT_SELECTED)
    assert refusal.value.code == "published"


def test_several_letters_are_decided_together_or_not_at_all():
    call_round, letters = stage.final(None, Outcome.NOT_SELECTED)
    options = {
        "outcome": Outcome.SELECTED,
        "reason": "All good.",
        "actor": make.user(Role.CHAIR),
        "at": stage.late(call_round.call),
    }
    seen = {letters[0].pk: 0, letters[1].pk: 7}
    with pytest.raises(Refused, match=letters[1].reference) as refusal:
        actions.decide_several(call_round, letters, seen_versions=seen, **options)
    assert refusal.value.code == "stale"
    assert rounds.counts_by_outcome(call_round) == {Outcome.NOT_SELECTED: 1}

    actions.decide_several(call_round, letters, **options)
    assert rounds.counts_by_outcome(call_round) == {Outcome.SELECTED: 2}


def test_deciding_several_keeps_the_comments_that_were_cleared():
    call_round, letters = stage.final(None, None)
    decide(call_round, letters[0], Outcome.NOT_SELECTED, strengths="Cleared.")
    actions.decide_several(
        call_round,
        letters,
        outcome=Outcome.SELECTED,
        reason="All good.",
        comments=dict.fromkeys([letter.pk for letter in letters], ("Raw.", "")),
        actor=make.user(Role.CHAIR),
        at=stage.late(call_round.call),
    )
    assert list(
        Decision.objects.order_by("letter__reference").values_list("strengths", flat=True)
    ) == ["Cleared.", "Raw."]


def test_only_what_rides_on_the_lander_weighs_on_it():
    call_round, letters = stage.final(Outcome.SELECTED, Outcome.SELECTED)
    letters[1].level = Level.MISSION
    letters[1].save(update_fields=["level"])
    assert rounds.mass_on_the_lander(call_round) == Decimal("6.5")


# --- the pages ---


def test_the_form_starts_with_what_the_reviewers_wrote_major_points_first(client):
    call_round, [letter] = stage.final(None)
    make.review(of=make.assignment(letter=letter, round=call_round), strengths="Bright idea.")
    make.review(
        of=make.assignment(letter=letter, round=call_round),
        major_strengths="Nobody else can do it.",
        strengths="",
        major_weaknesses="Too heavy.",
        weaknesses="No spare part.",
    )
    client.force_login(make.user(Role.CHAIR))

    page = client.get(page_of(call_round, letter))

    assert page.status_code == 200
    initial = page.context["form"].initial
    assert initial["strengths"] == "Nobody else can do it.\nBright idea."
    assert initial["weaknesses"] == "Too heavy.\nTight schedule.\nNo spare part."
    assert "Major weaknesses" in page.content.decode()


def test_a_letter_without_a_place_can_be_decided_and_says_so(client):
    call_round, [first, alone] = stage.final(None, None)
    RankedLetter.objects.filter(letter=alone).update(position=None, reviews=1)
    client.force_login(make.user(Role.CHAIR))

    page = client.get(page_of(call_round, alone)).content.decode()
    assert "Not placed, for there are fewer than two reviews: 88.0 of 100" in page
    listed = client.get(reverse("decisions:round", args=[call_round.kind]), {"sort": "rank"})
    assert [letter.pk for letter in listed.context["page_obj"]] == [first.pk, alone.pk]
    decide(call_round, alone, Outcome.NOT_SELECTED)
    assert Decision.objects.get(letter=alone).outcome == Outcome.NOT_SELECTED


def test_the_chair_decides_with_conditions(client):
    call_round, [letter] = stage.final(None)
    client.force_login(make.user(Role.CHAIR))

    answer = client.post(
        page_of(call_round, letter),
        form_of(
            "CONDITIONAL",
            **{
                "mass_kg": "5",
                "conditions-0-text": "Show that it is funded.",
                "conditions-0-due": "2025-03-31",
                "conditions-2-text": "Name a second contact.",
                "conditions-2-due": "2025-04-30",
            },
        ),
    )

    assert answer.status_code == 302
    decision = Decision.objects.get(letter=letter)
    assert decision.conditions == [
        {"text": "Show that it is funded.", "due": "2025-03-31"},
        {"text": "Name a second contact.", "due": "2025-04-30"},
    ]
    assert decision.mass_kg == 5


@pytest.mark.parametrize(
    "wrong",
    [
        {"outcome": "SHORTLISTED"},
        {"outcome": ""},
        {"reason": ""},
        {"reason": "x" * 3001},
        {"mass_kg": "-1"},
        {"mass_kg": "1_0"},
        {"mass_kg": "1,5"},
        {"reserve_until": "9999-12-31"},
        {"conditions-0-due": "2025-03-31"},
        {"conditions-0-text": "Show that it is funded."},
        {"merged_with": "00000000-0000-0000-0000-000000000000"},
        {"version": "many"},
    ],
)
def test_a_form_with_a_fault_comes_back_with_all_that_was_typed(client, wrong):
    call_round, [letter] = stage.final(None)
    client.force_login(make.user(Role.CHAIR))

    answer = client.post(
        page_of(call_round, letter), form_of("SELECTED", strengths="Kept.") | wrong
    )

    assert answer.status_code == 422
    assert "Kept." in answer.content.decode()
    assert not Decision.objects.exists()


def test_a_second_tab_does_not_overwrite_what_it_has_not_seen(client):
    call_round, [letter] = stage.final(Outcome.NOT_SELECTED)
    client.force_login(make.user(Role.CHAIR))

    late = client.post(page_of(call_round, letter), form_of("SELECTED", version=0))
    assert late.status_code == 409
    assert Decision.objects.get().outcome == Outcome.NOT_SELECTED

    present = late.context["form"].data["version"]
    seen = client.post(page_of(call_round, letter), form_of("SELECTED", version=present))
    assert seen.status_code == 302
    assert Decision.objects.get().outcome == Outcome.SELECTED


def test_saving_leads_to_the_next_undecided_letter(client):
    call_round, letters = stage.final(None, None)
    client.force_login(make.user(Role.CHAIR))
    answer = client.post(page_of(call_round, letters[0]), form_of("SELECTED", next="1"))
    assert answer.url == page_of(call_round, letters[1])


def test_after_the_release_the_page_only_tells(client, quick_press):
    publication, [letter, _other] = stage.released()
    client.force_login(make.user(Role.CHAIR))
    assert "form" not in client.get(page_of(publication.round, letter)).context
    answer = client.post(page_of(publication.round, letter), form_of("NOT_SELECTED", version=1))
    assert answer.status_code == 409


def test_several_shows_the_exact_list_first_and_then_decides_it(client):
    call_round, letters = stage.final(None, None, None)
    client.force_login(make.user(Role.CHAIR))
    several = reverse("decisions:several", args=[call_round.kind])
    ids = [str(letter.pk) for letter in letters[:2]]

    page = client.get(several, {"letter": [*ids, "nonsense"]})
    assert [letter.pk for letter in page.context["letters"]] == [one.pk for one in letters[:2]]
    assert not Decision.objects.exists()

    sent = {"letter": ids, "version": ["0", "0"], "outcome": "NOT_SELECTED", "reason": "Too heavy."}
    assert client.post(several, sent).status_code == 302
    assert set(Decision.objects.values_list("letter", "reason")) == {
        (letter.pk, "Too heavy.") for letter in letters[:2]
    }
    # Meanwhile they have a first version: the same form once more is out of date.
    assert client.post(several, sent).status_code == 409
    assert client.post(several, sent | {"reason": ""}).status_code == 422
    # Without a version that can be read nobody has looked at anything.
    for unread in (["x", "x"], ["1"], []):
        assert client.post(several, sent | {"version": unread}).status_code == 409
    assert client.get(several).status_code == 302, "nothing chosen"


def test_filters_and_order_live_in_the_address(client):
    call_round, letters = stage.final(Outcome.SELECTED, None, None)
    letters[2].title, letters[2].level = "Aardvark", Level.MISSION
    letters[2].save(update_fields=["title", "level"])
    client.force_login(make.user(Role.CHAIR))
    address = reverse("decisions:round", args=[call_round.kind])

    def shown(**query):
        return [letter.pk for letter in client.get(address, query).context["page_obj"]]

    first, second, third = (letter.pk for letter in letters)
    assert shown() == [first, second, third]
    assert shown(sort="title") == [third, first, second]
    assert shown(outcome="undecided") == [second, third]
    assert shown(outcome="SELECTED") == [first]
    assert shown(level="MISSION") == [third]
    assert shown(q="aardv") == [third]
    assert shown(q="no such words") == []
    assert shown(outcome="x", sort="x", level="x", page="x") == [first, second, third]


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_costs_the_same_however_long(client, number, django_assert_num_queries):
    call_round, _letters = stage.final(*[Outcome.SELECTED] * number)
    client.force_login(make.user(Role.CHAIR))
    # session, person; call, rounds; a live or any publication; count, page; ranking, undecided,
    # mass, whether letters are left out; one's last bulk decision, whether it is all one may see
    with django_assert_num_queries(13):
        page = client.get(reverse("decisions:round", args=[call_round.kind]))
    assert len(page.context["page_obj"]) == number


@pytest.mark.parametrize("number", [1, 3])
def test_home_costs_the_same_however_much_is_decided(client, number, django_assert_max_num_queries):
    stage.final(*[Outcome.SELECTED] * number)
    client.force_login(make.user(Role.CHAIR))
    with django_assert_max_num_queries(20):
        assert client.get(reverse("decisions:home")).status_code == 200
