"""The results in one language: every text that page, files, feed and picture show.

One function makes the words from the facts two publishers signed, and each form only lays them out:
so none can tell what another does not. Pure: no clock, no database.
"""

from accounts.states import LetterLanguage
from decisions.rendering import wording
from decisions.rendering.letter import tag_of
from proposals.models.call import in_language

# The languages as pages offer them, each named in itself.
TONGUES = [
    {"code": code, "tag": tag_of(code), "name": name} for code, name in LetterLanguage.choices
]


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


def days(told, announced, words, zone) -> list[tuple]:
    """When it was to be told, when it was, and when it was corrected: (label, day) each.

    `announced` is the round; `zone` is where the days are counted, the call's own.
    """
    said = words.files["results"]
    shown = [(said["announced_for"], announced_for(announced, words))]
    for label, moment in (("published", told.released_at), ("corrected", told.corrected_at)):
        if moment:
            shown.append((said[label], words.long_date(moment.astimezone(zone).date())))
    return shown


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
