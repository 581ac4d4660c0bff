"""The words around the facts: proposed by one publisher, approved by another, until the round is
proposed itself.
"""

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.states import Role
from audit import chain
from decisions import letter_facts, letter_texts
from decisions.actions.refusal import Refused
from decisions.models import LetterTemplate, Publication
from decisions.rendering import Texts, Unfit, ensure_fit
from decisions.states import OUTCOMES
from notifications import outbox
from proposals.models import CallRound
from proposals.states import Answer


@transaction.atomic
def propose_wording(call_round, *, outcome, language, texts: Texts, actor, at) -> LetterTemplate:
    """Ask another publisher to let these texts stand around the facts, and owe each a mail.

    Refused once the publication of the round is proposed, beside another open proposal, for texts
    that may not stand in a letter, and for the words that hold already.
    """
    call_round = _locked(call_round)
    if outcome not in OUTCOMES[call_round.kind]:
        raise Refused(_("This outcome does not belong to this round."))
    rows = LetterTemplate.objects.filter(round=call_round, outcome=outcome, language=language)
    if rows.awaited().exists():
        raise Refused(
            _("Another wording is proposed already. Approve it, or have it taken back first."),
            code="already_proposed",
        )
    _refuse_unfit(texts, outcome, language)
    if said_by(texts) == said_by(letter_texts.in_force(call_round, outcome, language)):
        raise Refused(_("These are the words that hold already. Change them, then propose."))
    template = LetterTemplate.objects.create(
        round=call_round,
        outcome=outcome,
        language=language,
        version=(rows.aggregate(last=Max("version"))["last"] or 0) + 1,
        texts=said_by(texts),
        proposed_by=actor,
        proposed_at=at,
    )
    _tell(template, at=at)
    _log("letter_wording.proposed", template, actor=actor, at=at)
    return template


@transaction.atomic
def approve_wording(template, *, actor, at) -> LetterTemplate:
    """Let the proposed texts hold, for every letter of the kind in this round.

    Refused to whoever proposed them, once the publication of the round is proposed, and for texts
    that may not stand in a letter any more. Approved twice by one person, it is approved once.
    """
    _locked(template.round)
    template = LetterTemplate.objects.select_for_update().get(pk=template.pk)
    if template.is_approved and template.answered_by_id == actor.pk:
        return template
    _refuse_unless_open(template)
    if template.proposed_by_id == actor.pk:
        raise Refused(_("Another publisher must approve what you proposed."), code="same_person")
    _refuse_unfit(letter_texts.texts_of(template), template.outcome, template.language)
    _answer(template, Answer.YES, actor=actor, at=at)
    _log("letter_wording.approved", template, actor=actor, at=at)
    return template


@transaction.atomic
def end_wording(template, *, reason: str, actor, at) -> LetterTemplate:
    """End a proposal, with a reason: its author takes it back, any other publisher refuses it."""
    CallRound.objects.select_for_update().get(pk=template.round_id)
    template = LetterTemplate.objects.select_for_update().get(pk=template.pk)
    _refuse_unless_open(template)
    if not reason.strip():
        raise Refused(_("Say why; the reason stays in the history of the wording."))
    own = template.proposed_by_id == actor.pk
    template.reason = reason.strip()
    _answer(template, Answer.TAKEN_BACK if own else Answer.NO, actor=actor, at=at)
    _log(
        "letter_wording.taken_back" if own else "letter_wording.refused",
        template,
        actor=actor,
        at=at,
        reason=template.reason,
    )
    return template


def said_by(texts: Texts) -> dict:
    """The texts as a row keeps them."""
    fields = ("opening", "sentence", "redress", "closing")
    return {**{name: getattr(texts, name) for name in fields}, "steps": list(texts.steps)}


def _locked(call_round) -> CallRound:
    """The round's row, which whoever proposes its publication holds too; refused from then on."""
    call_round = CallRound.objects.select_for_update().get(pk=call_round.pk)
    publication = Publication.objects.live().filter(round=call_round).first()
    if publication is None:
        return call_round
    if publication.is_released:
        raise Refused(
            _("This round has been published: the wording of its letters stays."), code="published"
        )
    raise Refused(
        _(
            "The publication is proposed, so the wording of its letters is locked. A publisher "
            "withdraws that proposal first."
        ),
        code="locked",
    )


def _tell(template, *, at):
    """A mail to every other publisher, which says neither the outcome nor the language: a kind of
    letter whose words somebody looks at is a kind that will be sent.
    """
    others = User.objects.active().with_role(Role.PUBLISHER).exclude(pk=template.proposed_by_id)
    context = {"template": template, "round": template.round, "call": template.round.call}
    owed = {
        f"wording-{template.pk}-proposed-{person.pk}": (person, context)
        for person in others.order_by("pk")
    }
    outbox.enqueue_all(owed, template="wording_proposed", at=at)


def _refuse_unless_open(template):
    if not template.is_open:
        raise Refused(_("This proposal has been answered already."), code="not_proposed")


def _refuse_unfit(texts, outcome, language):
    try:
        ensure_fit(texts, outcome, language)
    except Unfit as error:
        raise Refused(str(error), code="unfit") from error


def _answer(template, said, *, actor, at):
    template.answer, template.answered_by, template.answered_at = said, actor, at
    template.save(update_fields=["answer", "answered_by", "answered_at", "reason"])
    outbox.call_off(f"wording-{template.pk}-proposed-")


def _log(action, template, *, actor, at, **data):
    chain.append(
        action,
        subject=f"round:{template.round_id}",
        actor=str(actor.pk),
        at=at,
        data={
            "outcome": template.outcome,
            "language": template.language,
            "version": template.version,
            "sha256": letter_facts.digest(template.texts),
            **data,
        },
    )
