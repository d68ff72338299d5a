"""`notionfs doctor`: look at everything a mount needs, and say what to do where it is not well."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import click
from msgspec.structs import asdict, replace

from notionfs.cli.checkup.finding import Finding, Verdict, failed, note
from notionfs.cli.exits import Exit
from notionfs.cli.screen import amount, say, visible
from notionfs.config import Settings
from notionfs.errors import UsageError
from notionfs.settings import load_settings

NO_TOKEN = "there is none yet; only the demo can be mounted"
_COLORS = {
    Verdict.OK: "green",
    Verdict.NOTE: "cyan",
    Verdict.WARNING: "yellow",
    Verdict.FAILED: "red",
}


@click.command()
@click.option("--connection", metavar="NAME", help="Look with this connection of notionfs login.")
@click.option("--token-file", metavar="FILE", help="Look with the token in this file.")
@click.option("--config", "config_file", metavar="FILE", help="Read this settings file.")
@click.option("--state-dir", metavar="DIR", help="Where the local stores are.")
@click.option("--base-url", metavar="URL", help="Ask this server, not https://api.notion.com.")
@click.option("--offline", is_flag=True, help="Look at this machine only.")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@click.option(
    "--report",
    type=click.Path(dir_okay=False),
    metavar="FILE.zip",
    help="Write a bundle for a bug report, without your content.",
)
@click.option(
    "--salvage",
    type=click.Path(file_okay=False),
    metavar="DIR",
    help="Copy every text that Notion may not have, and all side files, into the new DIR.",
)
def command(
    *, offline: bool, as_json: bool, report: str | None, salvage: str | None, **flags: object
) -> int:
    """Look at everything a mount needs, and say what to do where it is not well.

    The exit code is 1 if something does not work or is not safe. It changes nothing.
    The report holds versions, settings, findings, the status of running mounts and
    the log; titles, paths and ids in them are replaced by marks.

    A store that is damaged is never repaired in place: --salvage reads what can
    still be read, writes it to a new directory, and changes nothing else. Afterwards
    move the store away and mount again; copy into the mount what you miss.

    \b
    Examples:
      notionfs doctor
      notionfs doctor --json | jq '.[] | select(.verdict == "failed")'
      notionfs doctor --report notionfs-report.zip
      notionfs doctor --salvage ~/saved
    """
    settings, trouble = _settings(flags)
    if salvage is not None:
        return _salvage(Path(salvage).expanduser(), settings)
    findings = [*_local(settings), *trouble]
    if settings is not None and settings.token is not None and not offline:
        findings += _remote(settings)
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in findings], indent=2))
    else:
        _show(findings)
    if report is not None:
        from notionfs.cli.checkup.report import write_report

        write_report(Path(report), findings, settings)
        say(f"The report is {report}; look into it before you pass it on.")
    return Exit.FAILED if any(f.verdict is Verdict.FAILED for f in findings) else Exit.OK


def _salvage(target: Path, settings: Settings | None) -> int:
    from notionfs.cli.checkup.salvaging import salvage_all

    if settings is None:
        raise UsageError("The settings cannot be read; name the place with --state-dir.")
    return salvage_all(target, settings.state_dir)


def _settings(flags: dict[str, object]) -> tuple[Settings | None, list[Finding]]:
    """Return the settings, or those without a token, and what is wrong with them."""
    everything = {"mountpoint": "notion", **flags}
    try:
        return load_settings(flags=everything, environ=os.environ), []
    except UsageError as exc:
        trouble = str(exc).rstrip(".")
    kept = {name: flags.get(name) for name in ("config_file", "state_dir")}
    try:
        demo = {"mountpoint": "notion", "demo": True, **kept}
        settings = load_settings(flags=demo, environ={})
    except UsageError:
        return None, [failed("settings", trouble, "Correct the settings: docs/reference/config.md")]
    if "There is no Notion token" in trouble:
        return settings, [
            note("token", NO_TOKEN, "Connect: notionfs login; or try: notionfs mount --demo")
        ]
    return settings, [failed("token", trouble, "Log in again: notionfs login")]


def _local(settings: Settings | None) -> Iterator[Finding]:
    from notionfs.cli.checkup import machine, stores

    yield from machine.check_system()
    yield from machine.check_fuse(settings)
    yield from machine.check_mounts()
    if settings is not None:
        yield from machine.check_space(settings)
        yield from stores.check_stores(settings)
    yield from machine.check_proxy(os.environ)


def _remote(settings: Settings) -> list[Finding]:
    import trio

    from notionfs.cli.checkup.notion import check_notion

    findings: list[Finding] = trio.run(check_notion, settings)
    for space in settings.spaces:
        for finding in trio.run(check_notion, space):
            findings.append(replace(finding, text=f"teamspace {space.space}: {finding.text}"))
    return findings


def _show(findings: list[Finding]) -> None:
    for finding in findings:
        sign = click.style(f"{finding.verdict.value:<8}", fg=_COLORS[finding.verdict])
        click.echo(f"{sign}{finding.subject:<13}{visible(finding.text)}")
        if finding.remedy:
            click.echo(f"{'':<21}→ {visible(finding.remedy)}")
    counts = Counter(finding.verdict for finding in findings)
    if counts[Verdict.FAILED]:
        say(f"{amount(counts[Verdict.FAILED], 'thing')} must be mended.")
    elif any(finding.text == NO_TOKEN for finding in findings):
        say("Nothing else stands in the way of a mount.")
    else:
        say("Nothing stands in the way of a mount.")
