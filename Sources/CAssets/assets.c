// Written by Scripts/embed-sql from SQL/ and Migrations/; do not edit.
#include "CAssets.h"

static const unsigned char file_0[] = {
#embed "../../Migrations/0001-base.sql" suffix(, 0) if_empty(0)
};

static const switchback_asset assets[] = {
    {"Migrations/0001-base", (const char *)file_0, sizeof file_0 - 1},
};
const int switchback_asset_count = sizeof assets / sizeof assets[0];
const switchback_asset *switchback_asset_at(int index) { return &assets[index]; }
