"""Filed letters: working copy, version, receipt, event, mail, and one small PDF each."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from accounts.states import Seat
from audit import chain
from chang_e8_portal.load import paper
from chang_e8_portal.load.dice import Dice
from notifications import outbox
from proposals import content, files, receipts
from proposals.actions.filing import ACCEPTED
from proposals.models import (
    Attachment,
    LetterEvent,
    LetterOfIntent,
    LetterVersion,
    Receipt,
    SubmitAttempt,
)
from proposals.sections import SECTIONS, missing
from proposals.states import AttachmentKind, LetterState, Level, ProjectType

# Characters of each text; together less than 4 kB.
_TEXTS = {
    "summary": 700,
    "public_abstract": 300,
    "goals": 700,
    "innovation_science": 350,
    "innovation_engineering": 350,
    "complement": 300,
    "interaction": 150,
    "surface_operations": 150,
    "heritage": 150,
    "shared_costs": 150,
    "expertise": 150,
    "visibility": 150,
    "relations": 150,
}
# The same in every letter: nothing counts or sorts by them.
_PLAIN = {
    "pi_position": "Principal investigator",
    "pi_email": "pi@example.org",
    "pi_phone": "+00 555 0100",
    "representative_function": "Director",
    "trl_now": 5,
    "trl_delivery": 8,
    "fm_delivery": date(2026, 6, 30),
    "data_sharing": True,
    "peaceful_use": True,
    "consent_to_publish": True,
    "is_correct": True,
}
_CODE_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


@dataclass
class Filed:
    """One letter with everything its filing writes."""

    letter: LetterOfIntent
    attachment: Attachment
    version: LetterVersion
    event: LetterEvent
    code: str


@dataclass(frozen=True)
class Paper:
    """The stored PDF of the letter with this reference."""

    reference: str
    sha256: str
    size: int


def store_papers(code: str, *, seed: int, count: int) -> list[Paper]:
    """Put the letters' PDFs into storage, in the order of the letters.

    Outside any transaction: each is flushed to the disk, and PostgreSQL ends whoever is idle in a
    transaction for half a minute.
    """
    numbers = Dice(seed, "references").random.sample(range(1, max(9999, 2 * count)), count)
    # In no order that tells who was first, like those the portal draws.
    references = [f"{code}-{number:04d}" for number in numbers]
    with ThreadPoolExecutor(8) as threads:  # they wait for the disk, not for Python
        return list(threads.map(_store_paper, references))


def _store_paper(reference) -> Paper:
    data = paper.pdf(f"Letter of intent {reference}")
    return Paper(reference=reference, sha256=files.store_bytes(data), size=len(data))


def file_letters(call, people, papers, *, seed: int, before: datetime) -> list[LetterOfIntent]:
    """Make a letter of the call for each paper, filed at moments from its opening to `before`."""
    filed = [_draft(call, people, seed, n, stored, before) for n, stored in enumerate(papers)]
    filed.sort(key=lambda one: one.letter.submitted_at)
    LetterOfIntent.objects.bulk_create((one.letter for one in filed), batch_size=500)
    Attachment.objects.bulk_create(one.attachment for one in filed)
    for one in filed:
        # The canonical content is read from the rows, as when a letter is submitted.
        one.version.content = content.of(one.letter, version=1)
        one.version.sha256 = content.digest(one.version.content)
    LetterVersion.objects.bulk_create((one.version for one in filed), batch_size=500)
    LetterEvent.objects.bulk_create(one.event for one in filed)
    facts = sorted((fact for one in filed for fact in _facts(one)), key=lambda fact: fact["at"])
    entries = chain.append_many(facts)
    heads = {e.subject: e for e in entries if e.action == "letter.submitted"}
    made = [_receipt(one, heads[f"letter:{one.letter.pk}"]) for one in filed]
    Receipt.objects.bulk_create(made, batch_size=500)
    SubmitAttempt.objects.bulk_create(_attempt(one.version) for one in filed)
    _owe_mails(made, people, at=before)
    return [one.letter for one in filed]


def _draft(call, people, seed, n, stored, before) -> Filed:
    dice = Dice(seed, "letter", n)
    draw = dice.random
    agency = people.agencies[n % len(people.agencies)]
    started = dice.between(call.opens_at, before)
    submitted = dice.between(started, before)
    writer, signer = people.seat(agency, Seat.EDITOR), people.seat(agency, Seat.REPRESENTATIVE)
    letter = LetterOfIntent(
        id=dice.uuid(),
        call=call,
        agency=agency,
        reference=stored.reference,
        state=LetterState.SUBMITTED,
        revision=1 + len(SECTIONS),
        created_at=started,
        updated_at=submitted,
        submitted_at=submitted,
        title=f"Load test project {seed}-{n + 1}",
        title_zh=f"压力测试项目 {seed}-{n + 1}",
        acronym=f"LT{n + 1}",
        level=draw.choice(Level.values),
        project_type=draw.choice(ProjectType.values),
        priorities=[draw.choice(call.priorities)["code"]],
        pi_name=f"Investigator {n + 1}",
        representative_name=str(signer),
        objectives=[draw.choice(call.objectives)["code"]],
        mass_kg=_decimal(draw, 500, 100_000, 3),
        margin_percent=Decimal(20),
        power_average_w=_decimal(draw, 100, 2_000, 2),
        power_peak_w=_decimal(draw, 2_000, 5_000, 2),
        data_mbit_per_day=_decimal(draw, 100, 500_000, 2),
        **_PLAIN,
        **{name: dice.text(length) for name, length in _TEXTS.items()},
    )
    if gaps := missing(letter):
        raise NotImplementedError(f"the form asks for more than the load data answer: {gaps}")
    return Filed(
        letter=letter,
        attachment=Attachment(
            id=dice.uuid(),
            letter=letter,
            kind=AttachmentKind.LETTER,
            name="letter-of-intent.pdf",
            size=stored.size,
            pages=1,
            sha256=stored.sha256,
            uploaded_at=started,
            uploaded_by=writer,
        ),
        version=LetterVersion(
            id=dice.uuid(),
            letter=letter,
            number=1,
            accepted_at=submitted,
            submitted_by=signer,
            idempotency_key=f"load-{seed}-{n}",
        ),
        event=LetterEvent(
            letter=letter,
            actor=signer,
            from_state=LetterState.DRAFT,
            to_state=LetterState.SUBMITTED,
            at=submitted,
        ),
        code="-".join("".join(draw.choices(_CODE_LETTERS, k=4)) for _ in range(5)),
    )


def _facts(one):
    """What the audit record says of a letter, as the actions say it."""
    letter, writer = one.letter, str(one.attachment.uploaded_by_id)
    subject = f"letter:{letter.pk}"
    yield {"action": "letter.started", "subject": subject, "actor": writer, "at": letter.created_at}
    yield {
        "action": "letter.file_attached",
        "subject": subject,
        "actor": writer,
        "at": letter.created_at,
        "data": {"sha256": one.attachment.sha256},
    }
    yield {
        "action": "letter.submitted",
        "subject": subject,
        "actor": str(one.version.submitted_by_id),
        "at": letter.submitted_at,
        "data": {"version": 1, "sha256": one.version.sha256},
    }


def _receipt(one, entry) -> Receipt:
    said = receipts.document(one.version, code=one.code, entry=entry)
    return Receipt(
        id=Dice(one.letter.pk, "receipt").uuid(),
        version=one.version,
        code=one.code,
        audit_seq=entry.seq,
        audit_head=entry.hash,
        document=said,
        signature=receipts.sign(said),
    )


def _attempt(version) -> SubmitAttempt:
    return SubmitAttempt(
        id=Dice(version.pk, "attempt").uuid(),
        letter=version.letter,
        actor=version.submitted_by,
        at=version.accepted_at,
        outcome=ACCEPTED,
        idempotency_key=version.idempotency_key,
    )


def _owe_mails(made, people, *, at):
    owed = {}
    for receipt in made:
        version, letter = receipt.version, receipt.version.letter
        text = receipts.as_file(receipt).decode()
        context = {"letter": letter, "receipt": receipt, "version": version, "text": text}
        for seat in (Seat.REPRESENTATIVE, Seat.EDITOR):
            person = people.seat(letter.agency, seat)
            owed[f"letter-{letter.pk}-v1-submitted-{person.pk}"] = person, context
    outbox.enqueue_all(owed, template="letter_submitted", at=at)


def _decimal(draw, least, most, places) -> Decimal:
    return Decimal(draw.randint(least, most)).scaleb(-places)
