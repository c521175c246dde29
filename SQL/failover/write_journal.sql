-- Writes a line of the journal, once however often it is tried.
-- Takes: $1 plan, $2 number, $3 writer, $4 seconds since 1970 or null for now, $5 epoch, $6 event, $7 step, $8 note, $9 numbers as
-- JSON, $10 seconds that the step took, $11 the plan as JSON. Returns: nothing. Reads: nothing. Writes: journal.
INSERT INTO switchback.journal (plan, number, writer, at, epoch, event, step, note, numbers, seconds, record)
VALUES ($1, $2::integer, $3, coalesce(to_timestamp($4::double precision), clock_timestamp()), $5::bigint, $6, $7, $8,
        $9::jsonb, $10::double precision, $11::jsonb)
ON CONFLICT DO NOTHING
