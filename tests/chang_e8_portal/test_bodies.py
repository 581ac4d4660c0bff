"""The body of a request is counted before Django sees it."""

from io import BytesIO

import pytest

from chang_e8_portal import bodies

FORM = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x--\r\n'


def ask(body, *, length=None, content_type="multipart/form-data; boundary=x", **environ):
    """Status, what the application read, and whether the body came whole."""
    seen = {}

    def application(environ, start_response):
        seen["read"] = environ["wsgi.input"].read()
        seen["length"] = environ.get("CONTENT_LENGTH")
        seen["whole"] = environ["portal.body"].is_whole()
        start_response("200 OK", [])
        return []

    environ |= {"wsgi.input": BytesIO(body), "CONTENT_TYPE": content_type}
    if length is not None:
        environ["CONTENT_LENGTH"] = str(length)
    said = []
    list(bodies.counted(application)(environ, lambda status, headers: said.append(status)))
    return said[0][:3], seen


def test_a_whole_form_is_whole():
    status, seen = ask(FORM, length=len(FORM))
    assert (status, seen["read"], seen["whole"]) == ("200", FORM, True)
    assert ask(FORM, length=len(FORM), content_type='multipart/form-data; boundary="x"')[1]["whole"]


@pytest.mark.parametrize(
    ("body", "length"),
    [
        pytest.param(FORM[:-8], len(FORM) - 8, id="IU06 the length is smaller than the form"),
        pytest.param(FORM[:-8], len(FORM), id="IU47 the line broke"),
        pytest.param(b"", len(FORM), id="nothing came"),
    ],
)
def test_a_form_that_was_cut_off_is_not(body, length):
    assert ask(body, length=length)[1]["whole"] is False


@pytest.mark.parametrize("body", [b"", b"a=1"])
def test_other_bodies_have_no_boundary(body):
    content_type = "application/x-www-form-urlencoded"
    assert ask(body, length=len(body), content_type=content_type)[1]["whole"]


def test_chunks_are_counted_and_read_for_the_application():
    status, seen = ask(FORM, HTTP_TRANSFER_ENCODING="chunked")
    assert (status, seen["read"], seen["length"]) == ("200", FORM, str(len(FORM)))
    assert seen["whole"]


def test_iu05_chunks_without_end_are_stopped_at_the_limit():
    class Endless:
        read_so_far = 0

        def read(self, size):
            self.read_so_far += size
            return bytes(size)

    def application(environ, start_response):
        raise AssertionError("not asked")

    endless, said = Endless(), []
    environ = {"wsgi.input": endless, "HTTP_TRANSFER_ENCODING": "chunked"}
    list(bodies.counted(application)(environ, lambda status, headers: said.append(status)))
    assert said == ["413 Content Too Large"]
    assert endless.read_so_far <= bodies.MOST_BYTES + 64 * 1024
