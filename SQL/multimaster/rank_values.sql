-- Ranks values of one column in its type's own order, nulls first; equal values have one rank.
-- Takes: {type} the column's type; $1 the values as text. Returns: a row a value, in their order: its rank. Reads and writes:
-- nothing.
SELECT rank FROM (
    SELECT place, dense_rank() OVER (ORDER BY value::{type} NULLS FIRST) AS rank
      FROM unnest($1::text[]) WITH ORDINALITY AS v (value, place)) AS ranked
 ORDER BY place
