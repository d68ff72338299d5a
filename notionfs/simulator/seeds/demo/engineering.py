"""Engineering: the wiki and its sub-pages."""

from notionfs.simulator.seeds.demo.planting import Text

PAGES = {
    "Engineering": Text(
        """
<callout icon="🛠️" color="gray_bg">
We build and run the sync engine. On call this week: @{Katherine Johnson}, second @{Bob Babbage}.
</callout>

Our work is in the **Projects** and **Tasks** tables below, what we know is in the wiki, what we
said is in
**Meetings**.
""",
        icon="🛠️",
        cover="https://images.example.com/acme/cover-workshop.jpg",
    ),
    "Engineering/Wiki": Text(
        """
<table-of-contents color="gray" />

## How to use this wiki

Pages here have an owner and an expiry date in their head. If you follow a page and it is wrong,
fixing it is
part of your task; there is no ticket for it.

## The short version

1. Read [[Engineering/Wiki/Getting Started]] and have the product running on your machine by noon.
2. Every change goes through [[Engineering/Wiki/Code Review]], also those of founders.
3. We release daily: [[Engineering/Wiki/Release Process]].
4. When it burns: [[Engineering/Wiki/Incident Response]].

## Principles

- **Boring technology** for everything that keeps data, new technology for everything that does not.
- A test that fails sometimes is a bug in production that we have not met yet.
- Delete code. The fastest request is the one that is not sent.

$$
T_{sync} = T_{network} + \\frac{changes}{rate} + \\epsilon
$$
""",
        icon="📚",
    ),
    "Engineering/Wiki/Getting Started": Text(
        """
You need a laptop, an account and about an hour.

- [x] Ask @{Mary Somerville} for a laptop and a key card
- [ ] Clone the repository
- [ ] Install the tools
- [ ] Run the tests once
- [ ] Change one word and open a pull request

## Install

```shell
git clone https://git.example.com/acme/sync.git
cd sync
make setup   # about ten minutes the first time
make test
```

## Run it

```python
from acme.sync import Engine

engine = Engine(path="~/documents", interval=30)
engine.run()
```

If `make setup` stops with *permission denied*, your user is not in the `docker` group yet. Log
out and in again
after adding it.

> Stuck for more than twenty minutes? Ask. Everyone here was stuck at the same place.
""",
        icon="🚀",
        by="Bob Babbage",
    ),
    "Engineering/Wiki/Development Environment": Text(
        """
Use any editor you like. The repository carries settings for three of them.

| Editor | Setting file | Formatter on save |
| --- | --- | --- |
| VS Code | `.vscode/settings.json` | yes |
| Neovim | `.nvim.lua` | yes |
| JetBrains | `.idea/codeStyles` | by hand |

<toggle heading="h3">
Secrets

They come from the vault, never from a file. `acme login` gives you a token for eight hours:

```shell
acme login --role developer
acme env | tee .env.local
```

</toggle>

<toggle heading="h3">
Debugging the sync loop

Set `ACME_TRACE=1`. The trace is a text file with one line per decision; `acme trace show` makes
it readable.

</toggle>
""",
        icon="💻",
        by="Bob Babbage",
    ),
    "Engineering/Wiki/Code Review": Text(
        """
A review answers three questions, in this order.

1. **Should we do this at all?** If not, say so before reading further.
2. **Will it still be right in a year?** Names, boundaries, tests.
3. **Is it correct today?** Edge cases, errors, races.

### For authors

- Keep it under 300 lines. If you cannot, tell the reviewer in which order to read.
- The description says *why*. The code already says *what*.
- Answer every comment, also with "no, because".

### For reviewers

- First answer within four working hours.
- Prefix taste with `nit:` and let it go.
- Approve when it is *better than before*, not when it is how you would have done it.
""",
        icon="🔍",
        by="Alan Turing",
    ),
    "Engineering/Wiki/Release Process": Text(
        """
We release every working day at **11:00**. Nobody presses a button.

- The build of the last green commit is tagged at 10:30.
- It goes to *canary* (1 % of teams) at 11:00.
- Two hours without a new error class: it goes to everyone.

<callout icon="⚠️" color="yellow_bg">
Migrations are released one day **before** the code that needs them. Always. The one time we did
not is described
in [[Engineering/Wiki/Incident Response/Postmortem March]].
</callout>

### Rolling back

```shell
acme release list --last 5
acme release rollback --to 2026.05.21
```

A rollback takes four minutes. Prefer it to a fix under pressure.
""",
        icon="🚢",
        by="Katherine Johnson",
    ),
    "Engineering/Wiki/Incident Response": Text(
        """
**Anyone may declare an incident.** Nobody was ever blamed for a false alarm.

1. Say it: `/incident` in chat. That opens a room and pages the person on call.
2. One person leads, one writes, everybody else fixes or waits.
3. Tell customers within 30 minutes, even if all we know is that we do not know.

<toggle>
Severity levels

| Level | Means | Example |
| --- | --- | --- |
| 1 | data may be lost | a draft disappears after a crash |
| 2 | the product cannot be used | logins fail |
| 3 | something is slow or wrong | search is an hour behind |

</toggle>

<toggle>
Words for customers

> We are looking into delays in syncing. Your documents are safe on your devices. Next update at
> 14:30 UTC.

</toggle>
""",
        icon="🔥",
        by="Katherine Johnson",
    ),
    "Engineering/Wiki/Incident Response/Postmortem March": Text(
        """
**What happened.** On <date start="2026-03-17" start-time="10:58" time-zone="Europe/London" /> a
release expected a
column that did not exist yet. Saves failed for 14 minutes.

**Impact.** 312 teams saw an error; no data was lost, because drafts are written to disk first.

## Timeline

- 10:58 release reaches canary
- 11:03 error rate alarm
- 11:05 @{Katherine Johnson} declares an incident
- 11:09 rollback started
- 11:12 saves work again

## Why

The migration and the code were in one change. The tool that checks for this looked only at file
names.

## What we changed

- [x] The check reads the migration, not its name
- [x] Canary stops at ten errors instead of one per cent
- [ ] Practise a rollback every month
""",
        icon="📉",
        by="Katherine Johnson",
    ),
    "Engineering/Wiki/On-Call": Text(
        """
A week at a time, Tuesday to Tuesday. The hand-over takes fifteen minutes and is in
the **Meetings** table.

| Week | First | Second |
| --- | --- | --- |
| 22 | @{Katherine Johnson} | @{Bob Babbage} |
| 23 | @{Alan Turing} | @{Ada Lovelace} |
| 24 | @{Bob Babbage} | @{Katherine Johnson} |

- Acknowledge within **10 minutes**, day and night.
- A page at night is worth half a day off. Take it the same week.
- If an alarm needs no action, delete the alarm.
""",
        icon="📟",
        by="Katherine Johnson",
    ),
    "Engineering/Wiki/Glossary": Text(
        """
| Word | Means |
| --- | --- |
| base | the version a change grew from |
| block | the smallest part of a document with an identity |
| canary | the 1 % of teams that get a release first |
| cursor | how far a client has read the log |
| draft | text that is saved here and not yet there |
| snapshot | a document as it was at one version |
| tombstone | the mark that something was deleted |
""",
        icon="📖",
    ),
}

LATER = {
    "Engineering/Tools We Use": Text(
        """
<tabs>
<tab icon="🐍">
Python

Services, scripts, tests. Version 3.12, formatted on save.

</tab>
<tab icon="🦀">
Rust

The storage engine, and nothing else.

</tab>
<tab icon="🌐">
TypeScript

The editor. Strict mode, no exceptions.

</tab>
</tabs>

<bookmark source="https://docs.example.com/style">The style guide</bookmark>

<embed source="https://dashboards.example.com/builds" />
""",
        icon="🧰",
        by="Bob Babbage",
    ),
}
