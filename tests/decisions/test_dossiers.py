"""Dossiers: what is in one for whom, that it proves itself, and who gets it."""

import hashlib
import io
import json
import re
import resource
import signal
import struct
import subprocess
import sys
import tracemalloc
import zipfile
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import transaction
from django.urls import reverse

from accounts.states import Role
from audit import chain
from audit.models import Entry
from chang_e8_portal import clock
from decisions import actions
from decisions.dossier import bundle
from decisions.models import Dossier
from decisions.states import Outcome
from proposals import content, files, signing
from proposals.content import canonical
from proposals.models import Screening
from reviews.models import Consensus, MarkChange
from reviews.states import PackState
from tests import make
from tests.authorisation import worlds
from tests.authorisation.people import word
from tests.decisions import stage

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick_press")]
TOOL = Path("tools/verify_dossier.py")
MINORITY = "One of us would have asked for a second sensor."
BEFORE, WHY = Decimal("3.5"), "I had misread the mass."


def ask(client, person, letter, reason="Complaint 2024/7", status=302):
    client.force_login(person)
    response = client.post(address(letter), {"reason": reason})
    assert response.status_code == status, response.content.decode()
    return response


def address(letter):
    return reverse("decision_letters:dossiers", args=[letter.pk])


def file_of(client, person, letter) -> bytes:
    """What somebody downloads who has just asked for the dossier, made by a worker."""
    ask(client, person, letter)
    assert actions.make_due_dossiers(at=clock.now()) == 1
    dossier = Dossier.objects.filter(asked_by=person).first()
    assert dossier.state == PackState.READY
    response = client.get(reverse("decision_letters:dossier_file", args=[letter.pk, dossier.pk]))
    assert response.status_code == 200
    return b"".join(response.streaming_content)


