"""What must always hold in this room."""

from audit import chain


def findings(*, at):
    """One sentence for each thing that should not be."""
    fault = chain.verify().fault
    if fault:
        yield f"audit: {fault}"
