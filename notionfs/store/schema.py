"""The tables of the store: what a row means, which values are special, who repairs them.

Snapshots (`pages`, `databases`, `data_sources`, `bodies`, `users`) are what Notion said and can be
fetched again. `docs`, `file_texts`, `grown_from`, `bases`, `history`, `outbox`, `held`, `inodes`,
`dentries` and `scratch` are ours; `file_texts.text` and `scratch.data` are the user's and exist
nowhere else.

Wide columns stand last: SQLite walks through all that stands before a column to read it. Tables
with such rows have row ids, so that a search by key reads an index and not the contents.
"""

from __future__ import annotations

META = """
-- Single facts: "watermark" (newest last_edited completely scanned), "listed" (1 after the first
-- complete scan), "space_id" (the id of the workspace), "bot" (our own user id), "layout" (how
-- the tree is laid out), "reconciled" (when everything was last compared), "trash" (newest
-- last_edited seen in the trash), "unfinished" (questions that failed and are asked again), "scan
-- NAME" (how far an unfinished listing is).
CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID
"""

PAGES = """
-- One row per page that Notion showed us, rows of data sources included. parent_* is the direct
-- parent as reported (NULL id: the workspace). Rows never go away by absence; in_trash = 1 is set
-- by Notion's word only. properties is the JSON object of property values, as sent, except that
-- long ones are whole where whole_values continues them, and marked has_more where nothing does.
CREATE TABLE pages (
    page_id        TEXT PRIMARY KEY,
    title          TEXT NOT NULL,
    parent_type    TEXT NOT NULL,
    parent_id      TEXT,
    database_id    TEXT,
    created        TEXT NOT NULL,
    last_edited    TEXT NOT NULL,
    url            TEXT NOT NULL,
    in_trash       INTEGER NOT NULL DEFAULT 0,
    created_by     TEXT,
    last_edited_by TEXT,
    icon           BLOB,
    properties     BLOB NOT NULL
)
"""

PAGES_BY_PARENT = "CREATE INDEX pages_by_parent ON pages (parent_id)"
PAGES_BY_TITLE = "CREATE INDEX pages_by_title ON pages (title)"
PAGES_TRASHED = "CREATE INDEX pages_trashed ON pages (page_id) WHERE in_trash = 1"
PAGES_LIVE = "CREATE INDEX pages_live ON pages (last_edited, page_id) WHERE in_trash = 0"

WHOLE_VALUES = """
-- A property value of which a page object shows only the beginning, read to its end (JSON list)
-- when the page had been edited at last_edited. It stands in pages.properties as long as it begins
-- with what Notion shows; after a later edit it is read again before it is changed.
CREATE TABLE whole_values (
    page_id     TEXT NOT NULL,
    property_id TEXT NOT NULL,
    value       TEXT NOT NULL,
    last_edited TEXT NOT NULL,
    PRIMARY KEY (page_id, property_id)
) WITHOUT ROWID
"""

PAGES_SOURCELESS = (
    "CREATE INDEX pages_sourceless ON pages (page_id) WHERE parent_type = 'database_id'"
)

DATABASES = """
-- A database container; sources is the JSON list of [id, name] in container order (the first is
-- the default). synced_ns is when Notion was last asked about it, 0 for never.
CREATE TABLE databases (
    database_id TEXT PRIMARY KEY,
    title       TEXT NOT NULL,
    parent_type TEXT NOT NULL,
    parent_id   TEXT,
    sources     TEXT NOT NULL,
    created     TEXT NOT NULL,
    last_edited TEXT NOT NULL,
    url         TEXT NOT NULL,
    in_trash    INTEGER NOT NULL DEFAULT 0,
    is_inline   INTEGER NOT NULL DEFAULT 0,
    synced_ns   INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID
"""

DATA_SOURCES = """
-- A table. columns is the JSON list of [id, name, type, [options], config]. database_id is NULL
-- only for externally synced sources.
CREATE TABLE data_sources (
    data_source_id TEXT PRIMARY KEY,
    database_id    TEXT,
    name           TEXT NOT NULL,
    parent_type    TEXT NOT NULL,
    parent_id      TEXT,
    columns        TEXT NOT NULL,
    created        TEXT NOT NULL,
    last_edited    TEXT NOT NULL,
    url            TEXT NOT NULL,
    in_trash       INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID
"""

