-- Makes the temporary table that incoming versions of one table's rows are staged in, once a session; it is empty again when
-- the transaction ends. absent: whether no row was there of which anything could be locked. settled: null as it comes, 1 to be settled, 2 being settled, 3 what came of it.
-- Takes: {stage}, {table}, {columns} what it has of t: domains without their checks; {flag}, {origin}, {txid}, {micros}, {context},
-- {settled}, {absent} names that no column has; {more} further columns. Returns: nothing. Reads: the catalogue. Writes: the catalogue's temporary part.
CREATE TEMPORARY TABLE IF NOT EXISTS {stage} ON COMMIT DELETE ROWS AS
SELECT true AS {flag}, ''::text AS {origin}, 0::bigint AS {txid}, 0::bigint AS {micros}, NULL::text AS {context}, NULL::integer AS {settled}, false AS {absent}{more}, {columns}
  FROM {table} AS t WITH NO DATA
