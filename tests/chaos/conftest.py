"""What breaks in earnest: many at once at the last second, and servers that die in the middle.

The short set is part of `make test`; `make chaos` runs the long one (CHAOS=long), with the numbers
the portal promises. Every random choice comes from one seed, printed at the start; CHAOS_SEED gives
it back. Every wait ends after a minute.
"""

import os
import random
import threading
import time

import pytest

from tests.chaos.house import House

LONG = os.environ.get("CHAOS") == "long"
SEED = int(os.environ.get("CHAOS_SEED") or random.SystemRandom().randrange(1_000_000))


def pytest_report_header():
    return f"chaos: {'long' if LONG else 'short'} set, CHAOS_SEED={SEED}"


@pytest.fixture
def dice(request):
    """Random choices of this test alone, the same again for the same seed."""
    print(f"CHAOS_SEED={SEED}")
    return random.Random(f"{SEED}/{request.node.name}")


@pytest.fixture
def size():
    """`size(short, long)`: how big a test is in the set that runs."""
    return lambda short, long: long if LONG else short


@pytest.fixture(scope="module")
def house():
    """A portal of its own: servers, web, worker and beat, to be killed at will."""
    made = House()
    try:
        made.open()
        yield made
    finally:
        made.close()


@pytest.fixture
def at_once():
    """`at_once(jobs)` runs callables in threads that start together; their answers, in order.

    A thread that raised raises here.
    """

    def run(jobs, patience=120):
        barrier = threading.Barrier(len(jobs))
        answers, faults = [None] * len(jobs), []

        def work(number, job):
            try:
                barrier.wait(60)
                answers[number] = job()
            except BaseException as fault:
                faults.append(fault)
                barrier.abort()

        threads = [threading.Thread(target=work, args=pair) for pair in enumerate(jobs)]
        for thread in threads:
            thread.start()
        deadline = time.monotonic() + patience
        for thread in threads:
            thread.join(max(deadline - time.monotonic(), 0.1))
        if faults:
            raise faults[0]
        assert not any(thread.is_alive() for thread in threads), f"not done in {patience} s"
        return answers

    return run
