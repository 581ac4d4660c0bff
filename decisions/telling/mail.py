"""The mail that something is there to read, in the language of an agency's letters."""

from accounts.states import Language
from decisions.rendering import wording


def first_words(reference, language) -> dict | None:
    """What stands before the reader's own language, without a word on the outcome.

    None where the agency left its letters in English: then each reads in the language of their own.
    """
    if language == Language.ENGLISH:
        return None
    words = wording.of(language)
    said = words.files["mail"]
    return {
        "language": language,
        "subject": words.fill(said["subject"], reference=reference),
        "greeting": words.word("dear_all"),
        "text": words.fill(said["text"], reference=reference),
    }
