-- Asks a function of the user's what it makes of two versions of a row, for many rows at a time.
-- Takes: {function} its name; {table} the table's name as a literal; {versions} the columns of a version from the array v, each of
-- its own type; {key} those of the key; {record} a null of the table's row type; {columns} of p, as text;
-- {row} a name that no column has; $1 and $2 the earlier and
-- the later versions as arrays of texts, null for a deletion; $3 who wrote them when. Returns: a row for each, in their
-- order: whether there is a row, then its columns. Reads: what the function reads. Writes: nothing.
SELECT made.row IS NOT NULL AND made.row <> 'null', {columns}
  FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS asked (earlier, later, stamps, place)
 CROSS JOIN LATERAL (SELECT coalesce(asked.earlier, asked.later)::text[] AS v) AS either
 CROSS JOIN LATERAL (
    SELECT {function}(
        {table}, (SELECT to_jsonb({row}) FROM (SELECT {key}) AS {row}),
        (SELECT to_jsonb({row}) FROM (SELECT {versions} FROM (SELECT asked.earlier::text[] AS v) AS either) AS {row} WHERE asked.earlier IS NOT NULL),
        (SELECT to_jsonb({row}) FROM (SELECT {versions} FROM (SELECT asked.later::text[] AS v) AS either) AS {row} WHERE asked.later IS NOT NULL),
        asked.stamps::jsonb) AS row) AS made
 CROSS JOIN LATERAL jsonb_populate_record({record}, CASE WHEN made.row <> 'null' THEN made.row ELSE '{}' END) AS p
 ORDER BY asked.place
