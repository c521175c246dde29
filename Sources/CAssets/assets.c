// Written by Scripts/embed-sql from SQL/ and Migrations/; do not edit.
#include "CAssets.h"

static const unsigned char file_0[] = {
#embed "../../Migrations/0001-base.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_1[] = {
#embed "../../SQL/apply/delete.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_2[] = {
#embed "../../SQL/apply/find_clash.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_3[] = {
#embed "../../SQL/apply/insert_all.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_4[] = {
#embed "../../SQL/apply/merge_delete.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_5[] = {
#embed "../../SQL/apply/merge_insert.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_6[] = {
#embed "../../SQL/apply/merge_remove_changed.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_7[] = {
#embed "../../SQL/apply/merge_update.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_8[] = {
#embed "../../SQL/apply/stage_table.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_9[] = {
#embed "../../SQL/apply/upsert.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_10[] = {
#embed "../../SQL/apply/upsert_action.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_11[] = {
#embed "../../SQL/capture/delta_table.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_12[] = {
#embed "../../SQL/capture/key_function.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_13[] = {
#embed "../../SQL/capture/mark_function.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_14[] = {
#embed "../../SQL/capture/partition_trigger.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_15[] = {
#embed "../../SQL/capture/row_function.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_16[] = {
#embed "../../SQL/capture/row_triggers.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_17[] = {
#embed "../../SQL/capture/statement_function.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_18[] = {
#embed "../../SQL/capture/statement_triggers.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_19[] = {
#embed "../../SQL/capture/truncate_partition_function.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_20[] = {
#embed "../../SQL/capture/whole_triggers.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_21[] = {
#embed "../../SQL/catalog/columns.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_22[] = {
#embed "../../SQL/catalog/deferrable_constraints.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_23[] = {
#embed "../../SQL/catalog/keys.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_24[] = {
#embed "../../SQL/catalog/partitions.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_25[] = {
#embed "../../SQL/catalog/sequences.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_26[] = {
#embed "../../SQL/catalog/server.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_27[] = {
#embed "../../SQL/catalog/tables.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_28[] = {
#embed "../../SQL/copy/begin_cursor.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_29[] = {
#embed "../../SQL/copy/begin_tables.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_30[] = {
#embed "../../SQL/copy/chunk_rows.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_31[] = {
#embed "../../SQL/copy/chunks.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_32[] = {
#embed "../../SQL/copy/finish_chunk.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_33[] = {
#embed "../../SQL/copy/forget_chunks.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_34[] = {
#embed "../../SQL/copy/forget_table_chunks.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_35[] = {
#embed "../../SQL/copy/insert_chunk.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_36[] = {
#embed "../../SQL/copy/join_table.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_37[] = {
#embed "../../SQL/copy/parts.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_38[] = {
#embed "../../SQL/copy/plan_chunk.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_39[] = {
#embed "../../SQL/copy/register_receiver.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_40[] = {
#embed "../../SQL/copy/release_holds.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_41[] = {
#embed "../../SQL/copy/reset_receiver.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_42[] = {
#embed "../../SQL/copy/start_stream.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_43[] = {
#embed "../../SQL/copy/stop_cursor.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_44[] = {
#embed "../../SQL/diff/buckets.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_45[] = {
#embed "../../SQL/diff/digest_table.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_46[] = {
#embed "../../SQL/diff/estimate.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_47[] = {
#embed "../../SQL/diff/hold.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_48[] = {
#embed "../../SQL/diff/is_marked.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_49[] = {
#embed "../../SQL/diff/key_stage.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_50[] = {
#embed "../../SQL/diff/keys_of.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_51[] = {
#embed "../../SQL/diff/mark_whole.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_52[] = {
#embed "../../SQL/diff/receiver_rows.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_53[] = {
#embed "../../SQL/diff/release.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_54[] = {
#embed "../../SQL/diff/save_history.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_55[] = {
#embed "../../SQL/diff/source_rows.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_56[] = {
#embed "../../SQL/diff/touch.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_57[] = {
#embed "../../SQL/fence/row_trigger.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_58[] = {
#embed "../../SQL/fence/statement_trigger.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_59[] = {
#embed "../../SQL/install/drop_fence.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_60[] = {
#embed "../../SQL/install/drop_refusal.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_61[] = {
#embed "../../SQL/install/drop_schema.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_62[] = {
#embed "../../SQL/install/forget_sync_table.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_63[] = {
#embed "../../SQL/install/forget_table.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_64[] = {
#embed "../../SQL/install/node.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_65[] = {
#embed "../../SQL/install/rebuild_table.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_66[] = {
#embed "../../SQL/install/record_migration.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_67[] = {
#embed "../../SQL/install/record_node.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_68[] = {
#embed "../../SQL/install/record_sync_table.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_69[] = {
#embed "../../SQL/install/record_table.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_70[] = {
#embed "../../SQL/install/tables.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_71[] = {
#embed "../../SQL/install/triggers.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_72[] = {
#embed "../../SQL/install/versions.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_73[] = {
#embed "../../SQL/status/candidates.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_74[] = {
#embed "../../SQL/status/engine.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_75[] = {
#embed "../../SQL/status/node.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_76[] = {
#embed "../../SQL/status/pending.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_77[] = {
#embed "../../SQL/status/pending_part.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_78[] = {
#embed "../../SQL/stream/acknowledge.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_79[] = {
#embed "../../SQL/stream/advance.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_80[] = {
#embed "../../SQL/stream/all_rows.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_81[] = {
#embed "../../SQL/stream/arm.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_82[] = {
#embed "../../SQL/stream/captured_count.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_83[] = {
#embed "../../SQL/stream/changed_rows.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_84[] = {
#embed "../../SQL/stream/count_rows.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_85[] = {
#embed "../../SQL/stream/cursor.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_86[] = {
#embed "../../SQL/stream/expect_shapes.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_87[] = {
#embed "../../SQL/stream/flush.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_88[] = {
#embed "../../SQL/stream/joined.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_89[] = {
#embed "../../SQL/stream/lease.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_90[] = {
#embed "../../SQL/stream/note_error.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_91[] = {
#embed "../../SQL/stream/pause.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_92[] = {
#embed "../../SQL/stream/receiver.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_93[] = {
#embed "../../SQL/stream/sequence_values.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_94[] = {
#embed "../../SQL/stream/shapes.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_95[] = {
#embed "../../SQL/stream/table_states.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_96[] = {
#embed "../../SQL/stream/tables.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_97[] = {
#embed "../../SQL/stream/trim.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_98[] = {
#embed "../../SQL/stream/trim_marks.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_99[] = {
#embed "../../SQL/stream/trimmable.sql" suffix(, 0) if_empty(0)
};
static const unsigned char file_100[] = {
#embed "../../SQL/stream/window.sql" suffix(, 0) if_empty(0)
};

