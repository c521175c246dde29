-- Evaluates a column's default.
-- Takes: {expression}. Returns: its value as text. Reads: what the expression does. Writes: likewise, such as a sequence.
SELECT ({expression})::text
