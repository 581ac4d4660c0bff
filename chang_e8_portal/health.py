"""One word for load balancers and container health checks, with no detail for strangers."""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import HttpResponse
from django.views.decorators.http import require_safe

from chang_e8_portal import clock
from proposals.models import Attachment

# How long the malware scanner may take for a file before the operator should look.
LATE = timedelta(minutes=10)


@login_not_required
@require_safe
def live(request):
    """The process answers."""
    return HttpResponse("live\n", content_type="text/plain")


@login_not_required
@require_safe
def ready(request):
    """The database answers as well. The broker is a doorbell: pages work without it."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return HttpResponse("not ready\n", status=503, content_type="text/plain")
    late = settings.CLAMAV_ADDRESS and Attachment.every.waiting_since(clock.now() - LATE).exists()
    # Said, and no reason to send people elsewhere: nothing but the handing out of files waits.
    word = "ready, malware scanner late\n" if late else "ready\n"
    return HttpResponse(word, content_type="text/plain")
