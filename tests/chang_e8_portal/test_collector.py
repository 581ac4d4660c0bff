import gc

import pytest
from celery.signals import worker_process_init

from chang_e8_portal import collector


@pytest.fixture
def unsettled():
    """The collector as Python starts with it; afterwards as all tests have it."""
    gc.unfreeze()
    gc.set_threshold(700, 10, 10)
    yield
    collector.settle()


def test_a_worker_that_starts_leaves_what_is_loaded_alone_and_looks_less_often(unsettled):
    worker_process_init.send(sender=None)
    assert gc.get_freeze_count() > 10_000
    assert gc.get_threshold() == (collector.YOUNG, collector.MIDDLE, collector.OLD)


def test_garbage_in_cycles_is_still_collected(unsettled):
    collector.settle()
    before = gc.get_stats()[0]["collections"]
    for _number in range(collector.YOUNG + 1000):
        ring: list = []
        ring.append(ring)
    assert gc.get_stats()[0]["collections"] > before
