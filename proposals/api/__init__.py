"""The calls about letters of intent. Each begins with a token; see `accounts.bearer`."""

from ninja import Router

from accounts.bearer import bearer, throttle
from proposals.api import attachments, filing, letters

router = Router(auth=bearer, throttle=throttle)
router.add_router("", letters.router)
router.add_router("", attachments.router)
router.add_router("", filing.router)
