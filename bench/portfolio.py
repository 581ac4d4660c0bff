"""How long it takes to choose: the best set of few and of many letters, all reasons, 200 draws."""

import time
from collections.abc import Callable, Iterator

import numpy as np

from bench.figure import Figure
from decisions import portfolio, portfolio_check

# letters, kilograms on the lander, most seconds
SIZES = [(41, 200, 1.0), (500, 200, 10.0), (500, 2000, 10.0), (5000, 200, 60.0)]
SEEDS = range(3)
# Seconds for 41 letters: background work, which a panel waits for in its meeting.
REPORT, DRAWS = 60.0, 60.0
COUNT_OF_DRAWS = 200
# Points by which a calibrated merit is uncertain.
MERIT_ERROR = 4.0


def measure() -> Iterator[Figure]:
    """Seconds until the best set is proven, its ties are settled and the check has passed it."""
    _best(_call(0, 41, 200))  # the first search imports the solver
    for letters, kilograms, most in SIZES:
        took = []
        for seed in SEEDS:
            data = _call(seed, letters, kilograms)
            seconds, found = _timed(lambda data=data: _best(data))
            faults = portfolio_check.faults(
                data, list(found.keys), value=found.value, mass=found.mass
            )
            if faults:
                raise RuntimeError(f"{letters} letters, seed {seed}: {faults}")
            took.append(seconds)
        yield Figure(
            f"best set of {letters:,} letters for {kilograms:,} kg",
            f"{min(took):.2f} to {max(took):.2f} s",
            f"under {most:g} s",
            max(took) < most,
        )
    data = _call(0, 41, 200)
    problem = portfolio.Problem(portfolio.read(data))
    seconds, _ = _timed(lambda: portfolio.report(problem))
    yield _figure("report on 41 letters: reasons, prices, curve, 10 best sets", seconds, REPORT)
    merits = np.array([c["merit"] for c in data["candidates"]])
    shape = (COUNT_OF_DRAWS, len(merits))
    draws = merits + MERIT_ERROR * np.random.default_rng(1).standard_normal(shape)
    seconds, found = _timed(lambda: portfolio.firmness(problem, draws.tolist()))
    name = f"{COUNT_OF_DRAWS} draws of the merits of 41 letters, {found.sets} different sets"
    yield _figure(name, seconds, DRAWS)


def _figure(name, seconds, most) -> Figure:
    return Figure(name, f"{seconds:.1f} s", f"under {most:g} s", seconds < most)


def _best(data):
    return portfolio.best(portfolio.Problem(portfolio.read(data)))


def _timed(work: Callable):
    began = time.perf_counter()
    done = work()
    return time.perf_counter() - began, done


def _call(seed: int, letters: int, kilograms: int) -> dict:
    """A call's letters and its rules; the rules grow with the lander, as the letters do not."""
    random = np.random.default_rng(seed)
    times = kilograms // 200
    candidates = []
    for i in range(letters):
        mass = round(float(np.clip(random.lognormal(2.3, 0.9), 0.5, 110)), 3)
        # Heavy projects score somewhat better: they do more.
        merit = float(np.clip(random.normal(65, 8) + 2 * np.log(mass), 0, 100))
        candidates.append(
            {
                "key": f"L{i:04}",
                "receipt": i,
                "merit": round(merit, 2),
                "level": str(random.choice(["unit", "system", "mission"], p=[0.65, 0.3, 0.05])),
                "mass": mass,
                "uses": {"power": round(float(random.lognormal(2.5, 0.7)), 1)},
                "agencies": [f"A{random.integers(letters)}"],
                "countries": [f"C{random.integers(max(12, letters // 6))}"],
                "categories": [
                    str(random.choice(["robot", "rover", "instrument"], p=[0.1, 0.1, 0.8]))
                ],
                "objectives": [f"O{k}" for k in range(5) if random.random() < 0.3],
            }
        )
    rules = {
        "zero_point": 60,
        "threshold": 55,
        "mass": kilograms,
        "agency_max": 1,
        "country_max": 3,
        "limits": {"power": {"total": kilograms, "hard": True}},
        "categories": {"robot": {"min": 1}, "instrument": {"max": 10 * times}},
        "count": {"min": 3, "max": 15 * times},
        "objectives": {f"O{k}": 2 for k in range(5)},
        "exclusive": [["L0001", "L0003"]],
        "needs": [{"letter": "L0002", "needs": ["L0005"]}],
        "synergies": [{"letters": ["L0004", "L0007"], "value": 3}],
    }
    return {"candidates": candidates, "rules": rules}
