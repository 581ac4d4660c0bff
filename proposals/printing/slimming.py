"""Making the subset of a CFF font small: a Chinese face has 30,000 places, a letter fills 300.

HarfBuzz leaves the numbers of glyphs as they were, so every unused one stays as a drawing of one
byte, "end". That makes 30,000 rising offsets, which no compression shortens: 80 kB in each face of
each letter. Here the unused drawings lose their byte and the offsets stand still; what is saved
lies as zeros in the last place, so that nothing else in the font moves.

The numbers of glyphs become the font's own names of them (CID), too: a PDF shows glyphs by name,
WeasyPrint writes their numbers, and in the Chinese faces the two differ.
"""

import numpy as np

_END = 14  # the operator "endchar" of a Type 2 drawing
# Operators that say where something is, in the top dictionary.
_CHARSET, _CHARSTRINGS = 15, 17


def slimmed(font: bytes) -> bytes:
    """The same font with unused drawings of no length, glyphs named by their numbers.

    A font without Type 2 drawings comes back as it was.
    """
    at, length = _table(font)
    if length and (index := _drawings(font[at : at + length])):
        start, count, size, names_at = index
        start += at
        offsets = _offsets(font, start, count, size)
        data_at = start + 3 + (count + 1) * size
        data = np.frombuffer(font, np.uint8, int(offsets[-1]) - 1, data_at)
        lengths = np.diff(offsets)
        unused = (lengths == 1) & (data[offsets[:-1] - 1] == _END)
        unused[[0, -1]] = False  # .notdef is drawn; the last one takes what is left over
        kept = ~np.repeat(unused, lengths)
        packed = np.zeros_like(data)
        packed[: int(kept.sum())] = data[kept]
        moved = offsets - np.concatenate(([0], np.cumsum(unused)))
        moved[-1] = offsets[-1]
        head = bytearray(font)
        head[start + 3 : data_at] = _packed(moved, size)
        head[data_at : data_at + len(packed)] = packed.tobytes()
        if names_at > 2:  # the lower ones stand for lists that every reader knows
            one_range = b"\x02\x00\x01" + (count - 2).to_bytes(2)
            head[at + names_at : at + names_at + 5] = one_range
        return bytes(head)
    return font


def _table(font):
    """Where the CFF table of an OpenType font lies, and how long it is; 0 if it has none."""
    if font[:4] != b"OTTO":
        return 0, 0
    for record in range(12, 12 + 16 * int.from_bytes(font[4:6]), 16):
        if font[record : record + 4] == b"CFF ":
            return tuple(
                int.from_bytes(font[record + part : record + part + 4]) for part in (8, 12)
            )
    return 0, 0


def _drawings(cff):
    """Where the drawings start, their number, the size of their offsets; where the names start."""
    names = _after_index(cff, cff[2])
    top = _first_of_index(cff, names)
    start = _operands(top).get(_CHARSTRINGS)
    if not start:
        return None
    count, size = int.from_bytes(cff[start : start + 2]), cff[start + 2]
    return start, count, size, _operands(top).get(_CHARSET, 0)


def _after_index(cff, start):
    count = int.from_bytes(cff[start : start + 2])
    if not count:
        return start + 2
    size = cff[start + 2]
    last = start + 3 + count * size
    return start + 2 + (count + 1) * size + int.from_bytes(cff[last : last + size])


def _first_of_index(cff, start):
    count, size = int.from_bytes(cff[start : start + 2]), cff[start + 2]
    first, second = (
        int.from_bytes(cff[start + 3 + at * size : start + 3 + (at + 1) * size]) for at in (0, 1)
    )
    data = start + 2 + (count + 1) * size
    return cff[data + first : data + second]


def _operands(top):
    """The last number before each operator of one byte in a dictionary (CFF, table 3)."""
    found, number, at = {}, 0, 0
    while at < len(top):
        byte = top[at]
        if byte <= 21:
            at += 2 if byte == 12 else 1
            if byte != 12:
                found[byte] = number
        elif byte == 28:
            number, at = int.from_bytes(top[at + 1 : at + 3], signed=True), at + 3
        elif byte == 29:
            number, at = int.from_bytes(top[at + 1 : at + 5], signed=True), at + 5
        elif byte == 30:
            at += 1
            while top[at] & 15 != 15 and top[at] >> 4 != 15:
                at += 1
            at += 1
        elif byte <= 246:
            number, at = byte - 139, at + 1
        elif byte <= 250:
            number, at = (byte - 247) * 256 + top[at + 1] + 108, at + 2
        else:
            number, at = -(byte - 251) * 256 - top[at + 1] - 108, at + 2
    return found


def _offsets(font, start, count, size):
    raw = np.frombuffer(font, np.uint8, (count + 1) * size, start + 3).reshape(-1, size)
    return raw.astype(np.int64) @ (256 ** np.arange(size - 1, -1, -1))


def _packed(offsets, size):
    columns = (offsets[:, None] >> (8 * np.arange(size - 1, -1, -1))) & 255
    return columns.astype(np.uint8).tobytes()
