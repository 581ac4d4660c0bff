"""What is worth a second look in a review while it is written. It never blocks. Pure: no database.

Sources: a mark of 2 or less or of 5 must be explained (section 4 of the call's rules); the other
rules are what panels ask back for: words too few to help anybody, praise with a major weakness, and
texts about people instead of work.
"""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal

from django.utils.translation import gettext as _

from reviews.scoring import must_explain

# Texts this short say nothing. A character of Han or kana says about as much as three letters.
FEWEST_LETTERS = 21
_LETTERS_A_CHARACTER = 3
_DENSE = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003134f]")
# "Very good" on every criterion.
HIGH_TOTAL = Decimal(80)
# A part of a name as short as this is too often a word.
_SHORTEST_PART = 4
# The agency may read these.
_MAY_BE_SENT = (
    *("major_strengths", "strengths", "major_weaknesses", "weaknesses", "comment_to_applicant"),
)


def on(
    *,
    marks: Mapping[str, Decimal | None],
    comments: Mapping[str, str],
    texts: Mapping[str, str],
    total: Decimal | None,
    people: Iterable[str] = (),
    author: str = "",
) -> dict[str, list[str]]:
    """Names of fields to sentences.

    `marks` and `comments` are by criterion code, `texts` by field of the review; `total` is the
    weighted total from 0 to 100; `people` are those named in the letter, `author` is who writes.
    """
    said: dict[str, list[str]] = {}
    for code, mark in marks.items():
        if must_explain(mark) and not comments.get(code, "").strip():
            sentence = _("This mark needs a comment before you submit: say what it rests on.")
            said.setdefault(f"comment-{code}", []).append(sentence)
    written = {f"comment-{code}": text for code, text in comments.items()} | dict(texts)
    for name, text in written.items():
        if 0 < letters_in(text) < FEWEST_LETTERS:
            sentence = _(
                "This is very short. Say what it rests on, so that it helps whoever reads it."
            )
            said.setdefault(name, []).append(sentence)
    if total is not None and total >= HIGH_TOTAL and texts.get("major_weaknesses", "").strip():
        sentence = _(
            "The marks are high, yet there are major weaknesses. Do both say what you mean?"
        )
        said.setdefault("major_weaknesses", []).append(sentence)
    people = list(people)
    for name, text in written.items():
        if name not in _MAY_BE_SENT and not name.startswith("comment-"):
            continue
        if author and named_in(text, [author]):
            sentence = _("Your own name stands here. The agency may read this text.")
            said.setdefault(name, []).append(sentence)
        for found in named_in(text, people):
            sentence = _("%(name)s is a person in this letter. Judge the work, not who does it.")
            said.setdefault(name, []).append(sentence % {"name": found})
    return said


def letters_in(text: str) -> int:
    """The length of a text in Latin letters, white space at its ends left out."""
    text = text.strip()
    return len(text) + (_LETTERS_A_CHARACTER - 1) * len(_DENSE.findall(text))


def named_in(text: str, people: Iterable[str]) -> list[str]:
    """Those of `people` whose name, or a long enough part of it, stands in the text, each once."""
    found = []
    for person in people:
        parts = [part for part in re.split(r"[\s,;]+", person) if len(part) >= _SHORTEST_PART]
        whole = " ".join(person.split())
        if _DENSE.search(whole):
            # Scripts without spaces: the name is looked for as it stands, wherever it stands.
            is_there = len(whole) > 1 and whole in text
        else:
            # As it is written, or "hope" would be taken for Dr Hope.
            is_there = any(re.search(rf"\b{re.escape(p)}\b", text) for p in {whole, *parts} if p)
        if is_there and whole not in found:
            found.append(whole)
    return found
