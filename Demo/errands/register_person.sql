-- Somebody registers.
-- Takes: $1 a random number. Returns: the person's id. Reads: nothing. Writes: person.
INSERT INTO person (person_id, email, name) VALUES (gen_random_uuid(), gen_random_uuid() || '@example.net', 'N. ' || $1) RETURNING person_id
