-- 0001: the ground. Communities and members, their follow lists as sets, the X accounts behind the numbers, what uploads
-- say of third parties, what was found on networks, and the wishes of people to be left out.
--
-- Why sets: one row an edge with a reverse index writes 4.7 KB of disk for each follow and stores 52,000 a second at ten
-- million; one sorted blob a list takes 2.6 bytes a follow all in. Times are milliseconds UTC; ids of ours are ULIDs.
--
-- Keys are chosen so that everything of one owner, of one X account and of one profile is found by an index, for whoever
-- erases it (tests/store/test_plans.c asks). Words of states have no CHECK: a later step could not widen it in SQLite.
--
-- Text is COLLATE "C": ordered by its bytes, as SQLite orders it.

CREATE TABLE server (
    name  TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    value TEXT COLLATE "C" NOT NULL
);

CREATE TABLE community (
    id         TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    slug       TEXT COLLATE "C" NOT NULL UNIQUE,
    name       TEXT COLLATE "C" NOT NULL,
    state      TEXT COLLATE "C" NOT NULL,  -- open, closed
    created_ms BIGINT NOT NULL
);

-- Somebody with an account here, or (origin terminal) a place for a list that the operator brought: it counts in no total
-- and no evidence until that person signs in and takes it.
CREATE TABLE member (
    id           TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    x_handle     TEXT COLLATE "C" NOT NULL,  -- as given; empty: not known
    x_handle_key TEXT COLLATE "C" NOT NULL,  -- the same in small letters
    x_number     BIGINT NOT NULL,  -- own account on X; 0: not known
    origin       TEXT COLLATE "C" NOT NULL,  -- terminal, signed-in
    created_ms   BIGINT NOT NULL,
    seen_ms      BIGINT NOT NULL
);
CREATE INDEX member_by_handle ON member (x_handle_key);

CREATE TABLE membership (
    community  TEXT COLLATE "C" NOT NULL,
    member     TEXT COLLATE "C" NOT NULL,
    role       TEXT COLLATE "C" NOT NULL,  -- member, admin, owner
    created_ms BIGINT NOT NULL,
    PRIMARY KEY (community, member)
);
CREATE INDEX membership_by_member ON membership (member, community);

