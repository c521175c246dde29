// The .sql files of SQL/, Migrations/ and Demo/, compiled into the binary.
#ifndef SWITCHBACK_CASSETS_H
#define SWITCHBACK_CASSETS_H

#include <stddef.h>

typedef struct {
    const char *name; // path without ".sql", such as "SQL/capture/statement_function"
    const char *text; // UTF-8, NUL-terminated
    size_t size_bytes;
} switchback_asset;

extern const int switchback_asset_count;

/// The asset at an index from 0 to switchback_asset_count - 1.
const switchback_asset *switchback_asset_at(int index);

#endif
