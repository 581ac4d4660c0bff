"""A cache that may be away."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

import redis
from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.redis import RedisCache

logger = logging.getLogger(__name__)


def _or(fallback: Any) -> Callable:
    """Answer `fallback` while Redis cannot be reached or does not answer in time."""

    def decorate(method: Callable) -> Callable:
        @wraps(method)
        def asked(*args: Any, **kwargs: Any) -> Any:
            try:
                return method(*args, **kwargs)
            except (redis.ConnectionError, redis.TimeoutError) as problem:
                logger.warning("The cache is away (%s): log-in limits do not count.", problem)
                return fallback

        return asked

    return decorate


class ForgivingRedisCache(RedisCache):
    """Redis, or an empty cache while Redis is away.

    The limits on log-in attempts live here, and what can be reckoned anew, such as which letters
    read alike. Without this class a Redis that is down answers
    every log-in with an error page; people could not submit in the last hour because of a part
    that guards against guessing. The price, log-in attempts uncounted for that time, is logged.
    """

    @_or(fallback=True)
    def add(self, key, value, timeout=DEFAULT_TIMEOUT, version=None):
        return super().add(key, value, timeout, version)

    def get(self, key, default=None, version=None):
        return _or(fallback=default)(super().get)(key, default, version)

    @_or(fallback=None)
    def set(self, key, value, timeout=DEFAULT_TIMEOUT, version=None):
        super().set(key, value, timeout, version)

    @_or(fallback=False)
    def delete(self, key, version=None):
        return super().delete(key, version)
