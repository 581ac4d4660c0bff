"""The files that an agency filed, for whoever may read the letter."""

from django.http import Http404

from proposals import downloads, filed_files
from proposals.states import FULLER_KINDS
from reviews.anonymity import HIDDEN_FILES


def file_response(request, letter, kind, *, with_fuller, nameless=False):
    """A file of the letter's filed version as a download that no browser runs.

    404 without one, and as long as the malware scanner has not cleared it. `with_fuller` says
    whether the reader may also have those of the fuller proposal. A `nameless` reader gets a copy
    that does not tell who made it, and nothing that is there to name people.
    """
    file = _find(readable_files, letter, kind, with_fuller=with_fuller, nameless=nameless)
    if nameless:
        return downloads.plain_response(sha256=file.sha256, name=_our_name(letter, file))
    return downloads.response(request, sha256=file.sha256, name=_our_name(letter, file))


def team_file_response(request, letter, kind, *, with_fuller):
    """A file that names people, for a reviewer who may know them."""
    file = _find(hidden_files, letter, kind, with_fuller=with_fuller)
    return downloads.response(request, sha256=file.sha256, name=_our_name(letter, file))


def readable_files(version, *, nameless=False) -> list:
    """The files of a filed version that may be handed out; none if there is no version."""
    ready = [file for file in filed_files.of(version) if file.is_ready] if version else []
    return [file for file in ready if not (nameless and file.kind in HIDDEN_FILES)]


def hidden_files(version) -> list:
    """The files that name people, of those that may be handed out."""
    return [file for file in readable_files(version) if file.kind in HIDDEN_FILES]


def _find(files_of, letter, kind, *, with_fuller, **more):
    is_fuller = kind.upper() in FULLER_KINDS
    if is_fuller and not with_fuller:
        raise Http404
    versions = letter.fuller_versions if is_fuller else letter.versions
    for file in files_of(versions.order_by("-number").first(), **more):
        if file.kind.lower() == kind:
            return file
    raise Http404


def _our_name(letter, file) -> str:
    """Not the agency's: theirs may name people, and any character."""
    return f"{letter.reference}-{file.kind.lower()}.{file.name.rpartition('.')[2]}"
