"""The files that an agency filed, for whoever may read the letter."""

from django.http import Http404

from proposals import downloads, filed_files


def file_response(request, letter, kind):
    """A file of the letter's filed version as a download that no browser runs.

    404 without one, and as long as the malware scanner has not cleared it.
    """
    version = letter.versions.order_by("-number").first()
    for file in readable_files(version):
        if file.kind.lower() == kind:
            # Our name, not the agency's: theirs may name people, and any character.
            name = f"{letter.reference}-{kind}.{file.name.rpartition('.')[2]}"
            return downloads.response(request, sha256=file.sha256, name=name)
    raise Http404


def readable_files(version) -> list:
    """The files of a filed version that may be handed out; none if there is no version."""
    return [file for file in filed_files.of(version) if file.is_ready] if version else []
