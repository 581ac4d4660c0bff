"""The one-page PDF each demo letter carries as its attachment."""

from django.template.loader import render_to_string

from decisions.rendering import press


def letter_pdf(letter) -> bytes:
    """The letter's title, sender and summary on one page."""
    return press.pdf_from(render_to_string("demo/paper.html", {"letter": letter}))
