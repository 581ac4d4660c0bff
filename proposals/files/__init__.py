"""Private storage of what people send and what we render, each file under its own SHA-256.

A file is streamed to a temporary name and hashed on the way (`incoming`), looked at by a child
process with limits (`check`, `inspection`), and only then given its final name, in a folder or in a
bucket (`store`): a half-written file never carries a final name, and a row is written after its
bytes are safe. Nothing here is ever served by address. What no row names is swept after a day
(`orphans`). Whoever must not learn who made a file gets a copy that does not tell (`plain`).
"""

from proposals.files.incoming import MOST_BYTES, Unavailable
from proposals.files.intake import (
    PDF,
    PICTURE,
    Rejected,
    Stored,
    is_whole,
    media_type,
    open_stored,
    store,
    store_bytes,
    store_made,
    store_pdf,
    workshop,
)
from proposals.files.plain import Unreadable, copy_of, words_of
from proposals.files.store import path_of

__all__ = [
    "MOST_BYTES",
    "PDF",
    "PICTURE",
    "Rejected",
    "Stored",
    "Unavailable",
    "Unreadable",
    "copy_of",
    "is_whole",
    "media_type",
    "open_stored",
    "path_of",
    "store",
    "store_bytes",
    "store_made",
    "store_pdf",
    "words_of",
    "workshop",
]
