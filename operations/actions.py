"""The walk along the audit chain. What failed is done again by the actions of the rooms below."""

from datetime import timedelta

from audit import chain
from chang_e8_portal import clock
from operations.models import ChainCheck

EVERY = timedelta(hours=1)


def check_chain(*, at) -> ChainCheck:
    """Walk the whole audit chain and keep what was found, for the page and the metrics.

    The head of a whole one is made known to everybody.
    """
    verdict = chain.verify()
    if not verdict.fault:
        chain.make_known(at=clock.now())
    check, _made = ChainCheck.objects.update_or_create(
        pk=1,
        defaults={
            "checked_at": at,
            "entries": verdict.count,
            "fault": (verdict.fault or "")[:200],
        },
    )
    return check


def check_chain_if_due(*, at) -> None:
    """Walk it unless that was done within the hour: whoever sweeps comes by every minute."""
    last = ChainCheck.objects.latest_one()
    if last is None or at - last.checked_at >= EVERY:
        check_chain(at=at)
