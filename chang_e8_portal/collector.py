"""Python's garbage collector in a process that answers requests for weeks."""

import gc

# How many objects more than were freed make the collector look; Python's own 700 are a few lines
# of a table. At 20,000 a table of 6,000 reviews takes a tenth less processor time, a page of the
# panel 3 % less, and garbage in cycles waits in a few megabytes.
YOUNG, MIDDLE, OLD = 20_000, 10, 10


def settle() -> None:
    """Leave what is loaded by now alone, and look at the rest less often.

    Else the collector looks at all of it again and again: 130 ms in which every thread of the
    process stands still, in one of forty review pages.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, OLD)
