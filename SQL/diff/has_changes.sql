-- Tells whether anything of one table lies in a window.
-- Takes: {delta_a}, {delta_b}; {window} the condition on txid. Returns: one row, a boolean. Reads: the delta tables. Writes: nothing.
SELECT EXISTS (SELECT FROM switchback.{delta_a} WHERE {window}) OR EXISTS (SELECT FROM switchback.{delta_b} WHERE {window})