SOURCES_BY_DATABASE = "CREATE INDEX sources_by_database ON data_sources (database_id)"

BODIES = """
-- A page's Markdown v2 with hosted-file signatures removed. last_edited is the page's at the time;
-- fetched_ns when we asked. stale = 1: Notion has probably a newer one. guessed = 1: this is what
-- we sent at creation, not what Notion answered; read before planning edits against it. ours = 1:
-- this is Notion's answer to a write of ours, so an edit of ours in that minute is no news.
-- parts: texts of unknown_ids that were read by themselves.
CREATE TABLE bodies (
    page_id     TEXT PRIMARY KEY,
    truncated   INTEGER NOT NULL DEFAULT 0,
    unknown_ids TEXT NOT NULL DEFAULT '[]',
    last_edited TEXT NOT NULL,
    fetched_ns  INTEGER NOT NULL,
    stale       INTEGER NOT NULL DEFAULT 0,
    guessed     INTEGER NOT NULL DEFAULT 0,
    ours        INTEGER NOT NULL DEFAULT 0,
    markdown    TEXT NOT NULL,
    parts       TEXT NOT NULL DEFAULT '{}'
)
"""

BODIES_FETCHED = "CREATE INDEX bodies_fetched ON bodies (fetched_ns)"
BODIES_FRESH = "CREATE INDEX bodies_fresh ON bodies (page_id, stale)"

BLOCK_PARENTS = """
-- Where a block hangs, so that pages inside columns and toggles find the page around them.
CREATE TABLE block_parents (
    block_id    TEXT PRIMARY KEY,
    parent_type TEXT NOT NULL,
    parent_id   TEXT
) WITHOUT ROWID
"""

USERS = """
CREATE TABLE users (
    user_id TEXT PRIMARY KEY,
    name    TEXT,
    email   TEXT,
    is_bot  INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID
"""

DOCS = """
-- One page file. page_id is NULL until Notion has created the page. has_text = 1: it has a row in
-- file_texts; an unread one has none. user_text = 1: the bytes are the user's own and stay until
-- somebody else really changes the page; bare: they lack our frontmatter (1: since this mount, 2:
-- since an earlier one). version grows with every change of the text. outdated = 1: the snapshot
-- moved on behind an open handle. wanted_title is a title that came from a rename. folder = 1: made
-- by mkdir and never written. notes is the JSON list of what Notion keeps differently from the
-- user's text: sentences for people, nothing waits for them.
-- reason says why a person should look, and since_ns since when one should: it is NULL
-- unless there is a reason or the state is "conflict".
-- State "uploading" or "resaved" at start means a crash: the store turns it to "unsure".
CREATE TABLE docs (
    doc_id       INTEGER PRIMARY KEY AUTOINCREMENT,
    page_id      TEXT UNIQUE,
    state        TEXT NOT NULL,
    size         INTEGER NOT NULL DEFAULT 0,
    mtime_ns     INTEGER NOT NULL DEFAULT 0,
    version      INTEGER NOT NULL DEFAULT 0,
    has_text     INTEGER NOT NULL DEFAULT 0,
    user_text    INTEGER NOT NULL DEFAULT 0,
    bare         INTEGER NOT NULL DEFAULT 0,
    outdated     INTEGER NOT NULL DEFAULT 0,
    folder       INTEGER NOT NULL DEFAULT 0,
    wanted_title TEXT,
    reason       TEXT,
    since_ns     INTEGER,
    notes        TEXT
)
"""

FILE_TEXTS = """
-- The bytes of a page file. They stand apart from the rows of docs, which a save changes five times
-- and which SQLite writes as a whole each time.
CREATE TABLE file_texts (
    doc_id INTEGER PRIMARY KEY,
    text   BLOB NOT NULL
)
"""

