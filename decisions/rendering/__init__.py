"""The decision letter: facts in, one PDF out, and the check before it is released.

`render` is a pure function of its facts and of the packaged fonts, so the same facts give the
same bytes today, tomorrow and on another machine; a worker may call it in a process of its own.
"""

from decisions.rendering.facts import Condition, CriterionLine, Joined, LetterFacts, Texts
from decisions.rendering.fit import Unfit, ensure_fit
from decisions.rendering.letter import RenderingUnavailable, render, render_draft
from decisions.rendering.release_check import findings, text_of

__all__ = [
    "Condition",
    "CriterionLine",
    "Joined",
    "LetterFacts",
    "RenderingUnavailable",
    "Texts",
    "Unfit",
    "ensure_fit",
    "findings",
    "render",
    "render_draft",
    "text_of",
]