-- One upload: its owner is a member, or a community (then it is the group's list).
CREATE TABLE import (
    id         TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    owner      TEXT COLLATE "C" NOT NULL,
    community  TEXT COLLATE "C" NOT NULL,
    state      TEXT COLLATE "C" NOT NULL,  -- received, reading, done, failed
    created_ms BIGINT NOT NULL,
    done_ms    BIGINT NOT NULL,  -- 0: not yet
    report     TEXT COLLATE "C" NOT NULL  -- JSON: the lines of `skein import`
);
CREATE INDEX import_by_owner ON import (owner, id);
CREATE INDEX import_by_community ON import (community);

-- A list is the union of its sources. archive and api are whole lists: a newer one by its own day replaces; exporter, csv
-- and pasted add. ids: numbers of X accounts, sorted, as deltas in varints.
CREATE TABLE follow_set (
    owner      TEXT COLLATE "C" NOT NULL,
    kind       TEXT COLLATE "C" NOT NULL,  -- following, followers, roster
    source     TEXT COLLATE "C" NOT NULL,  -- archive, api, exporter, csv, pasted
    day        TEXT COLLATE "C" NOT NULL,  -- of the list itself, 2024-11-14; empty: not known
    n          BIGINT NOT NULL,
    ids        BYTEA NOT NULL,
    import     TEXT COLLATE "C" NOT NULL,  -- the last that changed it
    changed_ms BIGINT NOT NULL,
    PRIMARY KEY (owner, kind, source)
);

-- The 64-bit X ids of the numbers first to first + n - 1, eight bytes each, little-endian; 0: known by handle alone.
CREATE TABLE x_chunk (
    first BIGINT NOT NULL PRIMARY KEY,
    n     BIGINT NOT NULL,
    ids   BYTEA NOT NULL
);

-- What one upload says of X accounts (number, handle, name and more), sorted by number, sealed as a whole. Erased with
-- its row.
CREATE TABLE fact_set (
    import   TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    owner    TEXT COLLATE "C" NOT NULL,
    day      TEXT COLLATE "C" NOT NULL,
    n        BIGINT NOT NULL,
    seal_key BIGINT NOT NULL,  -- number of the seal key, for its rotation
    facts    BYTEA NOT NULL
);
CREATE INDEX fact_set_by_owner ON fact_set (owner, import);
CREATE INDEX fact_set_by_key ON fact_set (seal_key);

-- What may serve others than the uploader: derived, while three members' uploads agree or a roster says so.
CREATE TABLE x_public (
    number    BIGINT NOT NULL PRIMARY KEY,
    handle    TEXT COLLATE "C" NOT NULL,
    name      TEXT COLLATE "C" NOT NULL,
    bio       TEXT COLLATE "C" NOT NULL,
    website   TEXT COLLATE "C" NOT NULL,
    location  TEXT COLLATE "C" NOT NULL,
    verified  BIGINT NOT NULL,  -- 0 not known, 1 yes, 2 no
    protected BIGINT NOT NULL,  -- the same
    since_ms  BIGINT NOT NULL,
    why       TEXT COLLATE "C" NOT NULL,  -- roster, agreed
    import    TEXT COLLATE "C" NOT NULL  -- the upload that says so, where one does
);
CREATE INDEX x_public_by_import ON x_public (import);

-- An account known by handle alone and the id that held the handle then. Derived, dated, one hop, applied when a list is
-- loaded, never written back into it. A handle may come back to an id that held it before: from_day is in the key.
CREATE TABLE same_as (
    number    BIGINT NOT NULL,
    id_number BIGINT NOT NULL,
    from_day  TEXT COLLATE "C" NOT NULL,
    to_day    TEXT COLLATE "C" NOT NULL,
    why       TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (number, id_number, from_day)
);
CREATE INDEX same_as_by_id ON same_as (id_number);

-- Public profiles that we fetched ourselves: they serve every community.
CREATE TABLE profile (
    network    TEXT COLLATE "C" NOT NULL,
    id         TEXT COLLATE "C" NOT NULL,  -- DID or Threads id
    handle     TEXT COLLATE "C" NOT NULL,
    name       TEXT COLLATE "C" NOT NULL,
    bio        TEXT COLLATE "C" NOT NULL,
    website    TEXT COLLATE "C" NOT NULL,
    created_ms BIGINT NOT NULL,
    followers  BIGINT NOT NULL,  -- -1: not shown
    follows    BIGINT NOT NULL,
    posts      BIGINT NOT NULL,
    marks      BIGINT NOT NULL,  -- bits of enum profile_mark
    detailed   BIGINT NOT NULL,
    seen_ms    BIGINT NOT NULL,
    PRIMARY KEY (network, id)
);

-- What asking came to, and when to ask again. One question serves all who would ask the same: that account under that
-- handle, which may be known from a member's private file alone and is therefore kept as a keyed hash.
CREATE TABLE lookup (
    network  TEXT COLLATE "C" NOT NULL,
    x        BIGINT NOT NULL,
    asked_as BIGINT NOT NULL,  -- 64 bits of the handle's keyed hash; 0: by name alone
    result   TEXT COLLATE "C" NOT NULL,  -- found, not_found, could_not_look
    why      TEXT COLLATE "C" NOT NULL,  -- one clause, where it could not look
    asked_ms BIGINT NOT NULL,
    next_ms  BIGINT NOT NULL,
    misses   BIGINT NOT NULL,  -- in a row
    PRIMARY KEY (network, x, asked_as)
);

-- An X account and a profile believed to be one person. scope: a community, a member (their own correction, or what only
-- their list brings up), or 'public' (proven and made public).
CREATE TABLE pair (
    scope    TEXT COLLATE "C" NOT NULL,
    x        BIGINT NOT NULL,
    network  TEXT COLLATE "C" NOT NULL,
    profile  TEXT COLLATE "C" NOT NULL,
    state    TEXT COLLATE "C" NOT NULL,  -- rejected, possible, likely, confirmed, proven
    p        DOUBLE PRECISION NOT NULL,
    best     BIGINT NOT NULL,  -- 1: the one believed; 0: one of the others
    evidence TEXT COLLATE "C" NOT NULL,  -- JSON: [[kind, level, weight], ...]
    weights  BIGINT NOT NULL,  -- version of the table of weights
    decided  TEXT COLLATE "C" NOT NULL,  -- who: a member; 'file' for pairs brought by one; empty: linkage
    since_ms BIGINT NOT NULL,
    seen_ms  BIGINT NOT NULL,
    PRIMARY KEY (scope, network, x, profile)
);
-- One profile answers for one X account; a person who hides a match names the profile, whoever it was shown to.
CREATE INDEX pair_by_profile ON pair (network, profile, scope);
CREATE INDEX pair_by_x ON pair (x);
CREATE INDEX pair_by_decided ON pair (decided) WHERE decided <> '';

-- Leave me out: keyed hashes of X ids, handles and profile ids.
CREATE TABLE opt_out (
    hash     BYTEA NOT NULL PRIMARY KEY,
    since_ms BIGINT NOT NULL
);

-- Whom a member blocked on X, as keyed hashes: those do not find the member through Skein.
CREATE TABLE shield (
    hash   BYTEA NOT NULL,
    member TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (hash, member)
);
CREATE INDEX shield_by_member ON shield (member);

-- What is sealed in a member's own row: blocks, mutes, later tokens. until_ms: when it is wiped; 0: with its owner.
CREATE TABLE sealed (
    owner    TEXT COLLATE "C" NOT NULL,
    kind     TEXT COLLATE "C" NOT NULL,
    seal_key BIGINT NOT NULL,
    box      BYTEA NOT NULL,
    until_ms BIGINT NOT NULL,
    PRIMARY KEY (owner, kind)
);
CREATE INDEX sealed_by_key ON sealed (seal_key);
CREATE INDEX sealed_by_until ON sealed (until_ms);

-- A wish of a member that has an end: to keep looking for people who never came.
CREATE TABLE wish (
    member   TEXT COLLATE "C" NOT NULL,
    kind     TEXT COLLATE "C" NOT NULL,
    until_ms BIGINT NOT NULL,
    PRIMARY KEY (member, kind)
);
CREATE INDEX wish_by_until ON wish (until_ms);

-- Sets, chunks and boxes do not compress: trying costs a third of an import.
ALTER TABLE follow_set ALTER COLUMN ids SET STORAGE EXTERNAL;
ALTER TABLE x_chunk ALTER COLUMN ids SET STORAGE EXTERNAL;
ALTER TABLE fact_set ALTER COLUMN facts SET STORAGE EXTERNAL;
ALTER TABLE sealed ALTER COLUMN box SET STORAGE EXTERNAL;

-- Above: the step as it was. Below: how it was noted, by the hash of its text.

CREATE TABLE schema_step (number BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL, hash TEXT NOT NULL, applied_ms BIGINT NOT NULL);
INSERT INTO schema_step (number, name, hash, applied_ms) VALUES (1, '0001_ground', 'dbfd104ffdb55a8cb4fc0c7f663ae630', 1764149400000);
