"""How well a reviewer knows what a letter is about. Pure: texts in, numbers out, no database.

Three parts, which the chair sees apart, and one sum of them: the likeness of the letter's text and
the reviewer's own (0.6), the keywords they share (0.2) and what the reviewer bid (0.2). Every table
has a row for each letter and a column for each reviewer; NaN in it means that nothing is known.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Table = NDArray[np.float64]

TEXT, KEYWORDS, BIDS = "text", "keywords", "bids"
WEIGHTS = {TEXT: 0.6, KEYWORDS: 0.2, BIDS: 0.2}
# What a reviewer may say of a letter: no, nothing in particular, if need be, gladly.
BID_VALUES = (-1.0, 0.0, 0.5, 1.0)
# What giving a letter to somebody who would rather not read it costs. Such a bid forbids nothing:
# a call in which everybody avoids one letter still has it read.
RELUCTANCE = 0.3
# A person is not the mean of all she wrote: the nearest three documents say whether she knows.
_NEAREST = 3
_BLOCK = 256  # letters compared at a time, which bounds the memory

# Scripts that put no space between words: Thai, Lao, Burmese and Khmer; Japanese; Chinese; Korean
# has spaces, but glues its particles to the words.
_SPACELESS = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
    "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
)
# Signs that belong to the letter before them, which Python does not count as parts of a word.
_MARKS = "\u0300-\u036f\u064b-\u065f\u0670\u0900-\u0dff"
_RUN = re.compile(f"[{_SPACELESS}]+")
_WORD = re.compile(f"[^\\W\\d_{_SPACELESS}](?:[^\\W_{_SPACELESS}]|[{_MARKS}])+")


@dataclass(frozen=True, slots=True)
class Affinity:
    """The parts, their sum `total` from 0 to 1, and the penalty of a pair's "no"."""

    text: Table
    keywords: Table
    bids: Table
    total: Table
    penalty: Table

    @property
    def parts(self) -> dict[str, Table]:
        return {TEXT: self.text, KEYWORDS: self.keywords, BIDS: self.bids}


def text_likeness(letters: Sequence[str], reviewers: Sequence[Collection[str]]) -> Table:
    """Cosine of TF-IDF from 0 to 1: each letter against the nearest three documents of a reviewer.

    A reviewer is a collection of documents (a profile, abstracts of papers). Words count by
    1 + log(times) and by how few texts use them (Salton and Buckley 1988); common English words do
    not. Scripts without spaces are cut into pairs of characters, and the two kinds of script are
    compared apart, each counting by its share of the letter: neither a Chinese title nor a profile
    in two languages dilutes what is alike.

    NaN where there is nothing to compare: no text, or none in a script of the letter. Raises
    TypeError for a reviewer who is one string, which would be taken for a document a character.
    """
    if any(isinstance(documents, str) for documents in reviewers):
        raise TypeError("Give each reviewer a collection of documents, not one string.")
    owner = np.repeat(np.arange(len(reviewers)), [len(documents) for documents in reviewers])
    shape = len(letters), len(reviewers)
    likeness, amount, comparable = np.zeros(shape), np.zeros(len(letters)), np.zeros(shape, bool)
    for tokens in (words, pairs_of_characters):
        ours = [tokens(text) for text in letters]
        theirs = [tokens(text) for documents in reviewers for text in documents]
        spoken = np.array([bool(found) for found in theirs], dtype=bool)
        share = np.array([len(found) for found in ours], dtype=float)
        amount += share
        if spoken.any() and share.any():
            speaks = np.bincount(owner[spoken], minlength=len(reviewers)) > 0
            comparable |= (share > 0)[:, None] & speaks
            theirs = [found for found in theirs if found]
            likeness += share[:, None] * _nearest(ours, theirs, owner[spoken], shape)
    return np.divide(likeness, amount[:, None], out=np.full(shape, np.nan), where=comparable)


def words(text: str) -> list[str]:
    """The words of a text in scripts with spaces, but for common English ones."""
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS  # noqa: PLC0415 - takes seconds

    found = _WORD.findall(_folded(text))
    return [word for word in found if word not in ENGLISH_STOP_WORDS]


def pairs_of_characters(text: str) -> list[str]:
    """Every two neighbours in scripts without spaces; one that stands alone is itself.

    Two is what search engines take for Chinese: most words have two characters.
    """
    pairs = []
    for run in _RUN.findall(_folded(text)):
        pairs += [run] if len(run) == 1 else [run[i : i + 2] for i in range(len(run) - 1)]
    return pairs


