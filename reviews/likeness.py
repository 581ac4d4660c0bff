"""Which texts say the same, found without comparing each with each. Pure: no database.

A text is the set of its shingles: three words in a row, and for scripts without spaces three
characters. Two texts that share many are alike; how alike is the share of what they have in common
(Jaccard). Of each text only the smallest hashes are looked up in an index of all texts (a bottom-k
sketch, after Broder 1997), so that two thousand letters take seconds instead of two million
comparisons.
"""

import re
from collections import Counter, defaultdict
from zlib import crc32

# A character of its own in Chinese, Japanese and Korean; a word elsewhere.
_TOKEN = re.compile(
    r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff]|[^\W_]+", re.UNICODE
)
SHINGLE = 3
# Shared this much, a person should look.
ALIKE = 0.3
# Fewer shingles than this say nothing: "a seismometer for the Moon" is not copied.
_FEWEST = 10
_SKETCH = 96
# A phrase that stands in more texts than this is how people write, not who they copied.
_COMMONEST = 60
# A call whose letters all read alike would keep the page waiting for ever.
_MOST_COMPARED = 20_000


def shingles(text: str) -> frozenset[int]:
    """Hashes of every three words, or characters of a script without spaces, in a row."""
    tokens = _TOKEN.findall(text.casefold())
    return frozenset(
        crc32("\x1f".join(tokens[i : i + SHINGLE]).encode("utf-8", "replace"))
        for i in range(len(tokens) - SHINGLE + 1)
    )


def alike(texts: dict, *, least: float = ALIKE) -> list[tuple]:
    """Pairs of keys whose texts share at least `least`, with the share; the most alike first."""
    sets = {key: shingles(text) for key, text in texts.items()}
    sets = {key: found for key, found in sets.items() if len(found) >= _FEWEST}
    holders = defaultdict(list)
    for key, found in sets.items():
        for value in sorted(found)[:_SKETCH]:
            holders[value].append(key)
    together = Counter()
    for keys in holders.values():
        if 1 < len(keys) <= max(_COMMONEST, len(sets) // 20):
            for i, one in enumerate(keys):
                for other in keys[i + 1 :]:
                    together[one, other] += 1
    pairs = []
    for (one, other), shared in together.most_common(_MOST_COMPARED):
        # A sketch that shares next to nothing is not worth the exact comparison.
        if shared * 8 >= min(len(sets[one]), len(sets[other]), _SKETCH) * least:
            share = _share(sets[one], sets[other])
            if share >= least:
                pairs.append((one, other, share))
    return sorted(pairs, key=lambda pair: -pair[2])


def passages(text: str, other: str) -> list[tuple[str, bool]]:
    """`text` in pieces, each with whether its words stand in `other` in the same order."""
    tokens = list(_TOKEN.finditer(text))
    words = [token[0].casefold() for token in tokens]
    theirs = [word.casefold() for word in _TOKEN.findall(other)]
    known = {tuple(theirs[i : i + SHINGLE]) for i in range(len(theirs) - SHINGLE + 1)}
    shared = [False] * len(tokens)
    for i in range(len(words) - SHINGLE + 1):
        if tuple(words[i : i + SHINGLE]) in known:
            shared[i : i + SHINGLE] = [True] * SHINGLE
    pieces, start = [], 0
    for i, token in enumerate(tokens):
        if i and shared[i] != shared[i - 1]:
            # What stands between two words goes with the one that is not shared.
            cut = token.start() if shared[i] else tokens[i - 1].end()
            pieces.append((text[start:cut], shared[i - 1]))
            start = cut
    if text[start:]:
        pieces.append((text[start:], bool(shared) and shared[-1]))
    return [piece for piece in pieces if piece[0]]


def _share(one, other) -> float:
    common = len(one & other)
    return common / (len(one) + len(other) - common)
