"""The words around the facts: one publisher proposes, another approves, and a letter keeps them."""

from dataclasses import replace

import pytest
from django.db import IntegrityError, InternalError, transaction
from django.urls import reverse
from django.utils import translation

from accounts.states import Role
from audit.models import Entry
from decisions import actions, differences, invariants, letter_facts, letter_texts, rendering
from decisions.models import LetterTemplate
from decisions.rendering import fit, wording
from decisions.states import Outcome, RenderState
from notifications.models import Message
from notifications.states import MessageState
from proposals import files
from proposals.states import Answer
from tests import make
from tests.decisions import stage

pytestmark = pytest.mark.django_db
SENTENCE = "The panel has selected your letter ${reference}."


def texts(outcome=Outcome.SELECTED, language="en", **changes):
    return replace(wording.standard(outcome, language), **{"sentence": SENTENCE, **changes})


def proposed(call_round, *, outcome=Outcome.SELECTED, language="en", actor=None, **changes):
    return actions.propose_wording(
        call_round,
        outcome=outcome,
        language=language,
        texts=texts(outcome, language, **changes),
        actor=actor or make.user(Role.PUBLISHER),
        at=stage.late(call_round.call),
    )


def approved(call_round, **options):
    template = proposed(call_round, **options)
    at = stage.late(call_round.call)
    return actions.approve_wording(template, actor=make.user(Role.PUBLISHER), at=at)


def end(template, *, actor, reason="A typing error."):
    at = stage.late(template.round.call)
    return actions.end_wording(template, reason=reason, actor=actor, at=at)


def actions_logged():
    rows = Entry.objects.filter(action__startswith="letter_wording.").order_by("seq")
    return [(row.action, row.data["version"]) for row in rows]


def final_round():
    return make.final_round(make.call())


# --- two people ---


def mails():
    return Message.objects.filter(template="wording_proposed").order_by("recipient")


def test_every_other_publisher_is_asked_by_mail_once_for_each_version():
    call_round = final_round()
    author, second, third = (make.user(Role.PUBLISHER) for _ in range(3))
    second.language = "zh-hans"
    second.save(update_fields=["language"])
    make.user(Role.PUBLISHER, is_active=False)
    make.user(Role.CHAIR)

    first = proposed(call_round, actor=author)
    assert [mail.recipient for mail in mails()] == [second, third]
    chinese, english = mails()
    assert english.subject == f"To approve: wording of the decision letters of {call_round.call}"
    assert author.name in english.body
    assert f"{reverse('decisions:wording', args=[call_round])}\n" in english.body
    assert "待批准" in chinese.subject
    assert author.name in chinese.body
    # Not which outcome: that would tell what is decided.
    for mail in mails():
        for word in ("selected", "SELECTED", "入选"):
            assert word not in mail.subject + mail.body

    end(first, actor=author)
    again = proposed(call_round, actor=author)
    keys = [
        f"wording-{one.pk}-proposed-{person.pk}"
        for one in (first, again)
        for person in (second, third)
    ]
    assert sorted(mails().values_list("key", flat=True)) == sorted(keys)


@pytest.mark.parametrize("answer", ["approved", "refused", "taken back"])
def test_nobody_is_asked_by_mail_what_was_answered_before_it_was_sent(answer):
    author, second = make.user(Role.PUBLISHER), make.user(Role.PUBLISHER)
    call_round = final_round()
    template, other = proposed(call_round, actor=author), proposed(call_round, language="fr")
    if answer == "approved":
        at = stage.late(call_round.call)
        actions.approve_wording(template, actor=second, at=at)
    else:
        end(template, actor=second if answer == "refused" else author)
    own = mails().filter(key__startswith=f"wording-{template.pk}-")
    assert set(own.values_list("state", flat=True)) == {MessageState.LAPSED}
    waiting = mails().filter(state=MessageState.QUEUED)
    assert {mail.key.split("-")[1] for mail in waiting} == {str(other.pk)}


def test_a_wording_that_is_refused_to_be_proposed_asks_nobody():
    call_round = final_round()
    make.user(Role.PUBLISHER)
    with pytest.raises(actions.Refused):
        proposed(call_round, sentence="")
    assert not mails().exists()


