"""Wiring of the portal: settings, addresses, the clock, the timetable. No models, no rules."""

from chang_e8_portal.celery import app as celery_app

__all__ = ["celery_app"]
