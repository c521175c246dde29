-- The files of an item, their checksums, who may have them, and who fetched them.
-- Takes: nothing. Returns: nothing. Reads: nothing. Writes: the catalogue.

CREATE TABLE bundle (
    item_id bigint NOT NULL REFERENCES item ON DELETE CASCADE,
    name text NOT NULL,
    PRIMARY KEY (item_id, name)
);

CREATE TABLE bitstream (
    bitstream_id uuid PRIMARY KEY,
    item_id bigint NOT NULL,
    bundle text NOT NULL,
    name text NOT NULL,
    size_bytes bigint NOT NULL CHECK (size_bytes >= 0),
    checksum bytea NOT NULL,
    downloads integer NOT NULL DEFAULT 0,
    FOREIGN KEY (item_id, bundle) REFERENCES bundle ON DELETE CASCADE
);
CREATE INDEX ON bitstream (item_id);

-- What people handed in lately: each lies in the site's folder of uploads, under its path.
CREATE TABLE upload (
    path text PRIMARY KEY,
    size_bytes bigint NOT NULL CHECK (size_bytes >= 0),
    at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE checksum_check (
    bitstream_id uuid PRIMARY KEY REFERENCES bitstream ON DELETE CASCADE,
    checked_at timestamptz NOT NULL,
    times integer NOT NULL DEFAULT 1,
    is_good boolean NOT NULL
);

CREATE TABLE access_policy (
    item_id bigint NOT NULL REFERENCES item ON DELETE CASCADE,
    action text NOT NULL,
    team_id smallint REFERENCES team,
    during daterange NOT NULL DEFAULT '[,)',
    PRIMARY KEY (item_id, action)
);

CREATE SEQUENCE download_number;

CREATE TABLE download (
    download_id bigint NOT NULL DEFAULT nextval('download_number'),
    at timestamptz NOT NULL DEFAULT now(),
    bitstream_id uuid NOT NULL,
    client inet NOT NULL,
    country char(2),
    PRIMARY KEY (download_id, at)
) PARTITION BY RANGE (at);
ALTER SEQUENCE download_number OWNED BY download.download_id;
CREATE TABLE download_past PARTITION OF download FOR VALUES FROM (MINVALUE) TO ('2025-01-01 00:00+00');
CREATE TABLE download_recent PARTITION OF download FOR VALUES FROM ('2025-01-01 00:00+00') TO (MAXVALUE);

CREATE TABLE download_day (
    item_id bigint NOT NULL REFERENCES item ON DELETE CASCADE,
    day date NOT NULL,
    downloads integer NOT NULL,
    PRIMARY KEY (item_id, day)
);
