"""`kill -9` at a step of a deed, in a real process with a connection of its own.

The process is forked from the test. A step is a statement by its number, or a moment around the
commit of the deed's transaction.
"""

import os
import signal
import sys
import traceback

from django.db import connection

# The steps that are no statements of ours.
BEFORE_COMMIT, AFTER_COMMIT = "before the commit", "after the commit"


class Death:
    """`kill -9` of oneself at one step."""

    def __init__(self, step):
        self.step, self.seen = step, 0

    def __call__(self, execute, sql, params, many, context):
        self.seen += 1
        if self.seen == self.step:
            strike()
        return execute(sql, params, many, context)

    def around_commit(self, commit):
        def committed():
            if self.step == BEFORE_COMMIT:
                strike()
            commit()
            if self.step == AFTER_COMMIT:
                strike()

        return committed


def strike():
    os.kill(os.getpid(), signal.SIGKILL)


def forked(deed) -> int:
    """The process id of a child that does the deed; its status is 0, or 1 if the deed raised."""
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        # The parent's line to the database is not ours to use or to close.
        _inherited, connection.connection = connection.connection, None
        connection.ensure_connection()
        deed()
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


def done_by_a_process_that_dies(deed, step) -> bool:
    """Do the deed in a process that is killed at this step; whether it came to its end instead."""
    death = Death(step)

    def doomed():
        connection.commit = death.around_commit(connection.commit)
        with connection.execute_wrapper(death):
            deed()

    _pid, status = os.waitpid(forked(doomed), 0)
    if os.WIFSIGNALED(status):
        return False
    assert os.waitstatus_to_exitcode(status) == 0, "the deed failed by itself"
    return True