def test_the_standard_wording_holds_until_another_publisher_approves():
    call_round = final_round()
    template = proposed(call_round)
    assert letter_texts.in_force(call_round, "SELECTED", "en").version == 0

    at = stage.late(call_round.call)
    second = make.user(Role.PUBLISHER)
    template = actions.approve_wording(template, actor=second, at=at)
    assert (template.answer, template.answered_by, template.answered_at) == (
        Answer.YES,
        second,
        at,
    )
    holds = letter_texts.in_force(call_round, "SELECTED", "en")
    assert (holds.version, holds.sentence) == (1, SENTENCE)
    # Of this outcome, this language and this round alone.
    for other in (("SELECTED", "fr"), ("CONDITIONAL", "en")):
        assert letter_texts.in_force(call_round, *other) == wording.standard(*other)
    assert actions_logged() == [("letter_wording.proposed", 1), ("letter_wording.approved", 1)]
    assert Entry.objects.latest("seq").data["sha256"] == letter_facts.digest(template.texts)


def test_nobody_approves_what_they_proposed():
    template = proposed(final_round())
    at = stage.late(template.round.call)
    with pytest.raises(actions.Refused) as refusal:
        actions.approve_wording(template, actor=template.proposed_by, at=at)
    assert refusal.value.code == "same_person"
    template.refresh_from_db()
    assert template.is_open


def test_the_same_second_person_approves_twice_to_no_effect():
    template = approved(final_round())
    at = stage.late(template.round.call) + stage.MINUTE
    again = actions.approve_wording(template, actor=template.answered_by, at=at)
    assert again.answered_at == template.answered_at
    with pytest.raises(actions.Refused, match="answered already"):
        actions.approve_wording(template, actor=make.user(Role.PUBLISHER), at=at)
    assert len(actions_logged()) == 2


def test_a_proposal_is_taken_back_by_its_author_and_refused_by_another():
    call_round = final_round()
    first = proposed(call_round)
    with pytest.raises(actions.Refused, match="Say why"):
        end(first, actor=first.proposed_by, reason=" ")
    assert end(first, actor=first.proposed_by).answer == Answer.TAKEN_BACK
    second = end(proposed(call_round), actor=make.user(Role.PUBLISHER), reason="Too long.")
    assert (second.version, second.answer, second.reason) == (2, Answer.NO, "Too long.")
    with pytest.raises(actions.Refused, match="answered already"):
        end(second, actor=make.user(Role.PUBLISHER))
    assert [name for name, _version in actions_logged()] == [
        *("letter_wording.proposed", "letter_wording.taken_back"),
        *("letter_wording.proposed", "letter_wording.refused"),
    ]
    assert letter_texts.in_force(call_round, "SELECTED", "en").version == 0


def test_one_proposal_at_a_time_of_one_outcome_and_language():
    call_round = final_round()
    proposed(call_round)
    with pytest.raises(actions.Refused) as refusal:
        proposed(call_round, sentence="Something else.")
    assert refusal.value.code == "already_proposed"
    proposed(call_round, language="fr")
    proposed(call_round, outcome=Outcome.RESERVE)


def test_what_holds_already_and_what_may_not_stand_is_not_proposed():
    call_round = final_round()
    standard = wording.standard("SELECTED", "en").sentence
    for refused, why in (
        ({"sentence": standard}, "hold already"),
        ({"closing": "<b>"}, "Closing: Remove “<”"),
        ({"outcome": Outcome.SHORTLISTED}, "does not belong"),
    ):
        with pytest.raises(actions.Refused, match=why):
            proposed(call_round, **refused)
    assert not LetterTemplate.objects.exists()
    assert not actions_logged()


def test_the_check_is_asked_again_when_it_is_approved(monkeypatch):
    template = proposed(final_round(), closing="Yours truly,")
    monkeypatch.setitem(fit._LONGEST, "closing", 5)
    second, at = make.user(Role.PUBLISHER), stage.late(template.round.call)
    with pytest.raises(actions.Refused, match="Closing: Use at most 5"):
        actions.approve_wording(template, actor=second, at=at)
    template.refresh_from_db()
    assert template.is_open


# --- what the database refuses, whoever asks ---


@pytest.mark.parametrize(
    "changes",
    [{"texts": {}}, {"version": 9}, {"language": "fr"}, {"answer": "NO", "reason": "Late."}],
)
def test_an_approved_wording_never_changes(changes):
    template = approved(final_round())
    with pytest.raises(InternalError, match="never changed"), transaction.atomic():
        LetterTemplate.objects.filter(pk=template.pk).update(**changes)
    with pytest.raises(InternalError, match="never changed"), transaction.atomic():
        LetterTemplate.objects.filter(pk=template.pk).delete()
    template.refresh_from_db()
    assert template.texts["sentence"] == SENTENCE


