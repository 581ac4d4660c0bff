"""Merit, severity and chance told apart: against a dense reference, and against what must hold."""

import dataclasses
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

from reviews.calibration import BadTable, calibrate, merit_draws
from reviews.calibration.fitting import LETTERS, REVIEWERS, WEIGHT, WIDTH, fit
from reviews.calibration.groups import grouping
from reviews.calibration.influence import merits_without
from reviews.calibration.model import Design
from reviews.calibration.ranks import at_shares, draws, expected_ranks, places
from reviews.calibration.table import table


def panel(
    letters, reviewers, each, *, severity=0.6, noise=0.8, seed=1, points=8
) -> tuple[np.ndarray, np.ndarray, list]:
    """Merits, biases (points) and reviews of a made-up call with even loads."""
    random = np.random.default_rng(seed)
    merit = 50 + points * random.standard_normal(letters)
    bias = points * severity * random.standard_normal(reviewers)
    load, reviews = np.zeros(reviewers), []
    for p in range(letters):
        for r in np.argsort(load + random.random(reviewers))[:each]:
            load[r] += 1
            total = merit[p] + bias[r] + points * noise * random.standard_normal()
            reviews.append((f"L{p:03}", f"R{r:03}", float(np.clip(total, 0, 100))))
    return merit, bias, reviews


def crossed(letters, reviewers, total=lambda p, r: 50 + 3 * p - 2 * r + (p * r) % 5, prefix=""):
    """Every reviewer on every letter."""
    return [
        (f"{prefix}{p}", f"{prefix}r{r}", float(total(p, r)))
        for p in range(letters)
        for r in range(reviewers)
    ]


# --- a dense reference: the covariance of all totals, inverted as a whole ---


class Dense:
    """Linear mixed model by its definition; costs the cube of the number of reviews."""

    def __init__(self, data, y, letter_ratio, reviewer_ratio):
        n = len(y)
        self.of_letter = np.eye(len(data.letters))[data.letter] / letter_ratio
        self.of_reviewer = np.eye(len(data.reviewers))[data.reviewer] / reviewer_ratio
        v = (
            np.eye(n)
            + letter_ratio * self.of_letter @ self.of_letter.T
            + reviewer_ratio * self.of_reviewer @ self.of_reviewer.T
        )
        inverse, one = np.linalg.inv(v), np.ones(n)
        self.information = one @ inverse @ one
        weights = one @ inverse / self.information
        self.mean = weights @ y
        p = inverse - np.outer(inverse @ one, weights)
        self.letter, self.reviewer = self.of_letter.T @ p @ y, self.of_reviewer.T @ p @ y
        quadratic = y @ p @ y
        self.noise = quadratic / (n - 1)
        self.deviance = (
            (n - 1) * np.log(quadratic) + np.linalg.slogdet(v)[1] + np.log(self.information)
        )
        # Covariance of all effects given the totals, over the noise variance: of the mean and the
        # letters together, and of the reviewers.
        prior = np.eye(len(data.letters)) / letter_ratio
        letters = prior - self.of_letter.T @ p @ self.of_letter
        with_mean = -(self.of_letter.T @ inverse @ one) / self.information
        self.merits = letters + 1 / self.information + with_mean[:, None] + with_mean[None, :]
        prior = np.eye(len(data.reviewers)) / reviewer_ratio
        self.reviewers = prior - self.of_reviewer.T @ p @ self.of_reviewer


def reml(data, y):
    """Ratios of the penalised restricted likelihood, found without any of the code's shortcuts."""

    def cost(logs):
        away = (logs - np.log([LETTERS, REVIEWERS])) / WIDTH
        return Dense(data, y, *np.exp(logs)).deviance + WEIGHT * away @ away

    found = optimize.minimize(
        cost,
        np.zeros(2),
        method="Nelder-Mead",
        options={"xatol": 1e-8, "fatol": 1e-11, "maxiter": 2000},
    )
    return np.exp(found.x)


