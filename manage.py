#!/usr/bin/env python
"""Django's command line, with the embedded database and queue where none are configured."""

import atexit
import os
import signal
import sys

from django.core.management import execute_from_command_line

from chang_e8_portal import embedded

# Commands that read code and files only; they need not wait for servers to start.
WITHOUT_SERVERS = {
    "assign",
    "calibrate",
    "collectstatic",
    "compilemessages",
    "diffsettings",
    "findstatic",
    "help",
    "makemessages",
    "portfolio",
    "version",
}


def start_services() -> None:
    """Start what has no address yet, tell Django its address, and stop it again at the end."""
    missing = {name for name in ("DATABASE_URL", "REDIS_URL") if not os.environ.get(name)}
    if not missing or not embedded.allowed(os.environ):
        return
    try:
        services = embedded.start(
            embedded.data_dir(os.environ),
            postgres="DATABASE_URL" in missing,
            valkey="REDIS_URL" in missing,
        )
    except embedded.ServicesFailed as failure:
        sys.exit(str(failure))
    atexit.register(services.stop)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that atexit runs
    addresses = {"DATABASE_URL": services.database_url, "REDIS_URL": services.redis_url}
    # Children (the auto-reloader, web and worker processes) find them in the environment.
    os.environ.update({name: addresses[name] for name in missing})


def main() -> None:
    """Run one command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chang_e8_portal.settings")
    words = set(sys.argv[1:2]) or {"help"}
    if not words & WITHOUT_SERVERS and not {"--help", "-h", "--version"} & set(sys.argv):
        start_services()
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
