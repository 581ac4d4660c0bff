import pytest

from decisions import rendering
from proposals import printing


@pytest.fixture
def quick_press(monkeypatch):
    """Letters as a line of bytes instead of a page: for tests that are not about how they look."""
    monkeypatch.setattr(
        rendering, "render", lambda facts: b"%PDF-" + f"{facts.letter_number} {facts}".encode()
    )
    monkeypatch.setattr(rendering, "findings", lambda pdf, facts, **options: [])
    monkeypatch.setattr(printing, "pdf_from", lambda html, style: b"%PDF-" + html.encode())
