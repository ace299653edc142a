-- 0001: the ground. Communities and members, their follow lists as sets, the X accounts behind the numbers, what uploads
-- say of third parties, what was found on networks, and the wishes of people to be left out.
--
-- Why sets: one row an edge with a reverse index writes 4.7 KB of disk for each follow and stores 52,000 a second at ten
-- million; one sorted blob a list takes 2.6 bytes a follow all in. Times are milliseconds UTC; ids of ours are ULIDs.
--
-- Keys are chosen so that everything of one owner, of one X account and of one profile is found by an index, for whoever
-- erases it (tests/store/test_plans.c asks). Words of states have no CHECK: a later step could not widen it in SQLite.
--
-- WITHOUT ROWID where rows are short. Long rows fill the upper levels of such a tree: 400,000 profiles took twice the time
-- and the bytes of the journal, and pairs with their indexes 1.5 times.

CREATE TABLE server (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE community (
    id         TEXT NOT NULL PRIMARY KEY,
    slug       TEXT NOT NULL UNIQUE,
    name       TEXT NOT NULL,
    state      TEXT NOT NULL,               -- open, closed
    created_ms INTEGER NOT NULL
) STRICT;

-- Somebody with an account here, or (origin terminal) a place for a list that the operator brought: it counts in no total
-- and no evidence until that person signs in and takes it.
CREATE TABLE member (
    id           TEXT NOT NULL PRIMARY KEY,
    x_handle     TEXT NOT NULL,             -- as given; empty: not known
    x_handle_key TEXT NOT NULL,             -- the same in small letters
    x_number     INTEGER NOT NULL,          -- own account on X; 0: not known
    origin       TEXT NOT NULL,             -- terminal, signed-in
    created_ms   INTEGER NOT NULL,
    seen_ms      INTEGER NOT NULL
) STRICT;
CREATE INDEX member_by_handle ON member (x_handle_key);

CREATE TABLE membership (
    community  TEXT NOT NULL,
    member     TEXT NOT NULL,
    role       TEXT NOT NULL,               -- member, admin, owner
    created_ms INTEGER NOT NULL,
    PRIMARY KEY (community, member)
) STRICT, WITHOUT ROWID;
CREATE INDEX membership_by_member ON membership (member, community);

-- One upload: its owner is a member, or a community (then it is the group's list).
CREATE TABLE import (
    id         TEXT NOT NULL PRIMARY KEY,
    owner      TEXT NOT NULL,
    community  TEXT NOT NULL,
    state      TEXT NOT NULL,               -- received, reading, done, failed
    created_ms INTEGER NOT NULL,
    done_ms    INTEGER NOT NULL,            -- 0: not yet
    report     TEXT NOT NULL                -- JSON: the lines of `skein import`
) STRICT;
CREATE INDEX import_by_owner ON import (owner, id);
CREATE INDEX import_by_community ON import (community);

-- A list is the union of its sources. archive and api are whole lists: a newer one by its own day replaces; exporter, csv
-- and pasted add. ids: numbers of X accounts, sorted, as deltas in varints.
CREATE TABLE follow_set (
    owner      TEXT NOT NULL,
    kind       TEXT NOT NULL,               -- following, followers, roster
    source     TEXT NOT NULL,               -- archive, api, exporter, csv, pasted
    day        TEXT NOT NULL,               -- of the list itself, 2024-11-14; empty: not known
    n          INTEGER NOT NULL,
    ids        BLOB NOT NULL,
    import     TEXT NOT NULL,               -- the last that changed it
    changed_ms INTEGER NOT NULL,
    PRIMARY KEY (owner, kind, source)
) STRICT;

-- The 64-bit X ids of the numbers first to first + n - 1, eight bytes each, little-endian; 0: known by handle alone.
CREATE TABLE x_chunk (
    first INTEGER NOT NULL PRIMARY KEY,
    n     INTEGER NOT NULL,
    ids   BLOB NOT NULL
) STRICT;

-- What one upload says of X accounts (number, handle, name and more), sorted by number, sealed as a whole. Erased with
-- its row.
CREATE TABLE fact_set (
    import   TEXT NOT NULL PRIMARY KEY,
    owner    TEXT NOT NULL,
    day      TEXT NOT NULL,
    n        INTEGER NOT NULL,
    seal_key INTEGER NOT NULL,              -- number of the seal key, for its rotation
    facts    BLOB NOT NULL
) STRICT;
CREATE INDEX fact_set_by_owner ON fact_set (owner, import);
CREATE INDEX fact_set_by_key ON fact_set (seal_key);

-- What may serve others than the uploader: derived, while three members' uploads agree or a roster says so.
CREATE TABLE x_public (
    number    INTEGER NOT NULL PRIMARY KEY,
    handle    TEXT NOT NULL,
    name      TEXT NOT NULL,
    bio       TEXT NOT NULL,
    website   TEXT NOT NULL,
    location  TEXT NOT NULL,
    verified  INTEGER NOT NULL,             -- 0 not known, 1 yes, 2 no
    protected INTEGER NOT NULL,             -- the same
    since_ms  INTEGER NOT NULL,
    why       TEXT NOT NULL,                -- roster, agreed
    import    TEXT NOT NULL                 -- the upload that says so, where one does
) STRICT;
CREATE INDEX x_public_by_import ON x_public (import);

-- An account known by handle alone and the id that held the handle then. Derived, dated, one hop, applied when a list is
-- loaded, never written back into it. A handle may come back to an id that held it before: from_day is in the key.
CREATE TABLE same_as (
    number    INTEGER NOT NULL,
    id_number INTEGER NOT NULL,
    from_day  TEXT NOT NULL,
    to_day    TEXT NOT NULL,
    why       TEXT NOT NULL,
    PRIMARY KEY (number, id_number, from_day)
) STRICT, WITHOUT ROWID;
CREATE INDEX same_as_by_id ON same_as (id_number);

-- Public profiles that we fetched ourselves: they serve every community.
CREATE TABLE profile (
    network    TEXT NOT NULL,
    id         TEXT NOT NULL,               -- DID or Threads id
    handle     TEXT NOT NULL,
    name       TEXT NOT NULL,
    bio        TEXT NOT NULL,
    website    TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    followers  INTEGER NOT NULL,            -- -1: not shown
    follows    INTEGER NOT NULL,
    posts      INTEGER NOT NULL,
    marks      INTEGER NOT NULL,            -- bits of enum profile_mark
    detailed   INTEGER NOT NULL,
    seen_ms    INTEGER NOT NULL,
    PRIMARY KEY (network, id)
) STRICT;

-- What asking came to, and when to ask again. One question serves all who would ask the same: that account under that
-- handle, which may be known from a member's private file alone and is therefore kept as a keyed hash.
CREATE TABLE lookup (
    network  TEXT NOT NULL,
    x        INTEGER NOT NULL,
    asked_as INTEGER NOT NULL,              -- 64 bits of the handle's keyed hash; 0: by name alone
    result   TEXT NOT NULL,                 -- found, not_found, could_not_look
    why      TEXT NOT NULL,                 -- one clause, where it could not look
    asked_ms INTEGER NOT NULL,
    next_ms  INTEGER NOT NULL,
    misses   INTEGER NOT NULL,              -- in a row
    PRIMARY KEY (network, x, asked_as)
) STRICT, WITHOUT ROWID;

-- An X account and a profile believed to be one person. scope: a community, a member (their own correction, or what only
-- their list brings up), or 'public' (proven and made public).
CREATE TABLE pair (
    scope    TEXT NOT NULL,
    x        INTEGER NOT NULL,
    network  TEXT NOT NULL,
    profile  TEXT NOT NULL,
    state    TEXT NOT NULL,                 -- rejected, possible, likely, confirmed, proven
    p        REAL NOT NULL,
    best     INTEGER NOT NULL,              -- 1: the one believed; 0: one of the others
    evidence TEXT NOT NULL,                 -- JSON: [[kind, level, weight], ...]
    weights  INTEGER NOT NULL,              -- version of the table of weights
    decided  TEXT NOT NULL,                 -- who: a member; 'file' for pairs brought by one; empty: linkage
    since_ms INTEGER NOT NULL,
    seen_ms  INTEGER NOT NULL,
    PRIMARY KEY (scope, network, x, profile)
) STRICT;
-- One profile answers for one X account; a person who hides a match names the profile, whoever it was shown to.
CREATE INDEX pair_by_profile ON pair (network, profile, scope);
CREATE INDEX pair_by_x ON pair (x);
CREATE INDEX pair_by_decided ON pair (decided) WHERE decided <> '';

-- Leave me out: keyed hashes of X ids, handles and profile ids.
CREATE TABLE opt_out (
    hash     BLOB NOT NULL PRIMARY KEY,
    since_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Whom a member blocked on X, as keyed hashes: those do not find the member through Skein.
CREATE TABLE shield (
    hash   BLOB NOT NULL,
    member TEXT NOT NULL,
    PRIMARY KEY (hash, member)
) STRICT, WITHOUT ROWID;
CREATE INDEX shield_by_member ON shield (member);

-- What is sealed in a member's own row: blocks, mutes, later tokens. until_ms: when it is wiped; 0: with its owner.
CREATE TABLE sealed (
    owner    TEXT NOT NULL,
    kind     TEXT NOT NULL,
    seal_key INTEGER NOT NULL,
    box      BLOB NOT NULL,
    until_ms INTEGER NOT NULL,
    PRIMARY KEY (owner, kind)
) STRICT;
CREATE INDEX sealed_by_key ON sealed (seal_key);
CREATE INDEX sealed_by_until ON sealed (until_ms);

-- A wish of a member that has an end: to keep looking for people who never came.
CREATE TABLE wish (
    member   TEXT NOT NULL,
    kind     TEXT NOT NULL,
    until_ms INTEGER NOT NULL,
    PRIMARY KEY (member, kind)
) STRICT, WITHOUT ROWID;
CREATE INDEX wish_by_until ON wish (until_ms);

-- Above: the step as it was. Below: how it was noted, by the hash of its text.

CREATE TABLE schema_step (number BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL, hash TEXT NOT NULL, applied_ms BIGINT NOT NULL);
INSERT INTO schema_step (number, name, hash, applied_ms) VALUES (1, '0001_ground', '5b64ecec3f8db40b8a9e5060d5b456ea', 1764149400000);
