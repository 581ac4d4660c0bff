"""What gunicorn imports, before anything else has set Django up."""

import os
import subprocess
import sys


def test_the_application_can_be_imported_by_a_process_that_knows_nothing_of_django():
    done = subprocess.run(
        [sys.executable, "-c", "import chang_e8_portal.wsgi"],
        env=os.environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
