"""The confidentiality pledge of a call: which words, in which version, and who still owes it.

The text is data of the call (`facts["pledge"]`: a version and the text keyed by language), so that
another call asks in other words. A person accepts a version once; a new version is asked anew.
"""

import hashlib
import json
from dataclasses import dataclass

from proposals.models import Call
from proposals.models.call import in_language
from reviews.models import ConflictCheck, Pledge


@dataclass(frozen=True)
class Text:
    """One version of the words, in every language they are written in."""

    version: int
    words: dict

    @property
    def sha256(self) -> str:
        """SHA-256 of the version and all its languages, as canonical JSON in UTF-8.

        All languages are one text: which one a person read does not change what was pledged.
        """
        content = {"version": self.version, "text": self.words}
        canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(canonical.encode()).hexdigest()

    def __str__(self):
        return in_language(self.words)


def text_of(call: Call) -> Text | None:
    """The pledge that a call asks today, or None if it asks none."""
    fact = call.facts.get("pledge")
    return Text(version=int(fact["version"]), words=fact["text"]) if fact else None


def asked_calls(user):
    """The calls about whose letters `user` was asked, the newest first."""
    checks = ConflictCheck.objects.filter(reviewer=user)
    return Call.objects.filter(pk__in=checks.values("letter__call")).order_by("-opens_at", "code")


def owed_by(user, calls) -> Call | None:
    """The first of these calls whose pledge, as it reads today, `user` has not accepted."""
    for call in calls:
        text = text_of(call)
        if text and not accepted(user, call, text):
            return call
    return None


def accepted(user, call, text) -> Pledge | None:
    """The row that says that `user` accepted these words."""
    rows = Pledge.objects.filter(user=user, call=call, version=text.version)
    return rows.filter(text_sha256=text.sha256).first()
