"""A round's board: the ranking, and the mean marks by criterion.

Both are of lines of one board, in the order in which they are given.
"""

from decimal import Decimal

from django.utils.translation import gettext as _

from proposals.models.call import in_language
from reviews.board_cells import cells_of
from reviews.scoring import percent
from reviews.templatetags.panel_display import agency_name, chance_word, flags, title_of


def ranking(lines, *, as_scored=True) -> tuple:
    header = [
        *_letter_header(),
        _("Total as scored"),
        _("Total, severity removed"),
        _("Standard error"),
        _("Expected rank"),
        _("Rank, 5 %"),
        _("Rank, 95 %"),
        _("Chance of being among the best, %"),
        _("In words"),
        _("Reviews"),
        _("To talk about"),
    ]
    return header, (_ranked(line, as_scored) for line in lines)


def criteria(lines, rubric, *, as_scored=True) -> tuple:
    names = (in_language(criterion["name"]) for criterion in rubric)
    header = [*_letter_header(), _("Total as scored"), *names]
    return header, (_by_criterion(line, rubric, as_scored) for line in lines)


def _ranked(line, as_scored) -> list:
    return [
        *_letter(line, as_scored),
        line.total,
        _tenths(line.merit),
        _tenths(line.merit_error),
        _tenths(line.expected_rank),
        line.rank_5,
        line.rank_95,
        None if line.p_top is None else percent(line.p_top),
        _("not placed: fewer than two reviews")
        if line.position is None
        else _("not rateable")
        if line.p_top is None
        else chance_word(line.p_top),
        line.reviews,
        "; ".join(flags(line)),
    ]


def _by_criterion(line, rubric, as_scored) -> list:
    means = (cell["mean"] for cell in cells_of(line, rubric))
    return [*_letter(line, as_scored), line.total, *means]


def _letter_header() -> list[str]:
    return [_("Place"), _("Reference"), _("Level"), _("Title"), _("Agency")]


def _letter(line, as_scored) -> list:
    letter = line.letter
    place = line.position if as_scored else line.place
    return [
        "–" if place is None else place,
        letter.reference,
        letter.get_level_display(),
        title_of(letter),
        agency_name(letter.agency),
    ]


def _tenths(number):
    return None if number is None else Decimal(number).quantize(Decimal("0.1"))
