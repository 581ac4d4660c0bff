"""The rules of the house: which way imports point, who asks the time, what a letter may hold.

Each rule is a function over a folder of sources, so that the tests below can also show it a house
in which the rule is broken.
"""

import ast
import importlib
import re
from pathlib import Path

import pytest

from proposals.models import Call, LetterOfIntent

ROOT = Path(__file__).resolve().parent.parent
FLOORS = [  # ground up
    *("audit", "accounts", "notifications", "proposals", "reviews", "decisions", "operations"),
]
# Inside a room, left to right; a module of any other name is arithmetic, as are permissions.
STEPS = [
    *({"states"}, {"querysets"}, {"models"}, set()),
    *({"actions", "reminders", "invariants"}, {"forms"}),
]
ARITHMETIC, DOOR, ADDRESSES = 3, len(STEPS), len(STEPS) + 1
DOORS = {"views", "api", "tasks", "admin", "management"}
ASKS_THE_TIME = {"now", "utcnow", "today", "localtime", "localdate"}


def sources(root, *folders):
    for folder in folders:
        yield from sorted((root / folder).rglob("*.py"))


def imports(path, root):
    """Dotted names of all that a file imports, `a.b` and `a.b.c` for `from a.b import c`."""
    package = path.relative_to(root).parent.parts
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            stem = ".".join([*base, *([node.module] if node.module else [])])
            yield stem
            yield from (f"{stem}.{alias.name}" for alias in node.names)


def step(dotted):
    """Where a module stands in its room."""
    name = [*dotted.split("."), ""][1]
    if name.endswith("urls"):
        return ADDRESSES
    if name.endswith("_forms"):
        name = "forms"
    if name in DOORS:
        return DOOR
    return next((at for at, names in enumerate(STEPS) if name in names), ARITHMETIC)


def module(path, root):
    return ".".join(path.relative_to(root).with_suffix("").parts)


def upward(root):
    """Imports of a room above, or of the wiring beyond the clock."""
    for floor, room in enumerate(FLOORS):
        for path in sources(root, room):
            for name in imports(path, root):
                first = name.split(".")[0]
                beyond = first == "chang_e8_portal" and name not in (
                    "chang_e8_portal",
                    "chang_e8_portal.clock",
                )
                if first in FLOORS[floor + 1 :] or beyond:
                    yield f"{module(path, root)} imports {name}"


def backward(root):
    """Imports inside a room of something to the right."""
    for room in FLOORS:
        for path in sources(root, room):
            here = module(path, root)
            for name in imports(path, root):
                # `from room import x` also names the room itself.
                if name.startswith(f"{room}.") and step(name) > step(here):
                    yield f"{here} imports {name}"


def through_a_door(root):
    """Imports of a door, which only the addresses of its own room may do."""
    for path in sources(root, *FLOORS, "chang_e8_portal"):
        here = module(path, root)
        room = here.split(".")[0]
        for name in imports(path, root):
            if name.split(".")[0] not in FLOORS or step(name) < DOOR:
                continue
            own = name.startswith(f"{room}.")
            fits = own and (step(here) == ADDRESSES or _same_door(here, name))
            wiring = here == "chang_e8_portal.urls" and step(name) == ADDRESSES
            if not (fits or wiring):
                yield f"{here} imports {name}"


def _same_door(here, name):
    return here.split(".")[:2] == name.split(".")[:2]


def second_clocks(root):
    """Calls that ask what time it is, anywhere but in the clock."""
    for path in sources(root, *FLOORS, "chang_e8_portal"):
        here = module(path, root)
        if here == "chang_e8_portal.clock":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            match node:
                case ast.Call(func=ast.Attribute(attr=asked, value=whom), args=given) if (
                    asked in ASKS_THE_TIME
                    and ast.unparse(whom).split(".")[-1] in {"datetime", "date", "timezone", "time"}
                    and not (asked.startswith("local") and given)
                ):
                    yield f"{here}:{node.lineno} {ast.unparse(node)}"
    for path in sorted((root / "templates").rglob("*.html")):
        if re.search(r"{%\s*now\b", path.read_text()):
            yield f"{path.relative_to(root)} now"


RULES = [upward, backward, through_a_door, second_clocks]


@pytest.mark.parametrize("rule", RULES)
def test_the_house_keeps_the_rule(rule):
    assert list(rule(ROOT)) == []


def test_the_rules_see_every_room():
    assert all(list(sources(ROOT, room)) for room in FLOORS)


