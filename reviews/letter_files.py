"""The files that an agency filed, for whoever may read the letter."""

from django.http import Http404

from proposals import downloads, filed_files
from proposals.states import FULLER_KINDS


def file_response(request, letter, kind, *, with_fuller):
    """A file of the letter's filed version as a download that no browser runs.

    404 without one, and as long as the malware scanner has not cleared it. `with_fuller` says
    whether the reader may also have those of the fuller proposal.
    """
    is_fuller = kind.upper() in FULLER_KINDS
    if is_fuller and not with_fuller:
        raise Http404
    versions = letter.fuller_versions if is_fuller else letter.versions
    for file in readable_files(versions.order_by("-number").first()):
        if file.kind.lower() == kind:
            # Our name, not the agency's: theirs may name people, and any character.
            name = f"{letter.reference}-{kind}.{file.name.rpartition('.')[2]}"
            return downloads.response(request, sha256=file.sha256, name=name)
    raise Http404


def readable_files(version) -> list:
    """The files of a filed version that may be handed out; none if there is no version."""
    return [file for file in filed_files.of(version) if file.is_ready] if version else []
