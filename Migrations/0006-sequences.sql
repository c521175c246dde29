-- Sequences that were given a stride, so that two sources hand out no value twice; with what they were before.
CREATE TABLE switchback.parted_sequence (
    schema_name text NOT NULL,
    sequence_name text NOT NULL,
    increment bigint NOT NULL,
    start bigint NOT NULL,
    parted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (schema_name, sequence_name)
);