TABLES = [
    pytest.param(panel(9, 5, 3, severity=1.5)[2], id="more letters"),
    pytest.param(panel(5, 9, 4, severity=1.5, seed=2)[2], id="more reviewers"),
    pytest.param(
        [*panel(8, 8, 3, severity=1.5, seed=3)[2], ("alone", "R000", 60.0)], id="one review alone"
    ),
]


@pytest.mark.parametrize("reviews", TABLES)
def test_variances_and_effects_equal_a_dense_reference(reviews):
    data = table(reviews)
    fitted = fit(data)
    assert not fitted.why_not

    ratios = reml(data, data.total)
    dense = Dense(data, data.total, *ratios)

    expected = np.array([dense.noise / ratios[0], dense.noise / ratios[1], dense.noise])
    assert fitted.variances == pytest.approx(expected, rel=1e-5)
    assert fitted.merit == pytest.approx(dense.mean + dense.letter, abs=1e-4)
    assert fitted.bias == pytest.approx(dense.reviewer, abs=1e-4)


@pytest.mark.parametrize("reviews", TABLES)
def test_with_the_same_ratios_all_is_equal_to_the_last_digits(reviews):
    data = table(reviews)
    fitted = fit(data)
    noise = fitted.variances[2]
    dense = Dense(data, data.total, noise / fitted.variances[0], noise / fitted.variances[1])

    assert fitted.merit == pytest.approx(dense.mean + dense.letter, abs=1e-10)
    assert fitted.bias == pytest.approx(dense.reviewer, abs=1e-10)
    assert noise == pytest.approx(dense.noise, rel=1e-10)
    assert fitted.merit_error == pytest.approx(np.sqrt(noise * np.diag(dense.merits)), rel=1e-9)
    assert fitted.bias_error == pytest.approx(np.sqrt(noise * np.diag(dense.reviewers)), rel=1e-9)


@pytest.mark.parametrize("reviews", TABLES)
def test_what_is_left_to_solve_is_no_larger_than_the_smaller_side(reviews):
    data = table(reviews)
    smaller = min(len(data.letters), len(data.reviewers))
    assert len(fit(data).solution.stays) == 1 + smaller


sparse_tables = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(0, 20)),
    min_size=4,
    max_size=20,
    unique_by=lambda row: row[:2],
).map(lambda rows: [(f"L{p}", f"R{r}", 5.0 * s) for p, r, s in rows])


@settings(max_examples=60)
@given(sparse_tables, st.floats(-4, 4), st.floats(-4, 4))
def test_either_side_may_be_eliminated(reviews, log_letter, log_reviewer):
    data = table(reviews)
    y = data.total - data.total.mean() + 0.1 * np.arange(len(data.total))
    ratios = np.exp([log_letter, log_reviewer])
    letters = (data.letter, len(data.letters))
    reviewers = (data.reviewer, len(data.reviewers))
    dense = Dense(data, y, *ratios)

    one = Design(y, *letters, *reviewers).solve(*ratios)
    other = Design(y, *reviewers, *letters).solve(*ratios[::-1])

    for solution in (one, other):
        assert solution.deviance() == pytest.approx(dense.deviance, abs=1e-6)
        assert solution.stays[0] == pytest.approx(dense.mean, abs=1e-8)
    assert one.leaves == pytest.approx(dense.letter, abs=1e-8)
    assert other.stays[1:] == pytest.approx(dense.letter, abs=1e-8)
    assert one.stays[1:] == pytest.approx(dense.reviewer, abs=1e-8)
    assert other.leaves == pytest.approx(dense.reviewer, abs=1e-8)


@pytest.mark.parametrize("reviews", TABLES)
def test_the_slope_is_that_of_the_deviance(reviews):
    data, step = table(reviews), 1e-5
    design = Design(data.total, data.letter, len(data.letters), data.reviewer, len(data.reviewers))
    at = np.array([0.3, -0.4])
    steps = [
        (design.solve(*np.exp(at + d)).deviance() - design.solve(*np.exp(at - d)).deviance())
        / (2 * step)
        for d in step * np.eye(2)
    ]
    assert design.solve(*np.exp(at)).slope() == pytest.approx(steps, abs=1e-5)