GROWN_FROM = """
-- The JSON of what the text of a page file grew from; without a row that is the present snapshot.
CREATE TABLE grown_from (
    doc_id INTEGER PRIMARY KEY,
    base   TEXT NOT NULL
)
"""

DOCS_BY_STATE = "CREATE INDEX docs_by_state ON docs (state)"  # new pages stand at one place in it

DOCS_BARE = "CREATE INDEX docs_bare ON docs (doc_id) WHERE bare = 1"

DOCS_WITH_REASON = "CREATE INDEX docs_with_reason ON docs (doc_id) WHERE reason IS NOT NULL"

DOCS_WITH_NOTES = "CREATE INDEX docs_with_notes ON docs (doc_id) WHERE notes IS NOT NULL"

BASES = """
-- What earlier texts of a page file grew from: an editor may still hold such a text and save it
-- after the file was rendered anew. last_edited is what that text says in its frontmatter (empty
-- if it has none). Bounded in number and age; losing a row costs no text, only a merge.
CREATE TABLE bases (
    base_id     INTEGER PRIMARY KEY AUTOINCREMENT,
    doc_id      INTEGER NOT NULL,
    last_edited TEXT NOT NULL,
    base        TEXT NOT NULL,
    at_ns       INTEGER NOT NULL
)
"""

BASES_BY_DOC = "CREATE INDEX bases_by_doc ON bases (doc_id, base_id)"

HISTORY = """
-- Earlier texts of page files, compressed; at_ns is when the text was replaced, why by what (see
-- `sync.earlier.Why`). page_id outlives the file, so that a page that comes back from the trash has
-- its history. Bounded in number and age; losing a row costs an undo.
CREATE TABLE history (
    text_id INTEGER PRIMARY KEY AUTOINCREMENT,
    doc_id  INTEGER NOT NULL,
    page_id TEXT,
    at_ns   INTEGER NOT NULL,
    why     TEXT NOT NULL,
    size    INTEGER NOT NULL,
    text    BLOB NOT NULL
)
"""

HISTORY_BY_DOC = "CREATE INDEX history_by_doc ON history (doc_id)"
HISTORY_BY_PAGE = "CREATE INDEX history_by_page ON history (page_id)"

INODES = """
-- Inode numbers are never used twice. kind is a `NodeKind`. doc_id is set for page files and page
-- folders, database_id for database folders; those of a data source also have its id. mtime_ns of
-- page files stands in docs. size -1: an attachment whose size nobody has asked for yet. nlink 0:
-- it has no name at present; of a file, it was unlinked while open, and goes at the next start.
CREATE TABLE inodes (
    ino         INTEGER PRIMARY KEY AUTOINCREMENT,
    kind        TEXT NOT NULL,
    doc_id      INTEGER,
    database_id TEXT,
    source_id   TEXT,
    mode        INTEGER NOT NULL,
    size        INTEGER NOT NULL DEFAULT 0,
    mtime_ns    INTEGER NOT NULL,
    nlink       INTEGER NOT NULL DEFAULT 1
)
"""

INODES_BY_DOC = "CREATE INDEX inodes_by_doc ON inodes (doc_id, kind)"
INODES_BY_DATABASE = (
    "CREATE INDEX inodes_by_database ON inodes (database_id) WHERE database_id IS NOT NULL"
)
INODES_NAMELESS = "CREATE INDEX inodes_nameless ON inodes (ino) WHERE nlink = 0"
INODES_BY_SOURCE = "CREATE INDEX inodes_by_source ON inodes (source_id) WHERE source_id IS NOT NULL"

DENTRIES = """
-- A name in a directory. dentry_id is the readdir cookie, so it only ever grows. folded is the
-- form in which remote names clash. chosen = 1: a user gave this name; it does not follow titles.
CREATE TABLE dentries (
    dentry_id  INTEGER PRIMARY KEY AUTOINCREMENT,
    parent_ino INTEGER NOT NULL,
    name       TEXT NOT NULL,
    folded     TEXT NOT NULL,
    ino        INTEGER NOT NULL,
    chosen     INTEGER NOT NULL DEFAULT 0,
    UNIQUE (parent_ino, name)
)
"""

