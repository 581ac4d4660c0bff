"""The command on files: what it writes, and how it refuses what is no scenario. No database."""

import hashlib
import json

import pytest
import scipy
from django.core.management import CommandError, call_command

from decisions import portfolio_check
from tests.decisions.scenarios import candidate, random_scenario, scenario


@pytest.fixture
def run(tmp_path, capsys):
    """Run the command on data, or on bytes as they are: the answer, and what it said."""

    def run(data, *options):
        file, out = tmp_path / "scenario.json", tmp_path / "answer.json"
        written = data if isinstance(data, bytes) else json.dumps(data).encode()
        file.write_bytes(written)
        call_command("portfolio", str(file), "--out", str(out), *options)
        return json.loads(out.read_text()), capsys.readouterr().out

    return run


def small():
    return scenario(
        candidate("radar", mass=90, merit=66.5, receipt=2, uses={"power": 45}),
        candidate("rover", mass=95, merit=81, receipt=1, level="system", agencies=["X"]),
        candidate("relay", mass=900, merit=61, receipt=3, level="mission", agencies=["X"]),
        limits={"power": {"total": 200, "each": 40}},
        agency_max=1,
    ) | {"capacities": [100, 250], "best_sets": 2, "merit_draws": [[70, 70, 70], [61, 90, 60]]}


def test_the_answer_in_full(run):
    answer, said = run(small())

    rover = {"keys": ["rover"], "value": 21.0, "mass": 114.0, "count": 1}
    both = {"keys": ["rover", "radar"], "value": 27.5, "mass": 222.0, "count": 2}
    apart = {"keys": ["radar", "relay"], "value": 7.5, "mass": 108.0, "count": 2}
    lone = {"keys": ["relay"], "value": 1.0, "mass": 0.0, "count": 1}
    no_change = {"entering": [], "leaving": [], "value": 0.0, "mass": 0.0}
    swap = {"entering": ["radar", "relay"], "leaving": ["rover"], "value": -13.5, "mass": -6.0}
    assert answer == {
        "feasible": True,
        "set": rover,
        "mass_stated": 95.0,
        "mass_free": 86.0,
        "uses": {"power": 0.0},
        "objectives": [],
        "warnings": [],
        "explanations": [
            {
                "verdict": "inside",
                "key": "rover",
                "cushion": 13.5,
                "merit_to_lose": 13.5,
                "entering": ["radar", "relay"],
                "leaving": [],
                "held_by": [],
            },
            {
                "verdict": "outside",
                "key": "radar",
                "gap": 13.5,
                "merit_lacking": 13.5,
                "mass_to_enter": 71.666,
                "entering": ["relay"],
                "leaving": ["rover"],
                "held_by": [],
            },
            {
                "verdict": "outside",
                "key": "relay",
                "gap": 13.5,
                "merit_lacking": 13.5,
                "mass_to_enter": None,
                "entering": ["radar"],
                "leaving": ["rover"],
                "held_by": [],
            },
        ],
        "prices": [
            {
                "rule": "rules.module_mass",
                "says": "a stand-alone module has at most 100 kg",
                "price": 0.0,
            },
            {
                "rule": "rules.mass",
                "says": "at most 200 kg on the lander, margins and interfaces included",
                "price": 6.5,
            },
            {"rule": "rules.agency_max", "says": "at most 1 of one agency", "price": 1.0},
        ],
        "capacity_curve": [
            {"mass_limit": 100.0, "set": lone},
            {"mass_limit": 250.0, "set": both},
        ],
        "best_sets": [rover | {"difference": no_change}, apart | {"difference": swap}],
        "firmness": {
            "draws": 2,
            "without_a_set": 0,
            "sets": 2,
            "candidates": [
                {"key": "rover", "frequency": 0.5, "standing": "open"},
                {"key": "radar", "frequency": 0.5, "standing": "open"},
                {"key": "relay", "frequency": 0.5, "standing": "open"},
            ],
        },
        "source": {
            "file": "scenario.json",
            "sha256": hashlib.sha256(json.dumps(small()).encode()).hexdigest(),
        },
        "code_version": "portfolio 1",
        "libraries": {"scipy": scipy.__version__},
    }
    assert said == "1 chosen, 21.0 points, 114.0 kg, checked\n"


def test_a_brief_answer_stops_at_the_set(run):
    answer, _ = run(small(), "--brief")

    assert answer["set"]["keys"] == ["rover"]
    assert not {"explanations", "prices", "capacity_curve", "best_sets", "firmness"} & set(answer)


def test_a_set_of_41_letters_passes_the_check_and_comes_out_the_same_twice(run):
    data = random_scenario(11, 41)

    answer, _ = run(data, "--brief")

    found = answer["set"]
    sums = {"value": found["value"], "mass": found["mass"]}
    assert portfolio_check.faults(data, found["keys"], **sums) == []
    assert run(data, "--brief")[0] == answer


def test_without_a_file_for_it_the_answer_is_printed(tmp_path, capsys):
    file = tmp_path / "scenario.json"
    file.write_text(json.dumps(small()))

    call_command("portfolio", str(file), "--brief")

    assert json.loads(capsys.readouterr().out)["set"]["keys"] == ["rover"]


def test_no_set_is_an_answer_that_names_the_rules(run):
    data = scenario(
        candidate("A", mass=100),
        candidate("B", mass=100),
        must=[{"letter": "A", "reason": "minute 1"}, {"letter": "B", "reason": "minute 2"}],
    )

    answer, said = run(data)

    assert answer["feasible"] is False
    assert [rule["rule"] for rule in answer["conflict"]] == [
        "rules.mass",
        "rules.must[0]",
        "rules.must[1]",
    ]
    assert said.splitlines()[0] == "No set keeps all rules. These cannot be kept together:"
    assert "rules.must[1]: B must be in: minute 2" in said