# --- draws and ranks ---


@pytest.mark.parametrize("reviews", TABLES)
def test_draws_have_the_posterior_s_mean_and_covariance(reviews):
    data = table(reviews)
    fitted = fit(data)
    _, _, noise = variances = fitted.variances
    dense = Dense(data, data.total, noise / variances[0], noise / variances[1])

    many = draws(fitted, 40_000, seed=5)

    largest = fitted.merit_error.max()
    assert many.mean(axis=0) == pytest.approx(fitted.merit, abs=0.03 * largest)
    covariance = noise * dense.merits
    assert np.cov(many.T) == pytest.approx(covariance, abs=0.04 * largest**2)


@pytest.mark.parametrize("reviews", TABLES)
def test_expected_ranks_are_the_mean_places_of_draws(reviews):
    fitted = fit(table(reviews))
    everyone = np.arange(len(fitted.table.letters))
    by_draws = places(draws(fitted, 20_000, seed=6)).mean(axis=0)
    assert expected_ranks(fitted, everyone) == pytest.approx(by_draws, abs=0.08)
    # Of a part, among that part.
    part = everyone[1:4]
    by_draws = places(draws(fitted, 20_000, seed=6)[:, part]).mean(axis=0)
    assert expected_ranks(fitted, part) == pytest.approx(by_draws, abs=0.08)


def test_expected_ranks_of_many_letters_are_found_in_steps():
    fitted = fit(table(panel(41, 24, 3)[2]))
    everyone = np.arange(41)
    at_once = expected_ranks(fitted, everyone)
    assert expected_ranks(fitted, everyone, step=7) == pytest.approx(at_once, abs=1e-12)


def test_places_and_their_shares():
    merits = np.array([[3.0, 1.0, 2.0], [1.0, 2.0, 3.0], [9.0, 8.0, 7.0], [9.0, 7.0, 8.0]])
    place = places(merits)
    assert place.tolist() == [[1, 3, 2], [3, 2, 1], [1, 2, 3], [1, 3, 2]]
    assert at_shares(place).tolist() == [[1, 1, 1, 3], [2, 2, 3, 3], [1, 1, 2, 3]]


def test_selections_made_with_the_draws_agree_with_the_record():
    reviews = panel(12, 8, 3)[2]
    run = calibrate(reviews, letters=["nobody's"], top=4, draws=200, seed=9)
    letters, merits = merit_draws(reviews, letters=["nobody's"], draws=200, seed=9)
    p_top = (places(merits) <= 4).mean(axis=0)
    told = {line.letter: line.p_top for line in run.letters if line.status == "rated"}
    assert told == dict(zip(letters, p_top.round(6).tolist(), strict=True))
    assert "nobody's" not in letters


def test_draws_of_nothing():
    letters, merits = merit_draws([("a", "x", 50)], draws=10)
    assert (letters, merits.shape) == ((), (10, 0))


# --- what must not matter ---


def lines(run):
    return {line.letter: line for line in run.letters}


@settings(max_examples=5)
@given(st.randoms(use_true_random=False))
def test_the_order_of_reviews_changes_nothing_at_all(random):
    reviews = panel(10, 6, 3)[2]
    whole = calibrate(reviews, draws=50).as_json()
    random.shuffle(reviews)
    assert calibrate(iter(reviews), draws=50).as_json() == whole


