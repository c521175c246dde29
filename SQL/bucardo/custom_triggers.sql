-- Lists the trigger functions of the user's own that a Bucardo has for tables.
-- Takes: nothing. Returns: one row each: number of the relation, name, whether it records changes or kicks.
-- Reads: bucardo.bucardo_custom_trigger. Writes: nothing.
SELECT t.goat, t.trigger_name, t.trigger_type FROM bucardo.bucardo_custom_trigger AS t ORDER BY t.id
