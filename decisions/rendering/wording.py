"""What a decision letter says for each outcome: the one place where its sentences stand.

The strings are lazy: they take the language that is active when the letter is made. What has a
number in it is a function, because only then the plural is known.
"""

from dataclasses import dataclass

from django.utils.dateformat import format as format_date
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _

CONFIRM = _(
    "Please confirm within 10 working days of the date of this letter that your organisation "
    "accepts."
)
AGREEMENT = _(
    "A cooperation agreement is then prepared with you. It settles the interface document, the "
    "delivery of models, the schedule and the data policy."
)
NOT_BINDING = _(
    "This letter is not yet a binding commitment of either side; the signed agreement will be."
)
LATER_CALLS = _("You are welcome to answer later calls with a new letter of intent.")
DEBRIEFING = _("We gladly offer a debriefing in which the assessment is explained to you.")


@dataclass(frozen=True)
class Wording:
    """How one outcome is said: a word, the decision in one sentence, what happens next."""

    word: str
    sentence: str  # may use %(project)s
    steps: tuple[str, ...]


OUTCOMES = {
    "SHORTLISTED": Wording(
        _("Shortlisted"),
        _(
            "We are pleased to inform you that your letter of intent has been shortlisted for "
            "the final selection."
        ),
        (
            _("The panel now assesses all shortlisted projects for the final selection."),
            _(
                "An endorsement letter of your organisation is needed before the final "
                "selection; please send it if you have not done so."
            ),
            _(
                "Please keep your figures for mass, power, interfaces and schedule up to date, "
                "and be ready to answer questions of this office."
            ),
            _("Being shortlisted is not yet a commitment of either side."),
        ),
    ),
    "NOT_SHORTLISTED": Wording(
        _("Not shortlisted"),
        _(
            "We regret to inform you that your letter of intent has not been shortlisted for "
            "the final selection."
        ),
        (DEBRIEFING, LATER_CALLS),
    ),
    "SELECTED": Wording(
        _("Selected"),
        _(
            "We are pleased to inform you that your letter of intent has been selected for "
            "cooperation under this call."
        ),
        (CONFIRM, AGREEMENT, NOT_BINDING),
    ),
    "CONDITIONAL": Wording(
        _("Selected with conditions"),
        _(
            "We are pleased to inform you that your letter of intent has been selected, subject "
            "to the conditions set out in this letter."
        ),
        (
            CONFIRM,
            _("The selection is final once this office has confirmed that every condition is met."),
            _("If a condition is not met by its date, the selection may lapse."),
            AGREEMENT,
            NOT_BINDING,
        ),
    ),
    "MERGED": Wording(
        _("Selected, merged"),
        _(
            "We are pleased to inform you that your letter of intent has been selected, to be "
            "carried out jointly as part of “%(project)s”."
        ),
        (
            CONFIRM,
            _(
                "One organisation leads the joint project and speaks for all partners; the lead "
                "partner needs the consent of every partner."
            ),
            AGREEMENT,
            NOT_BINDING,
        ),
    ),
    "RESERVE": Wording(
        _("Reserve list"),
        _("We inform you that your letter of intent has been placed on the reserve list."),
        (
            _(
                "A reserve project is called if a selected project withdraws or does not meet "
                "its conditions, and if mass and interfaces allow it."
            ),
            _("You need not do anything now; this office writes to you if your project is called."),
        ),
    ),
    "NOT_SELECTED": Wording(
        _("Not selected"),
        _("We regret to inform you that your letter of intent has not been selected."),
        (DEBRIEFING, LATER_CALLS),
    ),
    "INELIGIBLE": Wording(
        _("Not eligible"),
        _(
            "We regret to inform you that your letter of intent does not meet the rules of the "
            "call and was not admitted to the assessment."
        ),
        (
            _("If you think that a rule was misapplied, please write to this office as below."),
            LATER_CALLS,
        ),
    ),
}