@pytest.mark.parametrize(("times", "plus"), [(0.5, 0), (1, 8), (0.3, 60), (-1, 100)])
def test_shifting_and_scaling_all_totals_changes_no_rank(times, plus):
    reviews = panel(20, 10, 3, points=6)[2]
    moved = [(p, r, times * total + plus) for p, r, total in reviews]
    one, other = calibrate(reviews), calibrate(moved)
    for letter, line in lines(one).items():
        same = lines(other)[letter]
        assert same.merit == pytest.approx(times * line.merit + plus, abs=1e-4)
        assert same.merit_error == pytest.approx(abs(times) * line.merit_error, abs=1e-4)
        if times > 0:
            fields = ["place", "rank_5", "rank_25", "rank_75", "rank_95", "p_top", "disagreement"]
            for name in fields:
                assert getattr(same, name) == getattr(line, name), name
            assert same.expected_rank == pytest.approx(line.expected_rank, abs=1e-4)
        else:
            # Upside down the best is the worst.
            assert same.expected_rank == pytest.approx(21 - line.expected_rank, abs=1e-4)
    for one_line, other_line in zip(one.reviewers, other.reviewers, strict=True):
        assert other_line.severity == pytest.approx(times * one_line.severity, abs=1e-4)


def test_other_names_change_no_merit_and_no_rank():
    reviews = panel(15, 9, 3)[2]
    # Reversed, so that the order of the names is another one.
    renamed = [(f"x{99 - int(p[1:])}", f"y{99 - int(r[1:])}", total) for p, r, total in reviews]
    one, other = lines(calibrate(reviews)), lines(calibrate(renamed))
    for letter, line in one.items():
        same = other[f"x{99 - int(letter[1:])}"]
        assert same.merit == pytest.approx(line.merit, abs=1e-5)
        assert same.place == line.place
        assert same.expected_rank == pytest.approx(line.expected_rank, abs=1e-5)


def test_the_same_question_has_the_same_answer_and_another_seed_other_draws():
    reviews = panel(15, 9, 3)[2]
    one, again, other = calibrate(reviews), calibrate(reviews), calibrate(reviews, seed=2)
    assert one == again
    assert one.as_json() == again.as_json()
    assert one.input_sha256 == other.input_sha256
    assert [line.p_top for line in one.letters] != [line.p_top for line in other.letters]
    assert [line.merit for line in one.letters] == [line.merit for line in other.letters]


def test_the_fingerprint_is_of_the_reviews():
    reviews = [("a", "x", 50), ("a", "y", 60.5), ("b", "x", 0)]
    known = calibrate(reviews).input_sha256
    assert (
        calibrate([("b", "x", -0.0), ("a", "y", 60.5 + 1e-13), ("a", "x", 50.0)]).input_sha256
        == known
    )
    for others in (
        [*reviews[:2], ("b", "x", 0.5)],
        reviews[:2],
        [*reviews[:2], ("b", "z", 0)],
    ):
        assert calibrate(others).input_sha256 != known
    assert calibrate(reviews, letters=["c"]).input_sha256 != known
    # Sent once and written down: another value means that old records can no longer be checked.
    assert known == "2ae673d5fdf62a73d1a43822be7ceaa3fb9d9f940fc2690ed1c0ab8960f32e25"


# --- what the model is for ---


def test_planted_severity_is_found_within_its_errors():
    merit, bias, reviews = panel(60, 12, 4, severity=1.0, noise=0.5, points=7)
    run = calibrate(reviews)
    planted = -(bias - bias.mean())
    found = np.array([line.severity for line in run.reviewers])
    error = np.array([line.severity_error for line in run.reviewers])
    assert run.correction.supported
    assert np.corrcoef(planted, found)[0, 1] > 0.95
    assert (abs(planted - (found - found.mean())) < 3.5 * error).all()
    assert [line.clear for line in run.reviewers] == list(abs(found) >= 2 * error)
    # One who takes off twenty points is severe, and the sign says so.
    harsh = [(p, r, total - 20 * (r == "R003")) for p, r, total in reviews]
    harsh = [(p, r, max(total, 0)) for p, r, total in harsh]
    line = next(line for line in calibrate(harsh).reviewers if line.reviewer == "R003")
    assert line.severity > run.reviewers[3].severity + 10
    # The merits are nearer to the truth than the means are.
    means = np.array([line.raw_mean for line in run.letters])
    merits = np.array([line.merit for line in run.letters])
    assert np.abs(merits - merit).mean() < 0.75 * np.abs(means - merit).mean()


