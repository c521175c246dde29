-- Eight thousand people and where they work.
-- Takes: nothing. Returns: nothing. Reads: nothing. Writes: institution, person, affiliation, team, team_member.

INSERT INTO institution
SELECT g, (ARRAY['University of ', 'Institute of ', 'Museum of ', 'Field Station '])[1 + g % 4]
    || (ARRAY['Alder', 'Birch', 'Cedar', 'Elm', 'Fir', 'Hazel', 'Juniper', 'Larch', 'Maple', 'Oak'])[1 + g / 4 % 10]
    || (ARRAY[' Bay', ' Creek', ' Falls', ' Hill', ' Lake'])[1 + g / 40 % 5], (ARRAY['US', 'CA', 'DE', 'NZ', 'BR'])[1 + g % 5]
FROM generate_series(1, 200) AS g;

INSERT INTO person
SELECT md5('person ' || g)::uuid, 'person' || g || '@example.org', chr(65 + g % 26) || '. '
    || (ARRAY['Ash', 'Aspen', 'Beech', 'Hawthorn', 'Holly', 'Linden', 'Poplar', 'Rowan', 'Spruce', 'Willow'])[1 + g / 26 % 10],
    '2009-01-01'::timestamptz + g * interval '17 hours', jsonb_build_object('mail', g % 3 = 0, 'page', 10 * (1 + g % 5))
FROM generate_series(1, 8000) AS g;

INSERT INTO affiliation
SELECT md5('person ' || g)::uuid, 1 + g % 200, '2009-01-01'::date + g FROM generate_series(1, 8000) AS g;

INSERT INTO team
SELECT row_number() OVER (), name
FROM unnest(ARRAY['everybody', 'administrators', 'curators', 'reviewers', 'journal editors', 'catalogue']) AS name;

INSERT INTO team_member
SELECT 1 + g % 6, md5('person ' || g)::uuid FROM generate_series(1, 8000, 5) AS g;
