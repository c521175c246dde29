-- The part of a statement's capture that writes its keys into one delta table. The first four rows go one by one: gathering
-- keys costs more than writing so few, and most statements change no more. Arrays of 100,000 are well below what a value may
-- take.
-- Takes: {delta}; {singles} arrays of one element, of the key columns of changed; {elements} the key columns of changed as
-- k1, k2, …; {aggregates} arrays of them; {operation} the operation's letter; {moment} the time of the
-- change; {order} what tells the last of several changes, or nothing; the function's variables.
-- Returns: in captured_rows, how many rows the last of its insertions took: 0 where nothing was changed, null where it came
-- out even.
-- Reads: changed. Writes: the delta table.
INSERT INTO switchback.{delta}
SELECT transaction_number, {moment},
       {operation}, 1, {order}{singles} FROM changed LIMIT 4;
GET DIAGNOSTICS captured_rows = ROW_COUNT;
IF captured_rows OPERATOR(pg_catalog.=) 4 THEN
    INSERT INTO switchback.{delta}
    SELECT transaction_number, {moment},
           {operation}, pg_catalog.count(*), {order}{aggregates}
      FROM (SELECT {elements} FROM changed OFFSET 4 LIMIT 100000) AS c
    HAVING pg_catalog.count(*) OPERATOR(pg_catalog.>) 0
    RETURNING rows INTO captured_rows;
    IF captured_rows OPERATOR(pg_catalog.=) 100000 THEN
        INSERT INTO switchback.{delta}
        SELECT transaction_number, {moment},
               {operation}, pg_catalog.count(*), {order}{aggregates}
          FROM (SELECT {elements}, pg_catalog.row_number() OVER () OPERATOR(pg_catalog./) 100000 AS part
                  FROM (SELECT * FROM changed OFFSET 100004) AS changed) AS c
         GROUP BY part;
    END IF;
END IF;