RENAMED = """
-- A page, folder or database that had the name, which page files may still use in links. moved = 1:
-- it left its directory, so that the links of what is below it changed as well. Rows go when those
-- files are rendered anew.
CREATE TABLE renamed (
    renamed_id INTEGER PRIMARY KEY AUTOINCREMENT,
    name       TEXT NOT NULL,
    ino        INTEGER NOT NULL,
    moved      INTEGER NOT NULL
)
"""

DENTRIES_BY_FOLDED = "CREATE INDEX dentries_by_folded ON dentries (parent_ino, folded)"
DENTRIES_BY_INO = "CREATE INDEX dentries_by_ino ON dentries (ino)"

SCRATCH = """
-- The bytes of a side file, or the target of a local symbolic link. digest is their SHA-256.
CREATE TABLE scratch (
    ino    INTEGER PRIMARY KEY,
    data   BLOB NOT NULL,
    digest TEXT NOT NULL
)
"""

HELD = """
-- A page whose name was renamed away or unlinked moments ago. If the name comes back before
-- until_ns, the page receives the new text and keeps its id. Otherwise `outcome` happens:
-- "restore" (the name reappears), "drop" (Notion never had it: it is forgotten) or "trash" (an
-- outbox row was queued together with this row).
CREATE TABLE held (
    parent_ino INTEGER NOT NULL,
    name       TEXT NOT NULL,
    doc_id     INTEGER NOT NULL,
    until_ns   INTEGER NOT NULL,
    outcome    TEXT NOT NULL,
    chosen     INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (parent_ino, name)
) WITHOUT ROWID
"""

OUTBOX = """
-- Durable changes to send, in order per document. action: save, move, trash, comment,
-- restore.
-- What a save sends is derived from the text and its base when it is claimed, so several saves
-- before that are one row. state: queued, claimed (a request is on the wire), unsure (it may have
-- arrived), parked (waits for a person).
CREATE TABLE outbox (
    seq        INTEGER PRIMARY KEY AUTOINCREMENT,
    doc_id     INTEGER NOT NULL,
    action     TEXT NOT NULL,
    payload    TEXT NOT NULL DEFAULT '{}',
    state      TEXT NOT NULL DEFAULT 'queued',
    attempts   INTEGER NOT NULL DEFAULT 0,
    queued_ns  INTEGER NOT NULL,
    due_ns     INTEGER NOT NULL,
    claimed_ns INTEGER,
    reason     TEXT
)
"""

OUTBOX_BY_DOC = "CREATE INDEX outbox_by_doc ON outbox (doc_id)"

SCAN_PARTS = """
-- The pages that an unfinished listing has read so far: a MessagePack list for each part, and one
-- of the ids of those that are taken in already (settled). Emptied when it ends; losing a row costs
-- requests, nothing else.
CREATE TABLE scan_parts (
    part    INTEGER PRIMARY KEY AUTOINCREMENT,
    scan    TEXT NOT NULL,
    pages   BLOB NOT NULL,
    settled BLOB NOT NULL
)
"""

WAITING = """
-- A page or database that the first listing has read and that has no place yet, because what it
-- stands in (behind: a page's id, or that of a database, data source or block nobody knows yet) has
-- none. Emptied when that listing ends; a row that was placed meanwhile does no harm.
CREATE TABLE waiting (
    object_id   TEXT PRIMARY KEY,
    is_database INTEGER NOT NULL,
    behind      TEXT NOT NULL,
    created     TEXT NOT NULL
) WITHOUT ROWID
"""

WAITING_BEHIND = (
    "CREATE INDEX waiting_behind ON waiting (behind, is_database DESC, created, object_id)"
)

ASSETS = """
-- A file that Notion hosts and a page shows. ino is its inode, url its address without signature
-- (it never changes, nor do the bytes behind it); name is what files call it, sticky and unique
-- within the document. source: "body", or "page" (icon, cover, properties): what to read for a
-- signed address. A row whose inode has no dentry is no longer shown by the page, but a text that
-- somebody still edits may name it.
CREATE TABLE assets (
    ino    INTEGER PRIMARY KEY,
    doc_id INTEGER NOT NULL,
    name   TEXT NOT NULL,
    url    TEXT NOT NULL,
    source TEXT NOT NULL,
    UNIQUE (doc_id, name),
    UNIQUE (doc_id, url)
)
"""