def test_what_is_proposed_is_answered_as_it_was_proposed():
    template = proposed(final_round())
    rows = LetterTemplate.objects.filter(pk=template.pk)
    at = stage.late(template.round.call)
    other = make.user(Role.PUBLISHER)
    said = {"answer": "YES", "answered_by": other, "answered_at": at}
    with pytest.raises(InternalError, match="answered once"), transaction.atomic():
        rows.update(**said, texts={"closing": "Bye"})
    for refused, name in (
        ({"answered_by": template.proposed_by}, "wording_by_two_people"),
        ({"answered_by": None}, "wording_by_two_people"),
        ({"answered_at": None}, "answered_at_some_time"),
        ({"answer": "NO"}, "ended_for_a_reason"),
    ):
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            rows.update(**said | refused)
    assert rows.update(**said) == 1


def test_no_version_is_there_twice_and_none_is_zero():
    template = proposed(final_round())
    for changes, name in (
        ({"version": template.version, "answer": "TAKEN_BACK"}, "one_wording_a_version"),
        ({"version": 2}, "one_open_wording"),
        ({"version": 0, "answer": "TAKEN_BACK"}, "counts_from_one"),
    ):
        ended = (
            {"reason": "Why.", "answered_at": template.proposed_at} if "answer" in changes else {}
        )
        row = {
            name: getattr(template, name)
            for name in ("round", "outcome", "language", "texts", "proposed_by", "proposed_at")
        }
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            LetterTemplate.objects.create(**row | ended | changes)


# --- the lock ---


@pytest.fixture
def quick(quick_press):
    """Letters as empty pages."""


def test_a_proposed_publication_locks_the_wording_and_its_withdrawal_opens_it(quick):
    call_round, _letters = stage.final(Outcome.SELECTED)
    publication = stage.rendered(call_round)
    with pytest.raises(actions.Refused, match="withdraws that proposal first") as refusal:
        proposed(call_round)
    assert refusal.value.code == "locked"
    stage.withdraw(publication)
    approved(call_round)
    stage.release(stage.rendered(call_round))
    with pytest.raises(actions.Refused) as refusal:
        proposed(call_round)
    assert refusal.value.code == "published"


def test_nothing_is_approved_while_the_publication_is_proposed(quick):
    call_round, _letters = stage.final(Outcome.SELECTED)
    stage.propose(call_round)
    # As if it had been proposed before open proposals held up a publication.
    open_one = LetterTemplate.objects.create(
        round=call_round,
        outcome="SELECTED",
        language="en",
        version=1,
        texts=actions.wording.said_by(texts()),
        proposed_by=make.user(Role.PUBLISHER),
        proposed_at=stage.late(call_round.call),
    )
    second, at = make.user(Role.PUBLISHER), stage.late(call_round.call)
    with pytest.raises(actions.Refused) as refusal:
        actions.approve_wording(open_one, actor=second, at=at)
    assert refusal.value.code == "locked"
    # Its end changes no letter.
    end(open_one, actor=make.user(Role.PUBLISHER))


def test_a_round_is_not_proposed_while_a_wording_waits_for_an_answer():
    call_round, _letters = stage.final(Outcome.SELECTED)
    template = proposed(call_round, outcome=Outcome.RESERVE, language="fr")
    with pytest.raises(actions.Refused, match=r"Reserve list \(français\)") as refusal:
        stage.propose(call_round)
    assert refusal.value.code == "open_wording"
    end(template, actor=template.proposed_by)
    stage.propose(call_round)


# --- in the letters ---


def test_letters_keep_the_words_that_held_when_the_publication_was_proposed():
    call_round, [letter, _other] = stage.final(Outcome.SELECTED, Outcome.NOT_SELECTED)
    letter.agency.letter_language = "fr"
    letter.agency.save(update_fields=["letter_language"])
    approved(call_round)
    publication = stage.rendered(call_round)

    english, french = publication.letters.filter(decision__letter=letter).order_by("language")
    assert (english.facts["texts"]["version"], french.facts["texts"]["version"]) == (1, 0)
    facts = letter_facts.from_json(english.facts)
    assert letter_facts.to_json(facts) == english.facts
    said = rendering.text_of(files.path_of(english.sha256).read_bytes())
    assert f"The panel has selected your letter {letter.reference}." in " ".join(said.split())
    other = publication.letters.exclude(decision__letter=letter).get(language="en")
    assert other.facts["texts"]["sentence"] == wording.standard("NOT_SELECTED", "en").sentence
    assert {one.state for one in publication.letters.all()} == {RenderState.READY}
    logged = Entry.objects.get(action="publication.proposed").data
    assert logged["wording"] == {"SELECTED/en": 1}


def test_facts_from_before_have_the_standard_wording():
    call_round, _letters = stage.final(Outcome.SELECTED)
    letter = stage.propose(call_round).letters.get(language="en")
    stored = {name: value for name, value in letter.facts.items() if name != "texts"}
    facts = letter_facts.from_json(stored)
    assert facts.texts is None
    assert wording.sentence(facts) == wording.standard("SELECTED", "en").sentence


