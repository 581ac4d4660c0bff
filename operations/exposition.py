"""Measures as Prometheus reads them: its text format, version 0.0.4."""

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def text(measures) -> str:
    """One block a measure: HELP, TYPE, and a line for each set of labels."""
    return "".join(_block(measure) for measure in measures)


def _block(measure) -> str:
    lines = [
        f"# HELP {measure.name} {_escaped(measure.help)}",
        f"# TYPE {measure.name} {measure.type}",
        *(f"{measure.name}{_labels(labels)} {_number(value)}" for labels, value in measure.values),
    ]
    return "\n".join(lines) + "\n"


def _labels(labels) -> str:
    if not labels:
        return ""
    pairs = ",".join(
        f'{name}="{_escaped(str(value)).replace(chr(34), chr(92) + chr(34))}"'
        for name, value in labels.items()
    )
    return f"{{{pairs}}}"


def _escaped(words) -> str:
    return words.replace("\\", "\\\\").replace("\n", "\\n")


def _number(value) -> str:
    return repr(float(value)) if isinstance(value, float) else str(value)
