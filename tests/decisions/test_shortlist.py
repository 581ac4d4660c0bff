"""The rule of size: what it takes, what it leaves, and what it never does."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from decisions.shortlist import Candidate, Why, shortlist, with_margin

LIMITS = {"least": Decimal(500), "most": Decimal(600), "chance": Decimal("0.02")}


def ranked(*masses, chances=None, positions=None):
    """Letters from the best down, with these masses."""
    return [
        Candidate(
            key=number,
            position=(positions or {}).get(number, number),
            mass=Decimal(str(mass)),
            chance=(chances or {}).get(number, 0.0),
        )
        for number, mass in enumerate(masses, 1)
    ]


def whys(candidates, **limits):
    return [place.why for place in shortlist(candidates, **{**LIMITS, **limits})]


IN, REACHES, CHANCE, BELOW, UNKNOWN = Why.WITHIN, Why.REACHES, Why.CHANCE, Why.BELOW, Why.UNKNOWN


@pytest.mark.parametrize(
    ("masses", "expected"),
    [
        ([], []),
        ([100], [IN]),
        ([0], [IN]),
        # To the kilogram: 600 is within, and a gram more is not.
        ([300, 300, 100], [IN, IN, BELOW]),
        ([300, "300.001", 100], [IN, REACHES, BELOW]),
        # 480 is too little, so the next one is taken although it leads beyond the most.
        ([240, 240, 240, 1], [IN, IN, REACHES, BELOW]),
        # Nothing of less place is put in because it happens to fit.
        ([300, 250, 100, 10], [IN, IN, BELOW, BELOW]),
        # Craft with launchers of their own cost nothing up to the line.
        ([300, 0, 250, 0, 60, 0], [IN, IN, IN, IN, BELOW, BELOW]),
    ],
)
def test_where_the_line_falls(masses, expected):
    assert whys(ranked(*masses)) == expected


def test_letters_that_share_a_place_come_together_or_not_at_all():
    tied = {2: 2, 3: 2, 4: 4}
    assert whys(ranked(450, 80, 80, 10, positions=tied)) == [IN, REACHES, REACHES, BELOW]
    assert whys(ranked(550, 40, 40, 10, positions=tied)) == [IN, BELOW, BELOW, BELOW]
    places = shortlist(ranked(550, 40, 40, 10, positions=tied), **LIMITS)
    assert [place.shares_place for place in places] == [False, True, True, False]


def test_below_the_line_a_chance_is_enough_and_none_is_told():
    found = shortlist(ranked(590, 50, 50, 50, chances={2: 0.02, 3: 0.0199, 4: None}), **LIMITS)
    assert [place.why for place in found] == [IN, CHANCE, BELOW, UNKNOWN]
    assert [place.running for place in found] == [590, 640, 640, 640]


def test_the_least_above_the_most_is_a_mistake():
    with pytest.raises(ValueError, match="above"):
        shortlist([], least=Decimal(2), most=Decimal(1), chance=Decimal(0))


@pytest.mark.parametrize(
    ("mass", "margin", "counted"),
    [
        ("10", "50", "15.000"),
        ("10", None, "12.000"),
        ("10", "0", "10.000"),
        ("0.001", "20", "0.001"),
        (None, "20", "0"),
    ],
)
def test_a_mass_counts_with_its_margin(mass, margin, counted):
    numbers = [None if text is None else Decimal(text) for text in (mass, margin)]
    assert with_margin(*numbers, default=Decimal(20)) == Decimal(counted)


# --- whatever the ranking -------------------------------------------------------------------------

_MASSES = st.decimals(min_value=0, max_value=150, places=1)
_CHANCES = st.none() | st.floats(min_value=0, max_value=1)


@st.composite
def rankings(draw):
    """Letters in order, some of which share a place, which the next one then skips."""
    found, position = [], 1
    for number in range(1, draw(st.integers(0, 12)) + 1):
        if not (found and draw(st.booleans())):
            position = number
        found.append(Candidate(number, position, draw(_MASSES), draw(_CHANCES)))
    return draw(st.permutations(found))


_AMOUNTS = st.decimals(min_value=0, max_value=900, places=1)


def keys_in(candidates, least, most, chance=Decimal("0.02")):
    found = shortlist(candidates, least=least, most=most, chance=chance)
    return {place.candidate.key for place in found if place.is_in}


@given(rankings(), _AMOUNTS, st.decimals(min_value=0, max_value=300, places=1))
def test_more_mass_never_costs_a_letter_its_place(candidates, capacity, more):
    """As the lander's mass grows, so do both multiples of it."""
    small = keys_in(candidates, capacity * Decimal("2.5"), capacity * 3)
    larger = capacity + more
    assert small <= keys_in(candidates, larger * Decimal("2.5"), larger * 3)


@given(rankings(), _AMOUNTS, _AMOUNTS)
def test_no_letter_with_a_chance_is_left_out(candidates, one, other):
    found = keys_in(candidates, *sorted([one, other]))
    assert {c.key for c in candidates if c.chance is not None and c.chance >= 0.02} <= found


@given(rankings(), _AMOUNTS, _AMOUNTS)
def test_the_walk_skips_nobody_and_splits_no_shared_place(candidates, one, other):
    least, most = sorted([one, other])
    found = shortlist(candidates, least=least, most=most, chance=Decimal("0.02"))
    assert sorted(p.candidate.key for p in found) == sorted(c.key for c in candidates)
    walk = [p for p in found if p.why in (IN, REACHES)]
    assert walk == found[: len(walk)]
    assert {p.candidate.position for p in walk}.isdisjoint(
        p.candidate.position for p in found[len(walk) :]
    )
    mass = sum(p.candidate.mass for p in walk)
    # Enough, or everything there is; and never more than the most but to reach the least.
    assert mass >= least or len(walk) == len(found)
    if mass > most:
        last = walk[-1].candidate.position
        assert sum(p.candidate.mass for p in walk if p.candidate.position < last) < least
    running = [p.running for p in found]
    assert running == sorted(running)


@given(rankings(), st.randoms())
def test_the_order_in_which_letters_are_given_does_not_matter(candidates, random):
    mixed = list(candidates)
    random.shuffle(mixed)
    limits = {"least": Decimal(100), "most": Decimal(200)}
    assert keys_in(candidates, **limits) == keys_in(mixed, **limits)