def test_without_severity_no_correction_is_supported_and_means_decide():
    reviews = panel(41, 24, 3, severity=0, seed=3)[2]
    run = calibrate(reviews)
    assert not run.correction.supported
    assert run.correction.reason == "no_evidence_of_severity"
    assert run.correction.evidence < 1
    assert any("no correction supported" in notice.text for notice in run.warnings)
    assert {line.severity for line in run.reviewers} == {None}
    assert run.variance_reviewers == 0
    by_merit = sorted(run.letters, key=lambda line: -line.merit)
    by_mean = sorted(run.letters, key=lambda line: -line.raw_mean)
    assert [line.merit for line in by_merit] == [line.merit for line in by_mean]
    assert all(line.corrected_mean == line.raw_mean for line in run.letters)


def test_one_review_per_reviewer_supports_no_correction():
    reviews = [(f"L{p}", f"R{p}.{k}", 40.0 + 4 * p + 3 * k) for p in range(8) for k in range(3)]
    run = calibrate(reviews)
    assert (run.correction.supported, run.correction.reason) == (False, "one_review_per_reviewer")
    assert [notice.code for notice in run.warnings] == ["no_correction"]
    assert "no correction supported" in run.warnings[0].text
    assert [line.place for line in run.letters] == [8, 7, 6, 5, 4, 3, 2, 1]
    assert len(run.groups) == 1


def test_means_and_residuals_follow_from_merits_and_severities():
    run = calibrate(panel(20, 10, 3)[2])
    merit = {line.letter: line.merit for line in run.letters}
    severity = {line.reviewer: line.severity for line in run.reviewers}
    for row in run.reviews:
        expected = merit[row.letter] - severity[row.reviewer]
        assert row.residual == pytest.approx(row.total - expected, abs=1e-5)
    for line in run.letters:
        own = [row for row in run.reviews if row.letter == line.letter]
        assert line.raw_mean == pytest.approx(np.mean([row.total for row in own]), abs=1e-5)
        corrected = np.mean([row.total + severity[row.reviewer] for row in own])
        assert line.corrected_mean == pytest.approx(corrected, abs=1e-5)
        # Drawn towards the mean of all.
        shrunk = len(own) / (len(own) + run.variance_noise / run.variance_letters)
        drawn = run.mean + shrunk * (corrected - run.mean)
        assert line.merit == pytest.approx(drawn, abs=1e-4)


def test_unless_said_a_quarter_of_the_rateable_letters_is_the_top():
    run = calibrate(panel(41, 24, 3)[2], letters=["none"])
    assert run.parameters["top"] == 10
    assert sum(line.p_top or 0 for line in run.letters) == pytest.approx(10, abs=1e-4)


def test_reliability_grows_with_reviews():
    run = calibrate(panel(41, 24, 3)[2])
    letters, others = run.variance_letters, run.variance_reviewers + run.variance_noise
    assert run.reliability[2] == pytest.approx(letters / (letters + others / 3), abs=1e-5)
    assert list(run.reliability) == sorted(run.reliability)
    assert {line.reliability for line in run.letters} == {run.reliability[2]}


# --- leaving one reviewer out ---


@pytest.mark.parametrize("reviews", TABLES)
def test_without_a_reviewer_means_without_that_reviewer_s_reviews(reviews):
    fitted = fit(table(reviews))
    noise = fitted.variances[2]
    ratios = noise / fitted.variances[0], noise / fitted.variances[1]
    without = dict(zip(fitted.table.reviewers, merits_without(fitted), strict=True))
    for reviewer, merits in without.items():
        rest = table([row for row in reviews if row[1] != reviewer], fitted.table.letters)
        dense = Dense(rest, rest.total, *ratios)
        assert merits == pytest.approx(dense.mean + dense.letter, abs=1e-8)


