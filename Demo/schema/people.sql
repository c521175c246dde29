-- People, where they work, and the teams that they are in.
-- Takes: nothing. Returns: nothing. Reads: nothing. Writes: the catalogue.

CREATE TABLE institution (
    institution_id integer PRIMARY KEY,
    name text NOT NULL UNIQUE,
    country char(2) NOT NULL
);

CREATE TABLE person (
    person_id uuid PRIMARY KEY,
    email text NOT NULL UNIQUE,
    name text NOT NULL,
    joined_at timestamptz NOT NULL DEFAULT now(),
    settings jsonb NOT NULL DEFAULT '{}'
);

CREATE TABLE affiliation (
    person_id uuid NOT NULL REFERENCES person ON DELETE CASCADE,
    institution_id integer NOT NULL REFERENCES institution,
    since date NOT NULL,
    PRIMARY KEY (person_id, institution_id, since)
);

CREATE TABLE team (
    team_id smallint PRIMARY KEY,
    name text NOT NULL UNIQUE
);

CREATE TABLE team_member (
    team_id smallint NOT NULL REFERENCES team,
    person_id uuid NOT NULL REFERENCES person ON DELETE CASCADE,
    PRIMARY KEY (team_id, person_id)
);