def test_a_letter_in_words_that_nobody_approved_is_found(quick):
    call_round, _letters = stage.final(Outcome.SELECTED)
    approved(call_round)
    publication = stage.rendered(call_round)
    # The stage has a shortlist that nobody published, which is found in any case.
    before = list(invariants.findings(at=publication.proposed_at))
    letter = publication.letters.get(language="en")
    letter.facts["texts"]["closing"] = "Yours for ever,"
    letter.save(update_fields=["facts"])
    after = list(invariants.findings(at=publication.proposed_at))
    assert set(after) - set(before) == {
        f"decisions: letter {letter.number} says words that nobody approved"
    }


def test_a_letter_whose_texts_break_is_set_aside_alone():
    call_round, [letter, _other] = stage.final(Outcome.SELECTED, Outcome.NOT_SELECTED)
    publication = stage.propose(call_round)
    broken = publication.letters.get(decision__letter=letter, language="en")
    broken.facts["texts"]["sentence"] = "Selected: ${event.__init__}"
    broken.save(update_fields=["facts"])
    for _attempt in range(3):
        with pytest.raises(rendering.Unfit):
            actions.render_letter(broken.pk, at=publication.proposed_at + stage.MINUTE)
    for sound in publication.letters.exclude(pk=broken.pk):
        assert actions.render_letter(sound.pk, at=publication.proposed_at + stage.MINUTE)
    broken.refresh_from_db()
    assert broken.state == RenderState.FAILED
    assert "The decision in one sentence: “${event.__init__}” is not filled in" in broken.last_error


def test_a_round_with_an_approved_wording_that_may_not_stand_any_more_is_not_proposed(monkeypatch):
    call_round, _letters = stage.final(Outcome.SELECTED)
    approved(call_round, closing="Yours truly,")
    monkeypatch.setitem(fit._LONGEST, "closing", 5)
    with pytest.raises(actions.Refused, match=r"Selected.*English.*Closing") as refusal:
        stage.propose(call_round)
    assert refusal.value.code == "unfit_wording"
    assert not call_round.publications.exists()


def test_a_correction_has_the_words_of_its_outcome(quick):
    call_round, [letter] = stage.final(Outcome.SELECTED)
    approved(call_round, outcome=Outcome.NOT_SELECTED, sentence="It was not chosen.")
    publication = stage.rendered(call_round)
    stage.release(publication)
    correction = actions.propose_correction(
        call_round,
        letter,
        why="A mistake.",
        outcome=Outcome.NOT_SELECTED,
        reason=stage.REASON,
        actor=make.user(Role.PUBLISHER),
        at=publication.proposed_at + 3 * stage.MINUTE,
    )
    corrected = correction.letters.get(language="en")
    assert corrected.facts["texts"]["sentence"] == "It was not chosen."
    logged = Entry.objects.get(action="correction.proposed").data
    assert logged["wording"] == {"NOT_SELECTED/en": 1}


def test_the_page_of_a_decision_says_the_words_of_its_language(client, quick):
    call_round, [letter] = stage.final(Outcome.SELECTED)
    approved(call_round, steps=("Rest a while.",))
    approved(call_round, language="zh-hans", sentence="评审组选中了意向书${reference}。")
    stage.release(stage.rendered(call_round))
    client.force_login(make.member(letter.agency))
    where = reverse("decision_letters:page", args=[letter.pk])
    english = client.get(where).content.decode()
    assert f"The panel has selected your letter {letter.reference}." in english
    assert "Rest a while." in english
    client.cookies["django_language"] = "zh-hans"
    with translation.override("en"):  # or the tests after this one would read Chinese
        chinese = client.get(where).content.decode()
    assert f"评审组选中了意向书{letter.reference}。" in chinese
    assert wording.standard("SELECTED", "zh-hans").steps[0] in chinese


def test_the_second_publisher_is_told_that_the_wording_changed(quick):
    call_round, [letter, _other] = stage.final(Outcome.SELECTED, Outcome.NOT_SELECTED)
    letter.agency.letter_language = "fr"
    letter.agency.save(update_fields=["letter_language"])
    stage.withdraw(stage.propose(call_round))
    approved(call_round, language="fr")
    _earlier, found = differences.since_the_last(stage.propose(call_round))
    before, after = "en: standard\nfr: standard", "en: standard\nfr: version 1"
    assert [(one.reference, one.changes) for one in found] == [
        (letter.reference, [("Wording of the letters", before, after)])
    ]