def keyword_overlap(letters: Sequence[Iterable[str]], reviewers: Sequence[Iterable[str]]) -> Table:
    """Shared keywords over the geometric mean of the two numbers of keywords (Ochiai 1957).

    From 0 to 1; a long list is no advantage in itself. Case, width and spaces do not matter. NaN
    where the letter or the reviewer has none.
    """
    theirs, ours = [_keywords(of) for of in letters], [_keywords(of) for of in reviewers]
    place = {word: at for at, word in enumerate(sorted(set().union(*theirs, *ours)))}
    one, other = _incidence(theirs, place), _incidence(ours, place)
    scale = np.sqrt(np.outer(one.sum(axis=1), other.sum(axis=1)))
    with np.errstate(invalid="ignore"):
        return (one @ other.T) / scale


def combined(text: Table, keywords: Table, bids: Table | None = None) -> Affinity:
    """The weighted sum of what is known about each pair, from 0 to 1.

    Where a pair's text or keywords are unknown, the weights of its other parts stand in their
    place, so that a missing profile is never a misfit. Bids are different: unless nobody in the
    whole table bids, no bid is 0, nothing in particular. Were it unknown, then "if need be" could
    pull a good match down, and keeping silent could be a way to get the best letters. "No" adds
    nothing and costs `RELUCTANCE` as a penalty, outside the sum. A pair of which nothing is known
    has 0.

    Raises ValueError for tables of different shapes, for a value outside 0 to 1, and for a bid
    that is none of `BID_VALUES`.
    """
    text, keywords = (np.asarray(table, dtype=float) for table in (text, keywords))
    bids = np.full(text.shape, np.nan) if bids is None else np.asarray(bids, dtype=float)
    if not text.shape == keywords.shape == bids.shape or text.ndim != 2:
        raise ValueError("Text, keywords and bids must have one row a letter, one column a person.")
    for name, table in ((TEXT, text), (KEYWORDS, keywords)):
        wrong = ~np.isnan(table) & ~((table >= 0) & (table <= 1 + 1e-9))
        if wrong.any():
            raise ValueError(f"{name}: {table[wrong][0]} is not between 0 and 1")
    wrong = ~np.isnan(bids) & ~np.isin(bids, BID_VALUES)
    if wrong.any():
        raise ValueError(f"{BIDS}: {bids[wrong][0]} is none of -1, 0, 0.5 and 1")
    said = bids if np.isnan(bids).all() else np.nan_to_num(bids)
    total, weight = np.zeros(text.shape), np.zeros(text.shape)
    for name, table in ((TEXT, text), (KEYWORDS, keywords), (BIDS, said)):
        known = ~np.isnan(table)
        total[known] += WEIGHTS[name] * np.clip(table[known], 0, 1)
        weight[known] += WEIGHTS[name]
    total = np.divide(total, weight, out=np.zeros(text.shape), where=weight > 0)
    return Affinity(text, keywords, bids, np.clip(total, 0, 1), penalty_of(bids))


def penalty_of(bids: Table) -> Table:
    """What each pair's bid takes off its affinity: `RELUCTANCE` for a "no", otherwise nothing."""
    return np.where(bids == -1, RELUCTANCE, 0.0)


def _nearest(ours, theirs, owner, shape) -> Table:
    """The mean cosine of each letter with the nearest documents of each reviewer; else 0."""
    from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415 - takes seconds

    # How rare a word is, is counted over all texts, letters and reviewers' alike.
    vectors = TfidfVectorizer(analyzer=list, sublinear_tf=True).fit_transform([*ours, *theirs])
    letters, documents = vectors[: len(ours)], vectors[len(ours) :].T.tocsc()
    found = np.zeros(shape)
    for start in range(0, len(ours), _BLOCK):
        cosines = (letters[start : start + _BLOCK] @ documents).toarray()
        for reviewer in np.unique(owner):
            best = np.sort(cosines[:, owner == reviewer], axis=1)[:, -_NEAREST:]
            found[start : start + _BLOCK, reviewer] = best.mean(axis=1)
    return np.clip(found, 0, 1)


def _keywords(of) -> set[str]:
    return {folded for word in of if (folded := " ".join(_folded(word).split()))}


def _incidence(sets, place) -> Table:
    table = np.zeros((len(sets), len(place)))
    for row, found in enumerate(sets):
        table[row, [place[word] for word in found]] = 1
    return table


def _folded(text: str) -> str:
    """One form for wide and narrow letters, composed and decomposed ones, and both cases."""
    return unicodedata.normalize("NFKC", text).casefold()
