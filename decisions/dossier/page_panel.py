"""The sections of a dossier's page about the panel: what it did, said and decided."""

from django.utils.translation import gettext as _

from decisions.dossier.cells import Cell, Section, Table, matter, moment, named, sha
from decisions.dossier.page_decision import in_readers_language, told_of, version_of
from decisions.states import ConsentState, ExceptionKind, PublicationState
from proposals.models.call import in_language
from proposals.states import Answer, Eligibility, RoundKind
from reviews.states import ConflictKind, ConflictSource, Degree, Recommendation


def before_the_rounds(facts):
    found = facts["screening"]
    rows = found and [
        [
            Eligibility(found["outcome"]).label,
            found["rule"],
            Cell(found["reason"], "text"),
            named(found["by"]),
            moment(found["at"]),
        ]
    ]
    yield Section(
        "screening",
        _("Screening"),
        [
            Table(
                _("Whether it might be assessed"),
                [_("Outcome"), _("Rule"), _("Reason"), _("By"), _("Time")],
                rows or [],
            )
        ],
    )
    yield Section(
        "conflicts",
        _("Conflicts of interest"),
        [
            Table(
                _("Everybody who was asked, before any text opened"),
                [_("Person"), _("Answered"), _("Conflict"), _("Reason"), _("The chair's ruling")],
                [
                    [
                        named(one["person"]),
                        moment(one["asked_and_answered_at"]),
                        _conflict(one),
                        " · ".join(filter(None, (_kind(one), one["note"]))),
                        one["ruling"],
                    ]
                    for one in facts["conflicts"]
                ],
            )
        ],
    )


def _conflict(check) -> str:
    if not check["conflict"]:
        return _("none") if check["asked_and_answered_at"] else _("not answered")
    kind = _("bars") if check["bars"] else _("does not bar")
    return f"{kind} ({ConflictSource(check['source']).label})"


def _kind(check) -> str:
    return str(ConflictKind(check["kind"]).label) if check["kind"] else ""


def of_round(found, facts):
    """The sections of one round."""
    kind = RoundKind(found["kind"])
    names = {one["code"]: in_language(one["name"]) for one in facts["criteria"]}

    def titled(part):
        return _("%(round)s: %(part)s") % {"round": kind.label, "part": part}

    key = kind.lower()
    yield Section(f"{key}-readers", titled(_("who read it")), [_assignments(found)])
    for number, review in enumerate(found["reviews"], 1):
        title = titled(_("review %(number)s") % {"number": number})
        yield _review(f"{key}-review-{number}", title, review, names)
    yield Section(
        f"{key}-agreed",
        titled(_("consensus and rank")),
        [_consensus(found["consensus"], names), _ranking(found["ranking"], names)],
    )
    yield Section(
        f"{key}-grounds",
        titled(_("overrides, scenarios, mergers")),
        [_overrides(found), _scenarios(found), _consents(found)],
    )
    yield Section(
        f"{key}-decided",
        titled(_("decision")),
        [
            *(version_of(one, told_of(found, one["version"])) for one in found["decisions"]),
            _publication(found),
        ],
    )
    yield Section(
        f"{key}-told",
        titled(_("what was told")),
        [_letters(found), _assessment(found), _corrections(found)],
    )


def _assignments(found):
    return Table(
        _("Assignments"),
        [_("Reviewer"), _("Assigned"), _("By"), _("Text opened"), _("Ended")],
        [
            [
                named(one["reviewer"]),
                moment(one["assigned_at"]),
                named(one["assigned_by"]),
                moment(one["opened_at"]),
                Cell(
                    " · ".join(filter(None, (moment(one["ended_at"]).text, one["ended_because"])))
                ),
            ]
            for one in found["assignments"]
        ],
    )


def _review(key, title, review, names):
    marks = Table(
        _("Marks as they stand, of %(name)s") % {"name": named(review["reviewer"])},
        [_("Criterion"), _("Mark"), _("Comment")],
        [
            [
                names.get(one["criterion"], one["criterion"]),
                _("cannot judge") if one["cannot_judge"] else one["mark"] or "–",
                Cell(one["comment"], "text"),
            ]
            for one in review["marks"]
        ],
    )
    changes = Table(
        _("Marks changed after filing"),
        [_("Time"), _("Criterion"), _("Before"), _("After"), _("Reason")],
        [
            [
                moment(one["at"]),
                names.get(one["criterion"], one["criterion"]),
                one["before"] or "–",
                one["after"] or "–",
                Cell(one["reason"], "text"),
            ]
            for one in review["changes"]
        ],
    )
    words = [
        (_("Major strengths"), review["major_strengths"]),
        (_("Major weaknesses"), review["major_weaknesses"]),
        (_("Strengths"), review["strengths"]),
        (_("Weaknesses"), review["weaknesses"]),
        (_("Comment to the applicant"), review["comment_to_applicant"]),
        (_("Confidential comment to the panel"), review.get("confidential_comment", "")),
        (_("Risk"), Degree(review["risk"]).label if review["risk"] else ""),
        (
            _("Recommendation"),
            Recommendation(review["recommendation"]).label if review["recommendation"] else "",
        ),
        (_("Confidence"), Degree(review["confidence"]).label if review["confidence"] else ""),
    ]
    said = Table(
        _("What it says"),
        [matter(), _("Text")],
        [[label, Cell(str(text), "text")] for label, text in words if text],
    )
    filed = _("Filed %(time)s.") % {"time": moment(review["submitted_at"]).text}
    counts = "" if review["counts"] else _("It does not count: the assignment was ended.")
    return Section(key, title, [marks, changes, said], list(filter(None, (filed, counts))))


