import pytest

from decisions import rendering
from decisions.telling import paper
from proposals import printing
from tests.decisions import stage


@pytest.fixture
def quick_press(monkeypatch):
    """Letters as an empty page: for tests that are not about how they look."""
    monkeypatch.setattr(
        rendering, "render", lambda facts: stage.paper(f"{facts.letter_number} {facts}")
    )
    monkeypatch.setattr(rendering, "findings", lambda pdf, facts, **options: [])
    monkeypatch.setattr(
        paper, "pdf_of", lambda told, **at: stage.paper(f"Results {paper.html_of(told, **at)}")
    )
    monkeypatch.setattr(printing, "pdf_from", lambda html, style: b"%PDF-" + html.encode())
