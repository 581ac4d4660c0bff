"""The demonstration's world, read from the JSON files beside this module.

The files are meant to be edited by hand; this module only reads them and puts reviews together. The
same key, reviewer and seed always give the same review, on every machine. Texts for people are
objects keyed by language ("en", "zh-hans"); decimal numbers arrive as `Decimal`. What the functions
return is shared between callers: read it, do not change it.
"""

import json
import random
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path

DATA = Path(__file__).parent / "data"

# One password for everybody, printed at the start of the demo. Nothing real is behind it.
DEMO_PASSWORD = "lunar-south-pole-2028"

# Appended to every sentence the demonstration invents about a real project.
ILLUSTRATIVE = {"en": " [illustrative]", "zh-hans": "［示意］"}

# How far reviewers differ, in marks: one from another always, by letter and criterion, and by mood.
_SEVERITY, _LEANING, _MOOD = 0.3, 0.25, 0.4
_MOST_SEVERE = 0.6
# What is assumed of a letter that is not in the data, because somebody wrote it in the demo.
_UNPLANNED = {
    "quality": Decimal("3.4"),
    "real": False,
    "keywords": [],
    "form": {"project_type": "OTHER"},
}
# Criteria a technical reviewer may leave open, and how often.
_MAY_STAY_OPEN = frozenset({"costs", "expertise", "visibility", "relations"})
_LEFT_OPEN = 0.06


def call() -> dict:
    """The call: texts, dates, limits, lists of codes, each fact with how well it is confirmed."""
    return _read("call")


def correspondence() -> dict:
    """Head and signature of the decision letters, each keyed by language."""
    return call()["correspondence"]


def rubric() -> dict:
    """Criteria with weights, thresholds and anchors, and the words of the scale."""
    return _read("rubric")


def results() -> dict:
    """What became known of the real outcome; nothing of it belongs on a page before publication."""
    return _read("results")


def phases() -> list[dict]:
    """Moments at which the demo can begin, in the order of the call's life."""
    return _read("phases")


def agencies() -> list[dict]:
    """Partner agencies; `real` tells the nine real ones from the invented."""
    return _read("agencies")


def people() -> dict:
    """Staff, reviewers and members of agencies, all synthetic, and the reviewers' keywords."""
    return _read("people")


def people_of_the_merger() -> set[str]:
    """The addresses of those who sign for the letter that is merged, and for the one it joins."""
    by_key = _letters_by_key()
    joined = [row for row in by_key.values() if "merged_with" in row]
    agencies = {row["agency"] for row in (*joined, *(by_key[r["merged_with"]] for r in joined))}
    return {
        row["email"]
        for row in people()["members"]
        if row["agency"] in agencies and row["role"] == "REPRESENTATIVE"
    }


def letters() -> list[dict]:
    """The 41 letters. `form` holds the fields of sections A, C and D of the letter;
    `chang_e8_portal.demo.filled` says the rest.

    `illustrative` names the fields whose value was invented ("*" means all of them).
    """
    return _read("letters")


def filled() -> dict:
    """Sentences for sections B, E, F and G; `chang_e8_portal.demo.filled` puts them together."""
    return _read("filled")


def drafts() -> list[dict]:
    """Letters begun and never filed; `missing` names the required fields still empty."""
    return _read("drafts")


