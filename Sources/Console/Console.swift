// Status for people.