def handles(model, rooms):
    """Names on `model` under which rows of these rooms can be reached from it."""
    return [
        relation.get_accessor_name()
        for relation in model._meta.related_objects
        if relation.related_model._meta.app_label in rooms and not relation.hidden
    ]


def test_a_letter_has_no_handle_on_the_panel_or_the_decision():
    assert handles(LetterOfIntent, {"reviews", "decisions", "operations"}) == []
    # Where there are handles, they are found.
    assert "letters" in handles(Call, {"proposals"})


def strays(moves):
    """States that no legal move mentions, and moves to what is no state."""
    (states,) = {type(state) for state in moves}
    ends = {end for ends in moves.values() for end in ends}
    return set(states) ^ set(moves) | ends - set(states)


@pytest.mark.parametrize("room", ["notifications", "proposals", "reviews", "decisions"])
def test_the_legal_moves_name_every_state_and_no_other(room):
    moves = importlib.import_module(f"{room}.states").MOVES
    assert strays(moves) == set()
    # A forgotten state and an invented one would be found.
    forgotten = next(iter(moves))
    assert strays({state: ends for state, ends in moves.items() if state != forgotten})
    assert strays({**moves, forgotten: {"INVENTED"}}) == {"INVENTED"}


# --- the rules again, each in a house where it is broken ---


@pytest.mark.parametrize(
    ("rule", "file", "source"),
    [
        (upward, "proposals/actions.py", "from reviews.models import Review"),
        (upward, "audit/chain.py", "import accounts.models"),
        (upward, "reviews/views.py", "def f():\n    from decisions import models"),
        (upward, "accounts/views.py", "from chang_e8_portal import errors"),
        (upward, "accounts/views.py", "from chang_e8_portal.health import live"),
        (backward, "proposals/models/call.py", "from proposals import actions"),
        (backward, "proposals/models/call.py", "from ..actions import submit"),
        (backward, "proposals/states.py", "from proposals.querysets import X"),
        (backward, "reviews/scoring.py", "from reviews.actions import assign"),
        (backward, "decisions/actions/deciding.py", "from decisions.forms import F"),
        (through_a_door, "reviews/actions/assigning.py", "from reviews import tasks"),
        (through_a_door, "reviews/views/queue.py", "from reviews.tasks import remind"),
        (through_a_door, "reviews/views.py", "from proposals.views import letter"),
        (through_a_door, "reviews/urls.py", "from proposals import views"),
        (through_a_door, "chang_e8_portal/health.py", "from notifications import tasks"),
        (through_a_door, "chang_e8_portal/urls.py", "from accounts import views"),
        (through_a_door, "accounts/actions.py", "from accounts.management.commands import x"),
        (second_clocks, "reviews/actions.py", "from datetime import datetime\ndatetime.now(UTC)"),
        (second_clocks, "reviews/tasks.py", "import datetime\ndatetime.datetime.utcnow()"),
        (second_clocks, "audit/chain.py", "from django.utils import timezone\ntimezone.now()"),
        (second_clocks, "proposals/views.py", "date.today()"),
        (second_clocks, "proposals/views.py", "timezone.localdate()"),
        (second_clocks, "templates/page.html", "{% now 'Y' %}"),
    ],
)
def test_the_rule_finds_who_breaks_it(tmp_path, rule, file, source):
    build(tmp_path, {file: source})
    assert len(set(rule(tmp_path))) >= 1


@pytest.mark.parametrize("rule", RULES)
def test_the_rule_leaves_a_good_house_alone(tmp_path, rule):
    build(
        tmp_path,
        {
            "proposals/states.py": "from django.db import models",
            "proposals/querysets.py": "from accounts.models import User\nfrom . import states",
            "proposals/models/letter.py": "from proposals.querysets import X\nfrom .call import Y",
            "proposals/actions.py": "from audit import chain\nfrom chang_e8_portal import clock",
            "proposals/views/letter.py": "from proposals import actions\nfrom .base import View",
            "proposals/urls.py": "from proposals import views",
            "reviews/panel_urls.py": "from reviews.views import panel",
            "chang_e8_portal/urls.py": "from proposals import urls\nimport reviews.panel_urls",
            "chang_e8_portal/clock.py": "datetime.now(UTC)",
            "accounts/models.py": "date = DateTimeField(default=timezone.now)",
            "accounts/views.py": "at = clock.now()\nshown = timezone.localtime(at)",
            "templates/page.html": "{{ now }}",
        },
    )
    assert list(rule(tmp_path)) == []


def build(root, files):
    for name, source in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)
