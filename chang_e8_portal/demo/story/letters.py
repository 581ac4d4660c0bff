"""The agencies' part: drafts are started and letters filed when their moment has come."""

from decimal import Decimal

from django.core.files.base import ContentFile

from accounts.models import Agency
from accounts.states import Seat
from chang_e8_portal import clock
from chang_e8_portal.demo import content, filled, paper
from chang_e8_portal.demo.story import who_and_when
from proposals import actions as letters_room
from proposals import files
from proposals.models import LetterOfIntent
from proposals.sections import FIELDS, missing
from proposals.states import AttachmentKind


def write(until):
    """Start, save and submit the letters of the data whose moment has come, in order of time."""
    deeds = []
    known = set(LetterOfIntent.objects.values_list("title", flat=True))
    for row in content.letters():
        deeds.append((who_and_when.moment_in(row["submitted_at"]), "submit", row))
        if row["form"]["title"] not in known:
            deeds.append((who_and_when.moment_in(row["started_at"]), "start", row))
    for row in content.drafts():
        if row["form"]["title"] not in known:
            deeds.append((who_and_when.moment_in(row["started_at"]), "start", row))
    for moment, deed, row in sorted(deeds, key=lambda item: item[0]):
        if clock.now() <= moment <= until or (deed == "start" and moment <= until):
            clock.travel_to(moment)
            (_start if deed == "start" else _submit)(row)


def _start(row):
    agency = Agency.objects.get(name=who_and_when.agency_names()[row["agency"]])
    writer = who_and_when.member_of(agency, Seat.EDITOR) or who_and_when.member_of(
        agency, Seat.REPRESENTATIVE
    )
    letter = letters_room.start_draft(
        who_and_when.the_call(), agency, actor=writer, changes=_fields(row)
    )
    stored = files.store_pdf(ContentFile(paper.letter_pdf(letter), name="letter.pdf"))
    letters_room.attach(
        letter,
        kind=AttachmentKind.LETTER,
        stored=stored,
        name="letter-of-intent.pdf",
        actor=writer,
    )


def _submit(row):
    letter = LetterOfIntent.objects.drafts().filter(title=row["form"]["title"]).first()
    if letter and not missing(letter):
        letters_room.submit(
            letter,
            actor=who_and_when.member_of(letter.agency, Seat.REPRESENTATIVE),
            idempotency_key=f"demo-{row['key']}",
        )


def _fields(row) -> dict:
    form = dict(row["form"])
    length, width, height = form.pop("envelope_mm", None) or (None, None, None)
    form |= {"envelope_x_mm": length, "envelope_y_mm": width, "envelope_z_mm": height}
    for name in ("operating_min_c", "operating_max_c", "survival_min_c", "survival_max_c"):
        form[name] = form.pop(f"temp_{name}", None)
    form |= filled.rest_of(row)
    fields = {name: value for name, value in form.items() if name in FIELDS and value is not None}
    return {
        name: Decimal(str(value)) if isinstance(value, float) else value
        for name, value in fields.items()
    }
