-- 0002: batches. The follows that are made for one member on one network, and what became of each.
--
-- Why each is made exactly once, whatever dies when. An item's record key is chosen here, and with it the item becomes
-- `sending`, in the transaction before the request goes out. Every request to write names in swapCommit the repository's
-- head that was read before our member's follows were, and that head stands in batch.doubt from the same transaction on.
--   1. The network writes a request only while the head is the one it names. So nothing was followed in between, by us
--      or by hand, that our reading of the follows did not show.
--   2. Whichever request is written moves the head, so of all requests with one head (the first, its twin after a lost
--      answer, what a proxy delivers an hour later) at most one is written. Heads do not come back.
--   3. So whatever may still be on its way names batch.doubt, and every item in it is `sending`. An item leaves that
--      state when its key is read back (done), or when a head other than batch.doubt was read first and then the key was
--      not there (it cannot be written any more).
-- A crash loses nothing of this: starting again is the ordinary round, which reads head and follows and looks.
--
-- A key belongs to its item alone and is sent again with it; undo removes records by these keys and no others.
--
-- Keys: everything of one member is found by batch_by_member, of one community by batch_by_community, of one profile or
-- X account by the indexes of batch_item, for whoever erases it. A profile is in a batch once (batch_item_once); twice in
-- two batches does no harm, since the second finds it followed.

CREATE TABLE batch (
    id         TEXT NOT NULL PRIMARY KEY,
    member     TEXT NOT NULL,               -- for whom
    community  TEXT NOT NULL,               -- by whose pairs
    network    TEXT NOT NULL,
    account    TEXT NOT NULL,               -- the member's own id there (a DID): who follows
    handle     TEXT NOT NULL,               -- and handle, as it was shown when the batch was planned
    state      TEXT NOT NULL,               -- planned, running, paused, done, cancelled, undone
    doing      TEXT NOT NULL,               -- follow, undo
    why        TEXT NOT NULL,               -- why paused, one clause; else empty
    pace       TEXT NOT NULL,               -- gentle, brisk
    doubt      TEXT NOT NULL,               -- head that the last request named; empty: none was ever sent
    due_ms     INTEGER NOT NULL,            -- the next slice; 0: now
    created_ms INTEGER NOT NULL,
    changed_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX batch_by_member ON batch (member, id);
CREATE INDEX batch_by_community ON batch (community);
CREATE INDEX batch_by_account ON batch (network, account);
CREATE INDEX batch_running ON batch (state) WHERE state = 'running';

CREATE TABLE batch_item (
    batch     TEXT NOT NULL,
    position  INTEGER NOT NULL,             -- from 0, in the order in which they are followed
    x         INTEGER NOT NULL,             -- number of the X account it is for
    profile   TEXT NOT NULL,                -- whom to follow
    rkey      TEXT NOT NULL,                -- of the record; empty: not chosen yet
    state     TEXT NOT NULL,                -- planned, sending, done, there, left_out, refused, undone
    why       TEXT NOT NULL,                -- of refused and left_out, one clause
    sent_ms   INTEGER NOT NULL,             -- last time it may have gone out; 0: never
    done_ms   INTEGER NOT NULL,             -- known to be followed; 0: not
    undone_ms INTEGER NOT NULL,             -- known to be removed; 0: not
    PRIMARY KEY (batch, position)
) STRICT;
CREATE UNIQUE INDEX batch_item_once ON batch_item (batch, profile);
CREATE UNIQUE INDEX batch_item_by_key ON batch_item (batch, rkey) WHERE rkey <> '';
CREATE INDEX batch_item_by_state ON batch_item (batch, state, position);
CREATE INDEX batch_item_by_profile ON batch_item (profile);
CREATE INDEX batch_item_by_x ON batch_item (x);
