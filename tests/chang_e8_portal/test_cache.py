import logging

from django.conf import settings
from django.core.cache import caches
from django.utils.module_loading import import_string


def cache_that_is_away(tmp_path):
    config = settings.CACHES["default"]
    return import_string(config["BACKEND"])(
        f"unix://{tmp_path}/nobody.sock", {"OPTIONS": config["OPTIONS"]}
    )


def test_a_cache_that_is_away_knows_nothing_and_says_so(tmp_path, caplog):
    away = cache_that_is_away(tmp_path)

    with caplog.at_level(logging.WARNING):
        away.set("tries", [1])
        assert away.add("tries", [2]) is True  # what allauth's limits wait for
        assert away.get("tries", []) == []
        assert away.delete("tries") is False

    assert len(caplog.records) == 4
    assert "log-in limits do not count" in caplog.text


def test_a_cache_that_is_there_remembers():
    cache = caches["default"]
    cache.set("greeting", "nihao", timeout=60)

    assert cache.get("greeting") == "nihao"
    assert cache.add("greeting", "hello") is False
    assert cache.delete("greeting") is True
    assert cache.get("greeting", "nothing") == "nothing"