# --- refused, with the path of the field ---


def broken(**changes):
    return scenario(candidate("A") | changes, candidate("B"))


def ruled(**rules):
    return scenario(candidate("A"), candidate("B"), **rules)


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (broken(mass=-1), "candidates[0].mass: Input should be greater than or equal to 0"),
        (broken(mass=0), "candidates[0].mass: more than 0 kg is needed at unit level"),
        (broken(mass="10"), "candidates[0].mass: a number is needed"),
        (broken(mass=True), "candidates[0].mass: a number is needed"),
        (broken(mass=None), "candidates[0].mass: a number is needed"),
        (broken(mass=1.0001), "candidates[0].mass: "),
        (broken(mass=1e30), "candidates[0].mass: "),
        (broken(merit="good"), "candidates[0].merit: a number is needed"),
        (broken(merit=5000), "candidates[0].merit: "),
        (broken(margin=101), "candidates[0].margin: "),
        (broken(level="moon"), "candidates[0].level: "),
        (broken(receipt=1.5), "candidates[0].receipt: "),
        (broken(receipt=-1), "candidates[0].receipt: "),
        (broken(key=""), "candidates[0].key: "),
        (broken(key="\ud800"), "candidates[0].key: "),
        (broken(key="B"), "candidates[1].key: B is candidates[0] already"),
        (broken(weight=3), "candidates[0].weight: "),
        (broken(agencies="X"), "candidates[0].agencies: "),
        (broken(agencies=[3]), "candidates[0].agencies"),
        (broken(uses={"pwoer": 3}), "candidates[0].uses.pwoer: rules.limits has no such resource"),
        (broken(merges=["A"]), "candidates[0].merges: "),
        (broken(merges=["B", "C"]), "candidates[0].merges: no candidate has the key C"),
        (broken(merges=["A", "B"]), "candidates[0].merges: A is merged itself; name its letters"),
        (ruled(zero_point=None), "rules.zero_point: a number is needed"),
        (ruled(mass=-200), "rules.mass: "),
        (ruled(agency_max=0), "rules.agency_max: "),
        (ruled(count={"min": 3, "max": 2}), "rules.count: min is more than max"),
        (ruled(categories={"x": {"min": 1.5}}), "rules.categories.x.min: "),
        (ruled(categories={"x": {"min": 2, "max": 1}}), "rules.categories.x: min is more than max"),
        (ruled(limits={"power": {"hard": "no"}}), "rules.limits.power.hard: "),
        (ruled(exclusive=[["A"]]), "rules.exclusive[0]: "),
        (ruled(exclusive=[["A", "Z"]]), "rules.exclusive[0]: no candidate has the key Z"),
        (ruled(needs=[{"letter": "A", "needs": []}]), "rules.needs[0].needs: "),
        (ruled(needs=[{"letter": "Z", "needs": ["A"]}]), "rules.needs[0].letter: no candidate"),
        (ruled(must=[{"letter": "A"}]), "rules.must[0].reason: Field required"),
        (ruled(barred=[{"letter": "Z", "reason": "x"}]), "rules.barred[0].letter: no candidate"),
        (ruled(objectives={"soil": -1}), "rules.objectives.soil: "),
        (ruled(scope={"moon": 1}), "rules.scope.moon"),
        (ruled(scope={"unit": 0}), "rules.scope.unit: "),
        (ruled(synergies=[{"letters": ["A", "A"], "value": 1}]), "rules.synergies[0].letters: "),
        (ruled() | {"merit_draws": [[70, 70], [70]]}, "merit_draws[1]: 1 merits for 2 candidates"),
        (ruled() | {"extra": 1}, "extra: "),
        (ruled() | {"best_sets": 0}, "best_sets: "),
        ({"candidates": [], "rules": {"zero_point": 1}}, "candidates: at least one is needed"),
        ({"candidates": [candidate("A")]}, "rules: Field required"),
        ([], "the file: "),
        (None, "the file: "),
    ],
)
def test_what_is_no_scenario_is_refused_with_its_path(run, tmp_path, data, fault):
    with pytest.raises(CommandError) as refusal:
        run(data)

    told = str(refusal.value)
    assert any(line.startswith(fault) for line in told.splitlines()), told
    assert not (tmp_path / "answer.json").exists()


def test_all_faults_are_told_at_once(run):
    with pytest.raises(CommandError) as refusal:
        run(scenario(candidate("A", mass=-1), candidate("B", merit="x"), zero_point="y"))

    assert len(str(refusal.value).splitlines()) == 4


@pytest.mark.parametrize(
    "written",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b'{"candidates": NaN}',
        b'{"candidates": Infinity}',
        b'{"rules": {}, "rules": {}}',
        b'{"candidates": 1e99999999999999999999}',
        b'{"candidates": %s}' % (b"9" * 5000),
        b"[" * 100_000,
    ],
)
def test_what_is_no_json_is_refused(run, written):
    with pytest.raises(CommandError):
        run(written)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(CommandError, match="cannot be read: No such file"):
        call_command("portfolio", str(tmp_path / "none.json"), "--out", str(tmp_path / "out"))


def test_a_place_that_cannot_be_written_is_refused(tmp_path):
    file = tmp_path / "scenario.json"
    file.write_text(json.dumps(small()))

    with pytest.raises(CommandError, match="cannot be written"):
        call_command("portfolio", str(file), "--out", str(tmp_path), "--brief")


# --- nothing but the summary on standard output ---
