"""Everything random about the load data, from one seed."""

import re
import uuid
from datetime import datetime, timedelta
from functools import cache
from random import Random

from chang_e8_portal.demo import content

_SENTENCE = re.compile(r"(?<=[.!?])\s+")


class Dice:
    """Draws that are the same on every machine for the same seed and the same words."""

    def __init__(self, *words) -> None:
        self.random = Random("/".join(map(str, words)))

    def uuid(self) -> uuid.UUID:
        return uuid.UUID(int=self.random.getrandbits(128), version=4)

    def text(self, length: int) -> str:
        """Sentences of the demonstration's letters, about `length` characters and never more."""
        said = ""
        while True:
            sentence = self.random.choice(_sentences())
            if len(said) + len(sentence) + 1 > length:
                return said or sentence[:length].strip()
            said = f"{said} {sentence}".strip()

    def between(self, start: datetime, end: datetime) -> datetime:
        """A moment of whole milliseconds in `start <= t < end`."""
        span = max(int((end - start) / timedelta(milliseconds=1)), 1)
        return start + timedelta(milliseconds=self.random.randrange(span))


@cache
def _sentences() -> list[str]:
    texts = (
        value
        for row in content.letters()
        for value in row["form"].values()
        if isinstance(value, str) and len(value) > 200
    )
    return sorted({sentence for text in texts for sentence in _SENTENCE.split(text)})