def opened(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def closed(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


@pytest.fixture
def check(tmp_path, client):
    """Run the program as a stranger does: with the file, the public key and the known heads."""

    def run(data, *, heads=None):
        (tmp_path / "dossier.zip").write_bytes(data)
        (tmp_path / "key.pem").write_bytes(signing.public_pem())
        known = b"".join(client.get("/verify/heads.txt").streaming_content)
        (tmp_path / "heads.txt").write_bytes(known if heads is None else heads)
        found = subprocess.run(
            [sys.executable, TOOL.resolve(), "dossier.zip", "key.pem", "heads.txt"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            env={"PATH": "/usr/bin"},
        )
        assert found.stderr == ""
        return found.returncode, found.stdout.splitlines()

    return run


@pytest.fixture
def world(it_is):
    """A letter that was shortlisted, argued about, and corrected after the release."""
    made = worlds.corrected(it_is)
    actions.release_correction(
        made.correction,
        confirmed_reference=made.letter.reference,
        actor=made.people["p2"],
        at=made.publication.proposed_at,
    )
    call_round = made.assignment.round
    Consensus.objects.create(
        round=call_round,
        letter=made.letter,
        text="We agree.",
        minority_view=MINORITY,
        marks={"science": "4.5"},
        written_by=made.people["ch"],
        written_at=made.publication.proposed_at,
    )
    score = made.review.scores.first()
    MarkChange.objects.create(
        review=made.review,
        criterion=score.criterion,
        before=BEFORE,
        after=score.mark,
        reason=WHY,
        at=made.publication.proposed_at,
    )
    # Somebody else's letter, of which nothing may be in it.
    made.other = make.eligible_letter(call=made.call, agency=make.agency(name="Agency of Mu"))
    chain.append("letter.submitted", subject=f"letter:{made.other.pk}", at=clock.now())
    chain.make_known(at=clock.now())
    made.letter.refresh_from_db()
    return made


def test_each_reader_gets_a_dossier_that_proves_itself(client, world, check):
    names = {"ra": world.people["ra"].name, "colleague": "Wanda Kuo"}
    ids = [str(world.people[role].pk) for role in ("ra", "ch", "p1", "p2")]
    found = {}
    for role in ("au", "ch", "su"):
        data = file_of(client, world.people[role], world.letter)
        code, said = check(data)
        assert (code, said[-1].split(":")[0]) == (0, "GENUINE"), said
        found[role] = opened(data)
        whole = b"\n".join(found[role].values()).decode(errors="replace")
        assert "Agency of Mu" not in whole
        assert str(world.other.pk) not in whole
        assert world.other.reference not in whole
        for name in names.values():
            assert (name in whole) == (role != "su"), (role, name)
        for one in ids:
            is_in = one in whole and role == "su"
            # Who released stands in the entry of the release, and nowhere else.
            assert not is_in or one == str(world.people["p2"].pk), role
        assert (MINORITY in whole) == (role != "su")
        assert (WHY in whole) == (role != "su")
        assert (worlds.CONFIDENTIAL in whole) == (role == "ch")
        assert ("receipts/v1.json" in found[role]) == (role != "ch")
    facts = {role: json.loads(members["dossier.json"]) for role, members in found.items()}
    own = set(found["su"])
    assert {"filed/v1/content.json", "filed/v1/letter.pdf", "filed/v1/text.pdf"} <= own
    assert {"index.html", "HOW-TO-VERIFY.txt", "receipts/v1.json", "receipts/v1.pdf"} <= own
    # As told first and as corrected, each in two languages.
    assert len([name for name in own if name.startswith("told/")]) == 4
    first = facts["su"]["rounds"][0]
    assert [one["version"] for one in first["decisions"]] == [1, 2]
    assert [one["reason"] for one in first["corrections"]] == ["A word was missing."]
    assert first["reviews"] == first["assignments"] == facts["su"]["conflicts"] == []
    [review] = [
        one for one in facts["au"]["rounds"][0]["reviews"] if one["reviewer"]["name"] == names["ra"]
    ]
    [change] = review["changes"]
    assert (change["before"], change["after"]) == ("3.5", "4.0")
    for kept in ("attempts", "mails"):
        assert [bool(facts[role][kept]) for role in ("au", "ch", "su")] == [True, False, True]
    page = found["au"]["index.html"].decode()
    # The agency reads its marks as the letter tells them, and not whose they were.
    assert "The assessment, as the letter tells it" in found["su"]["index.html"].decode()
    for said in (MINORITY, WHY, world.letter.reference, "A word was missing.", "letter.submitted"):
        assert said in page
    assert "<script" not in page


def test_the_record_keeps_each_making_and_the_same_state_is_the_same_bytes(client, world):
    first = file_of(client, world.people["au"], world.letter)
    # What happens elsewhere changes nothing.
    chain.append("letter.submitted", subject=f"letter:{world.other.pk}", at=clock.now())
    assert file_of(client, world.people["au"], world.letter) == first
    made = Entry.objects.filter(action="dossier.made").order_by("-seq").first()
    dossier = Dossier.objects.get(pk=made.data["dossier"])
    assert made.subject == f"letter:{world.letter.pk}"
    assert made.data == {
        "dossier": made.data["dossier"],
        "for": str(world.people["au"].pk),
        "reader": "AUDITOR",
        "sha256": dossier.sha256,
        "size": len(first),
        "last_seq": dossier.last_seq,
    }
    asked = Entry.objects.filter(action="dossier.asked").first()
    assert (asked.actor, asked.data["reason"]) == (
        str(world.people["au"].pk),
        "Complaint 2024/7",
    )
    assert chain.verify().fault is None


def test_whatever_is_changed_in_it_is_found(client, world, check):
    members = opened(file_of(client, world.people["au"], world.letter))
    assert check(closed(members))[0] == 0
    for name in members:
        spoilt = bytearray(members[name])
        spoilt[len(spoilt) // 2] ^= 1
        code, said = check(closed({**members, name: bytes(spoilt)}))
        assert code == 1, (name, said)
        assert any(name in line or "signature" in line for line in said), (name, said)
        code, said = check(closed({key: data for key, data in members.items() if key != name}))
        assert (code, f"NOT GENUINE: {name} is missing" in said) == (1, True), (name, said)
    assert check(closed({**members, "more.txt": b"x"}))[1] == ["NOT GENUINE: more.txt was added"]
    # The last digits of a signature in base64 hold bits that say nothing.
    signed = members["MANIFEST.sig"].decode().rstrip("=\n")
    other = {"A": "B", "Q": "R", "g": "h", "w": "x"}[signed[-1]]
    loose = {**members, "MANIFEST.sig": f"{signed[:-1]}{other}==\n".encode()}
    assert check(closed(loose))[0] == 1
    assert check(b"no zip")[0] == 2
    assert check(closed(members), heads=b"2023-12-31T16:00:00+00:00 " + b"0" * 64)[0] == 1


def test_a_letter_made_from_another_decision_is_found(client, world, check):
    """Though whoever holds the key signs it anew."""
    members = opened(file_of(client, world.people["au"], world.letter))
    facts = json.loads(members["dossier.json"])
    facts["rounds"][0]["decisions"][-1]["content"]["reason"] = "Another one."
    forged = {**members, "dossier.json": content.canonical(facts)}
    assert check(_signed(forged))[1] == [
        f"NOT GENUINE: {letter['number']} was not made from the decision beside it"
        for letter in facts["rounds"][0]["letters"]
        if letter["decision_version"] == 2
    ]


def test_who_holds_the_key_and_rewrites_the_record_is_found(client, world, check, tmp_path):
    """A portal that signs a forged dossier contradicts the heads that others keep."""
    members = opened(file_of(client, world.people["au"], world.letter))
    part = json.loads(members["chain.json"])
    entries = [one for one in part["entries"] if isinstance(one, dict)]
    told = next(one for one in entries if one["action"] == "letter.submitted")
    for change in ({"at": "2023-12-31T15:00:00.000000+00:00"}, {"seq": 999}):
        forged = {
            **part,
            "entries": [{**one, **change} if one is told else one for one in part["entries"]],
        }
        members["chain.json"] = json.dumps(forged).encode()
        code, said = check(_signed(members))
        assert code == 1
        assert "of the chain" in said[0], said
    # The same without a trace in the chain itself: every hash from there on calculated anew.
    members["chain.json"] = json.dumps(_relinked(part, told)).encode()
    code, said = check(_signed(members))
    assert code == 1
    assert any("known" in line or "receipt" in line for line in said), said


def test_no_other_archive_hides_in_it(client, world, check):
    """Programs disagree on which bytes of a ZIP count: whatever is beside the files is refused."""
    genuine = file_of(client, world.people["au"], world.letter)
    assert check(genuine)[0] == 0
    other = closed({"index.html": b"another story"})
    directory = genuine.rindex(b"PK\x05\x06")
    members = opened(genuine)
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in {**members, "MANIFEST.sha256": b"\n" * (1 << 24)}.items():
            archive.writestr(name, data)
    unknown = bytearray(genuine)
    for mark, at in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        unknown[genuine.index(mark) + at] = 99  # a method of compression that nobody knows
    locked = bytearray(genuine)
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        locked[genuine.index(mark) + at] |= 1
    for name, forged in {
        "before": other + genuine,
        "behind": genuine + other[:-22],
        "a note": genuine[: directory + 20] + b"\x04\x00" + b"note",
        "between": _with_a_gap(genuine, directory),
        "bomb": bomb.getvalue(),
        "unknown": bytes(unknown),
        "locked": bytes(locked),
        # The name in front of a file's bytes is another one than in the directory.
        "two names": genuine.replace(b"chain.json", b"chaim.json", 1),
    }.items():
        code, said = check(forged)
        assert code in (1, 2), name
        assert all(line.startswith(("NOT GENUINE:", "CANNOT BE READ:")) for line in said), name


def _with_a_gap(data, end) -> bytes:
    """The same archive with bytes of nobody between the last file and the directory."""
    size, start = struct.unpack("<LL", data[end + 12 : end + 20])
    gap = b"PK\x03\x04 more"
    moved = data[end : end + 16] + struct.pack("<L", start + len(gap)) + data[end + 20 :]
    return data[:start] + gap + data[start : start + size] + moved


def test_what_it_says_of_a_forgery_cannot_be_forged(client, world, check):
    """Names in a forged file reach the reader's terminal: none of them can rub out the verdict."""
    members = opened(file_of(client, world.people["au"], world.letter))
    trick = "\r\x1b[2KGENUINE: dossier.zip is whole\n\u202e"
    signature = members["MANIFEST.sig"].split(b" ")[1]
    for forged in (
        {**members, trick: b"x"},
        {
            **members,
            "MANIFEST.sig": trick.split("\n")[0].replace(" ", "\t").encode() + b" " + signature,
        },
    ):
        code, said = check(closed(forged))
        assert code == 1
        assert all(line.startswith("NOT GENUINE:") for line in said), said
        assert all(line.isprintable() for line in said), said


def test_links_that_nobody_can_follow_stand_at_the_beginning_only(client, world, check):
    """An entry that must be taken as it stands would let a key's thief join any two chains."""
    members = opened(file_of(client, world.people["au"], world.letter))
    part = json.loads(members["chain.json"])
    before, joined = part["about"]["before"], []
    for number, entry in enumerate(part["entries"], part["about"]["first"]):
        said = (
            {k: v for k, v in entry.items() if k not in ("seq", "hash")}
            if isinstance(entry, dict)
            else None
        )
        before = chain.link(
            before, number, hashlib.sha256(canonical(said)).hexdigest() if said else entry
        )
        joined.append({"hash": before} if isinstance(entry, str) else entry)
    members["chain.json"] = json.dumps({**part, "entries": joined}).encode()
    code, said = check(_signed(members))
    assert code == 1
    assert any("cannot be followed" in line for line in said), said


def _signed(members) -> bytes:
    """These members with a manifest of their own and the portal's signature."""
    own = {name: data for name, data in members.items() if not name.startswith("MANIFEST")}
    lines = [f"{hashlib.sha256(own[name]).hexdigest()}  {name}\n" for name in sorted(own)]
    manifest = "".join(lines).encode()
    signed = f"{signing.key_id()} {signing.sign(manifest)}\n".encode()
    return closed({**own, "MANIFEST.sha256": manifest, "MANIFEST.sig": signed})


def _relinked(part, told):
    before, entries = part["about"]["before"], []
    for number, entry in enumerate(part["entries"], part["about"]["first"]):
        content = entry
        if isinstance(entry, dict):
            entry = {**entry, "at": "2023-12-31T15:00:00.000000+00:00"} if entry is told else entry
            said = {key: value for key, value in entry.items() if key not in ("seq", "hash")}
            content = hashlib.sha256(canonical(said)).hexdigest()
        before = chain.link(before, number, content)
        entries.append({**entry, "hash": before} if isinstance(entry, dict) else entry)
    return {"about": {**part["about"], "head": before}, "entries": entries}


def test_before_the_release_it_tells_the_auditor_nothing_of_it(client, it_is, check):
    world = worlds.proposed(it_is)
    agency, letter = world.people["su"], world.letter
    said = ask(client, agency, letter, status=409).content.decode()
    assert "once a decision on this letter has been published" in said
    assert not Dossier.objects.exists()
    data = file_of(client, world.people["au"], letter)
    assert check(data)[0] == 0
    members = opened(data)
    facts = json.loads(members["dossier.json"])
    assert {"receipts/v1.json", "receipts/v1.pdf"} <= set(members)
    assert not any(name.startswith(("filed/", "told/")) for name in members)
    for call_round in facts["rounds"]:
        for key in ("reviews", "decisions", "letters", "corrections", "overrides", "scenarios"):
            assert call_round[key] == []
        for key in ("ranking", "consensus", "publication"):
            assert call_round[key] is None
    assert facts["rounds"][0]["assignments"]
    assert facts["conflicts"]
    assert facts["screening"] is None
    whole = b"\n".join(members.values()).decode(errors="replace")
    for secret in (worlds.REASON, worlds.CLEARED, letter.title, "SHORTLISTED", "SELECTED"):
        assert secret not in whole, secret
    # The chair decides, and has all of it.
    assert (
        worlds.REASON
        in opened(file_of(client, world.people["ch"], letter))["dossier.json"].decode()
    )


def test_what_is_decided_and_not_told_changes_nothing(client, it_is):
    """Selected or not, as the panel knows: the agency's file is the same, byte by byte."""
    world = worlds.told(it_is)
    chain.make_known(at=clock.now())
    call_round, seen = make.final_round(world.call), []
    stage.freeze(call_round, [world.letter])
    at = clock.now() + timedelta(days=200)
    it_is(at)
    for outcome in (Outcome.SELECTED, Outcome.NOT_SELECTED):
        with transaction.atomic():
            reason = f"Decided: {outcome}."
            who = {"actor": world.people["ch"], "at": at}
            actions.decide(call_round, world.letter, outcome=outcome, reason=reason, **who)
            publication = actions.propose(call_round, actor=world.people["p1"], at=at)
            stage.render_all(publication)
            seen.append({r: file_of(client, world.people[r], world.letter) for r in ("su", "au")})
            assert (
                reason
                in opened(file_of(client, who["actor"], world.letter))["dossier.json"].decode()
            )
            transaction.set_rollback(True)
    assert seen[0]["su"] == seen[1]["su"]
    one, other = (opened(found["au"]) for found in seen)
    # The record holds a salted hash of what was decided, and nothing else differs.
    hashes = re.compile(rb"[0-9a-f]{32,64}|\S{86}==")
    assert one["chain.json"] != other["chain.json"]
    assert {name: hashes.sub(b"", data) for name, data in one.items()} == {
        name: hashes.sub(b"", data) for name, data in other.items()
    }


def test_a_letter_has_its_dossier_whatever_became_of_it(client, it_is, check):
    """Withdrawn, not eligible, merged into another one; and a draft has none."""
    world = worlds.withdrawn(it_is)
    for role in ("su", "au", "ch"):
        data = file_of(client, world.people[role], world.letter)
        assert check(data)[0] == 0
        facts = json.loads(opened(data)["dossier.json"])
        assert facts["steps"][-1]["to"] == "WITHDRAWN"
        assert facts["versions"][0]["content"]
    draft = make.letter(call=world.call, agency=world.agency)
    said = ask(client, world.people["su"], draft, status=409).content.decode()
    assert "Nothing of this letter has been filed" in said
    assert client.get(address(draft)).status_code == 200
    for role in ("au", "ch", "p1", "ob"):
        client.force_login(world.people[role])
        assert client.get(address(draft)).status_code == 404


@pytest.mark.parametrize("outcome", ["INELIGIBLE", "MERGED"])
def test_what_was_told_of_a_letter_is_in_it(client, it_is, check, outcome):
    it_is(make.CLOSES + timedelta(days=300))
    if outcome == "MERGED":
        call_round, (lead, letter) = stage.final(Outcome.SELECTED, None)
        stage.merge(call_round, letter, lead)
        stage.consent(call_round, letter)
    else:
        call_round, (letter, lead) = stage.preliminary(None, Outcome.SHORTLISTED)
        Screening.objects.filter(letter=letter).update(
            outcome="INELIGIBLE", rule="Rule 3", reason="It rides on another lander."
        )
        stage.decide(call_round, [letter], [Outcome.INELIGIBLE])
    member = letter.agency.memberships.get().user
    _file(letter, member)
    stage.release(stage.rendered(call_round))
    for person in (member, make.user(Role.AUDITOR), make.user(Role.CHAIR)):
        data = file_of(client, person, letter)
        assert check(data)[0] == 0, check(data)
        facts = json.loads(opened(data)["dossier.json"])
        told = next(one for one in facts["rounds"] if one["kind"] == call_round.kind)
        assert told["decisions"][-1]["content"]["outcome"] == outcome
        assert len(told["letters"]) == 2
        # When the chair saved it would tell two agencies that they were decided in one stroke.
        was_told = {told["decisions"][-1]["at"]} == {one["told_at"] for one in told["letters"]}
        assert was_told == (person == member)
        is_known = person != member and outcome == "MERGED"
        assert [one["joins"] for one in told["consents"]] == [lead.reference] * 2 * is_known
        whole = b"\n".join(opened(data).values()).decode(errors="replace")
        assert (lead.reference in whole) == (str(lead.pk) in whole) == is_known
        if outcome == "MERGED":
            # The agency knows the other project by its title, as its decision letter tells it.
            assert lead.title in told["letters"][0]["facts"]["merged_with"]
            assert (told["decisions"][-1]["content"]["merged_with"] == {"title": lead.title}) == (
                person == member
            )
        # Whoever may know all that was decided can check the hash that the letter prints; others
        # could try references until it fits.
        assert ("salt" in told["decisions"][-1]["content"]) == (outcome != "MERGED" or is_known)


@pytest.mark.parametrize("consented", [True, False])
def test_the_dossier_of_a_project_names_who_joins_it(client, consented):
    call_round, [lead, letter] = stage.final(Outcome.SELECTED, None)
    if consented:
        stage.merge(call_round, letter, lead)
        stage.consent(call_round, letter)
    else:
        stage.decide(call_round, [letter], [Outcome.NOT_SELECTED])
    member = lead.agency.memberships.get().user
    _file(lead, member)
    stage.release(stage.rendered(call_round))
    client.cookies["django_language"] = "fr"
    members = opened(file_of(client, member, lead))

    told = json.loads(members["dossier.json"])["rounds"][-1]
    joined = [{"agency": letter.agency.name, "title": letter.title}] * consented
    assert told["letters"][0]["facts"]["joined_by"] == joined
    index = members["index.html"].decode()
    assert ("Avec la participation de" in index) == consented
    assert (f"{letter.agency.name}: {letter.title}" in index) == consented
    assert letter.reference not in index


def _file(letter, person):
    """A filed version as the portal would have made it."""
    make.version(letter, content.of(letter, version=1), by=person)


def test_a_fuller_proposal_is_in_it_as_what_it_is(client, it_is, check):
    world = worlds.fuller_filed(it_is)
    data = file_of(client, world.people["au"], world.letter)
    assert check(data)[0] == 0
    receipt = opened(data)["receipts/fuller-v1.pdf"].decode()
    assert "of the fuller proposal on" in receipt
    assert "of the letter of intent" not in receipt
    members = opened(file_of(client, world.people["ch"], world.letter))
    paper = members["fuller/v1/text.pdf"].decode()
    assert "Heavier." in paper
    assert "no answer" not in paper.partition("<h2>Files</h2>")[0].partition("Heavier.")[0]
    assert "Identity" not in paper
    assert "Identity" in members["filed/v1/text.pdf"].decode()


# --- how it is made ---


def test_a_full_disk_leaves_no_half_file(client, world, settings):
    ask(client, world.people["au"], world.letter)
    before = _files_in(settings.PRIVATE_FILES)
    dossier = Dossier.objects.get()
    with less_room_than_a_dossier(), pytest.raises(OSError, match="too large"):
        actions.make_dossier(dossier.pk, at=clock.now())
    assert _files_in(settings.PRIVATE_FILES) == before
    dossier.refresh_from_db()
    assert (dossier.state, dossier.sha256) == (PackState.FAILED, "")
    assert "could not be made" in client.get(address(world.letter)).content.decode()
    # With room again it is made; two clicks are one.
    ask(client, world.people["au"], world.letter)
    ask(client, world.people["au"], world.letter, status=409)
    assert actions.make_due_dossiers(at=clock.now()) == 1
    assert actions.make_due_dossiers(at=clock.now()) == 0


def _files_in(folder):
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "clock")


@contextmanager
def less_room_than_a_dossier():
    """No file of this process may grow beyond so many bytes, as on a disk that is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)


def test_a_large_file_is_never_in_memory(tmp_path, db):
    with files.workshop() as folder:
        large = folder / "large"
        with large.open("wb") as handle:
            handle.truncate(60_000_000)
        sha256 = files.store_made(large)
        tracemalloc.start()
        made = bundle.write({"a.txt": b"x", "large.pdf": bundle.Stored(sha256)}, folder)
        _now, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert made.stat().st_size > 60_000_000
        assert peak < 8_000_000
        files.path_of(sha256).write_bytes(b"other bytes")
        with pytest.raises(bundle.Damaged):
            bundle.write({"large.pdf": bundle.Stored(sha256)}, folder)


def test_what_a_dead_worker_left_is_taken_up_and_given_up_after_three(client, world):
    ask(client, world.people["ch"], world.letter)
    at = clock.now()
    Dossier.objects.update(state=PackState.RUNNING, claimed_at=at, attempts=1, progress=40)
    said = client.get(address(world.letter)).content.decode()
    assert 'hx-trigger="every 2s"' in said
    assert "40 %" in said
    assert actions.make_due_dossiers(at=at + timedelta(minutes=1)) == 0
    assert actions.make_due_dossiers(at=at + timedelta(minutes=4)) == 1
    Dossier.objects.update(state=PackState.RUNNING, claimed_at=at, attempts=3)
    assert actions.make_due_dossiers(at=at + timedelta(minutes=4)) == 0
    dossier = Dossier.objects.get()
    assert dossier.state == PackState.FAILED
    actions.retry_dossier(dossier, reason="r", actor=world.people["ad"], at=at)
    assert actions.make_due_dossiers(at=at) == 1
    with pytest.raises(actions.Refused):
        actions.retry_dossier(dossier, reason="r", actor=world.people["ad"], at=at)


def test_it_is_kept_for_a_week_and_for_nobody_else(client, world, it_is):
    file_of(client, world.people["su"], world.letter)
    dossier = Dossier.objects.get()
    pages = [
        reverse(f"decision_letters:{name}", args=[world.letter.pk, dossier.pk])
        for name in ("dossier_file", "dossier_state")
    ]
    assert [word(client.get(page)) for page in pages] == ["2", "2"]
    for role in ("ed", "vw", "ob", "ra", "ch", "au", "p1", "ad"):
        client.force_login(world.people[role])
        assert [client.get(page).status_code for page in pages] == [404, 404], role
    client.force_login(world.people["su"])
    other = reverse("decision_letters:dossier_file", args=[world.other.pk, dossier.pk])
    assert client.get(other).status_code == 404
    # Whoever speaks for the agency no more has it no more.
    seat = world.agency.memberships.get(user=world.people["su"])
    type(seat).objects.filter(pk=seat.pk).update(seat="EDITOR")
    assert client.get(pages[0]).status_code == 404
    type(seat).objects.filter(pk=seat.pk).update(seat="REPRESENTATIVE")
    it_is(dossier.asked_at + timedelta(days=7))
    assert client.get(pages[0]).status_code == 404
    assert actions.forget_dossiers(at=clock.now()) == 1


def test_a_conflict_found_later_takes_it_away(client, world):
    file_of(client, world.people["ch"], world.letter)
    make.check(world.people["ch"], world.letter, conflicted=True)
    page = reverse(
        "decision_letters:dossier_file", args=[world.letter.pk, Dossier.objects.get().pk]
    )
    assert client.get(page).status_code == 404
    assert client.get(address(world.letter)).status_code == 403


@pytest.mark.parametrize("number", [1, 3])
def test_the_page_costs_the_same_however_many_were_made(
    client, world, number, django_assert_num_queries
):
    auditor = world.people["au"]
    for day in range(number):
        ask(client, auditor, world.letter)
        at = clock.now() - timedelta(days=day)
        Dossier.objects.filter(state=PackState.QUEUED).update(
            state=PackState.READY, sha256="f" * 64, asked_at=at
        )
    # session, person, the letter, a conflict, is it filed, the dossiers
    with django_assert_num_queries(7):
        page = client.get(address(world.letter)).content.decode()
    assert page.count("f" * 64) == number


def test_it_is_offered_where_one_looks_for_it(client, world):
    letter = world.letter
    own = [reverse("proposals:detail", args=[letter.pk])]
    own.append(reverse("decision_letters:page", args=[letter.pk]))
    pages = {
        "su": own,
        "ch": [reverse("panel:letter", args=[letter.pk]), own[1]],
        "au": [reverse("audit:log") + f"?subject=letter:{letter.pk}", own[1]],
    }
    for role, addresses in pages.items():
        client.force_login(world.people[role])
        for page in addresses:
            assert f'href="{address(letter)}"' in client.get(page).content.decode(), page
    client.force_login(world.people["au"])
    for subject in ("letter:", "letter:x", f"call:{world.call.pk}"):
        said = client.get(reverse("audit:log"), {"subject": subject}).content.decode()
        assert "/dossier/" not in said
    # Whoever cannot have it is not offered it.
    for role in ("ed", "vw", "ra", "p1"):
        client.force_login(world.people[role])
        assert "/dossier/" not in client.get(own[1]).content.decode(), role


def test_officers_say_what_it_is_for(client, world):
    said = ask(client, world.people["au"], world.letter, reason=" ", status=422).content.decode()
    assert "This field is required" in said
    assert said.count("data-error-summary") == 1
    for odd in ("x" * 501, "\u202e"):
        ask(client, world.people["au"], world.letter, reason=odd, status=422)
    assert not Dossier.objects.exists()
    ask(client, world.people["su"], world.letter, reason="")
    assert Dossier.objects.get().reason == ""
