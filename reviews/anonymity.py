"""What is not shown to reviewers of a double-anonymous round, and how names are found in words.

Pure: no database. Evidence for the rule: section 5 of the science of reviewing.
"""

import re
from collections.abc import Iterable, Mapping

from proposals.sections import SECTIONS
from proposals.states import AttachmentKind
from reviews import hints

# Who is behind a letter, who pays for it, and whom it does not want to be read by.
HIDDEN = frozenset({*SECTIONS["b"].fields, "budget_body", "excluded_reviewers"})
# Made to name people: no copy of them could be anonymous.
HIDDEN_FILES = frozenset({AttachmentKind.ENDORSEMENT, AttachmentKind.CV, AttachmentKind.BACKING})

# Marks that may fall once the team is known, unless the call names others under `team_may_lower`:
# whether this team can do it, and what it brings along.
MAY_FALL = ("feasibility", "costs", "expertise", "visibility", "relations")
# Names of organisations as short as this are words.
_SHORTEST = 4


def may_fall(facts: Mapping) -> frozenset[str]:
    """Codes of the criteria whose marks may fall with the team in view; `facts` are the call's."""
    return frozenset(facts.get("team_may_lower", MAY_FALL))


def names_in(text: str, *, people: Iterable[str], organisations: Iterable[str]) -> list[str]:
    """Those of the names that stand in the text, people's also by a long enough part of them."""
    found = hints.named_in(text, people)
    folded = _folded(text)
    for name in organisations:
        words = _folded(name)
        # Scripts without spaces have no edges of words.
        edge = r"\b" if words.isascii() else ""
        is_there = len(words) >= _SHORTEST or not words.isascii()
        if is_there and words and re.search(f"{edge}{re.escape(words)}{edge}", folded):
            found.append(name)
    return list(dict.fromkeys(found))


def _folded(text) -> str:
    return " ".join(text.split()).casefold()
