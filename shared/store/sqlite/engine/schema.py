"""The tables of the SQLite file.

Times are whole microseconds since 1970. Queries take lists of ids as JSON arrays (`json_each`).
Some names of tables and columns are older than the terms that the code uses.
"""

import sqlite3
from typing import Final

from shared.store.layout import LAYOUT

_ARTICLES = (
    """CREATE TABLE IF NOT EXISTS articles (
        id TEXT PRIMARY KEY, version INTEGER NOT NULL, touches INTEGER NOT NULL DEFAULT 0,
        writes INTEGER NOT NULL DEFAULT 1, aliases TEXT NOT NULL,
        accepted_at INTEGER NOT NULL, changed_at INTEGER NOT NULL,
        positions TEXT NOT NULL, taken TEXT NOT NULL, trace TEXT NOT NULL,
        seed BLOB NOT NULL) STRICT""",  # what is long comes last
    """CREATE TABLE IF NOT EXISTS aliases (
        alias TEXT PRIMARY KEY, article TEXT NOT NULL) STRICT, WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS pending (
        article TEXT NOT NULL, task TEXT NOT NULL, since INTEGER NOT NULL,
        PRIMARY KEY (article, task)) STRICT, WITHOUT ROWID""",
    "CREATE INDEX IF NOT EXISTS pending_since ON pending (task, since, article)",
    "CREATE INDEX IF NOT EXISTS articles_accepted ON articles (accepted_at)",  # counts read it
)

_PICTURES = (
    """CREATE TABLE IF NOT EXISTS pictures (
        url TEXT PRIMARY KEY, state TEXT NOT NULL, checked_at INTEGER NOT NULL,
        reason TEXT NOT NULL, sha256 TEXT NOT NULL, media_type TEXT NOT NULL,
        width INTEGER NOT NULL, height INTEGER NOT NULL, frames INTEGER NOT NULL,
        size INTEGER NOT NULL, etag TEXT NOT NULL, last_modified TEXT NOT NULL,
        failures INTEGER NOT NULL, replaced_at INTEGER) STRICT, WITHOUT ROWID""",
    "CREATE INDEX IF NOT EXISTS pictures_sha256 ON pictures (sha256)",
    "CREATE INDEX IF NOT EXISTS pictures_state ON pictures (state, sha256)",  # counts read it
    """CREATE TABLE IF NOT EXISTS namings (
        url TEXT NOT NULL, article TEXT NOT NULL,
        PRIMARY KEY (url, article)) STRICT, WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS contents (
        sha256 TEXT PRIMARY KEY, media_type TEXT NOT NULL, width INTEGER NOT NULL,
        height INTEGER NOT NULL, frames INTEGER NOT NULL, size INTEGER NOT NULL,
        colour TEXT NOT NULL, blurhash TEXT NOT NULL, thumbnails TEXT NOT NULL,
        described_at INTEGER NOT NULL) STRICT, WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS pages (
        url TEXT PRIMARY KEY, state TEXT NOT NULL, checked_at INTEGER NOT NULL,
        reason TEXT NOT NULL, images TEXT NOT NULL, amp_url TEXT NOT NULL) STRICT, WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS parked (
        article TEXT NOT NULL, url TEXT NOT NULL, due INTEGER NOT NULL, attempts INTEGER NOT NULL,
        reason TEXT NOT NULL, claim TEXT NOT NULL, leased_until INTEGER NOT NULL,
        PRIMARY KEY (article, url)) STRICT, WITHOUT ROWID""",
    "CREATE INDEX IF NOT EXISTS parked_due ON parked (due)",
    "CREATE INDEX IF NOT EXISTS parked_url ON parked (url)",
)

