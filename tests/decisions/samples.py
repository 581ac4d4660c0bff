"""The facts of one decision letter in each of its six languages."""

import datetime
from dataclasses import replace
from decimal import Decimal

from decisions.rendering import Condition, CriterionLine, LetterFacts, wording

HEADS = {
    "en": ("Demo Space Agency of Atlantis", "Atlantis", "Beijing", "Chang’e-8 Office"),
    "zh-hans": ("亚特兰蒂斯示范航天局", "亚特兰蒂斯", "北京", "嫦娥八号国际合作办公室"),
    "fr": ("Agence spatiale de démonstration", "Atlantide", "Pékin", "Bureau Chang’e-8"),
    "ru": ("Демонстрационное агентство", "Атлантида", "Пекин", "Бюро «Чанъэ-8»"),
    "es": ("Agencia espacial de demostración", "Atlántida", "Pekín", "Oficina Chang’e-8"),
    "ar": ("وكالة أطلانتس الفضائية التجريبية", "أطلانتس", "بكين", "مكتب تشانغ آه-8"),
}
# (code, weight in percent, mean mark)
MARKS = [("science", 50, "4.17"), ("feasibility", 30, "3.50"), ("engineering", 20, None)]
# The weights of the default rubric, in percent.
RUBRIC = {
    "science": 25,
    "feasibility": 20,
    "engineering": 15,
    "complement": 10,
    "costs": 10,
    "expertise": 10,
    "visibility": 5,
    "relations": 5,
}


def facts(language, outcome="SELECTED", **changes):
    """One letter; what belongs to its outcome is there: conditions, rank, project."""
    agency, country, place, office = HEADS[language]
    words = wording.of(language)
    made = LetterFacts(
        language=language,
        letterhead=office,
        office=office,
        place=place,
        date=datetime.date(2024, 9, 30),
        letter_number=f"CE8-2023-0007/F/1/{language}",
        reference="CE8-2023-0007",
        title="Seismometer array (phase 1).",
        title_zh="月面地震仪阵列",
        agency=agency,
        country=country,
        organisations=("University of Poseidonia", "جامعة القاهرة"),
        addressee="Dr Amara Lindqvist",
        call_title="Chang’e-8",
        round_name=words.files["rounds"]["FINAL"],
        letters_received=41,
        letters_selected=10,
        outcome=outcome,
        reason="The return is high for the mass it takes.",
        level=words.files["levels"]["UNIT"],
        mass_allocated_kg=Decimal("12.50"),
        reviewers_count=3,
        criteria=tuple(_line(*marks, language) for marks in MARKS),
        total=Decimal("70.25"),
        strengths="Three stations locate what one can only detect.",
        weaknesses="The arm it needs is not agreed.",
        contact="cooperation@example.org",
        signatory="Lin Yuehua",
        signatory_position=office,
        verification_code="K7QF-3M2X-PD9T",
        verification_address="https://portal.example.org/verify/?code=K7QF-3M2X-PD9T",
        sha256_of_decision="2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881",
    )
    return replace(made, **_of_outcome(outcome) | changes)


def whole_rubric(language):
    """All criteria of the default rubric, each "very good": the widest words in most languages."""
    return tuple(_line(code, weight, "4.17", language) for code, weight in RUBRIC.items())


def _of_outcome(outcome):
    return {
        "CONDITIONAL": {"conditions": (Condition("Ω ≤ 50 W", datetime.date(2025, 3, 31)),)},
        "MERGED": {"merged_with": "月球车 Rover", "led_by": "Demo 航天 Agency"},
        "RESERVE": {"reserve_rank": 2, "reserve_until": datetime.date(2025, 6, 30)},
        "INELIGIBLE": {"criteria": (), "total": None, "reviewers_count": 0},
    }.get(outcome, {})


def _line(code, weight, mean, language):
    english = {"en": wording.of("en").files["criteria"][code]}
    mark = None if mean is None else Decimal(mean)
    return CriterionLine(
        wording.criterion(english, code, language),
        weight,
        mark,
        wording.anchor(None if mean is None else int(mark + Decimal("0.5")), language),
    )
