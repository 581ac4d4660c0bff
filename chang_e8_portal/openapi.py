"""The description of the interface: what django-ninja cannot know of our ways, put in afterwards.

Bodies are read by the rooms themselves, after they know who asks and what that person may see, so
ninja does not see them; and every refusal is problem details, which each call may answer.
"""

from ninja.schema import NinjaGenerateJsonSchema

from accounts.problems import CONTENT_TYPE
from proposals.states import RoundKind

INTRODUCTION = """\
Read the call, write your agency's letters of intent, file them and keep their receipts. For the
panel: answer conflict questions, read letters, write and submit reviews; who reads what, where the
letters stand, and what was decided.

Every call but those to the call and the results needs a token: `Authorization: Bearer ce8_…`. Make
one on the page "API tokens". A program may do what the person who made its token may do.

Every refusal is an `application/problem+json` (RFC 9457) with a stable `code`. Times are UTC. The
portal's clock alone decides whether a letter is in time.
"""
TAGS = [
    {"name": "Call", "description": "What is asked, by when, and how it will be judged."},
    {"name": "Letters", "description": "Drafts of your own agencies."},
    {"name": "Attachments", "description": "Files beside a letter."},
    {"name": "Filing", "description": "Submitting, withdrawing, and the proofs."},
    {"name": "Reviews", "description": "Your own, of letters you were given."},
    {"name": "Panel", "description": "For the chair, and for whom the chair's work is open."},
    {"name": "Decisions", "description": "For the panel; after the release, an agency's own."},
    {"name": "Results", "description": "Who goes forward, once it is published."},
]
_REF = "#/components/schemas/{model}"
_HEADERS = {
    "If-Match": {
        "description": "The revision you have seen, in quotes, as the `ETag` said.",
        "schema": {"type": "string", "pattern": '^(W/)?"[0-9]{1,9}"$'},
        "example": '"7"',
    },
    "Idempotency-Key": {
        "description": "Of your own making, new for each thing you mean to file.",
        "schema": {"type": "string", "pattern": "^[!-~]{1,80}$"},
        "example": "0b1f9a52-5a0e-4bb1-9f7e-0b3a5c1d2e4f",
    },
}
# Names in the address. A page that is no number is the first one.
_QUERY = {
    "page": {
        "description": "From 1; a number beyond the last is the last.",
        "schema": {"type": ["integer", "string"]},
        "example": 1,
    },
    "page_size": {
        "description": "Items on a page, 1 to 100; 20 unless you say otherwise.",
        "schema": {"type": ["integer", "string"]},
        "example": 50,
    },
    "round": {
        "description": "Without it: the last round that letters have entered.",
        "schema": {"type": "string", "enum": list(RoundKind.values)},
        "example": RoundKind.PRELIMINARY.value,
    },
    "call": {
        "description": "Without it: the call that opened last.",
        "schema": {"type": "string"},
        "example": "CE8-2023",
    },
    "any_round": {
        "name": "round",
        "description": "Without it: every round.",
        "schema": {"type": "string", "enum": list(RoundKind.values)},
        "example": RoundKind.FINAL.value,
    },
    "letter": {
        "description": "Only what is about the letter with this id.",
        "schema": {"type": "string", "format": "uuid"},
        "example": "6f0f0a0e-1d2c-4a8e-9d6b-0a4f6a3c2b11",
    },
}
_REFUSALS = {
    400: "The request cannot be read, or names something that does not exist.",
    401: "No token, or one that opens nothing.",
    403: "Your token reads only, your seat or office does not allow this, or you are in conflict.",
    404: "Not there, or not yours to see.",
    405: "Another method is needed.",
    409: "Not now: something is closed, or in another state.",
    412: "Somebody saved meanwhile; `current` is what you write as it is now.",
    413: "Too large.",
    415: "Another kind of content is needed.",
    422: "Something is missing or not as it is asked for; `fields` says what.",
    428: "`If-Match` is missing.",
    503: "The file cannot be read right now; try again.",
    429: "Too many requests of this token or address; `Retry-After` says when to go on.",
}
_PROBLEM = {
    "title": "Problem",
    "type": "object",
    "description": "A refusal, as in RFC 9457.",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "Stable; decide by this."},
        "detail": {"type": "string", "description": "A sentence for a person."},
        "fields": {
            "type": "object",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
        "current": {
            "anyOf": [{"$ref": _REF.format(model=name)} for name in ("LetterOut", "ReviewOut")]
        },
        "attempt": {"type": ["string", "null"], "description": "The attempt to submit on record."},
    },
    "required": ["type", "title", "status", "code", "detail"],
}


def finished(description: dict) -> dict:
    schemas = description["components"]["schemas"]
    schemas["Problem"] = _PROBLEM
    for calls in description["paths"].values():
        for method, call in calls.items():
            _describe_request(call, schemas)
            _describe_refusals(method, call)
    return description


def _describe_request(call, schemas):
    for name in call.pop("headers", ()):
        is_required, name = not name.endswith("?"), name.removesuffix("?")
        call["parameters"].append(
            {"in": "header", "name": name, "required": is_required, **_HEADERS[name]}
        )
    for name in call.pop("query", ()):
        parameter = {"in": "query", "name": name, "required": False, **_QUERY[name]}
        call["parameters"].append(parameter)
    if call.pop("downloads", False):
        any_file = {"content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}}
        call["responses"] = {
            200: {"description": "The file.", **any_file},
            206: {"description": "The range of it that was asked for.", **any_file},
            416: {"description": "There is no such range."},
        }
    model = call.pop("body", None)
    if model is None:
        return
    found = model.model_json_schema(ref_template=_REF, schema_generator=NinjaGenerateJsonSchema)
    schemas.update(found.pop("$defs", {}))
    schemas[model.__name__] = found
    kind = "multipart/form-data" if "file" in found["properties"] else "application/json"
    reference = {"$ref": _REF.format(model=model.__name__)}
    call["requestBody"] = {"required": True, "content": {kind: {"schema": reference}}}


def _describe_refusals(method, call):
    possible = {400, 404, 405, 429, *call.pop("refuses", ())}
    if "security" in call:
        possible |= {401, 403}
    if method != "get":
        possible |= {409, 413, 415, 422}
    if 206 in call["responses"]:
        possible |= {409, 503}
    for parameter in call["parameters"]:
        if parameter["name"] == "If-Match":
            possible |= {412, 428} if parameter["required"] else {412}
    for status in sorted(possible):
        call["responses"][status] = {
            "description": _REFUSALS[status],
            "content": {CONTENT_TYPE: {"schema": {"$ref": _REF.format(model="Problem")}}},
        }
