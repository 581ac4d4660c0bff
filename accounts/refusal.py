"""What every room says when a legal request cannot be granted now."""


class Refused(Exception):
    """The move is not allowed now. The message is written for the person asking.

    Each room has its own subclass next to the functions that raise it; a door answers 409 with the
    sentence. `code` is stable and meant for programs.
    """

    code = "refused"

    def __init__(self, sentence, *, code: str | None = None):
        super().__init__(sentence)
        if code:
            self.code = code
