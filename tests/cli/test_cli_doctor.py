"""`notionfs doctor`: a healthy machine, and each fault with its remedy."""

from __future__ import annotations

import json
import re
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from notionfs.cli.checkup import machine, notion
from notionfs.cli.checkup.report import redact
from notionfs.cli.exits import Exit
from notionfs.cli.main import main
from notionfs.simulator import Simulator
from tests.fuse.mounting import Mount, mounted

Findings = dict[str, list[dict[str, str]]]


async def findings(mount: Mount, *flags: str) -> tuple[int, Findings]:
    """Return the exit code, and the findings by subject."""
    server = f"http://127.0.0.1:{mount.port}"
    done = await mount.notionfs("doctor", "--json", "--base-url", server, *flags)
    assert done.err == ""
    by_subject: Findings = {}
    for finding in json.loads(done.out):
        by_subject.setdefault(finding["subject"], []).append(finding)
    return done.code, by_subject


def only(found: Findings, subject: str) -> dict[str, str]:
    (finding,) = found[subject]
    return finding


async def test_all_is_well_beside_a_running_mount() -> None:
    """Nothing is failed, nothing is changed, and it costs four requests."""
    sim = Simulator(seed="demo")
    async with mounted(sim, "--prefetch", "off", "--poll", "off") as mount:
        await mount.notionfs("sync", str(mount.path))
        before = len(sim.app.requests)
        _, found = await findings(mount)
        faults = [f for many in found.values() for f in many if f["verdict"] == "failed"]
        faults = [f for f in faults if "left over" not in f["text"]]  # of somebody else's crash
        assert not faults, faults
        assert "workspace Acme" in only(found, "token")["text"]
        assert any(str(mount.path) in f["text"] for f in found["mount"])
        assert re.search(r"whole, (?!0\.0)[\d.]+ MB", only(found, "store")["text"])
        assert len(sim.app.requests) - before <= 4


async def test_a_wrong_token_is_named_with_the_way_to_a_new_one() -> None:
    """Nothing else is asked then."""
    sim = Simulator(seed="demo")
    async with mounted(sim, start=False) as mount:
        sim.revoke()
        code, found = await findings(mount)
        assert code == Exit.FAILED
        assert only(found, "token")["verdict"] == "failed"
        assert "notionfs login" in only(found, "token")["remedy"]
        assert len(sim.app.requests) == 1


def test_without_a_token_the_last_line_does_not_say_that_all_is_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Only the demo can be mounted then."""
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.delenv("NOTION_TOKEN", raising=False)
    main(["doctor", "--offline"])
    told = capsys.readouterr().out
    assert "only the demo can be mounted" in told
    assert "Nothing stands in the way" not in told


async def test_a_token_that_nothing_is_shared_with_hears_where_to_share() -> None:
    """The workspace is named, for it may be the wrong one."""
    sim = Simulator(seed="demo")
    sim.connect("demo-token", [])
    async with mounted(sim, start=False) as mount:
        code, found = await findings(mount)
        assert code == Exit.FAILED
        sharing = only(found, "sharing")
        assert "workspace Acme" in sharing["text"]
        assert "Connections" in sharing["remedy"]


async def test_a_root_that_is_not_shared_is_named() -> None:
    """A teamspace of the settings that the connection cannot see."""
    root = "00000000-0000-4000-8000-000000000000"
    config = f'[teamspaces.team]\nroots = ["{root}"]\n'
    async with mounted(Simulator(seed="demo"), config=config, start=False) as mount:
        code, found = await findings(mount)
        assert code == Exit.FAILED
        assert root in only(found, "teamspace")["text"]


async def test_pages_shared_without_the_one_above_are_counted() -> None:
    """They stand at the top, which surprises people."""
    sim = Simulator()
    above = sim.add_page("Above")
    below = sim.add_page("Below", parent=above)
    sim.connect("demo-token", [below])
    async with mounted(sim, start=False) as mount:
        _, found = await findings(mount)
        assert any("without the page above" in finding["text"] for finding in found["sharing"])


async def test_a_server_that_is_away_is_the_networks_fault() -> None:
    """It takes seconds, not minutes, and the rest of the machine is looked at all the same."""
    async with mounted(Simulator(), start=False) as mount:
        done = await mount.notionfs("doctor", "--json", "--base-url", "http://127.0.0.1:9")
        subjects = {finding["subject"]: finding for finding in json.loads(done.out)}
        assert done.code == Exit.FAILED
        assert subjects["network"]["verdict"] == "failed"
        assert "fuse" in subjects


async def test_a_damaged_store_is_found_with_the_way_to_save_drafts() -> None:
    """Without a mount, and without touching it."""
    async with mounted(Simulator(seed="demo"), start=False) as mount:
        store = mount.home / "state" / "notionfs" / "some" / "store.sqlite"
        store.parent.mkdir(parents=True)
        store.write_bytes(b"SQLite format 3\0" + b"\xff" * 5000)
        code, found = await findings(mount, "--offline")
        assert code == Exit.FAILED
        assert "--salvage" in only(found, "store")["remedy"]


async def test_settings_that_cannot_be_read_are_one_finding() -> None:
    """With the place and the key; the rest is looked at all the same."""
    async with mounted(Simulator(), config="pol = 3\n", start=False) as mount:
        code, found = await findings(mount)
        assert code == Exit.FAILED
        assert 'did you mean "poll"' in only(found, "settings")["text"]
        assert "fuse" in found


@pytest.mark.parametrize(("minutes", "way"), [(10, "slow"), (-10, "fast")])
def test_a_wrong_clock_is_told(minutes: int, way: str) -> None:
    """Beside the time that Notion's answers carry."""
    there = datetime.now(UTC) + timedelta(minutes=minutes)
    (finding,) = notion.check_clock(there.strftime("%a, %d %b %Y %H:%M:%S GMT"))
    assert f"10 minutes {way}" in finding.text


def test_a_closed_device_and_a_missing_helper_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The two things that a machine lacks most often."""
    monkeypatch.setattr(machine, "FUSE_DEVICE", tmp_path / "fuse")
    monkeypatch.setenv("PATH", str(tmp_path))
    found = {finding.subject: finding for finding in machine.check_fuse(None)}
    assert "modprobe fuse" in found["fuse"].remedy
    assert "apt-get install fuse3" in found["fusermount3"].remedy


# --- the report -----------------------------------------------------------------------------------


async def test_a_report_holds_no_title_no_path_and_no_token() -> None:
    """Findings, settings, status and the log, with marks where content was."""
    sim = Simulator(seed="demo")
    async with mounted(sim) as mount:
        with pytest.raises(OSError, match="Invalid argument"):
            await mount.write("acme/product.md", "---\nnonsense: 1\n---\n")
        target = mount.home / "report.zip"
        server = f"http://127.0.0.1:{mount.port}"
        done = await mount.notionfs("doctor", "--base-url", server, "--report", str(target))
        assert str(target) in done.out
        with zipfile.ZipFile(target) as bundle:
            names = set(bundle.namelist())
            text = "".join(bundle.read(name).decode() for name in names)
        assert {"findings.json", "settings.json", "status-1.json", "log.txt"} <= names
        for private in ("demo-token", "product", str(mount.home), "Acme", "nonsense"):
            assert private not in text
        assert target.stat().st_mode & 0o077 == 0


def test_marks_are_the_same_for_the_same_thing() -> None:
    """So that a page can be followed through the log."""
    first, second = redact("saved acme/product.md"), redact("sent acme/product.md with ntn_abc123")
    assert first.split()[1] == second.split()[1] != "acme/product.md"
    assert "ntn_abc123" not in second
