"""The life of the demo call, lived through: every deed is done by the real action at its moment.

The clock is moved to each deed before it is done. A chapter only does what is still missing, so a
person may do any part by hand - submit a letter, screen, assign, decide - and travel on from there.
"""

from chang_e8_portal.demo.story.chapters import tell
from chang_e8_portal.demo.story.who_and_when import IDLE_REVIEWERS, PHASES, moment_of, phase_at

__all__ = ["IDLE_REVIEWERS", "PHASES", "moment_of", "phase_at", "tell"]
