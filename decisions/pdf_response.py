"""A decision letter on its way to a browser."""

from django.http import HttpResponse
from django.utils.http import content_disposition_header

from proposals import files

# A PDF runs nothing here, whatever a viewer thinks of it.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


def pdf_response(letter, *, inline=False) -> HttpResponse:
    """The stored bytes of a rendered letter; `nosniff` and `no-store` come from the middleware."""
    with files.open_stored(letter.sha256) as handle:
        stored = handle.read()  # about 300 kB
    return as_pdf(stored, letter.number.replace("/", "-") + ".pdf", inline=inline)


def as_pdf(content: bytes, name: str, *, inline=False) -> HttpResponse:
    """The bytes of a paper that is one person's to read."""
    return HttpResponse(
        content,
        content_type="application/pdf",
        headers={
            "Content-Disposition": content_disposition_header(not inline, name),
            "Content-Security-Policy": _POLICY,
            "Cross-Origin-Resource-Policy": "same-origin",
        },
    )