def review_for(letter_key: str, reviewer_email: str, seed: str = "") -> dict:
    """One reviewer's complete review of one letter; `seed` tells the rounds apart.

    Returns scores (criterion code to a mark in half steps from 0 to 5, or None for "cannot judge"),
    comments (a text for every mark of 2 or less and of 5), major_strengths, strengths,
    major_weaknesses, weaknesses (the minor ones), comment_to_applicant, confidential_comment, risk,
    recommendation and confidence. A letter that somebody wrote while trying the demo is judged as a
    fair one; an unknown reviewer is a KeyError.
    """
    letter = _letters_by_key().get(letter_key, _UNPLANNED)
    reviewer = _reviewers_by_email()[reviewer_email]
    rng = random.Random(f"review/{seed}/{letter_key}/{reviewer_email}")
    texts = _read("reviews_text")
    scores = _scores(letter_key, letter["quality"], reviewer_email, rng)
    marks = {code: mark for code, mark in scores.items() if mark is not None}
    best_first = sorted(marks, key=lambda code: -marks[code])
    total = _total(marks)
    tone = "strong" if total >= 74 else "middle" if total >= 58 else "weak"

    def strength(code):
        return rng.choice(
            texts["criteria"][code]["strengths"]["high" if marks[code] >= 4 else "fair"]
        )

    def weakness(code):
        band = "low" if marks[code] <= 2 else "middle" if marks[code] <= 3.5 else "minor"
        return rng.choice(texts["criteria"][code]["weaknesses"][band])

    def reason(code):
        return rng.choice(texts["criteria"][code]["top"]) if marks[code] == 5 else weakness(code)

    mark = ILLUSTRATIVE["en"] if letter["real"] else ""
    strengths = [strength(code) for code in best_first[: 3 if tone == "strong" else 2]]
    weaknesses = [weakness(code) for code in best_first[: -3 if tone == "strong" else -4 : -1]]
    # What decides is what stands out: a mark near the top, a mark of 2 or less.
    majors = 1 if marks[best_first[0]] >= 4 else 0
    worst = 1 if marks[best_first[-1]] <= 2 else 0
    remark = rng.choice(texts["comment_to_applicant"][tone])
    question = rng.choice(texts["question_by_type"][letter["form"]["project_type"]])
    return {
        "scores": scores,
        "comments": {
            code: reason(code) + mark for code in marks if marks[code] <= 2 or marks[code] == 5
        },
        "major_strengths": _said(strengths[:majors], mark),
        "strengths": _said(strengths[majors:], mark),
        "major_weaknesses": _said(weaknesses[:worst], mark),
        "weaknesses": _said(weaknesses[worst:], mark),
        "comment_to_applicant": f"{remark} {question}{mark}",
        "confidential_comment": rng.choice(texts["confidential_comment"][tone]) + mark,
        "risk": _risk(marks["feasibility"]),
        "recommendation": _recommendation(total),
        "confidence": _confidence(letter, reviewer),
    }


def _said(points, mark) -> str:
    return " ".join(points) + mark if points else ""


def discussion() -> dict:
    """What is said about a letter on which reviewers differ; {criterion} and {apart} are filled."""
    return _read("discussion")


def reason_for(outcome: str, letter_key: str = "", language: str = "en") -> str:
    """A sentence why the panel decided so, for every outcome but "ineligible" (see the letter)."""
    reasons = _read("reviews_text")["decision_reason"][outcome]
    letter = _letters_by_key().get(letter_key, _UNPLANNED)
    mark = ILLUSTRATIVE[language] if letter["real"] else ""
    return random.Random(f"reason/{letter_key}").choice(reasons)[language] + mark


def _scores(letter_key, quality, reviewer_email, rng):
    severity = random.Random(f"severity/{reviewer_email}").gauss(0, _SEVERITY)
    severity = max(-_MOST_SEVERE, min(_MOST_SEVERE, severity))
    scores = {}
    for criterion in rubric()["criteria"]:
        code = criterion["code"]
        leaning = random.Random(f"leaning/{letter_key}/{code}").gauss(0, _LEANING)
        mark = float(quality) + leaning - severity + rng.gauss(0, _MOOD)
        left_open = rng.random() < _LEFT_OPEN and code in _MAY_STAY_OPEN
        scores[code] = None if left_open else _half_step(mark)
    return scores


def _half_step(mark):
    half_steps = Decimal(str(mark * 2)).quantize(Decimal(1), rounding=ROUND_HALF_UP)
    return max(Decimal(0), min(Decimal(10), half_steps)) / 2


def _total(marks):
    """Weighted total of 100 over the criteria that were judged."""
    weights = {c["code"]: c["weight_percent"] for c in rubric()["criteria"]}
    weight = sum(weights[code] for code in marks)
    return sum(weights[code] * mark for code, mark in marks.items()) / weight * 20


def _risk(feasibility):
    return "LOW" if feasibility >= 4 else "MEDIUM" if feasibility >= 3 else "HIGH"


def _recommendation(total):
    for least, word in ((76, "SELECT"), (70, "CONDITIONS"), (62, "RESERVE")):
        if total >= least:
            return word
    return "DECLINE"


def _confidence(letter, reviewer):
    shared = len(set(letter["keywords"]) & set(reviewer["keywords"]))
    return "HIGH" if shared >= 2 else "MEDIUM" if shared else "LOW"


@cache
def _letters_by_key():
    return {letter["key"]: letter for letter in letters()}


@cache
def _reviewers_by_email():
    return {reviewer["email"]: reviewer for reviewer in people()["reviewers"]}


@cache
def _read(name):
    return json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"), parse_float=Decimal)