def test_without_a_reviewer_where_nothing_is_corrected():
    reviews = [(f"L{p}", f"R{p}.{k}", 40.0 + 4 * p + 3 * k) for p in range(5) for k in range(3)]
    fitted = fit(table(reviews))
    first = next(merits_without(fitted))
    rest = table(reviews[1:])
    alone = Design(rest.total, rest.letter, 5).solve(*fitted.solution.ratios)
    assert first == pytest.approx(alone.stays[0] + alone.leaves, abs=1e-8)


def test_the_record_says_whose_absence_flips_a_selection():
    # Without the friend's 100 the letter "pet" is behind "good".
    reviews = [
        *(("good", f"r{k}", 70.0 + k) for k in range(4)),
        *(("pet", f"r{k}", 66.0 + k) for k in range(4)),
        *(("plain", f"r{k}", 40.0 + k) for k in range(4)),
        ("pet", "friend", 100.0),
        ("plain", "friend", 43.0),
    ]
    run = calibrate(reviews, top=1)
    assert lines(run)["pet"].place == 1
    flips = {line.reviewer: (line.leave, line.enter) for line in run.reviewers}
    assert flips.pop("friend") == (("pet",), ("good",))
    assert set(flips.values()) == {((), ())}


# --- groups ---


def test_groups_without_a_common_reviewer_are_not_comparable():
    reviews = [*crossed(4, 3, prefix="a"), *crossed(6, 3, prefix="b")]
    run = calibrate(reviews)
    notice = next(notice for notice in run.warnings if notice.code == "groups")
    assert "groups are not comparable" in notice.text
    assert [group.number for group in run.groups] == [1, 2]
    assert run.groups[0].letters == tuple(f"b{p}" for p in range(6))
    assert run.groups[1].letters == tuple(f"a{p}" for p in range(4))
    for group in run.groups:
        inside = [lines(run)[letter] for letter in group.letters]
        assert {line.group for line in inside} == {group.number}
        size = len(inside)
        assert sorted(line.place for line in inside) == list(range(1, size + 1))
        assert sum(line.expected_rank for line in inside) == pytest.approx(size * (size + 1) / 2)
        assert max(line.rank_95 for line in inside) <= size


def test_a_single_review_between_groups_is_a_bridge():
    apart = [*crossed(4, 3, prefix="a"), *crossed(4, 3, prefix="b")]
    bridged = [*apart, ("a0", "br1", 55.0)]
    run = calibrate(bridged)
    assert run.bridges == (("a0", "br1"),)
    assert len(run.groups) == 2
    assert "one review alone" in run.warnings[0].text
    # A second tie, and they are one.
    tied = calibrate([*bridged, ("a1", "br1", 55.0)])
    assert (tied.bridges, len(tied.groups), tied.warnings) == ((), 1, ())


def test_a_letter_or_reviewer_that_hangs_on_by_one_review_is_no_group():
    reviews = [
        *crossed(5, 3),
        ("hanging", "r0", 50.0),
        ("hanging", "once", 55.0),
        ("0", "also once", 60.0),
    ]
    run = calibrate(reviews)
    assert (run.bridges, len(run.groups), run.warnings) == ((), 1, ())


def test_a_letter_that_nothing_ties_is_a_group_of_its_own():
    run = calibrate([*crossed(5, 3), ("alone", "x", 50.0), ("alone", "y", 60.0)])
    assert [group.letters for group in run.groups][1:] == [("alone",)]
    line = lines(run)["alone"]
    assert (line.place, line.expected_rank, line.rank_5, line.rank_95) == (1, 1, 1, 1)


graphs = st.lists(
    st.tuples(st.integers(0, 9), st.integers(0, 7)), min_size=1, max_size=30, unique=True
)


