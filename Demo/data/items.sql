-- Twelve thousand items in sixty collections, with their authors, identifiers and metadata.
-- Takes: nothing. Returns: nothing. Reads: nothing.
-- Writes: community, collection, journal, license, item, item_author, item_relation, doi, metadata_field, metadata_value.

INSERT INTO community
SELECT row_number() OVER (), name
FROM unnest(ARRAY['Botany', 'Ecology', 'Evolution', 'Genetics', 'Palaeontology', 'Zoology']) AS name;

INSERT INTO collection SELECT g, 1 + g % 6, 'Collection ' || g FROM generate_series(1, 60) AS g;

INSERT INTO journal
SELECT g, 'Journal of ' || (ARRAY['Alpine', 'Coastal', 'Marine', 'Tropical', 'Urban'])[1 + g % 5] || ' '
    || (ARRAY['Biology', 'Botany', 'Ecology', 'Genetics', 'Zoology'])[1 + g / 5 % 5] || ', series ' || g,
    to_char(1000 + g, 'FM0000') || '-' || to_char(9999 - g, 'FM0000')
FROM generate_series(1, 150) AS g;

INSERT INTO license VALUES
    ('CC0', 'https://creativecommons.org/publicdomain/zero/1.0/'), ('CC BY', 'https://creativecommons.org/licenses/by/4.0/');

INSERT INTO item (submitter_id, collection_id, journal_id, license, stage, title, subjects, extra, submitted_at, changed_at)
SELECT md5('person ' || 1 + g % 8000)::uuid, 1 + g % 60, 1 + g % 150, CASE WHEN g % 9 = 0 THEN 'CC BY' ELSE 'CC0' END,
    CASE WHEN g > 11400 THEN 'in review' ELSE 'published' END::stage,
    'Data from: ' || (ARRAY['Growth', 'Migration', 'Genetic structure', 'Phylogeny', 'Decline'])[1 + g % 5] || ' of '
        || (ARRAY['alpine', 'island', 'deep-sea', 'urban', 'fossil'])[1 + g / 5 % 5] || ' '
        || (ARRAY['beetles', 'ferns', 'finches', 'molluscs', 'orchids', 'salmon'])[1 + g / 25 % 6] || ', part ' || g,
    ARRAY['subject ' || g % 97, 'region ' || g % 31], CASE WHEN g % 4 = 0 THEN jsonb_build_object('pages', g % 300) END,
    '2010-01-01'::timestamptz + g * interval '11 hours', '2010-02-01'::timestamptz + g * interval '11 hours'
FROM generate_series(1, 12000) AS g;

INSERT INTO item_author
SELECT item_id, place, 'Author ' || (item_id * place) % 9000,
    CASE WHEN place = 1 THEN md5('person ' || 1 + item_id % 8000)::uuid END
FROM item, generate_series(1, 3) AS place;

INSERT INTO item_relation
SELECT item_id, item_id - 3, 'is continued by' FROM item WHERE item_id > 3 AND item_id % 3 = 0;

INSERT INTO doi
SELECT '10.5555/demo.' || item_id, item_id, submitted_at + interval '20 days' FROM item WHERE stage = 'published';

INSERT INTO metadata_field
SELECT row_number() OVER (), element, qualifier
FROM unnest(ARRAY['contributor', 'coverage', 'date', 'description', 'format', 'relation', 'subject', 'type']) AS element,
    unnest(ARRAY[NULL, 'spatial', 'temporal', 'other']) AS qualifier;

INSERT INTO metadata_value (item_id, field_id, language, value)
SELECT item_id, field, CASE WHEN field % 3 = 0 THEN 'en' END, repeat('A value of field ' || field || '. ', 1 + (item_id % 4)::int)
FROM item, generate_series(1, 32, 4) AS field;