def _consensus(found, names):
    rows = []
    if found:
        marks = _by_criterion(found["marks"], names)
        words = [
            (_("Consensus"), found["text"]),
            (_("Consensus marks"), "\n".join(marks)),
            (_("Minority view"), found["minority_view"]),
        ]
        rows = [
            [label, Cell(text, "text"), named(found["by"]), moment(found["at"])]
            for label, text in words
            if text
        ]
    return Table(_("What the reviewers agreed on"), [matter(), _("Text"), _("By"), _("Time")], rows)


def _by_criterion(marks, names) -> list[str]:
    """Marks in the order of the criteria, whatever order the database keeps them in."""
    codes = [*(code for code in names if code in marks), *sorted(marks.keys() - names.keys())]
    return [f"{names.get(code, code)}: {marks[code] or '–'}" for code in codes]


def _ranking(found, names):
    rows = []
    if found:
        means = _by_criterion(found["means"], names)
        rows = [
            [
                moment(found["frozen_at"]),
                "–" if found["place"] is None else str(found["place"]),
                found["total"],
                Cell("\n".join(means), "text"),
                str(found["reviews"]),
            ]
        ]
    return Table(
        _("As the order was frozen"),
        [_("Time"), _("Place"), _("Weighted total"), _("Mean marks"), _("Reviews")],
        rows,
    )


def _overrides(found):
    return Table(
        _("Against the rules of the round, by two people"),
        [matter(), _("Reason"), _("Proposed"), _("Answer"), _("Answered")],
        [
            [
                ExceptionKind(one["kind"]).label,
                Cell(one["reason"], "text"),
                f"{moment(one['proposed_at']).text} · {named(one['proposed_by'])}",
                Answer(one["answer"]).label,
                f"{moment(one['answered_at']).text} · {named(one['answered_by'])}"
                if one["answered_at"]
                else "",
            ]
            for one in found["overrides"]
        ],
    )


def _scenarios(found):
    return Table(
        _("Scenarios of the portfolio in which it was a candidate"),
        [_("Scenario"), _("Asked"), _("In the set"), _("Pinned"), _("Adopted"), _("Set")],
        [
            [
                one["name"],
                f"{moment(one['asked_at']).text} · {named(one['asked_by'])}",
                _("yes") if one["inside"] else _("no"),
                Cell("\n".join(_pin(pin) for pin in one["pins"]), "text"),
                Cell("\n".join(moment(vote["at"]).text for vote in one["adopted"]), "text"),
                sha(one["set_sha256"]),
            ]
            for one in found["scenarios"]
        ],
    )


def _pin(pin) -> str:
    return f"{_('in') if pin['inside'] else _('out')}: {pin['reason']}"


def _consents(found):
    return Table(
        _("Consents to a merger"),
        [_("With"), _("Agency"), _("Asked"), _("Answer"), _("Answered")],
        [
            [
                one["joins"],
                one["agency"],
                moment(one["asked_at"]),
                ConsentState(one["state"]).label,
                moment(one["answered_at"]),
            ]
            for one in found["consents"]
        ],
    )


def _publication(found):
    one = found["publication"]
    rows = one and [
        [
            f"{moment(one['proposed_at']).text} · {named(one['proposed_by'])}",
            f"{moment(one['released_at']).text} · {named(one['released_by'])}",
            sha(one["content_sha256"]),
        ]
    ]
    return Table(
        _("The release, by two people"),
        [_("Proposed"), _("Released"), _("Hash of what was published")],
        rows or [],
    )


def _letters(found):
    return Table(
        _("Decision letters"),
        [_("Letter"), _("Code"), _("Wording"), _("Told"), _("Superseded"), _("SHA-256")],
        [
            [
                Cell(one["number"], "code", one["member"]),
                Cell(one["code"], "code"),
                _wording(one["facts"].get("texts")),
                moment(one["told_at"]),
                moment(one["superseded_at"]),
                sha(one["sha256"]),
            ]
            for one in found["letters"]
        ],
    )


def _wording(texts) -> str:
    """Facts from before texts were copied have the standard wording."""
    if not (texts and texts["version"]):
        return _("standard")
    return _("version %(number)s") % {"number": texts["version"]}


def _assessment(found):
    """The marks as the letter that holds tells them, in the reader's language if there is one."""
    facts = [one["facts"] for one in found["letters"] if not one["superseded_at"]]
    told = in_readers_language(facts)
    rows = []
    if told:
        rows = [
            [
                line["name"],
                f"{line['weight_percent']} %",
                line["mean"] or "–",
                line["anchor"] or "–",
            ]
            for line in told["criteria"]
        ]
        if told["total"]:
            rows.append([_("Weighted total, of 100"), "", told["total"], ""])
    return Table(
        _("The assessment, as the letter tells it"),
        [_("Criterion"), _("Weight"), _("Mark"), _("In words")],
        rows,
    )


def _corrections(found):
    return Table(
        _("Corrections"),
        [_("Version"), _("Why"), _("State"), _("Proposed"), _("Released")],
        [
            [
                str(one["version"]),
                Cell(one["reason"], "text"),
                PublicationState(one["state"]).label,
                f"{moment(one['proposed_at']).text} · {named(one['proposed_by'])}",
                f"{moment(one['released_at']).text} · {named(one['released_by'])}"
                if one["released_at"]
                else "",
            ]
            for one in found["corrections"]
        ],
    )
