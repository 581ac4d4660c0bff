"""The calls about the call itself, about one's own reviews, and about the panel's work."""

from ninja import Router

from accounts.bearer import bearer, throttle
from reviews.api import call, panel, reviewing

router = Router()
router.add_router("", call.router)
router.add_router("", reviewing.router, auth=bearer, throttle=throttle)
router.add_router("", panel.router, auth=bearer, throttle=throttle)