_LINKING = (
    """CREATE TABLE IF NOT EXISTS signatures (
        article TEXT PRIMARY KEY, version INTEGER NOT NULL, published_at INTEGER NOT NULL,
        terms TEXT NOT NULL, vector TEXT NOT NULL, title TEXT NOT NULL,
        outlet TEXT NOT NULL, direction BLOB NOT NULL) STRICT""",
    # Versions are read all the time, signatures seldom. The pages of this index fit into memory.
    "CREATE INDEX IF NOT EXISTS signature_versions ON signatures (article, version)",
    "CREATE INDEX IF NOT EXISTS signature_times ON signatures (published_at, article)",
    """CREATE TABLE IF NOT EXISTS postings (
        term TEXT NOT NULL, published_at INTEGER NOT NULL, article TEXT NOT NULL,
        PRIMARY KEY (term, published_at, article)) STRICT, WITHOUT ROWID""",
    "DROP INDEX IF EXISTS postings_article",  # older stores have it, but no query uses it any more
    """CREATE TABLE IF NOT EXISTS near (
        article TEXT PRIMARY KEY, stamp INTEGER NOT NULL,
        others TEXT NOT NULL, scores BLOB NOT NULL,
        evidence BLOB NOT NULL) STRICT""",
    """CREATE TABLE IF NOT EXISTS unsettled (
        article TEXT PRIMARY KEY, mark TEXT NOT NULL, since INTEGER NOT NULL,
        leased_until INTEGER NOT NULL) STRICT, WITHOUT ROWID""",
    "CREATE INDEX IF NOT EXISTS unsettled_since ON unsettled (since, article)",
    """CREATE TABLE IF NOT EXISTS links (
        a TEXT NOT NULL, b TEXT NOT NULL, score REAL NOT NULL, pinned INTEGER NOT NULL,
        event REAL NOT NULL, likeness REAL NOT NULL, PRIMARY KEY (a, b)) STRICT, WITHOUT ROWID""",
    "CREATE INDEX IF NOT EXISTS links_b ON links (b, a)",
    """CREATE TABLE IF NOT EXISTS feed (
        id INTEGER PRIMARY KEY, version INTEGER NOT NULL, reader TEXT NOT NULL,
        centre BLOB NOT NULL, narrowness REAL NOT NULL, applied INTEGER NOT NULL) STRICT""",
)

_STORIES = (
    """CREATE TABLE IF NOT EXISTS members (
        article TEXT PRIMARY KEY, story TEXT NOT NULL) STRICT, WITHOUT ROWID""",
    "CREATE INDEX IF NOT EXISTS members_story ON members (story, article)",
    """CREATE TABLE IF NOT EXISTS stories (
        id TEXT PRIMARY KEY, version INTEGER NOT NULL, members TEXT NOT NULL,
        changed_at INTEGER NOT NULL, superseded_by TEXT NOT NULL, lead TEXT NOT NULL,
        title TEXT NOT NULL, heat INTEGER, note TEXT NOT NULL,
        latest_version INTEGER, latest_kind TEXT, latest_at INTEGER,
        latest_data BLOB, latest_trace TEXT) STRICT""",
    "CREATE INDEX IF NOT EXISTS stories_superseded ON stories (superseded_by)",  # counts read it
    """CREATE TABLE IF NOT EXISTS named (
        article TEXT, story TEXT, PRIMARY KEY (article, story)) STRICT, WITHOUT ROWID""",
    "CREATE INDEX IF NOT EXISTS named_story ON named (story)",
    """CREATE TABLE IF NOT EXISTS notices (
        story TEXT NOT NULL, version INTEGER NOT NULL, kind TEXT NOT NULL, at INTEGER NOT NULL,
        data BLOB NOT NULL, trace TEXT NOT NULL,
        PRIMARY KEY (story, version)) STRICT""",
    "CREATE INDEX IF NOT EXISTS notices_waiting ON notices (story, version, at)",
    """CREATE TABLE IF NOT EXISTS instructions (
        id TEXT PRIMARY KEY, word TEXT NOT NULL, ones TEXT NOT NULL, others TEXT NOT NULL,
        author TEXT NOT NULL, at INTEGER NOT NULL, reason TEXT NOT NULL) STRICT, WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS instructed (
        article TEXT, instruction TEXT,
        PRIMARY KEY (article, instruction)) STRICT, WITHOUT ROWID""",
)

_PUBLISHING = (
    """CREATE TABLE IF NOT EXISTS rules (
        number INTEGER PRIMARY KEY, settings TEXT NOT NULL, author TEXT NOT NULL,
        at INTEGER NOT NULL) STRICT""",
    """CREATE TABLE IF NOT EXISTS decisions (
        article TEXT PRIMARY KEY, stamp INTEGER NOT NULL, version INTEGER NOT NULL,
        revision INTEGER NOT NULL, published INTEGER NOT NULL, heat INTEGER NOT NULL,
        lead TEXT NOT NULL, reason TEXT NOT NULL, rules TEXT NOT NULL, inputs TEXT NOT NULL,
        decided_at INTEGER NOT NULL, shown TEXT NOT NULL, latest_revision INTEGER,
        latest_kind TEXT, latest_at INTEGER, latest_data BLOB,
        latest_trace TEXT) STRICT""",
    "CREATE INDEX IF NOT EXISTS decisions_published ON decisions (published)",  # counts read it
    """CREATE TABLE IF NOT EXISTS due (
        article TEXT NOT NULL, revision INTEGER NOT NULL, kind TEXT NOT NULL, at INTEGER NOT NULL,
        data BLOB NOT NULL, trace TEXT NOT NULL,
        PRIMARY KEY (article, revision)) STRICT""",
    "CREATE INDEX IF NOT EXISTS due_waiting ON due (article, revision, at)",
)

