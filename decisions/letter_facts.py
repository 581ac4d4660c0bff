"""Gathering what a decision letter says, and keeping it as plain JSON beside the letter."""

import dataclasses
import hashlib
import json
from datetime import date
from decimal import Decimal

from django.conf import settings
from django.utils import translation

from accounts import places
from decisions import history, letter_texts, mergers
from decisions.rendering import Condition, CriterionLine, Joined, LetterFacts, Texts, wording
from proposals.models.call import in_language
from proposals.states import RoundKind
from reviews.models import RankedLetter
from reviews.scoring import anchor_of

_ROUND_LETTER = {RoundKind.PRELIMINARY: "P", RoundKind.FINAL: "F"}


def number_of(decision, told: int, language: str) -> str:
    """The letter's number: "CE8-2023-0001/F/1/en" is the first that is told of the final decision.

    `told` counts what was told: how often the panel changed its mind before is nobody's business.
    """
    reference, kind = decision.letter.reference, decision.round.kind
    return "/".join((reference, _ROUND_LETTER[kind], str(told), language))


def told_of(number: str) -> int:
    """What `number_of` was given as `told`."""
    return int(number.split("/")[-2])


def draft_number(reference: str, kind: str) -> str:
    """What stands in its place where only the wording is looked at: "CE8-2023-0001/F/draft"."""
    return f"{reference}/{_ROUND_LETTER[kind]}/draft"


def gather(
    decision, *, number, language, code, received, positive, joining, ranked, rubric, texts, at
) -> LetterFacts:
    """The facts of one letter in one language, as they stand at `at`.

    `number` is its own (`number_of`); `joining` are the letters that become part of its project
    (`mergers.joining`); `ranked` is the decision's RankedLetter, or None where the letter was never
    assessed; `rubric` the frozen criteria of its ranking; `texts` what is said around the facts,
    which is fit to be.
    """
    letter, call = decision.letter, decision.letter.call
    with translation.override(language):
        head = {key: in_language(text) for key, text in call.correspondence.items()}
        return LetterFacts(
            language=language,
            letterhead=head["letterhead"],
            office=head["office"],
            place=head["place"],
            date=at.astimezone(call.tzinfo).date(),
            letter_number=number,
            reference=letter.reference,
            title=letter.title,
            title_zh=letter.title_zh,
            agency=_agency_name(letter.agency, language),
            country=place_of(letter.agency, language),
            organisations=tuple(partners_of(letter, language)),
            addressee=_addressee(letter.agency),
            call_title=in_language(call.title),
            round_name=wording.of(language).files["rounds"][decision.round.kind],
            letters_received=received,
            letters_selected=positive,
            outcome=decision.outcome,
            reason=decision.reason,
            conditions=tuple(
                Condition(text=item["text"], due=_day(item.get("due")))
                for item in decision.conditions
            ),
            merged_with=_title(decision.merged_with, language) if decision.merged_with else "",
            led_by=_leader(decision, language),
            joined_by=_joined(joining, language),
            reserve_rank=decision.reserve_rank,
            reserve_until=decision.reserve_until,
            level=wording.of(language).files["levels"].get(letter.level, ""),
            mass_allocated_kg=decision.mass_kg,
            reviewers_count=ranked.reviews if ranked else 0,
            criteria=_criteria(ranked, rubric, language) if ranked else (),
            total=ranked.total if ranked else None,
            strengths=decision.strengths,
            weaknesses=decision.weaknesses,
            contact=call.contact,
            signatory=head["signatory"],
            signatory_position=head["signatory_position"],
            verification_code=code,
            verification_address=f"{settings.BASE_URL}/verify/?code={code}",
            sha256_of_decision=decision_hash(decision),
            texts=texts,
        )


def said_in(language, facts: LetterFacts, decision) -> LetterFacts:
    """The facts in another language, for a page: the agency need not have a letter in it.

    The words around them as they are approved in that language: since the publication was
    proposed nobody could change them.
    """
    if facts.language == language:
        return facts
    ranked = (
        RankedLetter.objects.filter(ranking__round=decision.round, letter=decision.letter)
        .select_related("ranking")
        .first()
    )
    lead = decision.merged_with
    with translation.override(language):
        return dataclasses.replace(
            facts,
            language=language,
            criteria=_criteria(ranked, ranked.ranking.rubric, language) if ranked else (),
            merged_with=_title(lead, language) if lead else "",
            led_by=facts.led_by and _leader(decision, language),
            joined_by=facts.joined_by and joined_now(decision, language),
            texts=facts.texts and letter_texts.in_force(decision.round, facts.outcome, language),
        )


