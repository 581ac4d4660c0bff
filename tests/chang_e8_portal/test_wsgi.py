"""What gunicorn imports, before anything else has set Django up."""

import os
import subprocess
import sys


def test_the_application_can_be_imported_by_a_process_that_knows_nothing_of_django():
    # And with all that it is made of before the first request, and out of the collector's way.
    program = "import chang_e8_portal.wsgi, gc, sys; print(gc.get_freeze_count() > 100_000)"
    loaded = "print('reviews.views.review' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", f"{program}; {loaded}"],
        env=os.environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr, done.stdout) == (0, "", "True\nTrue\n")
