"""The results in one language: every text that page, files, feed and picture show.

One function makes the words from the facts two publishers signed, and each form only lays them out:
so none can tell what another does not. Pure: no clock, no database.
"""

from dataclasses import dataclass
from datetime import date

from accounts.states import Language
from decisions import letter_facts
from decisions.rendering import wording
from decisions.rendering.letter import tag_of
from proposals.models.call import in_language

# The languages as pages offer them, each named in itself.
TONGUES = [{"code": code, "tag": tag_of(code), "name": name} for code, name in Language.choices]


def tell(page, language) -> dict:
    """What is said in one language of the facts of `results.page_of`, as plain JSON.

    Raises KeyError for a language that has no words.
    """
    words = wording.of(language)
    return {
        "language": language,
        "tag": tag_of(language),
        "direction": "rtl" if words.is_rtl else "ltr",
        "call": in_language(page.get("call", {}), language),
        "heading": words.files["results"]["heading"],
        "summary": words.counted(
            "projects",
            len(page["projects"]),
            forward=page["forward"],
            received=page["received"],
        ),
        "projects": [
            _project(project, words)
            | {"joined_by": [_project(one, words) for one in project["joined_by"]]}
            for project in page["projects"]
        ],
        "words": words.files["results"],
    }


@dataclass(frozen=True)
class Telling:
    """What holds now in one language, with the days beside it."""

    said: dict
    days: list[tuple[str, str]]  # (label, day)
    since: date  # the day of the release, or of the last correction, where the call is at home
    digest: str  # of all of it: another one, and every form of it is made anew


def of(told, language) -> Telling:
    """All that is told in a language, of `results.Told`."""
    words, call_round = wording.of(language), told.publication.round
    labels = words.files["results"]
    days = [(labels["announced_for"], announced_for(call_round, words))]
    moments = [("published", told.released_at), ("corrected", told.corrected_at)]
    for label, moment in moments:
        if moment:
            since = moment.astimezone(call_round.call.tzinfo).date()
            days.append((labels[label], words.long_date(since)))
    said = tell(told.page, language)
    return Telling(said, days, since, letter_facts.digest([said, days]))


def announced_for(call_round, words) -> str:
    """The announced day, or only its month where the announcement named no day."""
    if call_round.precise_to_day:
        return words.long_date(call_round.announced_for)
    return words.month(call_round.announced_for)


def labelled(words, label, text) -> str:
    """ "Joined by: ..." with the colon of the language."""
    return words.fill(words.files["results"]["labelled"], label=label, text=text)


def _project(project, words) -> dict:
    language = words.language
    english, chinese = project["title"]["en"], project["title"]["zh-hans"]
    title, second = (chinese, english) if language == "zh-hans" else (english, chinese)
    return {
        "level": words.files["levels"][project["level"]],
        "title": title,
        "title_language": "zh-Hans" if title == chinese != english else "en",
        # The other of the two titles; empty where the agency gave one only.
        "second": second if second != title else "",
        "second_language": "en" if language == "zh-hans" else "zh-Hans",
        "agency": in_language(project["agency"], language),
        "place": in_language(project["place"], language),
        "partners": in_language(project["partners"], language) or [],
        "abstract": project["abstract"],
    }