@settings(max_examples=50)
@given(graphs)
def test_bridges_are_reviews_whose_loss_takes_letters_apart(pairs):
    data = table([(f"L{p}", f"R{r}", 50.0) for p, r in pairs])
    rateable = {data.letters[p] for p in np.flatnonzero(data.rateable)}

    def pieces(edges):
        """Rateable letters in sets that reviews tie together, by merging until nothing moves."""
        found = [({f"L{p}"}, {f"R{r}"}) for p, r in edges]
        merged = True
        while merged:
            merged = False
            for one in found:
                other = next(
                    (o for o in found if o is not one and (o[0] & one[0] or o[1] & one[1])), None
                )
                if other:
                    found.remove(other)
                    one[0].update(other[0])
                    one[1].update(other[1])
                    merged = True
                    break
        lost = {letter for letter in rateable if not any(letter in piece for piece, _ in found)}
        return [piece & rateable for piece, _ in found] + [{letter} for letter in lost]

    whole = pieces(pairs)
    bridges = set()
    for edge in pairs:
        rest = pieces([other for other in pairs if other != edge])
        shrunk = [piece for piece in rest if len(piece) >= 2 and piece not in whole]
        if len(shrunk) == 2:
            bridges.add((f"L{edge[0]}", f"R{edge[1]}"))
    found = grouping(data)
    told = {(data.letters[data.letter[i]], data.reviewers[data.reviewer[i]]) for i in found.bridges}
    assert told == bridges
    kept = [(p, r) for p, r in pairs if (f"L{p}", f"R{r}") not in bridges]
    expected = {frozenset(piece) for piece in pieces(kept) if piece}
    groups = {
        frozenset(data.letters[p] for p in np.flatnonzero(found.group == number))
        for number in range(found.count)
    }
    assert groups == expected


# --- flags ---


def test_a_letter_whose_reviews_disagree_is_flagged():
    reviews = [(f"L{p}", f"R{r}", 60.0 + p + r) for p in range(12) for r in range(3)]
    reviews = [row for row in reviews if row[0] != "L5"]
    reviews += [("L5", "R0", 20.0), ("L5", "R1", 60.0), ("L5", "R2", 95.0)]
    run = calibrate(reviews, threshold=66.7)
    assert [line.letter for line in run.letters if line.disagreement] == ["L5"]
    # By hand: the squares within L5 are 2816.7, above 5.991 times (11 * 2 + 2816.7) / 24 = 708.7.
    # L6 has 66, 67 and 68.
    assert {line.letter for line in run.letters if line.crosses_threshold} == {"L5", "L6"}


def test_disagreement_is_by_chi_square_with_the_pooled_variance():
    reviews = [*panel(60, 20, 3, seed=8)[2], *panel(50, 20, 2, seed=9)[2]]
    reviews = list({row[:2]: row for row in reviews}.values())
    totals = {}
    for letter, _, total in reviews:
        totals.setdefault(letter, []).append(total)
    squares = {letter: np.var(given) * len(given) for letter, given in totals.items()}
    free = {letter: len(given) - 1 for letter, given in totals.items()}
    pooled = sum(squares.values()) / sum(free.values())
    expected = {p for p in totals if squares[p] / pooled > stats.chi2.ppf(0.95, free[p])}
    flagged = {line.letter for line in calibrate(reviews).letters if line.disagreement}
    assert flagged == expected
    assert 0 < len(flagged) < 10


def test_equal_totals_never_disagree():
    run = calibrate([(f"L{p}", f"R{r}", 66.7) for p in range(5) for r in range(3)])
    assert not any(line.disagreement for line in run.letters)
    assert {line.crosses_threshold for line in run.letters} == {None}


# --- little to go by ---


def test_fewer_than_two_reviews_are_not_rateable():
    run = calibrate([*crossed(4, 3), ("one", "r0", 90.0)], letters=["none", "0"])
    for name, reviews, mean in (("none", 0, None), ("one", 1, 90.0)):
        line = lines(run)[name]
        assert (line.status, line.reviews, line.raw_mean) == ("not rateable", reviews, mean)
        assert (line.merit, line.place, line.p_top, line.group) == (None, None, None, None)
    assert len(run.letters) == 6
    assert "2 letters" in next(n.text for n in run.warnings if n.code == "not_rateable")


