"""What stands before Django itself: it must be importable before Django is set up."""

import re

# A charset that is not UTF-8, or a parameter that brings one of its own (RFC 2231: a*=rot13''b).
_ODD_CHARSET = re.compile(r'charset\s*=(?!\s*"?utf-?8"?\s*(;|$))|\*\s*=', re.IGNORECASE)


def only_utf_8(application):
    """Wrap a WSGI application: answer 400 to a request written in anything but UTF-8.

    Django takes every codec of Python for a character set while it still builds the request, where
    no middleware of its own is asked: some codecs end in an error of ours, others spell out halves
    of characters, which no column can store.
    """

    def guarded(environ, start_response):
        if _ODD_CHARSET.search(environ.get("CONTENT_TYPE", "")):
            start_response("400 Bad Request", [("Content-Type", "text/plain")])
            return [b"Only UTF-8 is read here. Nothing was changed.\n"]
        return application(environ, start_response)

    return guarded
