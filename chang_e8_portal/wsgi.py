"""What gunicorn serves."""

import os

from django.core.management.base import BaseCommand
from django.core.wsgi import get_wsgi_application

from chang_e8_portal import collector
from chang_e8_portal.bodies import counted
from chang_e8_portal.charset import only_utf_8

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chang_e8_portal.settings")

application = counted(only_utf_8(get_wsgi_application()))

# gunicorn, unlike manage.py and Celery's worker, does not run the system checks by itself; with an
# error (a test clock in production, say) it must not serve a page.
BaseCommand().check()

collector.settle()
