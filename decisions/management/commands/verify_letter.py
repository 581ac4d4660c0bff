import hashlib
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from decisions import pdf_signature, verifying
from decisions.pdf_signature import State

GENUINE, NOT_GENUINE, UNREADABLE = 0, 1, 2


class Command(BaseCommand):
    help = (
        "Say of each file whether it is a decision letter of this portal, a line each. Exit 0 if "
        "all are, 1 if one is not, 2 if one could not be read. Asks the database, no other machine."
    )

    def add_arguments(self, parser):
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")

    def handle(self, *args, files, **options):
        faults, worst = [], GENUINE
        for path in files:
            try:
                code, sentence = self.verdict(path)
            except pdf_signature.KeyUnusable as fault:
                raise CommandError(
                    f"nothing can be checked: {fault}", returncode=UNREADABLE
                ) from fault
            if code == GENUINE:
                self.stdout.write(f"{path}: genuine: {sentence}")
            else:
                faults.append(f"{path}: {sentence}")
                worst = NOT_GENUINE if NOT_GENUINE in (code, worst) else code
        if faults:
            raise CommandError("\n".join(faults), returncode=worst)

    def verdict(self, path):
        """The exit code and the sentence for one file."""
        try:
            pdf = path.read_bytes()
        except OSError as error:
            return UNREADABLE, f"cannot be read: {error.strerror}"
        digest = hashlib.sha256(pdf).hexdigest()
        signature = pdf_signature.look(pdf)
        letter = verifying.told_with(digest)
        if letter is None:
            return NOT_GENUINE, f"{_WHY_NOT[signature.state]} (SHA-256 {digest})"
        if letter.superseded_at:
            return NOT_GENUINE, (
                f"superseded: letter {letter.number} came from this portal, but was corrected on "
                f"{letter.superseded_at:%Y-%m-%d}, and a later letter holds"
            )
        if not verifying.is_as_stored(letter, signature):
            return NOT_GENUINE, (
                f"letter {letter.number} has the bytes that were sent, but the certificate that "
                f"signed it, {letter.certificate}, is not in PDF_SIGNING_CERTIFICATES_FILE"
            )
        return GENUINE, (
            f"letter {letter.number} about {letter.decision.letter.reference}, issued "
            f"{letter.told_at:%Y-%m-%d}, SHA-256 {digest}, {_signed(signature)}"
        )


_WHY_NOT = {
    State.NONE: "no letter that was sent has these bytes, and nothing in them is signed",
    State.FOREIGN: "no letter that was sent has these bytes, and the signature in them is not ours",
    State.CHANGED: "changed after signing: these are not the bytes that this portal signed",
    State.WHOLE: "no letter that was sent has these bytes, though this portal signed them",
}


def _signed(signature):
    if not signature.is_whole:
        return "not signed, as letters of its time"
    said = f"signed by {signature.name} on {signature.signed_at:%Y-%m-%d %H:%M:%S} UTC"
    if signature.stamped_at:
        said += f", stamped {signature.stamped_at:%Y-%m-%d %H:%M:%S} UTC by {signature.stamped_by}"
    return f"{said}, certificate {signature.fingerprint}"