_LISTINGS = (
    """CREATE TABLE IF NOT EXISTS listings (
        article TEXT PRIMARY KEY, version INTEGER NOT NULL, title TEXT NOT NULL, slug TEXT NOT NULL,
        published_at INTEGER NOT NULL, provider TEXT NOT NULL, topics TEXT NOT NULL,
        quality INTEGER, problem TEXT NOT NULL, facets TEXT NOT NULL, words TEXT NOT NULL,
        language TEXT NOT NULL DEFAULT '', published INTEGER NOT NULL DEFAULT 0,
        heat INTEGER NOT NULL, lead TEXT NOT NULL DEFAULT '', relatives INTEGER,
        revision INTEGER NOT NULL DEFAULT 0, revised_at INTEGER) STRICT, WITHOUT ROWID""",
    "CREATE INDEX IF NOT EXISTS listings_revised ON listings (revised_at)",
    # A row for each list that an article is in. Both indexes are read backwards, in their order.
    """CREATE TABLE IF NOT EXISTS listed (
        facet TEXT NOT NULL, published INTEGER NOT NULL, published_at INTEGER NOT NULL,
        article TEXT NOT NULL, heat INTEGER NOT NULL,
        PRIMARY KEY (facet, published, published_at, article)) STRICT, WITHOUT ROWID""",
    """CREATE INDEX IF NOT EXISTS listed_heat
        ON listed (facet, published, heat, published_at, article)""",
    """CREATE TABLE IF NOT EXISTS title_words (
        word TEXT NOT NULL, published_at INTEGER NOT NULL, article TEXT NOT NULL,
        PRIMARY KEY (word, published_at, article)) STRICT, WITHOUT ROWID""",
)

_OPERATIONS = (
    """CREATE TABLE IF NOT EXISTS rejected (
        id TEXT PRIMARY KEY, service TEXT NOT NULL, topic TEXT NOT NULL,
        partition INTEGER NOT NULL, record_offset INTEGER NOT NULL, key BLOB, value BLOB,
        headers TEXT NOT NULL, causes TEXT NOT NULL, rejected_at INTEGER NOT NULL,
        state TEXT NOT NULL, redrives TEXT NOT NULL, dismissal TEXT,
        recorded_at INTEGER) STRICT""",
    "CREATE INDEX IF NOT EXISTS rejected_state ON rejected (state, id)",
    """CREATE TABLE IF NOT EXISTS failures (
        subject TEXT PRIMARY KEY, count INTEGER NOT NULL, reason TEXT NOT NULL,
        last_at INTEGER NOT NULL, case_id TEXT NOT NULL) STRICT, WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS workers (
        instance TEXT PRIMARY KEY, service TEXT NOT NULL, host TEXT NOT NULL, pid INTEGER NOT NULL,
        state TEXT NOT NULL, at INTEGER NOT NULL, lag INTEGER, counts TEXT NOT NULL,
        note TEXT NOT NULL, waits_for TEXT NOT NULL, waits_since INTEGER,
        handled_at INTEGER) STRICT, WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS clusters (
        service TEXT PRIMARY KEY, cluster TEXT NOT NULL) STRICT, WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS refills (
        service TEXT PRIMARY KEY, cluster TEXT NOT NULL, holder TEXT NOT NULL,
        leased_until INTEGER NOT NULL) STRICT, WITHOUT ROWID""",
)

SCHEMA: Final = (
    *_ARTICLES,
    *_PICTURES,
    *_LINKING,
    *_STORIES,
    *_PUBLISHING,
    *_LISTINGS,
    *_OPERATIONS,
)


def create_tables(connection: sqlite3.Connection) -> None:
    """Create what is missing, and record the layout of a new store.

    Later additions are steps: see `steps`.
    """
    for statement in SCHEMA:
        connection.execute(statement)
    if read_layout(connection) == 0:
        connection.execute(f"PRAGMA user_version = {LAYOUT}")


def read_layout(connection: sqlite3.Connection) -> int:
    """The number of the layout; 0 in a file that has none."""
    (layout,) = connection.execute("PRAGMA user_version").fetchone()
    return int(layout)
