"""On what it was measured: without it no figure can be compared with another one."""

import os
import platform
import time
from datetime import UTC, datetime


def machine() -> str:
    """One line: when, cores, Python, load, and how fast this machine is just now."""
    load = ", ".join(f"{number:.1f}" for number in os.getloadavg())
    return (
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {os.cpu_count()} cores, Python"
        f" {platform.python_version()}, load {load} at the start,"
        f" a million turns of an empty loop in {pace():.0f} ms"
    )


def pace() -> float:
    """Processor time of a million turns, in ms, the best of five."""
    times = []
    for _time in range(5):
        began = time.process_time()
        for _turn in range(1_000_000):
            pass
        times.append(time.process_time() - began)
    return min(times) * 1000
