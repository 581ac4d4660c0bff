"""NumPy's .npz: one array for each table, as numpy.savez writes them."""

import zipfile
from pathlib import Path

import numpy as np

from reviews.assignment.files.given import (
    COUNTS,
    FLAGS,
    OF_LETTER,
    OF_REVIEWER,
    TABLES,
    Given,
    Unreadable,
)

_NAMES = ("letters", "reviewers")


def read_npz(path: Path) -> Given:
    """What the arrays say. Raises Unreadable with the name of the array."""
    arrays = _arrays(path)
    known = (*_NAMES, *TABLES, *OF_LETTER, *OF_REVIEWER)
    for name in arrays:
        if name not in known:
            raise Unreadable(f"unknown array {name!r}; there are {', '.join(known)}")
    bases = [arrays[name] for name in ("affinity", "text", "keywords") if name in arrays]
    if not bases or bases[0].ndim != 2:
        raise Unreadable("add a table affinity, or text or keywords to make it from")
    shape = bases[0].shape
    letters, reviewers = (
        _texts(
            arrays.get(name, [f"{name[0].upper()}{at}" for at in range(1, size + 1)]), name, size
        )
        for name, size in zip(_NAMES, shape, strict=True)
    )
    tables = {name: _numbers(arrays[name], name, shape) for name in TABLES if name in arrays}
    tables |= {name: _flags(tables[name], name) for name in FLAGS if name in tables}
    counts = {name: _numeric(arrays[name], name) for name in COUNTS if name in arrays}
    labels = {
        name: _texts(arrays[name], name, len(reviewers))
        for name in ("country", "expertise")
        if name in arrays
    }
    return Given(letters, reviewers, tables, counts | labels)


def _arrays(path) -> dict[str, np.ndarray]:
    try:
        # Pickled objects could run anything.
        with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except (ValueError, EOFError, zipfile.BadZipFile, AttributeError, TypeError) as fault:
        raise Unreadable(f"no arrays ({fault}): write it with numpy.savez") from fault


def _texts(values, name, size) -> tuple[str, ...]:
    found = np.asarray(values)
    if found.shape != (size,):
        raise Unreadable(f"{name} has the shape {found.shape} instead of ({size},)")
    if size and found.dtype.kind not in "Uiu":
        raise Unreadable(f"{name}: write text, as numpy.array([...], dtype=str)")
    return tuple(str(value) for value in found)


def _numbers(table, name, shape):
    if table.shape != shape:
        raise Unreadable(f"{name} has the shape {table.shape} instead of {shape}")
    return _numeric(table, name).astype(float)


def _numeric(table, name):
    if table.dtype.kind not in "biuf":
        raise Unreadable(f"{name}: write numbers, not {table.dtype}")
    return table


def _flags(table, name):
    if not np.isin(table, (0, 1)).all():
        raise Unreadable(f"{name}: write truth values, or 0 and 1")
    return table.astype(bool)
