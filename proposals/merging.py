"""Two people's changes to one text, compared word by word and put together. Pure: no database.

A word is a run of letters; in scripts that do not part words by spaces (Chinese, Japanese, Thai and
their like) every character counts as one, or a change of two characters would look like a change of
the whole paragraph.
"""

import re
import unicodedata
from dataclasses import dataclass

SAME, REMOVED, ADDED = "same", "removed", "added"

# Han with its extensions, kana, Thai, Lao, Burmese, Khmer.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
_UNSPACED += "\uf900-\ufaff\U00020000-\U0003134f"
_TOKEN = re.compile(rf"[{_UNSPACED}]|[^\W{_UNSPACED}]+|\s+|.", re.DOTALL)
# Words put in and taken out, together, up to which two texts are compared. The work grows with its
# square; two texts that differ in more have nothing in common that a reader would recognise.
_MOST_CHANGES = 400


@dataclass(frozen=True)
class Piece:
    kind: str
    text: str


@dataclass(frozen=True)
class Merge:
    text: str
    # Nobody changed what the other one changed, so both wishes are in the text as they were meant.
    is_clean: bool


@dataclass(frozen=True)
class _Edit:
    start: int
    end: int
    tokens: tuple[str, ...]


def words(text: str) -> list[str]:
    """The text in pieces that are compared whole; joined again they are the text."""
    found = []
    for token in _TOKEN.findall(text):
        # A vowel sign or tone mark belongs to the letter that it is drawn on.
        if found and unicodedata.category(token[0]) in {"Mn", "Mc", "Me"}:
            found[-1] += token
        else:
            found.append(token)
    return found


def changes(before: str, after: str) -> list[Piece]:
    """What was taken out and what was put in on the way from one text to the other."""
    old, new = words(before), words(after)
    pieces, at = [], 0
    for i1, i2, j1, j2 in _differing(old, new):
        pieces.append(Piece(SAME, "".join(old[at:i1])))
        pieces.append(Piece(REMOVED, "".join(old[i1:i2])))
        pieces.append(Piece(ADDED, "".join(new[j1:j2])))
        at = i2
    pieces.append(Piece(SAME, "".join(old[at:])))
    return [piece for piece in pieces if piece.text]


def merge(base: str, theirs: str, mine: str, *, between: str = " ") -> Merge:
    """Both people's changes to `base` in one text.

    Where both changed the same place differently, both wordings stand one after the other, theirs
    first, with `between` between them: nothing is dropped, and a person must look at it.
    """
    old = words(base)
    waiting = sorted(
        [(edit.start, edit.end, 0, edit) for edit in _edits(old, words(theirs))]
        + [(edit.start, edit.end, 1, edit) for edit in _edits(old, words(mine))],
        key=lambda item: item[:3],
    )
    text, at, is_clean = [], 0, True
    while waiting:
        sides = ([], [])
        start, end, side, edit = waiting.pop(0)
        sides[side].append(edit)
        while waiting and (waiting[0][0] < end or waiting[0][0] == start):
            _start, its_end, side, edit = waiting.pop(0)
            sides[side].append(edit)
            end = max(end, its_end)
        text.append("".join(old[at:start]))
        at = end
        if sides[0] and sides[1]:
            versions = [_apply(old, start, end, edits) for edits in sides]
            if versions[0] == versions[1]:
                text.append(versions[0])
            else:
                is_clean = False
                text.append(_both(*versions, between))
        else:
            text.append(_apply(old, start, end, sides[0] or sides[1]))
    text.append("".join(old[at:]))
    return Merge("".join(text), is_clean)


def _edits(old, new) -> list[_Edit]:
    return [_Edit(i1, i2, tuple(new[j1:j2])) for i1, i2, j1, j2 in _differing(old, new)]


def _differing(old, new) -> list[tuple[int, int, int, int]]:
    """Where two lists of words differ: (start and end in the old one, start and end in the new)."""
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    old_middle, new_middle = old[head : len(old) - tail], new[head : len(new) - tail]
    spans = []
    for i1, i2, j1, j2 in _shortest_script(old_middle, new_middle):
        span = (i1 + head, i2 + head, j1 + head, j2 + head)
        # Two changes with nothing but a space or a comma between them are one change.
        if spans and not any(word[0].isalnum() for word in old[spans[-1][1] : span[0]]):
            span = (spans[-1][0], span[1], spans.pop()[2], span[3])
        spans.append(span)
    return spans


def _shortest_script(old, new):
    """The fewest words put in and taken out that lead from old to new.

    Myers, "An O(ND) difference algorithm and its variations", 1986. Python's own SequenceMatcher
    takes minutes for two texts of one repeated character, and anybody can type those.
    """
    rows, columns = len(old), len(new)
    if not (rows and columns):
        if rows or columns:
            yield 0, rows, 0, columns
        return
    # furthest[k] is how far one gets in `old` on the diagonal k with so many changes.
    furthest, history = {1: 0}, []
    for count in range(min(rows + columns, _MOST_CHANGES) + 1):
        history.append(dict(furthest))
        for k in range(-count, count + 1, 2):
            down = k == -count or (k != count and furthest[k - 1] < furthest[k + 1])
            i = furthest[k + 1] if down else furthest[k - 1] + 1
            j = i - k
            while i < rows and j < columns and old[i] == new[j]:
                i, j = i + 1, j + 1
            furthest[k] = i
            if i >= rows and j >= columns:
                yield from _spans(history, rows, columns)
                return
    yield 0, rows, 0, columns


def _spans(history, i, j):
    """The steps of Myers' search walked back from the end, neighbours put together."""
    found = []
    for count in range(len(history) - 1, 0, -1):
        furthest, k = history[count], i - j
        down = k == -count or (k != count and furthest[k - 1] < furthest[k + 1])
        before = k + 1 if down else k - 1
        start_i = furthest[before]
        start_j = start_i - before
        end_i, end_j = (start_i, start_j + 1) if down else (start_i + 1, start_j)
        if found and (found[-1][0], found[-1][2]) == (end_i, end_j):
            found[-1] = (start_i, found[-1][1], start_j, found[-1][3])
        else:
            found.append((start_i, end_i, start_j, end_j))
        i, j = start_i, start_j
    return reversed(found)


def _apply(old, start, end, edits) -> str:
    text, at = [], start
    for edit in edits:
        text += [*old[at : edit.start], *edit.tokens]
        at = edit.end
    return "".join([*text, *old[at:end]])


def _both(theirs, mine, between) -> str:
    if not theirs or not mine:
        return theirs or mine
    touching = theirs[-1].isspace() or mine[0].isspace()
    return theirs + ("" if touching else between) + mine