def decision_hash(decision) -> str:
    """SHA-256 over what was decided, independent of language and layout; docs/audit.md says how.

    The auditor reads it in the record before anything is told, and an agency on its letter, which
    does not say all that is hashed: of a merger not the lead's reference. Salted, so that neither
    can try the few things that may have been decided. Who may know all of it finds the salt in the
    dossier.
    """
    about = {
        "reference": decision.letter.reference,
        "round": decision.round.kind,
        "version": decision.version,
    }
    return digest(about | history.content_of(decision))


def digest(content) -> str:
    """SHA-256 of canonical JSON, in lower-case hexadecimal."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def to_json(facts: LetterFacts) -> dict:
    """The facts as plain JSON values; `from_json` gives the same facts back."""
    return json.loads(json.dumps(dataclasses.asdict(facts), default=str))


def from_json(stored: dict) -> LetterFacts:
    return LetterFacts(
        **{
            **stored,
            "date": date.fromisoformat(stored["date"]),
            "organisations": tuple(stored["organisations"]),
            "conditions": tuple(
                Condition(text=c["text"], due=_day(c["due"])) for c in stored["conditions"]
            ),
            "reserve_until": _day(stored["reserve_until"]),
            "mass_allocated_kg": _decimal(stored["mass_allocated_kg"]),
            "criteria": tuple(
                CriterionLine(**{**c, "mean": _decimal(c["mean"])}) for c in stored["criteria"]
            ),
            "joined_by": tuple(Joined(**one) for one in stored.get("joined_by", ())),
            "total": _decimal(stored["total"]),
            "texts": _texts(stored.get("texts")),
        }
    )


def _criteria(ranked, rubric, language):
    lines = []
    for criterion in rubric:
        mean = _decimal(ranked.means.get(criterion["code"]))
        lines.append(
            CriterionLine(
                name=wording.criterion(criterion["name"], criterion["code"], language),
                weight_percent=criterion["weight"],
                mean=mean,
                anchor=wording.anchor(None if mean is None else anchor_of(mean), language),
            )
        )
    return tuple(lines)


def _agency_name(agency, language) -> str:
    return agency.name_zh if language.startswith("zh") and agency.name_zh else agency.name


def place_of(agency, language) -> str:
    """Country or region in the letter's language, which need not be one of the portal's."""
    if agency.country_text:
        return agency.country_text
    return _place(agency.country.code if agency.country else places.INTERNATIONAL, language)


def partners_of(letter, language) -> list[str]:
    """The partner organisations with their places, in the letter's language."""
    return [
        f"{row['name']} ({_place(row['country'], language)})" if row["country"] else row["name"]
        for row in letter.partners
    ]


def _place(code, language) -> str:
    ours = wording.of(language).files["places"]
    if code == places.INTERNATIONAL:
        return ours["international"]
    with translation.override(language):
        return ours.get(code) or places.name_of(code)


def _title(letter, language) -> str:
    return letter.title_zh if language.startswith("zh") and letter.title_zh else letter.title


def _leader(decision, language) -> str:
    lead = decision.merged_with
    return _agency_name(lead.agency, language) if lead else ""


def joined_now(decision, language) -> tuple[Joined, ...]:
    """Who becomes part of this decision's project as things stand."""
    return _joined(mergers.joining(decision.round).get(decision.letter_id, ()), language)


def _joined(letters, language) -> tuple[Joined, ...]:
    return tuple(
        Joined(_agency_name(letter.agency, language), _title(letter, language))
        for letter in letters
    )


def _addressee(agency) -> str:
    representative = (
        agency.memberships.filter(seat="REPRESENTATIVE").select_related("user").order_by("since")
    ).first()
    return representative.user.name if representative else ""


def _texts(stored):
    return stored and Texts(**{**stored, "steps": tuple(stored["steps"])})


def _day(text):
    return date.fromisoformat(text) if text else None


def _decimal(text):
    return None if text is None else Decimal(text)