@pytest.mark.parametrize(
    "reviews", [[], [("a", "x", 50)], [("a", "x", 50), ("b", "x", 60)]], ids=len
)
def test_nothing_rateable_is_said_not_guessed(reviews):
    run = calibrate(reviews, letters=["c"])
    assert run.correction.reason == "nothing_rateable"
    assert {line.status for line in run.letters} == {"not rateable"}
    assert (run.mean, run.variance_noise, run.groups, run.reliability) == (None, None, (), ())
    json.loads(run.as_json())


def test_equal_totals_leave_any_order_as_likely():
    run = calibrate([(f"L{p}", f"R{r}", 66.7) for p in range(8) for r in range(3)], top=2)
    assert run.correction.reason == "all_totals_equal"
    for line in run.letters:
        assert (line.merit, line.place, line.expected_rank) == (66.7, 1, 4.5)
        assert (line.rank_5, line.rank_95) == (1, 8)
        assert line.p_top == pytest.approx(0.25, abs=0.06)


def test_marks_that_fit_exactly_do_not_break_the_fit():
    run = calibrate([(f"L{p}", f"R{r}", 40.0 + 2 * p + 5 * r) for p in range(9) for r in range(5)])
    assert run.correction.supported
    assert [line.place for line in run.letters] == list(range(9, 0, -1))
    severities = [line.severity for line in run.reviewers]
    assert severities == pytest.approx([10, 5, 0, -5, -10], abs=0.01)


@pytest.mark.parametrize(
    "reviews",
    [
        [("a", "x", float("nan"))],
        [("a", "x", float("inf"))],
        [("a", "x", 100.01)],
        [("a", "x", -0.01)],
        [("a", "x", None)],
        [("a", "x", "ten")],
        [("", "x", 50)],
        [("a", None, 50)],
        [("a", "x", 50), ("b", "x", 50), ("a", "x", 60)],
    ],
)
def test_totals_that_cannot_be_calculated_with_are_refused(reviews):
    with pytest.raises(BadTable):
        calibrate(reviews)


@pytest.mark.parametrize(
    "options",
    [{"draws": 0}, {"top": 0}, {"seed": -1}, {"threshold": float("nan")}, {"threshold": 101}],
)
def test_senseless_options_are_refused(options):
    with pytest.raises(ValueError, match=r"at least|threshold"):
        calibrate(crossed(3, 3), **options)


# --- whatever comes ---


@settings(max_examples=30)
@given(sparse_tables, st.integers(1, 8), st.one_of(st.none(), st.floats(0, 100)))
def test_every_record_holds_together(reviews, top, threshold):
    run = calibrate(reviews, letters=["L9"], draws=40, top=top, threshold=threshold)
    assert json.loads(run.as_json())["input_sha256"] == run.input_sha256
    assert {row[0] for row in reviews} | {"L9"} == {line.letter for line in run.letters}
    rated = [line for line in run.letters if line.status == "rated"]
    assert all((line.reviews >= 2) == (line in rated) for line in run.letters)
    assert sum(line.p_top for line in rated) == pytest.approx(min(top, len(rated)), abs=1e-4)
    assert sorted(letter for group in run.groups for letter in group.letters) == sorted(
        line.letter for line in rated
    )
    for group in run.groups:
        inside = [line for line in rated if line.group == group.number]
        size = len(inside)
        assert sum(line.expected_rank for line in inside) == pytest.approx(
            size * (size + 1) / 2, abs=1e-3
        )
        for line in inside:
            order = [1, line.rank_5, line.rank_25, line.rank_75, line.rank_95, size]
            assert order == sorted(order)
            assert 1 <= line.place <= size
            assert 0 <= line.reliability <= 1 or run.correction.reason == "all_totals_equal"
    for line in run.reviewers:
        assert len(line.leave) == len(line.enter) <= top


def test_a_record_cannot_be_changed():
    run = calibrate(crossed(3, 3))
    with pytest.raises(dataclasses.FrozenInstanceError):
        run.mean = 0
    with pytest.raises(dataclasses.FrozenInstanceError):
        run.letters[0].merit = 0
    assert run.as_dict()["code_version"] == run.code_version