FIRST_ROUND = {"SHORTLISTED", "NOT_SHORTLISTED"}


def sentence(outcome, *, project):
    """Return the decision in one sentence, in the active language."""
    return OUTCOMES[outcome].sentence % {"project": project}


def long_date(date):
    """Return a date as people write it: "30 September 2024"."""
    # Translators: a Django date format, for example "30 September 2024"
    return format_date(date, gettext("j F Y"))


def place_and_date(facts):
    """Return where and when the letter was written."""
    return gettext("%(place)s, %(date)s") % {
        "place": facts.place,
        "date": long_date(facts.date),
    }


def partners(facts):
    """Name the partner organisations, or say nothing if there are none."""
    if not facts.organisations:
        return ""
    names = ("、" if _in_chinese() else ", ").join(facts.organisations)
    return gettext("Together with %(names)s") % {"names": names}


def salutation(facts):
    """Greet the addressee, or everybody if nobody is named."""
    if facts.addressee:
        return gettext("Dear %(name)s,") % {"name": facts.addressee}
    return gettext("Dear colleagues,")


def context(facts):
    """Say what was answered and how the round went: one paragraph."""
    counted = facts.letters_selected
    if facts.outcome in FIRST_ROUND:
        chosen = ngettext(
            "In the round “%(round)s”, %(count)s letter was shortlisted.",
            "In the round “%(round)s”, %(count)s letters were shortlisted.",
            counted,
        )
    else:
        chosen = ngettext(
            "In the round “%(round)s”, %(count)s letter was selected.",
            "In the round “%(round)s”, %(count)s letters were selected.",
            counted,
        )
    return _paragraph(
        gettext("Thank you for your letter of intent in answer to the call “%(call)s”.")
        % {"call": facts.call_title},
        ngettext(
            "%(count)s letter of intent was received.",
            "%(count)s letters of intent were received.",
            facts.letters_received,
        )
        % {"count": facts.letters_received},
        chosen % {"round": facts.round_name, "count": counted},
    )


def assessment(facts):
    """Say how the letter was assessed: one paragraph; nothing if it was not admitted."""
    if facts.outcome == "INELIGIBLE":
        return ""
    said = [gettext("Your letter was checked against the rules of the call.")]
    if facts.reviewers_count:
        said.append(
            ngettext(
                "It was then assessed by %(count)s reviewer, who had declared to have no "
                "conflict of interest.",
                "It was then assessed by %(count)s reviewers independently of each other; each "
                "had declared to have no conflict of interest.",
                facts.reviewers_count,
            )
            % {"count": facts.reviewers_count}
        )
        said.append(gettext("The names of reviewers are not disclosed."))
    if facts.criteria:
        said.append(
            gettext(
                "Each criterion was marked from 0 (fails) to 5 (excellent); the table shows mean "
                "marks and weights."
            )
        )
    return _paragraph(*said)


def next_steps(facts):
    """Return what happens next, one string a step."""
    steps = [str(step) for step in OUTCOMES[facts.outcome].steps]
    if facts.outcome == "RESERVE" and facts.reserve_until:
        steps.insert(
            0,
            gettext("The place on the reserve list is kept until %(date)s.")
            % {"date": long_date(facts.reserve_until)},
        )
    return steps


def redress(facts):
    """Say how to ask, how to contest the procedure, and until when."""
    return _paragraph(
        gettext(
            "Within 30 days of the date of this letter you may ask for a debriefing or, if you "
            "think that the procedure was not followed, for a review of the procedure."
        ),
        gettext("Please write to %(contact)s and quote the letter number %(number)s.")
        % {"contact": facts.contact, "number": facts.letter_number},
        gettext(
            "Please keep this letter confidential until the results of this round are published."
        ),
    )


def _paragraph(*sentences):
    return ("" if _in_chinese() else " ").join(sentences)


def _in_chinese():
    """Chinese punctuation carries its own space; a catalogue cannot say "nothing"."""
    return get_language().startswith("zh")
