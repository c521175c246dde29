-- The way of an item from its submission to its publication, and who wants to hear of it.
-- Takes: nothing. Returns: nothing. Reads: nothing. Writes: the catalogue.

CREATE TABLE workflow_task (
    item_id bigint PRIMARY KEY REFERENCES item ON DELETE CASCADE,
    step text NOT NULL,
    team_id smallint NOT NULL REFERENCES team,
    claimed_by uuid REFERENCES person,
    since timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ON workflow_task (since);

CREATE TABLE workflow_event (
    event_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    item_id bigint NOT NULL REFERENCES item ON DELETE CASCADE,
    at timestamptz NOT NULL DEFAULT now(),
    stage stage NOT NULL,
    note text
);
CREATE INDEX ON workflow_event (item_id);

CREATE TABLE subscription (
    person_id uuid NOT NULL REFERENCES person ON DELETE CASCADE,
    collection_id integer NOT NULL REFERENCES collection,
    every interval NOT NULL DEFAULT '1 week',
    PRIMARY KEY (person_id, collection_id)
);

-- A row for each transaction of the writers: what they were told is committed can be looked for afterwards.
CREATE TABLE receipt (
    receipt_id text PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT now()
);

-- One row that is written at the primary again and again, to see how long it takes to show at the secondary.
CREATE TABLE canary (
    canary_id smallint PRIMARY KEY,
    beat bigint NOT NULL
);
