"""Engineering: how the product is built, and proposals to change it."""

from notionfs.simulator.seeds.demo.planting import Text

PAGES = {
    "Engineering/Wiki/Architecture": Text(
        """
One picture, three pages.

![Boxes and arrows: clients, gateway, engine,
store](https://images.example.com/acme/architecture.png)

Clients talk to the gateway, the gateway to the engine, only the engine to the store. Arrows never
point back: what
must go back travels over the event stream.

```mermaid
graph LR
  Client --> Gateway
  Gateway --> Engine
  Engine --> Store
  Engine -. events .-> Client
```
""",
        icon="🏗️",
        by="Alan Turing",
    ),
    "Engineering/Wiki/Architecture/Storage Engine": Text(
        """
Documents are trees of blocks. A block is a row; a change is a row in the log; a snapshot is a
cache.

### What we promise

1. What was acknowledged survives a crash at any instruction.
2. Reading never waits for writing.
3. A backup is a copy of two files.

### What we do not promise

- The order of changes to *different* documents.
- That a snapshot exists. It can always be built again.

The log is compacted when it is four times as long as the snapshot: $size_{log} > 4 \\cdot
size_{snapshot}$.
""",
        icon="🗄️",
        by="Alan Turing",
    ),
    "Engineering/Wiki/Architecture/API Gateway": Text(
        """
The gateway checks tokens, counts requests and forwards. It knows nothing about documents.

| Limit | Value | Answer |
| --- | --- | --- |
| Requests per minute | 180 | 429 with `Retry-After` |
| Body size | 500 KB | 413 |
| Open connections per team | 50 | 503 |

<callout icon="💡">
The limit is a *fixed window*: after a burst you wait for the next minute, not for one second.
</callout>
""",
        icon="🚪",
        by="Bob Babbage",
    ),
    "Engineering/Wiki/Architecture/Sync Protocol": Text(
        """
Three messages, and every one may be lost, doubled or late.

- `hello(version, cursor)` asks for everything since the cursor.
- `change(id, base, patch)` proposes a change to a known base.
- `ack(id, version)` says what became of it.

A change whose base is old is merged by the server if it can be, and sent back as a conflict if it
cannot. Clients
**never** throw away text that was typed.

```json
{"type": "change", "id": "c-4711", "base": 17, "patch": [ ["insert", 120, "hello"] ]}
```
""",
        icon="🔄",
        by="Ada Lovelace",
    ),
    "Engineering/Wiki/RFCs": Text(
        """
A proposal is a page with a number. It is *open* for a week, then somebody decides.

- [[Engineering/Wiki/RFCs/RFC 1 Block identities]]: accepted
- [[Engineering/Wiki/RFCs/RFC 2 Offline first]]: accepted
- [[Engineering/Wiki/RFCs/RFC 3 Plain text export]]: open
""",
        icon="📝",
        by="Alan Turing",
    ),
    "Engineering/Wiki/RFCs/RFC 1 Block identities": Text(
        """
**Status:** accepted · **Author:** @{Alan Turing}

Every block gets an identity when it is made and keeps it until it is deleted. Moving a block
keeps it, copying does
not.

## Why

Comments, links and history all point at blocks. Positions change with every keystroke; identities
do not.

## Cost

Sixteen bytes per block. A page of a hundred blocks grows by 1.6 KB.
""",
        by="Alan Turing",
    ),
    "Engineering/Wiki/RFCs/RFC 2 Offline first": Text(
        """
**Status:** accepted · **Author:** @{Ada Lovelace}

The local copy is the one people edit. The server is where copies meet.

- Opening a document never waits for the network.
- Saving means *on this disk*; sending comes later and may take days.
- A conflict is shown to the person who can solve it.
""",
    ),
    "Engineering/Wiki/RFCs/RFC 3 Plain text export": Text(
        """
**Status:** open · **Author:** @{Bob Babbage}

> People trust a tool they can leave.

Every document should be readable as a plain text file, without our software, in a folder on disk.
Markdown is good
enough for nine blocks out of ten; for the tenth we write a tag.

### Open questions

- [ ] What happens to comments?
- [ ] One file per page, or one per database?
- [x] Do images become files? Yes.
""",
        by="Bob Babbage",
    ),
}

LATER: dict[str, Text] = {}
