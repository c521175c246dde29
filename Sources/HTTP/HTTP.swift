// The only importer of libcurl.
