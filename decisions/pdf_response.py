"""A decision letter on its way to a browser."""

from django.http import HttpResponse
from django.utils.http import content_disposition_header

from proposals import files

# A PDF runs nothing here, whatever a viewer thinks of it.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


def pdf_response(letter, *, inline=False) -> HttpResponse:
    """The stored bytes of a rendered letter; `nosniff` and `no-store` come from the middleware."""
    name = letter.number.replace("/", "-") + ".pdf"
    return HttpResponse(
        files.path_of(letter.sha256).read_bytes(),  # about 300 kB
        content_type="application/pdf",
        headers={
            "Content-Disposition": content_disposition_header(not inline, name),
            "Content-Security-Policy": _POLICY,
            "Cross-Origin-Resource-Policy": "same-origin",
        },
    )
