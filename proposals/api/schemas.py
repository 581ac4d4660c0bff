"""What the calls about letters answer."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import ConfigDict, Field

from proposals.api.fields import LetterChanges, LetterFields
from proposals.states import LETTER_KINDS, LetterState

Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
State = Annotated[
    Literal[tuple(LetterState.values)], Field(description="What the agency may know.")
]
Revision = Annotated[int, Field(description="Counts every save; what `If-Match` must name.")]
Moment = Annotated[str, Field(json_schema_extra={"format": "date-time"})]


class AgencyOut(Schema):
    id: UUID
    name: str


class AttachmentOut(Schema):
    id: UUID
    kind: Literal[tuple(kind.value for kind in LETTER_KINDS)]
    name: str
    size: int = Field(description="Bytes.")
    pages: int
    sha256: Sha256
    uploaded_at: datetime


class LetterSummary(Schema):
    id: UUID
    reference: str = Field(examples=["CE8-2023-0417"])
    call: str = Field(examples=["CE8-2023"])
    agency: AgencyOut
    state: State
    revision: Revision
    created_at: datetime
    updated_at: datetime
    submitted_at: datetime | None
    reopened_at: datetime | None = Field(
        description="Set while a filed letter is being rewritten; what was filed stands until then."
    )


class LetterHead(LetterSummary):
    title: str
    level: str


class LetterOut(LetterFields, LetterSummary):
    attachments: list[AttachmentOut]
    missing: list[str] = Field(description="Fields that are still needed before it can be filed.")


class LetterPage(Schema):
    items: list[LetterHead]
    page: int
    pages: int
    count: int


class NewLetter(LetterChanges):
    """A new letter: any of its fields, and the agency where its maker writes for several."""

    agency: UUID = Field(None, description="Needed only by whoever writes for several agencies.")


class ReceiptOut(Schema):
    reference: str
    version: int
    accepted_at: Moment
    sha256: Sha256 = Field(description="Of the filed content in its canonical form.")
    audit_seq: int
    audit_head: Sha256 = Field(description="Head of the audit chain at the moment of filing.")
    code: str = Field(description="To be checked by anybody at /verify/.")
    signature: str = Field(description="Ed25519 over the canonical `document`, base64.")
    document: dict[str, Any] = Field(description="Exactly what is signed.")


class ReceiptList(Schema):
    items: list[ReceiptOut]


class VersionOut(Schema):
    version: int
    accepted_at: Moment
    sha256: Sha256
    submitted_by: str


class VersionList(Schema):
    items: list[VersionOut]


class FiledVersion(VersionOut):
    content: dict[str, Any] = Field(description="What was filed, word for word.")


class Upload(Schema):
    """A file for a letter, in place of the one of its kind."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal[tuple(kind.value for kind in LETTER_KINDS)] = "LETTER"
    file: bytes = Field(json_schema_extra={"format": "binary"})
