-- A stored stamp behind what it is chosen by: time, origin by its bytes, transaction. An expression, not a statement.
-- Takes: {stamp}. Returns: text, or null. Reads: nothing. Writes: nothing.
(SELECT '0' || lpad(m.part[1], 20, '0') || m.part[2] || E'\x01' || lpad(m.part[3], 20, '0') || E'\x02' || {stamp}
   FROM regexp_match({stamp}, '^([0-9]+)@(.*):([0-9]+)$') AS m (part))
