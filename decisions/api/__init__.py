"""The calls about decisions: what was decided, and the results."""

from ninja import Router

from accounts.bearer import bearer, throttle
from decisions.api import decided, results

router = Router()
router.add_router("", decided.router, auth=bearer, throttle=throttle)
router.add_router("", results.router)