static const switchback_asset assets[] = {
    {"Migrations/0001-base", (const char *)file_0, sizeof file_0 - 1},
    {"SQL/apply/delete", (const char *)file_1, sizeof file_1 - 1},
    {"SQL/apply/find_clash", (const char *)file_2, sizeof file_2 - 1},
    {"SQL/apply/insert_all", (const char *)file_3, sizeof file_3 - 1},
    {"SQL/apply/merge_delete", (const char *)file_4, sizeof file_4 - 1},
    {"SQL/apply/merge_insert", (const char *)file_5, sizeof file_5 - 1},
    {"SQL/apply/merge_remove_changed", (const char *)file_6, sizeof file_6 - 1},
    {"SQL/apply/merge_update", (const char *)file_7, sizeof file_7 - 1},
    {"SQL/apply/stage_table", (const char *)file_8, sizeof file_8 - 1},
    {"SQL/apply/upsert", (const char *)file_9, sizeof file_9 - 1},
    {"SQL/apply/upsert_action", (const char *)file_10, sizeof file_10 - 1},
    {"SQL/capture/delta_table", (const char *)file_11, sizeof file_11 - 1},
    {"SQL/capture/key_function", (const char *)file_12, sizeof file_12 - 1},
    {"SQL/capture/mark_function", (const char *)file_13, sizeof file_13 - 1},
    {"SQL/capture/partition_trigger", (const char *)file_14, sizeof file_14 - 1},
    {"SQL/capture/row_function", (const char *)file_15, sizeof file_15 - 1},
    {"SQL/capture/row_triggers", (const char *)file_16, sizeof file_16 - 1},
    {"SQL/capture/statement_function", (const char *)file_17, sizeof file_17 - 1},
    {"SQL/capture/statement_triggers", (const char *)file_18, sizeof file_18 - 1},
    {"SQL/capture/truncate_partition_function", (const char *)file_19, sizeof file_19 - 1},
    {"SQL/capture/whole_triggers", (const char *)file_20, sizeof file_20 - 1},
    {"SQL/catalog/columns", (const char *)file_21, sizeof file_21 - 1},
    {"SQL/catalog/deferrable_constraints", (const char *)file_22, sizeof file_22 - 1},
    {"SQL/catalog/keys", (const char *)file_23, sizeof file_23 - 1},
    {"SQL/catalog/partitions", (const char *)file_24, sizeof file_24 - 1},
    {"SQL/catalog/sequences", (const char *)file_25, sizeof file_25 - 1},
    {"SQL/catalog/server", (const char *)file_26, sizeof file_26 - 1},
    {"SQL/catalog/tables", (const char *)file_27, sizeof file_27 - 1},
    {"SQL/copy/begin_cursor", (const char *)file_28, sizeof file_28 - 1},
    {"SQL/copy/begin_tables", (const char *)file_29, sizeof file_29 - 1},
    {"SQL/copy/chunk_rows", (const char *)file_30, sizeof file_30 - 1},
    {"SQL/copy/chunks", (const char *)file_31, sizeof file_31 - 1},
    {"SQL/copy/finish_chunk", (const char *)file_32, sizeof file_32 - 1},
    {"SQL/copy/forget_chunks", (const char *)file_33, sizeof file_33 - 1},
    {"SQL/copy/forget_table_chunks", (const char *)file_34, sizeof file_34 - 1},
    {"SQL/copy/insert_chunk", (const char *)file_35, sizeof file_35 - 1},
    {"SQL/copy/join_table", (const char *)file_36, sizeof file_36 - 1},
    {"SQL/copy/parts", (const char *)file_37, sizeof file_37 - 1},
    {"SQL/copy/plan_chunk", (const char *)file_38, sizeof file_38 - 1},
    {"SQL/copy/register_receiver", (const char *)file_39, sizeof file_39 - 1},
    {"SQL/copy/release_holds", (const char *)file_40, sizeof file_40 - 1},
    {"SQL/copy/reset_receiver", (const char *)file_41, sizeof file_41 - 1},
    {"SQL/copy/start_stream", (const char *)file_42, sizeof file_42 - 1},
    {"SQL/copy/stop_cursor", (const char *)file_43, sizeof file_43 - 1},
    {"SQL/diff/buckets", (const char *)file_44, sizeof file_44 - 1},
    {"SQL/diff/digest_table", (const char *)file_45, sizeof file_45 - 1},
    {"SQL/diff/estimate", (const char *)file_46, sizeof file_46 - 1},
    {"SQL/diff/hold", (const char *)file_47, sizeof file_47 - 1},
    {"SQL/diff/is_marked", (const char *)file_48, sizeof file_48 - 1},
    {"SQL/diff/key_stage", (const char *)file_49, sizeof file_49 - 1},
    {"SQL/diff/keys_of", (const char *)file_50, sizeof file_50 - 1},
    {"SQL/diff/mark_whole", (const char *)file_51, sizeof file_51 - 1},
    {"SQL/diff/receiver_rows", (const char *)file_52, sizeof file_52 - 1},
    {"SQL/diff/release", (const char *)file_53, sizeof file_53 - 1},
    {"SQL/diff/save_history", (const char *)file_54, sizeof file_54 - 1},
    {"SQL/diff/source_rows", (const char *)file_55, sizeof file_55 - 1},
    {"SQL/diff/touch", (const char *)file_56, sizeof file_56 - 1},
    {"SQL/fence/row_trigger", (const char *)file_57, sizeof file_57 - 1},
    {"SQL/fence/statement_trigger", (const char *)file_58, sizeof file_58 - 1},
    {"SQL/install/drop_fence", (const char *)file_59, sizeof file_59 - 1},
    {"SQL/install/drop_refusal", (const char *)file_60, sizeof file_60 - 1},
    {"SQL/install/drop_schema", (const char *)file_61, sizeof file_61 - 1},
    {"SQL/install/forget_sync_table", (const char *)file_62, sizeof file_62 - 1},
    {"SQL/install/forget_table", (const char *)file_63, sizeof file_63 - 1},
    {"SQL/install/node", (const char *)file_64, sizeof file_64 - 1},
    {"SQL/install/rebuild_table", (const char *)file_65, sizeof file_65 - 1},
    {"SQL/install/record_migration", (const char *)file_66, sizeof file_66 - 1},
    {"SQL/install/record_node", (const char *)file_67, sizeof file_67 - 1},
    {"SQL/install/record_sync_table", (const char *)file_68, sizeof file_68 - 1},
    {"SQL/install/record_table", (const char *)file_69, sizeof file_69 - 1},
    {"SQL/install/tables", (const char *)file_70, sizeof file_70 - 1},
    {"SQL/install/triggers", (const char *)file_71, sizeof file_71 - 1},
    {"SQL/install/versions", (const char *)file_72, sizeof file_72 - 1},
    {"SQL/status/candidates", (const char *)file_73, sizeof file_73 - 1},
    {"SQL/status/engine", (const char *)file_74, sizeof file_74 - 1},
    {"SQL/status/node", (const char *)file_75, sizeof file_75 - 1},
    {"SQL/status/pending", (const char *)file_76, sizeof file_76 - 1},
    {"SQL/status/pending_part", (const char *)file_77, sizeof file_77 - 1},
    {"SQL/stream/acknowledge", (const char *)file_78, sizeof file_78 - 1},
    {"SQL/stream/advance", (const char *)file_79, sizeof file_79 - 1},
    {"SQL/stream/all_rows", (const char *)file_80, sizeof file_80 - 1},
    {"SQL/stream/arm", (const char *)file_81, sizeof file_81 - 1},
    {"SQL/stream/captured_count", (const char *)file_82, sizeof file_82 - 1},
    {"SQL/stream/changed_rows", (const char *)file_83, sizeof file_83 - 1},
    {"SQL/stream/count_rows", (const char *)file_84, sizeof file_84 - 1},
    {"SQL/stream/cursor", (const char *)file_85, sizeof file_85 - 1},
    {"SQL/stream/expect_shapes", (const char *)file_86, sizeof file_86 - 1},
    {"SQL/stream/flush", (const char *)file_87, sizeof file_87 - 1},
    {"SQL/stream/joined", (const char *)file_88, sizeof file_88 - 1},
    {"SQL/stream/lease", (const char *)file_89, sizeof file_89 - 1},
    {"SQL/stream/note_error", (const char *)file_90, sizeof file_90 - 1},
    {"SQL/stream/pause", (const char *)file_91, sizeof file_91 - 1},
    {"SQL/stream/receiver", (const char *)file_92, sizeof file_92 - 1},
    {"SQL/stream/sequence_values", (const char *)file_93, sizeof file_93 - 1},
    {"SQL/stream/shapes", (const char *)file_94, sizeof file_94 - 1},
    {"SQL/stream/table_states", (const char *)file_95, sizeof file_95 - 1},
    {"SQL/stream/tables", (const char *)file_96, sizeof file_96 - 1},
    {"SQL/stream/trim", (const char *)file_97, sizeof file_97 - 1},
    {"SQL/stream/trim_marks", (const char *)file_98, sizeof file_98 - 1},
    {"SQL/stream/trimmable", (const char *)file_99, sizeof file_99 - 1},
    {"SQL/stream/window", (const char *)file_100, sizeof file_100 - 1},
};
const int switchback_asset_count = sizeof assets / sizeof assets[0];
const switchback_asset *switchback_asset_at(int index) { return &assets[index]; }
