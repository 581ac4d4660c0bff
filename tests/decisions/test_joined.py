"""Who joins a project: the agency that leads it reads so, in its language, and nobody before."""

import pytest
from django.urls import reverse

from accounts.states import Language
from decisions import actions, draft_letters, mergers
from decisions.models import Decision, DecisionLetter
from decisions.rendering import wording
from decisions.states import Outcome
from tests import make
from tests.decisions import stage

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick_press")]


class Joint:
    """A project that two letters join, and one that nobody joins; nothing is proposed."""

    def __init__(self):
        outcomes = [Outcome.SELECTED, None, None, Outcome.SELECTED]
        self.round, letters = stage.final(*outcomes, mass_kg=5)
        self.lead, self.first, self.second, self.alone = letters
        self.lead.agency.letter_language = Language.CHINESE
        self.lead.agency.save(update_fields=["letter_language"])
        for letter, title in ((self.first, "Beacon"), (self.second, "Anemometer")):
            letter.title, letter.title_zh = title, f"{title} 中文"
            letter.save(update_fields=["title", "title_zh"])
            stage.merge(self.round, letter, self.lead)

    def consent(self, *letters):
        for letter in letters or (self.first, self.second):
            stage.consent(self.round, letter)

    def release(self):
        self.publication = stage.rendered(self.round)
        stage.release(self.publication)

    def told_to(self, letter, language="en"):
        rows = DecisionLetter.objects.valid().filter(decision__letter=letter, language=language)
        return rows.get().facts["joined_by"]

    def joined(self, *letters):
        return [{"agency": one.agency.name, "title": one.title} for one in letters]

    def correct(self, letter, **options):
        fields = {"outcome": Outcome.SELECTED, "reason": stage.REASON, "mass_kg": 5}
        at = self.publication.proposed_at + 5 * stage.MINUTE
        made = actions.propose_correction(
            self.round,
            letter,
            why="The two cannot fly as one.",
            **(fields | options),
            actor=make.user(),
            at=at,
        )
        for one in made.letters.all():
            actions.render_letter(one.pk, at=at + stage.MINUTE)
        actions.release_correction(
            made, confirmed_reference=letter.reference, actor=make.user(), at=at + stage.MINUTE
        )


@pytest.fixture
def joint():
    return Joint()


def test_the_lead_is_told_of_all_and_the_others_of_none(joint):
    joint.consent()
    joint.release()

    assert joint.told_to(joint.lead) == joint.joined(joint.second, joint.first)  # by title
    in_chinese = joint.told_to(joint.lead, "zh-hans")
    assert [one["title"] for one in in_chinese] == ["Anemometer 中文", "Beacon 中文"]
    assert [joint.told_to(one) for one in (joint.first, joint.second, joint.alone)] == [[]] * 3


def test_who_was_not_asked_or_has_not_consented_is_not_named(joint):
    joint.consent(joint.first)

    named = mergers.joining(joint.round)
    assert named == {joint.lead.pk: [joint.first]}
    draft = draft_letters.of_decision(
        Decision.objects.get(letter=joint.lead),
        language="en",
        texts=wording.standard("SELECTED", "en"),
        at=stage.late(joint.round.call),
    )
    assert [one.title for one in draft.joined_by] == ["Beacon"]


def test_its_page_says_so_in_the_readers_language(client, joint):
    joint.consent()
    joint.release()
    person = joint.lead.agency.members.first()
    client.force_login(person)
    address = reverse("decision_letters:page", args=[joint.lead.pk])

    for language in Language.values:
        client.cookies["django_language"] = language
        page = client.get(address).content.decode()
        assert joint.second.agency.name in page
        assert ("Anemometer 中文" in page) == (language == "zh-hans")
    client.cookies["django_language"] = "fr"
    alone = reverse("decision_letters:page", args=[joint.alone.pk])
    client.force_login(joint.alone.agency.members.first())
    assert "Avec la participation de" not in client.get(alone).content.decode()


def test_who_joins_is_told_who_leads(client, joint):
    joint.consent()
    joint.release()
    rows = DecisionLetter.objects.valid().filter(decision__letter=joint.first, language="en")
    assert rows.get().facts["led_by"] == joint.lead.agency.name
    client.force_login(joint.first.agency.members.first())
    address = reverse("decision_letters:page", args=[joint.first.pk])
    for language in Language.values:
        client.cookies["django_language"] = language
        page = client.get(address).content.decode()
        assert wording.of(language).word("led_by") in page
        assert joint.lead.agency.name in page
    told = DecisionLetter.objects.valid().exclude(decision__letter__in=[joint.first, joint.second])
    assert {facts["led_by"] for facts in told.values_list("facts", flat=True)} == {""}


def test_a_letter_is_numbered_by_what_was_told_and_not_by_what_was_decided(joint):
    for _ in range(2):
        stage.decide(joint.round, [joint.alone], [Outcome.NOT_SELECTED])
    stage.decide(joint.round, [joint.alone], [Outcome.SELECTED])
    joint.consent()
    joint.release()
    letters = DecisionLetter.objects.filter(decision__letter=joint.alone, language="en")
    assert letters.get().number == f"{joint.alone.reference}/F/1/en"
    assert Decision.objects.get(letter=joint.alone).version == 4
    # One that is taken back uses up no number.
    at = joint.publication.proposed_at + 4 * stage.MINUTE
    fields = {"outcome": Outcome.SELECTED, "reason": "In other words.", "why": "Misspelt."}
    made = actions.propose_correction(
        joint.round, joint.alone, **fields, mass_kg=5, actor=make.user(), at=at
    )
    actions.withdraw_correction(made, actor=make.user(), at=at)
    for told, reason in ((2, "In better words."), (3, "In the best words.")):
        joint.correct(joint.alone, reason=reason)
        newest = DecisionLetter.objects.valid().get(decision__letter=joint.alone, language="en")
        assert newest.number == f"{joint.alone.reference}/F/{told}/en"
        assert newest.facts["letter_number"] == newest.number


def test_no_number_is_printed_twice_where_a_first_letter_had_that_of_its_decision(joint):
    """As letters were numbered once: the first that was told is 3, and so no later one is."""
    joint.consent()
    joint.release()
    first = DecisionLetter.objects.filter(decision__letter=joint.alone, language="en")
    first.update(number=f"{joint.alone.reference}/F/3/en")
    for told, reason in ((4, "In better words."), (5, "In the best words.")):
        joint.correct(joint.alone, reason=reason)
        newest = DecisionLetter.objects.valid().get(decision__letter=joint.alone, language="en")
        assert newest.number == f"{joint.alone.reference}/F/{told}/en"


def test_once_a_member_is_corrected_the_letter_of_the_lead_can_be_written_anew(joint):
    joint.consent()
    joint.release()
    with pytest.raises(actions.Refused, match="Nothing is different"):
        joint.correct(joint.lead)

    joint.correct(joint.first, outcome=Outcome.NOT_SELECTED)
    joint.correct(joint.lead)

    assert joint.told_to(joint.lead) == joint.joined(joint.second)
    assert Decision.objects.get(letter=joint.lead).version == 2