UPLOADS = """
-- A side file on its way into Notion because a page refers to it: that page, the file, and which
-- bytes of it. path is where the file stood. upload_id is Notion's name for it, good until
-- expires_ns; sent_parts of parts are there (0 of 0 before it was announced). state: "sending",
-- "uploaded", "attached" (url is its address from then on). block_id: it was about to be attached
-- to that block, which has to be looked at after a crash.
CREATE TABLE uploads (
    doc_id     INTEGER NOT NULL,
    ino        INTEGER NOT NULL,
    digest     TEXT NOT NULL,
    path       TEXT NOT NULL,
    size       INTEGER NOT NULL,
    state      TEXT NOT NULL DEFAULT 'sending',
    upload_id  TEXT,
    expires_ns INTEGER NOT NULL DEFAULT 0,
    parts      INTEGER NOT NULL DEFAULT 0,
    sent_parts INTEGER NOT NULL DEFAULT 0,
    block_id   TEXT,
    url        TEXT,
    PRIMARY KEY (doc_id, ino, digest)
) WITHOUT ROWID
"""

COMMENT_FILES = """
-- The comments of a page as a file, once somebody opened it: text is what Notion had (threads open
-- discussions) at fetched_ns, and what the user has added since; 0: to be read again. saved is what
-- the user saved last: an editor still holds it after the file was made anew.
CREATE TABLE comment_files (
    doc_id     INTEGER PRIMARY KEY,
    text       BLOB NOT NULL,
    saved      BLOB,
    threads    INTEGER NOT NULL,
    fetched_ns INTEGER NOT NULL,
    mtime_ns   INTEGER NOT NULL
)
"""

REMARKS = """
-- A comment that the user added: an answer in a discussion, or (NULL) one about the page. Without
-- comment_id it is not in Notion yet, or, if it was claimed, it has to be looked for first. Rows
-- stay, so that a comment of the same words is not taken for this one.
CREATE TABLE remarks (
    remark_id  INTEGER PRIMARY KEY AUTOINCREMENT,
    doc_id     INTEGER NOT NULL,
    discussion TEXT,
    rich_text  TEXT NOT NULL,
    claimed_ns INTEGER,
    comment_id TEXT
)
"""

REMARKS_BY_DOC = "CREATE INDEX remarks_by_doc ON remarks (doc_id)"

TABLES: tuple[str, ...] = (
    META,
    PAGES,
    PAGES_BY_PARENT,
    PAGES_BY_TITLE,
    PAGES_LIVE,
    PAGES_SOURCELESS,
    PAGES_TRASHED,
    WHOLE_VALUES,
    DATABASES,
    DATA_SOURCES,
    SOURCES_BY_DATABASE,
    BODIES,
    BODIES_FETCHED,
    BODIES_FRESH,
    BLOCK_PARENTS,
    USERS,
    DOCS,
    DOCS_BY_STATE,
    DOCS_BARE,
    DOCS_WITH_REASON,
    DOCS_WITH_NOTES,
    FILE_TEXTS,
    GROWN_FROM,
    BASES,
    BASES_BY_DOC,
    HISTORY,
    HISTORY_BY_DOC,
    HISTORY_BY_PAGE,
    INODES,
    INODES_BY_DOC,
    INODES_BY_DATABASE,
    INODES_BY_SOURCE,
    INODES_NAMELESS,
    DENTRIES,
    RENAMED,
    DENTRIES_BY_FOLDED,
    DENTRIES_BY_INO,
    SCRATCH,
    ASSETS,
    UPLOADS,
    COMMENT_FILES,
    REMARKS,
    REMARKS_BY_DOC,
    HELD,
    OUTBOX,
    OUTBOX_BY_DOC,
    SCAN_PARTS,
    WAITING,
    WAITING_BEHIND,
)
