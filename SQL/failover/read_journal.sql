-- Reads what a node keeps of the journal.
-- Takes: nothing. Returns: the lines: plan, number, writer, seconds since 1970, epoch, event, step, note, numbers, seconds, the
-- plan. Reads: journal. Writes: nothing.
SELECT plan, number, writer, extract(epoch FROM at)::double precision, epoch, event, step, note, numbers, seconds, record
  FROM switchback.journal
 ORDER BY at, plan, number
