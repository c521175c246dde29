// Written by Scripts/embed-sql from SQL/, Migrations/ and Demo/; do not edit.
#include "CAssets.h"

static const unsigned char Demo_data_files[] = {
#embed "../../Demo/data/files.sql" suffix(, 0) if_empty(0)
};
static const unsigned char Demo_data_items[] = {
#embed "../../Demo/data/items.sql" suffix(, 0) if_empty(0)
};
static const unsigned char Demo_data_people[] = {
#embed "../../Demo/data/people.sql" suffix(, 0) if_empty(0)
};
static const unsigned char Demo_data_workflow[] = {
#embed "../../Demo/data/workflow.sql" suffix(, 0) if_empty(0)
};
static const unsigned char Demo_errands_canary_beat[] = {
#embed "../../Demo/errands/canary_beat.sql" suffix(, 0) if_empty(0)
};
static const unsigned char Demo_errands_check_files[] = {
#embed "../../Demo/errands/check_files.sql" suffix(, 0) if_empty(0)
};
static const unsigned char Demo_errands_curate_subjects[] = {
#embed "../../Demo/errands/curate_subjects.sql" suffix(, 0) if_empty(0)
};
static const unsigned char Demo_errands_curate_values[] = {
#embed "../../Demo/errands/curate_values.sql" suffix(, 0) if_empty(0)
};
static const unsigned char Demo_errands_deposit_authors[] = {
#embed "../../Demo/errands/deposit_authors.sql" suffix(, 0) if_empty(0)
};
static const unsigned char Demo_errands_deposit_files[] = {
#embed "../../Demo/errands/deposit_files.sql" suffix(, 0) if_empty(0)
};
static const unsigned char Demo_errands_deposit_item[] = {
#embed "../../Demo/errands/deposit_item.sql" suffix(, 0) if_empty(0)
};
static const unsigned char Demo_errands_deposit_metadata[] = {
#embed "../../Demo/errands/deposit_metadata.sql" suffix(, 0) if_empty(0)
};
static const unsigned char Demo_errands_deposit_task[] = {
#embed "../../Demo/errands/deposit_task.sql" suffix(, 0) if_empty(0)
};
static const unsigned char Demo_errands_deposit_totals[] = {
#embed "../../Demo/errands/deposit_totals.sql" suffix(, 0) if_empty(0)
};
static const unsigned char Demo_errands_download_counters[] = {
#embed "../../Demo/errands/download_counters.sql" suffix(, 0) if_empty(0)
};
static const unsigned char Demo_errands_download_day[] = {
#embed "../../Demo/errands/download_day.sql" suffix(, 0) if_empty(0)
};
static const unsigned char Demo_errands_download_rows[] = {
#embed "../../Demo/errands/download_rows.sql" suffix(, 0) if_empty(0)
};
static const unsigned char Demo_errands_receipt[] = {
#embed "../../Demo/errands/receipt.sql" suffix(, 0) if_empty(0)
};
static const unsigned char Demo_errands_register_affiliation[] = {
#embed "../../Demo/errands/register_affiliation.sql" suffix(, 0) if_empty(0)
};
static const unsigned char Demo_errands_register_person[] = {
#embed "../../Demo/errands/register_person.sql" suffix(, 0) if_empty(0)
};
static const unsigned char Demo_errands_register_subscription[] = {
#embed "../../Demo/errands/register_subscription.sql" suffix(, 0) if_empty(0)
};
static const unsigned char Demo_errands_rename_community[] = {
#embed "../../Demo/errands/rename_community.sql" suffix(, 0) if_empty(0)
};
static const unsigned char Demo_errands_review_claim[] = {
#embed "../../Demo/errands/review_claim.sql" suffix(, 0) if_empty(0)
};
static const unsigned char Demo_errands_review_doi[] = {
#embed "../../Demo/errands/review_doi.sql" suffix(, 0) if_empty(0)
};
static const unsigned char Demo_errands_review_event[] = {
#embed "../../Demo/errands/review_event.sql" suffix(, 0) if_empty(0)
};
static const unsigned char Demo_errands_review_policy[] = {
#embed "../../Demo/errands/review_policy.sql" suffix(, 0) if_empty(0)
};
static const unsigned char Demo_errands_review_publish[] = {
#embed "../../Demo/errands/review_publish.sql" suffix(, 0) if_empty(0)
};
static const unsigned char Demo_errands_upload[] = {
#embed "../../Demo/errands/upload.sql" suffix(, 0) if_empty(0)
};
static const unsigned char Demo_errands_withdraw_item[] = {
#embed "../../Demo/errands/withdraw_item.sql" suffix(, 0) if_empty(0)
};
static const unsigned char Demo_errands_withdraw_totals[] = {
#embed "../../Demo/errands/withdraw_totals.sql" suffix(, 0) if_empty(0)
};
static const unsigned char Demo_look_books[] = {
#embed "../../Demo/look/books.sql" suffix(, 0) if_empty(0)
};
static const unsigned char Demo_look_canary[] = {
#embed "../../Demo/look/canary.sql" suffix(, 0) if_empty(0)
};
static const unsigned char Demo_look_community[] = {
#embed "../../Demo/look/community.sql" suffix(, 0) if_empty(0)
};
static const unsigned char Demo_look_losers[] = {
#embed "../../Demo/look/losers.sql" suffix(, 0) if_empty(0)
};
static const unsigned char Demo_look_page[] = {
#embed "../../Demo/look/page.sql" suffix(, 0) if_empty(0)
};
static const unsigned char Demo_look_receipts[] = {
#embed "../../Demo/look/receipts.sql" suffix(, 0) if_empty(0)
};
static const unsigned char Demo_look_size[] = {
#embed "../../Demo/look/size.sql" suffix(, 0) if_empty(0)
};
static const unsigned char Demo_roles_database[] = {
#embed "../../Demo/roles/database.sql" suffix(, 0) if_empty(0)
};
static const unsigned char Demo_roles_grants[] = {
#embed "../../Demo/roles/grants.sql" suffix(, 0) if_empty(0)
};
static const unsigned char Demo_roles_roles[] = {
#embed "../../Demo/roles/roles.sql" suffix(, 0) if_empty(0)
};
static const unsigned char Demo_schema_files[] = {
#embed "../../Demo/schema/files.sql" suffix(, 0) if_empty(0)
};
static const unsigned char Demo_schema_items[] = {
#embed "../../Demo/schema/items.sql" suffix(, 0) if_empty(0)
};
static const unsigned char Demo_schema_people[] = {
#embed "../../Demo/schema/people.sql" suffix(, 0) if_empty(0)
};
static const unsigned char Demo_schema_workflow[] = {
#embed "../../Demo/schema/workflow.sql" suffix(, 0) if_empty(0)
};
static const unsigned char Migrations_0001_base[] = {
#embed "../../Migrations/0001-base.sql" suffix(, 0) if_empty(0)
};
static const unsigned char Migrations_0002_failover[] = {
#embed "../../Migrations/0002-failover.sql" suffix(, 0) if_empty(0)
};
static const unsigned char Migrations_0003_health[] = {
#embed "../../Migrations/0003-health.sql" suffix(, 0) if_empty(0)
};
static const unsigned char Migrations_0004_membership[] = {
#embed "../../Migrations/0004-membership.sql" suffix(, 0) if_empty(0)
};
static const unsigned char Migrations_0005_history[] = {
#embed "../../Migrations/0005-history.sql" suffix(, 0) if_empty(0)
};
static const unsigned char Migrations_0006_sequences[] = {
#embed "../../Migrations/0006-sequences.sql" suffix(, 0) if_empty(0)
};
static const unsigned char Migrations_0007_links[] = {
#embed "../../Migrations/0007-links.sql" suffix(, 0) if_empty(0)
};
static const unsigned char Migrations_0008_epochs[] = {
#embed "../../Migrations/0008-epochs.sql" suffix(, 0) if_empty(0)
};
static const unsigned char Migrations_0009_floor[] = {
#embed "../../Migrations/0009-floor.sql" suffix(, 0) if_empty(0)
};
static const unsigned char Migrations_0010_captured[] = {
#embed "../../Migrations/0010-captured.sql" suffix(, 0) if_empty(0)
};
static const unsigned char Migrations_0011_keys[] = {
#embed "../../Migrations/0011-keys.sql" suffix(, 0) if_empty(0)
};
static const unsigned char Migrations_0012_late[] = {
#embed "../../Migrations/0012-late.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_apply_delete[] = {
#embed "../../SQL/apply/delete.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_apply_find_clash[] = {
#embed "../../SQL/apply/find_clash.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_apply_insert_all[] = {
#embed "../../SQL/apply/insert_all.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_apply_keep_own[] = {
#embed "../../SQL/apply/keep_own.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_apply_merge_delete[] = {
#embed "../../SQL/apply/merge_delete.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_apply_merge_insert[] = {
#embed "../../SQL/apply/merge_insert.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_apply_merge_remove_changed[] = {
#embed "../../SQL/apply/merge_remove_changed.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_apply_merge_update[] = {
#embed "../../SQL/apply/merge_update.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_apply_restore_own[] = {
#embed "../../SQL/apply/restore_own.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_apply_stage_table[] = {
#embed "../../SQL/apply/stage_table.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_apply_upsert[] = {
#embed "../../SQL/apply/upsert.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_apply_upsert_action[] = {
#embed "../../SQL/apply/upsert_action.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_bucardo_columns[] = {
#embed "../../SQL/bucardo/columns.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_bucardo_custom_code[] = {
#embed "../../SQL/bucardo/custom_code.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_bucardo_custom_columns[] = {
#embed "../../SQL/bucardo/custom_columns.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_bucardo_custom_names[] = {
#embed "../../SQL/bucardo/custom_names.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_bucardo_custom_triggers[] = {
#embed "../../SQL/bucardo/custom_triggers.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_bucardo_databases[] = {
#embed "../../SQL/bucardo/databases.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_bucardo_groups[] = {
#embed "../../SQL/bucardo/groups.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_bucardo_relations[] = {
#embed "../../SQL/bucardo/relations.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_bucardo_relgroups[] = {
#embed "../../SQL/bucardo/relgroups.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_bucardo_settings[] = {
#embed "../../SQL/bucardo/settings.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_bucardo_syncs[] = {
#embed "../../SQL/bucardo/syncs.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_capture_changed_columns[] = {
#embed "../../SQL/capture/changed_columns.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_capture_changed_columns_many[] = {
#embed "../../SQL/capture/changed_columns_many.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_capture_count_base[] = {
#embed "../../SQL/capture/count_base.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_capture_count_difference[] = {
#embed "../../SQL/capture/count_difference.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_capture_count_function[] = {
#embed "../../SQL/capture/count_function.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_capture_count_present[] = {
#embed "../../SQL/capture/count_present.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_capture_count_triggers[] = {
#embed "../../SQL/capture/count_triggers.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_capture_delta_table[] = {
#embed "../../SQL/capture/delta_table.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_capture_describe_deltas[] = {
#embed "../../SQL/capture/describe_deltas.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_capture_fire_always[] = {
#embed "../../SQL/capture/fire_always.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_capture_key_function[] = {
#embed "../../SQL/capture/key_function.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_capture_mark_function[] = {
#embed "../../SQL/capture/mark_function.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_capture_operation[] = {
#embed "../../SQL/capture/operation.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_capture_partition_trigger[] = {
#embed "../../SQL/capture/partition_trigger.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_capture_row_function[] = {
#embed "../../SQL/capture/row_function.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_capture_row_triggers[] = {
#embed "../../SQL/capture/row_triggers.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_capture_rows_function[] = {
#embed "../../SQL/capture/rows_function.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_capture_statement_function[] = {
#embed "../../SQL/capture/statement_function.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_capture_statement_triggers[] = {
#embed "../../SQL/capture/statement_triggers.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_capture_statement_write[] = {
#embed "../../SQL/capture/statement_write.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_capture_track_columns[] = {
#embed "../../SQL/capture/track_columns.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_capture_truncate_function[] = {
#embed "../../SQL/capture/truncate_function.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_capture_truncate_partition_function[] = {
#embed "../../SQL/capture/truncate_partition_function.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_capture_update_function[] = {
#embed "../../SQL/capture/update_function.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_capture_whole_function[] = {
#embed "../../SQL/capture/whole_function.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_capture_whole_row_triggers[] = {
#embed "../../SQL/capture/whole_row_triggers.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_capture_whole_triggers[] = {
#embed "../../SQL/capture/whole_triggers.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_catalog_columns[] = {
#embed "../../SQL/catalog/columns.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_catalog_deferrable_constraints[] = {
#embed "../../SQL/catalog/deferrable_constraints.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_catalog_keys[] = {
#embed "../../SQL/catalog/keys.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_catalog_partitions[] = {
#embed "../../SQL/catalog/partitions.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_catalog_rule_functions[] = {
#embed "../../SQL/catalog/rule_functions.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_catalog_sequences[] = {
#embed "../../SQL/catalog/sequences.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_catalog_server[] = {
#embed "../../SQL/catalog/server.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_catalog_tables[] = {
#embed "../../SQL/catalog/tables.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_copy_all_counts[] = {
#embed "../../SQL/copy/all_counts.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_copy_begin_cursor[] = {
#embed "../../SQL/copy/begin_cursor.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_copy_begin_tables[] = {
#embed "../../SQL/copy/begin_tables.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_copy_chunk_rows[] = {
#embed "../../SQL/copy/chunk_rows.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_copy_chunks[] = {
#embed "../../SQL/copy/chunks.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_copy_cut_contexts[] = {
#embed "../../SQL/copy/cut_contexts.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_copy_empty_table[] = {
#embed "../../SQL/copy/empty_table.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_copy_finish_chunk[] = {
#embed "../../SQL/copy/finish_chunk.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_copy_forget_chunks[] = {
#embed "../../SQL/copy/forget_chunks.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_copy_forget_kept[] = {
#embed "../../SQL/copy/forget_kept.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_copy_forget_known[] = {
#embed "../../SQL/copy/forget_known.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_copy_forget_own_counts[] = {
#embed "../../SQL/copy/forget_own_counts.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_copy_forget_past[] = {
#embed "../../SQL/copy/forget_past.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_copy_forget_seen[] = {
#embed "../../SQL/copy/forget_seen.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_copy_forget_table_chunks[] = {
#embed "../../SQL/copy/forget_table_chunks.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_copy_forget_tables[] = {
#embed "../../SQL/copy/forget_tables.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_copy_insert_chunk[] = {
#embed "../../SQL/copy/insert_chunk.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_copy_insert_chunk_singly[] = {
#embed "../../SQL/copy/insert_chunk_singly.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_copy_join_held[] = {
#embed "../../SQL/copy/join_held.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_copy_join_table[] = {
#embed "../../SQL/copy/join_table.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_copy_kept_digests[] = {
#embed "../../SQL/copy/kept_digests.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_copy_kept_rows[] = {
#embed "../../SQL/copy/kept_rows.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_copy_kept_rows_stage[] = {
#embed "../../SQL/copy/kept_rows_stage.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_copy_kept_versions[] = {
#embed "../../SQL/copy/kept_versions.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_copy_kept_versions_stage[] = {
#embed "../../SQL/copy/kept_versions_stage.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_copy_late_tables[] = {
#embed "../../SQL/copy/late_tables.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_copy_parts[] = {
#embed "../../SQL/copy/parts.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_copy_plan_chunk[] = {
#embed "../../SQL/copy/plan_chunk.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_copy_release_holds[] = {
#embed "../../SQL/copy/release_holds.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_copy_reset_receiver[] = {
#embed "../../SQL/copy/reset_receiver.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_copy_restart_tables[] = {
#embed "../../SQL/copy/restart_tables.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_copy_source_forgets[] = {
#embed "../../SQL/copy/source_forgets.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_copy_spare_rows[] = {
#embed "../../SQL/copy/spare_rows.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_copy_spare_shown[] = {
#embed "../../SQL/copy/spare_shown.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_copy_spare_versions[] = {
#embed "../../SQL/copy/spare_versions.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_copy_start_stream[] = {
#embed "../../SQL/copy/start_stream.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_copy_stop_cursor[] = {
#embed "../../SQL/copy/stop_cursor.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_copy_take_out_kept[] = {
#embed "../../SQL/copy/take_out_kept.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_copy_take_over_rows[] = {
#embed "../../SQL/copy/take_over_rows.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_copy_take_over_versions[] = {
#embed "../../SQL/copy/take_over_versions.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_copy_unconfirmed[] = {
#embed "../../SQL/copy/unconfirmed.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_copy_version_tables[] = {
#embed "../../SQL/copy/version_tables.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_diff_bind_hold[] = {
#embed "../../SQL/diff/bind_hold.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_diff_buckets[] = {
#embed "../../SQL/diff/buckets.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_diff_digest_table[] = {
#embed "../../SQL/diff/digest_table.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_diff_estimate[] = {
#embed "../../SQL/diff/estimate.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_diff_has_changes[] = {
#embed "../../SQL/diff/has_changes.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_diff_has_versions[] = {
#embed "../../SQL/diff/has_versions.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_diff_hold[] = {
#embed "../../SQL/diff/hold.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_diff_is_marked[] = {
#embed "../../SQL/diff/is_marked.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_diff_key_stage[] = {
#embed "../../SQL/diff/key_stage.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_diff_keys_of[] = {
#embed "../../SQL/diff/keys_of.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_diff_mark_whole[] = {
#embed "../../SQL/diff/mark_whole.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_diff_position[] = {
#embed "../../SQL/diff/position.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_diff_receiver_rows[] = {
#embed "../../SQL/diff/receiver_rows.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_diff_release[] = {
#embed "../../SQL/diff/release.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_diff_save_history[] = {
#embed "../../SQL/diff/save_history.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_diff_source_rows[] = {
#embed "../../SQL/diff/source_rows.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_diff_stamped_rows[] = {
#embed "../../SQL/diff/stamped_rows.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_diff_touch[] = {
#embed "../../SQL/diff/touch.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_failover_end_lease[] = {
#embed "../../SQL/failover/end_lease.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_failover_fitness[] = {
#embed "../../SQL/failover/fitness.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_failover_lease[] = {
#embed "../../SQL/failover/lease.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_failover_lease_holder[] = {
#embed "../../SQL/failover/lease_holder.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_failover_read_canary[] = {
#embed "../../SQL/failover/read_canary.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_failover_read_journal[] = {
#embed "../../SQL/failover/read_journal.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_failover_take_epoch[] = {
#embed "../../SQL/failover/take_epoch.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_failover_write_canary[] = {
#embed "../../SQL/failover/write_canary.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_failover_write_journal[] = {
#embed "../../SQL/failover/write_journal.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_fence_begin[] = {
#embed "../../SQL/fence/begin.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_fence_end_passed[] = {
#embed "../../SQL/fence/end_passed.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_fence_function[] = {
#embed "../../SQL/fence/function.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_fence_gate_function[] = {
#embed "../../SQL/fence/gate_function.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_fence_passed[] = {
#embed "../../SQL/fence/passed.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_fence_row_trigger[] = {
#embed "../../SQL/fence/row_trigger.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_fence_set[] = {
#embed "../../SQL/fence/set.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_fence_state[] = {
#embed "../../SQL/fence/state.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_fence_statement_trigger[] = {
#embed "../../SQL/fence/statement_trigger.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_files_referenced[] = {
#embed "../../SQL/files/referenced.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_health_cast_vote[] = {
#embed "../../SQL/health/cast_vote.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_health_read_canary[] = {
#embed "../../SQL/health/read_canary.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_health_votes[] = {
#embed "../../SQL/health/votes.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_health_write_canary[] = {
#embed "../../SQL/health/write_canary.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_install_adopt[] = {
#embed "../../SQL/install/adopt.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_install_drop_function[] = {
#embed "../../SQL/install/drop_function.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_install_drop_schema[] = {
#embed "../../SQL/install/drop_schema.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_install_empty_schema[] = {
#embed "../../SQL/install/empty_schema.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_install_forget_state[] = {
#embed "../../SQL/install/forget_state.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_install_forget_sync_table[] = {
#embed "../../SQL/install/forget_sync_table.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_install_forget_table[] = {
#embed "../../SQL/install/forget_table.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_install_linked[] = {
#embed "../../SQL/install/linked.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_install_make_schema[] = {
#embed "../../SQL/install/make_schema.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_install_mark_whole[] = {
#embed "../../SQL/install/mark_whole.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_install_node[] = {
#embed "../../SQL/install/node.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_install_part_sequence[] = {
#embed "../../SQL/install/part_sequence.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_install_parted_sequences[] = {
#embed "../../SQL/install/parted_sequences.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_install_rebuild_table[] = {
#embed "../../SQL/install/rebuild_table.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_install_record_migration[] = {
#embed "../../SQL/install/record_migration.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_install_record_node[] = {
#embed "../../SQL/install/record_node.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_install_record_sync_table[] = {
#embed "../../SQL/install/record_sync_table.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_install_record_table[] = {
#embed "../../SQL/install/record_table.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_install_rename_state[] = {
#embed "../../SQL/install/rename_state.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_install_tables[] = {
#embed "../../SQL/install/tables.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_install_triggers[] = {
#embed "../../SQL/install/triggers.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_install_unpart_sequence[] = {
#embed "../../SQL/install/unpart_sequence.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_install_versions[] = {
#embed "../../SQL/install/versions.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_membership_clock[] = {
#embed "../../SQL/membership/clock.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_membership_declare_lost[] = {
#embed "../../SQL/membership/declare_lost.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_membership_kept[] = {
#embed "../../SQL/membership/kept.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_membership_lost[] = {
#embed "../../SQL/membership/lost.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_membership_members[] = {
#embed "../../SQL/membership/members.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_membership_note_away[] = {
#embed "../../SQL/membership/note_away.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_membership_part_from[] = {
#embed "../../SQL/membership/part_from.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_membership_present[] = {
#embed "../../SQL/membership/present.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_membership_readmit[] = {
#embed "../../SQL/membership/readmit.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_ask_function[] = {
#embed "../../SQL/multimaster/ask_function.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_changed_keys[] = {
#embed "../../SQL/multimaster/changed_keys.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_choose_unsettled[] = {
#embed "../../SQL/multimaster/choose_unsettled.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_column_defaults[] = {
#embed "../../SQL/multimaster/column_defaults.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_constraint_parts[] = {
#embed "../../SQL/multimaster/constraint_parts.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_count_conflicts[] = {
#embed "../../SQL/multimaster/count_conflicts.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_count_late[] = {
#embed "../../SQL/multimaster/count_late.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_count_left[] = {
#embed "../../SQL/multimaster/count_left.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_count_orphans[] = {
#embed "../../SQL/multimaster/count_orphans.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_counter_table[] = {
#embed "../../SQL/multimaster/counter_table.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_counts_stage[] = {
#embed "../../SQL/multimaster/counts_stage.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_decide_held[] = {
#embed "../../SQL/multimaster/decide_held.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_decide_staged[] = {
#embed "../../SQL/multimaster/decide_staged.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_decide_written[] = {
#embed "../../SQL/multimaster/decide_written.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_default_value[] = {
#embed "../../SQL/multimaster/default_value.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_discard_quarantined[] = {
#embed "../../SQL/multimaster/discard_quarantined.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_discard_row[] = {
#embed "../../SQL/multimaster/discard_row.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_drop_known[] = {
#embed "../../SQL/multimaster/drop_known.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_find_blockers[] = {
#embed "../../SQL/multimaster/find_blockers.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_find_orphans[] = {
#embed "../../SQL/multimaster/find_orphans.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_find_overflow[] = {
#embed "../../SQL/multimaster/find_overflow.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_find_overtaken[] = {
#embed "../../SQL/multimaster/find_overtaken.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_find_unseen[] = {
#embed "../../SQL/multimaster/find_unseen.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_foreign_keys[] = {
#embed "../../SQL/multimaster/foreign_keys.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_forget_conflict[] = {
#embed "../../SQL/multimaster/forget_conflict.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_forget_key[] = {
#embed "../../SQL/multimaster/forget_key.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_forget_told[] = {
#embed "../../SQL/multimaster/forget_told.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_forget_versions[] = {
#embed "../../SQL/multimaster/forget_versions.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_gather_counts[] = {
#embed "../../SQL/multimaster/gather_counts.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_hand_on[] = {
#embed "../../SQL/multimaster/hand_on.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_has_held[] = {
#embed "../../SQL/multimaster/has_held.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_hide_version[] = {
#embed "../../SQL/multimaster/hide_version.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_is_news[] = {
#embed "../../SQL/multimaster/is_news.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_joined_counts[] = {
#embed "../../SQL/multimaster/joined_counts.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_keep_counts[] = {
#embed "../../SQL/multimaster/keep_counts.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_kept_before[] = {
#embed "../../SQL/multimaster/kept_before.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_known[] = {
#embed "../../SQL/multimaster/known.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_last_change[] = {
#embed "../../SQL/multimaster/last_change.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_last_change_by_column[] = {
#embed "../../SQL/multimaster/last_change_by_column.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_last_change_or_handed_on[] = {
#embed "../../SQL/multimaster/last_change_or_handed_on.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_late_writes[] = {
#embed "../../SQL/multimaster/late_writes.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_learn[] = {
#embed "../../SQL/multimaster/learn.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_leave_place[] = {
#embed "../../SQL/multimaster/leave_place.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_leave_shown[] = {
#embed "../../SQL/multimaster/leave_shown.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_leave_staged[] = {
#embed "../../SQL/multimaster/leave_staged.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_leave_written[] = {
#embed "../../SQL/multimaster/leave_written.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_left_table[] = {
#embed "../../SQL/multimaster/left_table.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_list_conflicts[] = {
#embed "../../SQL/multimaster/list_conflicts.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_list_quarantine[] = {
#embed "../../SQL/multimaster/list_quarantine.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_lock_row[] = {
#embed "../../SQL/multimaster/lock_row.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_lock_rows[] = {
#embed "../../SQL/multimaster/lock_rows.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_lock_sync[] = {
#embed "../../SQL/multimaster/lock_sync.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_mark_absent[] = {
#embed "../../SQL/multimaster/mark_absent.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_mark_staged[] = {
#embed "../../SQL/multimaster/mark_staged.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_note_conflict[] = {
#embed "../../SQL/multimaster/note_conflict.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_owe_late[] = {
#embed "../../SQL/multimaster/owe_late.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_owed_late[] = {
#embed "../../SQL/multimaster/owed_late.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_own_tables[] = {
#embed "../../SQL/multimaster/own_tables.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_own_versions[] = {
#embed "../../SQL/multimaster/own_versions.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_parents_of[] = {
#embed "../../SQL/multimaster/parents_of.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_quarantine_row[] = {
#embed "../../SQL/multimaster/quarantine_row.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_quarantined_rows[] = {
#embed "../../SQL/multimaster/quarantined_rows.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_quarantined_tables[] = {
#embed "../../SQL/multimaster/quarantined_tables.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_raise_floor[] = {
#embed "../../SQL/multimaster/raise_floor.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_rank_values[] = {
#embed "../../SQL/multimaster/rank_values.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_release_shown[] = {
#embed "../../SQL/multimaster/release_shown.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_removed_history[] = {
#embed "../../SQL/multimaster/removed_history.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_replace_staged[] = {
#embed "../../SQL/multimaster/replace_staged.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_restore_deletion[] = {
#embed "../../SQL/multimaster/restore_deletion.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_restore_row[] = {
#embed "../../SQL/multimaster/restore_row.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_restore_values[] = {
#embed "../../SQL/multimaster/restore_values.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_ring_orphans[] = {
#embed "../../SQL/multimaster/ring_orphans.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_ring_parents[] = {
#embed "../../SQL/multimaster/ring_parents.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_rows_as_versions[] = {
#embed "../../SQL/multimaster/rows_as_versions.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_seen[] = {
#embed "../../SQL/multimaster/seen.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_send_late[] = {
#embed "../../SQL/multimaster/send_late.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_send_on_released[] = {
#embed "../../SQL/multimaster/send_on_released.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_sent_counts[] = {
#embed "../../SQL/multimaster/sent_counts.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_show_counts[] = {
#embed "../../SQL/multimaster/show_counts.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_show_versions[] = {
#embed "../../SQL/multimaster/show_versions.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_sift_insert[] = {
#embed "../../SQL/multimaster/sift_insert.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_sift_list[] = {
#embed "../../SQL/multimaster/sift_list.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_stage_settled[] = {
#embed "../../SQL/multimaster/stage_settled.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_stage_table[] = {
#embed "../../SQL/multimaster/stage_table.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_staged_orphans[] = {
#embed "../../SQL/multimaster/staged_orphans.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_staged_row[] = {
#embed "../../SQL/multimaster/staged_row.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_staged_versions[] = {
#embed "../../SQL/multimaster/staged_versions.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_stored_stamp[] = {
#embed "../../SQL/multimaster/stored_stamp.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_stored_stamps[] = {
#embed "../../SQL/multimaster/stored_stamps.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_take_links[] = {
#embed "../../SQL/multimaster/take_links.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_take_out[] = {
#embed "../../SQL/multimaster/take_out.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_tell_again[] = {
#embed "../../SQL/multimaster/tell_again.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_tell_settled[] = {
#embed "../../SQL/multimaster/tell_settled.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_tell_versions[] = {
#embed "../../SQL/multimaster/tell_versions.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_track_stamps[] = {
#embed "../../SQL/multimaster/track_stamps.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_trim_history[] = {
#embed "../../SQL/multimaster/trim_history.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_try_lock_sync[] = {
#embed "../../SQL/multimaster/try_lock_sync.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_version_table[] = {
#embed "../../SQL/multimaster/version_table.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_multimaster_versions_of[] = {
#embed "../../SQL/multimaster/versions_of.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_status_candidates[] = {
#embed "../../SQL/status/candidates.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_status_chunks[] = {
#embed "../../SQL/status/chunks.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_status_engine[] = {
#embed "../../SQL/status/engine.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_status_keyed_deltas[] = {
#embed "../../SQL/status/keyed_deltas.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_status_node[] = {
#embed "../../SQL/status/node.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_status_pending[] = {
#embed "../../SQL/status/pending.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_status_pending_keys[] = {
#embed "../../SQL/status/pending_keys.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_status_pending_part[] = {
#embed "../../SQL/status/pending_part.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_status_table_names[] = {
#embed "../../SQL/status/table_names.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_stream_acknowledge[] = {
#embed "../../SQL/stream/acknowledge.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_stream_adopt[] = {
#embed "../../SQL/stream/adopt.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_stream_advance[] = {
#embed "../../SQL/stream/advance.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_stream_all_rows[] = {
#embed "../../SQL/stream/all_rows.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_stream_arm[] = {
#embed "../../SQL/stream/arm.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_stream_changed_rows[] = {
#embed "../../SQL/stream/changed_rows.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_stream_count_rows[] = {
#embed "../../SQL/stream/count_rows.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_stream_cursor[] = {
#embed "../../SQL/stream/cursor.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_stream_end_lease[] = {
#embed "../../SQL/stream/end_lease.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_stream_expect_shapes[] = {
#embed "../../SQL/stream/expect_shapes.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_stream_fingerprints[] = {
#embed "../../SQL/stream/fingerprints.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_stream_flush[] = {
#embed "../../SQL/stream/flush.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_stream_flush_log[] = {
#embed "../../SQL/stream/flush_log.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_stream_gone_keys[] = {
#embed "../../SQL/stream/gone_keys.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_stream_inserted_rows[] = {
#embed "../../SQL/stream/inserted_rows.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_stream_is_flushed[] = {
#embed "../../SQL/stream/is_flushed.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_stream_joined[] = {
#embed "../../SQL/stream/joined.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_stream_joined_count[] = {
#embed "../../SQL/stream/joined_count.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_stream_lease[] = {
#embed "../../SQL/stream/lease.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_stream_move_sequence[] = {
#embed "../../SQL/stream/move_sequence.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_stream_note_error[] = {
#embed "../../SQL/stream/note_error.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_stream_pause[] = {
#embed "../../SQL/stream/pause.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_stream_present_rows[] = {
#embed "../../SQL/stream/present_rows.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_stream_probe[] = {
#embed "../../SQL/stream/probe.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_stream_receiver[] = {
#embed "../../SQL/stream/receiver.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_stream_rewritten[] = {
#embed "../../SQL/stream/rewritten.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_stream_sequence_positions[] = {
#embed "../../SQL/stream/sequence_positions.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_stream_shapes[] = {
#embed "../../SQL/stream/shapes.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_stream_steer[] = {
#embed "../../SQL/stream/steer.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_stream_stored_bytes[] = {
#embed "../../SQL/stream/stored_bytes.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_stream_strangers[] = {
#embed "../../SQL/stream/strangers.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_stream_table_list[] = {
#embed "../../SQL/stream/table_list.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_stream_table_states[] = {
#embed "../../SQL/stream/table_states.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_stream_tables[] = {
#embed "../../SQL/stream/tables.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_stream_tidy_holds[] = {
#embed "../../SQL/stream/tidy_holds.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_stream_trim[] = {
#embed "../../SQL/stream/trim.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_stream_trim_marks[] = {
#embed "../../SQL/stream/trim_marks.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_stream_trimmable[] = {
#embed "../../SQL/stream/trimmable.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_stream_window[] = {
#embed "../../SQL/stream/window.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_stream_window_keys[] = {
#embed "../../SQL/stream/window_keys.sql" suffix(, 0) if_empty(0)
};
static const unsigned char SQL_stream_written[] = {
#embed "../../SQL/stream/written.sql" suffix(, 0) if_empty(0)
};

static const switchback_asset assets[] = {
    {"Demo/data/files", (const char *)Demo_data_files, sizeof Demo_data_files - 1},
    {"Demo/data/items", (const char *)Demo_data_items, sizeof Demo_data_items - 1},
    {"Demo/data/people", (const char *)Demo_data_people, sizeof Demo_data_people - 1},
    {"Demo/data/workflow", (const char *)Demo_data_workflow, sizeof Demo_data_workflow - 1},
    {"Demo/errands/canary_beat", (const char *)Demo_errands_canary_beat, sizeof Demo_errands_canary_beat - 1},
    {"Demo/errands/check_files", (const char *)Demo_errands_check_files, sizeof Demo_errands_check_files - 1},
    {"Demo/errands/curate_subjects", (const char *)Demo_errands_curate_subjects, sizeof Demo_errands_curate_subjects - 1},
    {"Demo/errands/curate_values", (const char *)Demo_errands_curate_values, sizeof Demo_errands_curate_values - 1},
    {"Demo/errands/deposit_authors", (const char *)Demo_errands_deposit_authors, sizeof Demo_errands_deposit_authors - 1},
    {"Demo/errands/deposit_files", (const char *)Demo_errands_deposit_files, sizeof Demo_errands_deposit_files - 1},
    {"Demo/errands/deposit_item", (const char *)Demo_errands_deposit_item, sizeof Demo_errands_deposit_item - 1},
    {"Demo/errands/deposit_metadata", (const char *)Demo_errands_deposit_metadata, sizeof Demo_errands_deposit_metadata - 1},
    {"Demo/errands/deposit_task", (const char *)Demo_errands_deposit_task, sizeof Demo_errands_deposit_task - 1},
    {"Demo/errands/deposit_totals", (const char *)Demo_errands_deposit_totals, sizeof Demo_errands_deposit_totals - 1},
    {"Demo/errands/download_counters", (const char *)Demo_errands_download_counters, sizeof Demo_errands_download_counters - 1},
    {"Demo/errands/download_day", (const char *)Demo_errands_download_day, sizeof Demo_errands_download_day - 1},
    {"Demo/errands/download_rows", (const char *)Demo_errands_download_rows, sizeof Demo_errands_download_rows - 1},
    {"Demo/errands/receipt", (const char *)Demo_errands_receipt, sizeof Demo_errands_receipt - 1},
    {"Demo/errands/register_affiliation", (const char *)Demo_errands_register_affiliation, sizeof Demo_errands_register_affiliation - 1},
    {"Demo/errands/register_person", (const char *)Demo_errands_register_person, sizeof Demo_errands_register_person - 1},
    {"Demo/errands/register_subscription", (const char *)Demo_errands_register_subscription, sizeof Demo_errands_register_subscription - 1},
    {"Demo/errands/rename_community", (const char *)Demo_errands_rename_community, sizeof Demo_errands_rename_community - 1},
    {"Demo/errands/review_claim", (const char *)Demo_errands_review_claim, sizeof Demo_errands_review_claim - 1},
    {"Demo/errands/review_doi", (const char *)Demo_errands_review_doi, sizeof Demo_errands_review_doi - 1},
    {"Demo/errands/review_event", (const char *)Demo_errands_review_event, sizeof Demo_errands_review_event - 1},
    {"Demo/errands/review_policy", (const char *)Demo_errands_review_policy, sizeof Demo_errands_review_policy - 1},
    {"Demo/errands/review_publish", (const char *)Demo_errands_review_publish, sizeof Demo_errands_review_publish - 1},
    {"Demo/errands/upload", (const char *)Demo_errands_upload, sizeof Demo_errands_upload - 1},
    {"Demo/errands/withdraw_item", (const char *)Demo_errands_withdraw_item, sizeof Demo_errands_withdraw_item - 1},
    {"Demo/errands/withdraw_totals", (const char *)Demo_errands_withdraw_totals, sizeof Demo_errands_withdraw_totals - 1},
    {"Demo/look/books", (const char *)Demo_look_books, sizeof Demo_look_books - 1},
    {"Demo/look/canary", (const char *)Demo_look_canary, sizeof Demo_look_canary - 1},
    {"Demo/look/community", (const char *)Demo_look_community, sizeof Demo_look_community - 1},
    {"Demo/look/losers", (const char *)Demo_look_losers, sizeof Demo_look_losers - 1},
    {"Demo/look/page", (const char *)Demo_look_page, sizeof Demo_look_page - 1},
    {"Demo/look/receipts", (const char *)Demo_look_receipts, sizeof Demo_look_receipts - 1},
    {"Demo/look/size", (const char *)Demo_look_size, sizeof Demo_look_size - 1},
    {"Demo/roles/database", (const char *)Demo_roles_database, sizeof Demo_roles_database - 1},
    {"Demo/roles/grants", (const char *)Demo_roles_grants, sizeof Demo_roles_grants - 1},
    {"Demo/roles/roles", (const char *)Demo_roles_roles, sizeof Demo_roles_roles - 1},
    {"Demo/schema/files", (const char *)Demo_schema_files, sizeof Demo_schema_files - 1},
    {"Demo/schema/items", (const char *)Demo_schema_items, sizeof Demo_schema_items - 1},
    {"Demo/schema/people", (const char *)Demo_schema_people, sizeof Demo_schema_people - 1},
    {"Demo/schema/workflow", (const char *)Demo_schema_workflow, sizeof Demo_schema_workflow - 1},
    {"Migrations/0001-base", (const char *)Migrations_0001_base, sizeof Migrations_0001_base - 1},
    {"Migrations/0002-failover", (const char *)Migrations_0002_failover, sizeof Migrations_0002_failover - 1},
    {"Migrations/0003-health", (const char *)Migrations_0003_health, sizeof Migrations_0003_health - 1},
    {"Migrations/0004-membership", (const char *)Migrations_0004_membership, sizeof Migrations_0004_membership - 1},
    {"Migrations/0005-history", (const char *)Migrations_0005_history, sizeof Migrations_0005_history - 1},
    {"Migrations/0006-sequences", (const char *)Migrations_0006_sequences, sizeof Migrations_0006_sequences - 1},
    {"Migrations/0007-links", (const char *)Migrations_0007_links, sizeof Migrations_0007_links - 1},
    {"Migrations/0008-epochs", (const char *)Migrations_0008_epochs, sizeof Migrations_0008_epochs - 1},
    {"Migrations/0009-floor", (const char *)Migrations_0009_floor, sizeof Migrations_0009_floor - 1},
    {"Migrations/0010-captured", (const char *)Migrations_0010_captured, sizeof Migrations_0010_captured - 1},
    {"Migrations/0011-keys", (const char *)Migrations_0011_keys, sizeof Migrations_0011_keys - 1},
    {"Migrations/0012-late", (const char *)Migrations_0012_late, sizeof Migrations_0012_late - 1},
    {"SQL/apply/delete", (const char *)SQL_apply_delete, sizeof SQL_apply_delete - 1},
    {"SQL/apply/find_clash", (const char *)SQL_apply_find_clash, sizeof SQL_apply_find_clash - 1},
    {"SQL/apply/insert_all", (const char *)SQL_apply_insert_all, sizeof SQL_apply_insert_all - 1},
    {"SQL/apply/keep_own", (const char *)SQL_apply_keep_own, sizeof SQL_apply_keep_own - 1},
    {"SQL/apply/merge_delete", (const char *)SQL_apply_merge_delete, sizeof SQL_apply_merge_delete - 1},
    {"SQL/apply/merge_insert", (const char *)SQL_apply_merge_insert, sizeof SQL_apply_merge_insert - 1},
    {"SQL/apply/merge_remove_changed", (const char *)SQL_apply_merge_remove_changed, sizeof SQL_apply_merge_remove_changed - 1},
    {"SQL/apply/merge_update", (const char *)SQL_apply_merge_update, sizeof SQL_apply_merge_update - 1},
    {"SQL/apply/restore_own", (const char *)SQL_apply_restore_own, sizeof SQL_apply_restore_own - 1},
    {"SQL/apply/stage_table", (const char *)SQL_apply_stage_table, sizeof SQL_apply_stage_table - 1},
    {"SQL/apply/upsert", (const char *)SQL_apply_upsert, sizeof SQL_apply_upsert - 1},
    {"SQL/apply/upsert_action", (const char *)SQL_apply_upsert_action, sizeof SQL_apply_upsert_action - 1},
    {"SQL/bucardo/columns", (const char *)SQL_bucardo_columns, sizeof SQL_bucardo_columns - 1},
    {"SQL/bucardo/custom_code", (const char *)SQL_bucardo_custom_code, sizeof SQL_bucardo_custom_code - 1},
    {"SQL/bucardo/custom_columns", (const char *)SQL_bucardo_custom_columns, sizeof SQL_bucardo_custom_columns - 1},
    {"SQL/bucardo/custom_names", (const char *)SQL_bucardo_custom_names, sizeof SQL_bucardo_custom_names - 1},
    {"SQL/bucardo/custom_triggers", (const char *)SQL_bucardo_custom_triggers, sizeof SQL_bucardo_custom_triggers - 1},
    {"SQL/bucardo/databases", (const char *)SQL_bucardo_databases, sizeof SQL_bucardo_databases - 1},
    {"SQL/bucardo/groups", (const char *)SQL_bucardo_groups, sizeof SQL_bucardo_groups - 1},
    {"SQL/bucardo/relations", (const char *)SQL_bucardo_relations, sizeof SQL_bucardo_relations - 1},
    {"SQL/bucardo/relgroups", (const char *)SQL_bucardo_relgroups, sizeof SQL_bucardo_relgroups - 1},
    {"SQL/bucardo/settings", (const char *)SQL_bucardo_settings, sizeof SQL_bucardo_settings - 1},
    {"SQL/bucardo/syncs", (const char *)SQL_bucardo_syncs, sizeof SQL_bucardo_syncs - 1},
    {"SQL/capture/changed_columns", (const char *)SQL_capture_changed_columns, sizeof SQL_capture_changed_columns - 1},
    {"SQL/capture/changed_columns_many", (const char *)SQL_capture_changed_columns_many, sizeof SQL_capture_changed_columns_many - 1},
    {"SQL/capture/count_base", (const char *)SQL_capture_count_base, sizeof SQL_capture_count_base - 1},
    {"SQL/capture/count_difference", (const char *)SQL_capture_count_difference, sizeof SQL_capture_count_difference - 1},
    {"SQL/capture/count_function", (const char *)SQL_capture_count_function, sizeof SQL_capture_count_function - 1},
    {"SQL/capture/count_present", (const char *)SQL_capture_count_present, sizeof SQL_capture_count_present - 1},
    {"SQL/capture/count_triggers", (const char *)SQL_capture_count_triggers, sizeof SQL_capture_count_triggers - 1},
    {"SQL/capture/delta_table", (const char *)SQL_capture_delta_table, sizeof SQL_capture_delta_table - 1},
    {"SQL/capture/describe_deltas", (const char *)SQL_capture_describe_deltas, sizeof SQL_capture_describe_deltas - 1},
    {"SQL/capture/fire_always", (const char *)SQL_capture_fire_always, sizeof SQL_capture_fire_always - 1},
    {"SQL/capture/key_function", (const char *)SQL_capture_key_function, sizeof SQL_capture_key_function - 1},
    {"SQL/capture/mark_function", (const char *)SQL_capture_mark_function, sizeof SQL_capture_mark_function - 1},
    {"SQL/capture/operation", (const char *)SQL_capture_operation, sizeof SQL_capture_operation - 1},
    {"SQL/capture/partition_trigger", (const char *)SQL_capture_partition_trigger, sizeof SQL_capture_partition_trigger - 1},
    {"SQL/capture/row_function", (const char *)SQL_capture_row_function, sizeof SQL_capture_row_function - 1},
    {"SQL/capture/row_triggers", (const char *)SQL_capture_row_triggers, sizeof SQL_capture_row_triggers - 1},
    {"SQL/capture/rows_function", (const char *)SQL_capture_rows_function, sizeof SQL_capture_rows_function - 1},
    {"SQL/capture/statement_function", (const char *)SQL_capture_statement_function, sizeof SQL_capture_statement_function - 1},
    {"SQL/capture/statement_triggers", (const char *)SQL_capture_statement_triggers, sizeof SQL_capture_statement_triggers - 1},
    {"SQL/capture/statement_write", (const char *)SQL_capture_statement_write, sizeof SQL_capture_statement_write - 1},
    {"SQL/capture/track_columns", (const char *)SQL_capture_track_columns, sizeof SQL_capture_track_columns - 1},
    {"SQL/capture/truncate_function", (const char *)SQL_capture_truncate_function, sizeof SQL_capture_truncate_function - 1},
    {"SQL/capture/truncate_partition_function", (const char *)SQL_capture_truncate_partition_function, sizeof SQL_capture_truncate_partition_function - 1},
    {"SQL/capture/update_function", (const char *)SQL_capture_update_function, sizeof SQL_capture_update_function - 1},
    {"SQL/capture/whole_function", (const char *)SQL_capture_whole_function, sizeof SQL_capture_whole_function - 1},
    {"SQL/capture/whole_row_triggers", (const char *)SQL_capture_whole_row_triggers, sizeof SQL_capture_whole_row_triggers - 1},
    {"SQL/capture/whole_triggers", (const char *)SQL_capture_whole_triggers, sizeof SQL_capture_whole_triggers - 1},
    {"SQL/catalog/columns", (const char *)SQL_catalog_columns, sizeof SQL_catalog_columns - 1},
    {"SQL/catalog/deferrable_constraints", (const char *)SQL_catalog_deferrable_constraints, sizeof SQL_catalog_deferrable_constraints - 1},
    {"SQL/catalog/keys", (const char *)SQL_catalog_keys, sizeof SQL_catalog_keys - 1},
    {"SQL/catalog/partitions", (const char *)SQL_catalog_partitions, sizeof SQL_catalog_partitions - 1},
    {"SQL/catalog/rule_functions", (const char *)SQL_catalog_rule_functions, sizeof SQL_catalog_rule_functions - 1},
    {"SQL/catalog/sequences", (const char *)SQL_catalog_sequences, sizeof SQL_catalog_sequences - 1},
    {"SQL/catalog/server", (const char *)SQL_catalog_server, sizeof SQL_catalog_server - 1},
    {"SQL/catalog/tables", (const char *)SQL_catalog_tables, sizeof SQL_catalog_tables - 1},
    {"SQL/copy/all_counts", (const char *)SQL_copy_all_counts, sizeof SQL_copy_all_counts - 1},
    {"SQL/copy/begin_cursor", (const char *)SQL_copy_begin_cursor, sizeof SQL_copy_begin_cursor - 1},
    {"SQL/copy/begin_tables", (const char *)SQL_copy_begin_tables, sizeof SQL_copy_begin_tables - 1},
    {"SQL/copy/chunk_rows", (const char *)SQL_copy_chunk_rows, sizeof SQL_copy_chunk_rows - 1},
    {"SQL/copy/chunks", (const char *)SQL_copy_chunks, sizeof SQL_copy_chunks - 1},
    {"SQL/copy/cut_contexts", (const char *)SQL_copy_cut_contexts, sizeof SQL_copy_cut_contexts - 1},
    {"SQL/copy/empty_table", (const char *)SQL_copy_empty_table, sizeof SQL_copy_empty_table - 1},
    {"SQL/copy/finish_chunk", (const char *)SQL_copy_finish_chunk, sizeof SQL_copy_finish_chunk - 1},
    {"SQL/copy/forget_chunks", (const char *)SQL_copy_forget_chunks, sizeof SQL_copy_forget_chunks - 1},
    {"SQL/copy/forget_kept", (const char *)SQL_copy_forget_kept, sizeof SQL_copy_forget_kept - 1},
    {"SQL/copy/forget_known", (const char *)SQL_copy_forget_known, sizeof SQL_copy_forget_known - 1},
    {"SQL/copy/forget_own_counts", (const char *)SQL_copy_forget_own_counts, sizeof SQL_copy_forget_own_counts - 1},
    {"SQL/copy/forget_past", (const char *)SQL_copy_forget_past, sizeof SQL_copy_forget_past - 1},
    {"SQL/copy/forget_seen", (const char *)SQL_copy_forget_seen, sizeof SQL_copy_forget_seen - 1},
    {"SQL/copy/forget_table_chunks", (const char *)SQL_copy_forget_table_chunks, sizeof SQL_copy_forget_table_chunks - 1},
    {"SQL/copy/forget_tables", (const char *)SQL_copy_forget_tables, sizeof SQL_copy_forget_tables - 1},
    {"SQL/copy/insert_chunk", (const char *)SQL_copy_insert_chunk, sizeof SQL_copy_insert_chunk - 1},
    {"SQL/copy/insert_chunk_singly", (const char *)SQL_copy_insert_chunk_singly, sizeof SQL_copy_insert_chunk_singly - 1},
    {"SQL/copy/join_held", (const char *)SQL_copy_join_held, sizeof SQL_copy_join_held - 1},
    {"SQL/copy/join_table", (const char *)SQL_copy_join_table, sizeof SQL_copy_join_table - 1},
    {"SQL/copy/kept_digests", (const char *)SQL_copy_kept_digests, sizeof SQL_copy_kept_digests - 1},
    {"SQL/copy/kept_rows", (const char *)SQL_copy_kept_rows, sizeof SQL_copy_kept_rows - 1},
    {"SQL/copy/kept_rows_stage", (const char *)SQL_copy_kept_rows_stage, sizeof SQL_copy_kept_rows_stage - 1},
    {"SQL/copy/kept_versions", (const char *)SQL_copy_kept_versions, sizeof SQL_copy_kept_versions - 1},
    {"SQL/copy/kept_versions_stage", (const char *)SQL_copy_kept_versions_stage, sizeof SQL_copy_kept_versions_stage - 1},
    {"SQL/copy/late_tables", (const char *)SQL_copy_late_tables, sizeof SQL_copy_late_tables - 1},
    {"SQL/copy/parts", (const char *)SQL_copy_parts, sizeof SQL_copy_parts - 1},
    {"SQL/copy/plan_chunk", (const char *)SQL_copy_plan_chunk, sizeof SQL_copy_plan_chunk - 1},
    {"SQL/copy/release_holds", (const char *)SQL_copy_release_holds, sizeof SQL_copy_release_holds - 1},
    {"SQL/copy/reset_receiver", (const char *)SQL_copy_reset_receiver, sizeof SQL_copy_reset_receiver - 1},
    {"SQL/copy/restart_tables", (const char *)SQL_copy_restart_tables, sizeof SQL_copy_restart_tables - 1},
    {"SQL/copy/source_forgets", (const char *)SQL_copy_source_forgets, sizeof SQL_copy_source_forgets - 1},
    {"SQL/copy/spare_rows", (const char *)SQL_copy_spare_rows, sizeof SQL_copy_spare_rows - 1},
    {"SQL/copy/spare_shown", (const char *)SQL_copy_spare_shown, sizeof SQL_copy_spare_shown - 1},
    {"SQL/copy/spare_versions", (const char *)SQL_copy_spare_versions, sizeof SQL_copy_spare_versions - 1},
    {"SQL/copy/start_stream", (const char *)SQL_copy_start_stream, sizeof SQL_copy_start_stream - 1},
    {"SQL/copy/stop_cursor", (const char *)SQL_copy_stop_cursor, sizeof SQL_copy_stop_cursor - 1},
    {"SQL/copy/take_out_kept", (const char *)SQL_copy_take_out_kept, sizeof SQL_copy_take_out_kept - 1},
    {"SQL/copy/take_over_rows", (const char *)SQL_copy_take_over_rows, sizeof SQL_copy_take_over_rows - 1},
    {"SQL/copy/take_over_versions", (const char *)SQL_copy_take_over_versions, sizeof SQL_copy_take_over_versions - 1},
    {"SQL/copy/unconfirmed", (const char *)SQL_copy_unconfirmed, sizeof SQL_copy_unconfirmed - 1},
    {"SQL/copy/version_tables", (const char *)SQL_copy_version_tables, sizeof SQL_copy_version_tables - 1},
    {"SQL/diff/bind_hold", (const char *)SQL_diff_bind_hold, sizeof SQL_diff_bind_hold - 1},
    {"SQL/diff/buckets", (const char *)SQL_diff_buckets, sizeof SQL_diff_buckets - 1},
    {"SQL/diff/digest_table", (const char *)SQL_diff_digest_table, sizeof SQL_diff_digest_table - 1},
    {"SQL/diff/estimate", (const char *)SQL_diff_estimate, sizeof SQL_diff_estimate - 1},
    {"SQL/diff/has_changes", (const char *)SQL_diff_has_changes, sizeof SQL_diff_has_changes - 1},
    {"SQL/diff/has_versions", (const char *)SQL_diff_has_versions, sizeof SQL_diff_has_versions - 1},
    {"SQL/diff/hold", (const char *)SQL_diff_hold, sizeof SQL_diff_hold - 1},
    {"SQL/diff/is_marked", (const char *)SQL_diff_is_marked, sizeof SQL_diff_is_marked - 1},
    {"SQL/diff/key_stage", (const char *)SQL_diff_key_stage, sizeof SQL_diff_key_stage - 1},
    {"SQL/diff/keys_of", (const char *)SQL_diff_keys_of, sizeof SQL_diff_keys_of - 1},
    {"SQL/diff/mark_whole", (const char *)SQL_diff_mark_whole, sizeof SQL_diff_mark_whole - 1},
    {"SQL/diff/position", (const char *)SQL_diff_position, sizeof SQL_diff_position - 1},
    {"SQL/diff/receiver_rows", (const char *)SQL_diff_receiver_rows, sizeof SQL_diff_receiver_rows - 1},
    {"SQL/diff/release", (const char *)SQL_diff_release, sizeof SQL_diff_release - 1},
    {"SQL/diff/save_history", (const char *)SQL_diff_save_history, sizeof SQL_diff_save_history - 1},
    {"SQL/diff/source_rows", (const char *)SQL_diff_source_rows, sizeof SQL_diff_source_rows - 1},
    {"SQL/diff/stamped_rows", (const char *)SQL_diff_stamped_rows, sizeof SQL_diff_stamped_rows - 1},
    {"SQL/diff/touch", (const char *)SQL_diff_touch, sizeof SQL_diff_touch - 1},
    {"SQL/failover/end_lease", (const char *)SQL_failover_end_lease, sizeof SQL_failover_end_lease - 1},
    {"SQL/failover/fitness", (const char *)SQL_failover_fitness, sizeof SQL_failover_fitness - 1},
    {"SQL/failover/lease", (const char *)SQL_failover_lease, sizeof SQL_failover_lease - 1},
    {"SQL/failover/lease_holder", (const char *)SQL_failover_lease_holder, sizeof SQL_failover_lease_holder - 1},
    {"SQL/failover/read_canary", (const char *)SQL_failover_read_canary, sizeof SQL_failover_read_canary - 1},
    {"SQL/failover/read_journal", (const char *)SQL_failover_read_journal, sizeof SQL_failover_read_journal - 1},
    {"SQL/failover/take_epoch", (const char *)SQL_failover_take_epoch, sizeof SQL_failover_take_epoch - 1},
    {"SQL/failover/write_canary", (const char *)SQL_failover_write_canary, sizeof SQL_failover_write_canary - 1},
    {"SQL/failover/write_journal", (const char *)SQL_failover_write_journal, sizeof SQL_failover_write_journal - 1},
    {"SQL/fence/begin", (const char *)SQL_fence_begin, sizeof SQL_fence_begin - 1},
    {"SQL/fence/end_passed", (const char *)SQL_fence_end_passed, sizeof SQL_fence_end_passed - 1},
    {"SQL/fence/function", (const char *)SQL_fence_function, sizeof SQL_fence_function - 1},
    {"SQL/fence/gate_function", (const char *)SQL_fence_gate_function, sizeof SQL_fence_gate_function - 1},
    {"SQL/fence/passed", (const char *)SQL_fence_passed, sizeof SQL_fence_passed - 1},
    {"SQL/fence/row_trigger", (const char *)SQL_fence_row_trigger, sizeof SQL_fence_row_trigger - 1},
    {"SQL/fence/set", (const char *)SQL_fence_set, sizeof SQL_fence_set - 1},
    {"SQL/fence/state", (const char *)SQL_fence_state, sizeof SQL_fence_state - 1},
    {"SQL/fence/statement_trigger", (const char *)SQL_fence_statement_trigger, sizeof SQL_fence_statement_trigger - 1},
    {"SQL/files/referenced", (const char *)SQL_files_referenced, sizeof SQL_files_referenced - 1},
    {"SQL/health/cast_vote", (const char *)SQL_health_cast_vote, sizeof SQL_health_cast_vote - 1},
    {"SQL/health/read_canary", (const char *)SQL_health_read_canary, sizeof SQL_health_read_canary - 1},
    {"SQL/health/votes", (const char *)SQL_health_votes, sizeof SQL_health_votes - 1},
    {"SQL/health/write_canary", (const char *)SQL_health_write_canary, sizeof SQL_health_write_canary - 1},
    {"SQL/install/adopt", (const char *)SQL_install_adopt, sizeof SQL_install_adopt - 1},
    {"SQL/install/drop_function", (const char *)SQL_install_drop_function, sizeof SQL_install_drop_function - 1},
    {"SQL/install/drop_schema", (const char *)SQL_install_drop_schema, sizeof SQL_install_drop_schema - 1},
    {"SQL/install/empty_schema", (const char *)SQL_install_empty_schema, sizeof SQL_install_empty_schema - 1},
    {"SQL/install/forget_state", (const char *)SQL_install_forget_state, sizeof SQL_install_forget_state - 1},
    {"SQL/install/forget_sync_table", (const char *)SQL_install_forget_sync_table, sizeof SQL_install_forget_sync_table - 1},
    {"SQL/install/forget_table", (const char *)SQL_install_forget_table, sizeof SQL_install_forget_table - 1},
    {"SQL/install/linked", (const char *)SQL_install_linked, sizeof SQL_install_linked - 1},
    {"SQL/install/make_schema", (const char *)SQL_install_make_schema, sizeof SQL_install_make_schema - 1},
    {"SQL/install/mark_whole", (const char *)SQL_install_mark_whole, sizeof SQL_install_mark_whole - 1},
    {"SQL/install/node", (const char *)SQL_install_node, sizeof SQL_install_node - 1},
    {"SQL/install/part_sequence", (const char *)SQL_install_part_sequence, sizeof SQL_install_part_sequence - 1},
    {"SQL/install/parted_sequences", (const char *)SQL_install_parted_sequences, sizeof SQL_install_parted_sequences - 1},
    {"SQL/install/rebuild_table", (const char *)SQL_install_rebuild_table, sizeof SQL_install_rebuild_table - 1},
    {"SQL/install/record_migration", (const char *)SQL_install_record_migration, sizeof SQL_install_record_migration - 1},
    {"SQL/install/record_node", (const char *)SQL_install_record_node, sizeof SQL_install_record_node - 1},
    {"SQL/install/record_sync_table", (const char *)SQL_install_record_sync_table, sizeof SQL_install_record_sync_table - 1},
    {"SQL/install/record_table", (const char *)SQL_install_record_table, sizeof SQL_install_record_table - 1},
    {"SQL/install/rename_state", (const char *)SQL_install_rename_state, sizeof SQL_install_rename_state - 1},
    {"SQL/install/tables", (const char *)SQL_install_tables, sizeof SQL_install_tables - 1},
    {"SQL/install/triggers", (const char *)SQL_install_triggers, sizeof SQL_install_triggers - 1},
    {"SQL/install/unpart_sequence", (const char *)SQL_install_unpart_sequence, sizeof SQL_install_unpart_sequence - 1},
    {"SQL/install/versions", (const char *)SQL_install_versions, sizeof SQL_install_versions - 1},
    {"SQL/membership/clock", (const char *)SQL_membership_clock, sizeof SQL_membership_clock - 1},
    {"SQL/membership/declare_lost", (const char *)SQL_membership_declare_lost, sizeof SQL_membership_declare_lost - 1},
    {"SQL/membership/kept", (const char *)SQL_membership_kept, sizeof SQL_membership_kept - 1},
    {"SQL/membership/lost", (const char *)SQL_membership_lost, sizeof SQL_membership_lost - 1},
    {"SQL/membership/members", (const char *)SQL_membership_members, sizeof SQL_membership_members - 1},
    {"SQL/membership/note_away", (const char *)SQL_membership_note_away, sizeof SQL_membership_note_away - 1},
    {"SQL/membership/part_from", (const char *)SQL_membership_part_from, sizeof SQL_membership_part_from - 1},
    {"SQL/membership/present", (const char *)SQL_membership_present, sizeof SQL_membership_present - 1},
    {"SQL/membership/readmit", (const char *)SQL_membership_readmit, sizeof SQL_membership_readmit - 1},
    {"SQL/multimaster/ask_function", (const char *)SQL_multimaster_ask_function, sizeof SQL_multimaster_ask_function - 1},
    {"SQL/multimaster/changed_keys", (const char *)SQL_multimaster_changed_keys, sizeof SQL_multimaster_changed_keys - 1},
    {"SQL/multimaster/choose_unsettled", (const char *)SQL_multimaster_choose_unsettled, sizeof SQL_multimaster_choose_unsettled - 1},
    {"SQL/multimaster/column_defaults", (const char *)SQL_multimaster_column_defaults, sizeof SQL_multimaster_column_defaults - 1},
    {"SQL/multimaster/constraint_parts", (const char *)SQL_multimaster_constraint_parts, sizeof SQL_multimaster_constraint_parts - 1},
    {"SQL/multimaster/count_conflicts", (const char *)SQL_multimaster_count_conflicts, sizeof SQL_multimaster_count_conflicts - 1},
    {"SQL/multimaster/count_late", (const char *)SQL_multimaster_count_late, sizeof SQL_multimaster_count_late - 1},
    {"SQL/multimaster/count_left", (const char *)SQL_multimaster_count_left, sizeof SQL_multimaster_count_left - 1},
    {"SQL/multimaster/count_orphans", (const char *)SQL_multimaster_count_orphans, sizeof SQL_multimaster_count_orphans - 1},
    {"SQL/multimaster/counter_table", (const char *)SQL_multimaster_counter_table, sizeof SQL_multimaster_counter_table - 1},
    {"SQL/multimaster/counts_stage", (const char *)SQL_multimaster_counts_stage, sizeof SQL_multimaster_counts_stage - 1},
    {"SQL/multimaster/decide_held", (const char *)SQL_multimaster_decide_held, sizeof SQL_multimaster_decide_held - 1},
    {"SQL/multimaster/decide_staged", (const char *)SQL_multimaster_decide_staged, sizeof SQL_multimaster_decide_staged - 1},
    {"SQL/multimaster/decide_written", (const char *)SQL_multimaster_decide_written, sizeof SQL_multimaster_decide_written - 1},
    {"SQL/multimaster/default_value", (const char *)SQL_multimaster_default_value, sizeof SQL_multimaster_default_value - 1},
    {"SQL/multimaster/discard_quarantined", (const char *)SQL_multimaster_discard_quarantined, sizeof SQL_multimaster_discard_quarantined - 1},
    {"SQL/multimaster/discard_row", (const char *)SQL_multimaster_discard_row, sizeof SQL_multimaster_discard_row - 1},
    {"SQL/multimaster/drop_known", (const char *)SQL_multimaster_drop_known, sizeof SQL_multimaster_drop_known - 1},
    {"SQL/multimaster/find_blockers", (const char *)SQL_multimaster_find_blockers, sizeof SQL_multimaster_find_blockers - 1},
    {"SQL/multimaster/find_orphans", (const char *)SQL_multimaster_find_orphans, sizeof SQL_multimaster_find_orphans - 1},
    {"SQL/multimaster/find_overflow", (const char *)SQL_multimaster_find_overflow, sizeof SQL_multimaster_find_overflow - 1},
    {"SQL/multimaster/find_overtaken", (const char *)SQL_multimaster_find_overtaken, sizeof SQL_multimaster_find_overtaken - 1},
    {"SQL/multimaster/find_unseen", (const char *)SQL_multimaster_find_unseen, sizeof SQL_multimaster_find_unseen - 1},
    {"SQL/multimaster/foreign_keys", (const char *)SQL_multimaster_foreign_keys, sizeof SQL_multimaster_foreign_keys - 1},
    {"SQL/multimaster/forget_conflict", (const char *)SQL_multimaster_forget_conflict, sizeof SQL_multimaster_forget_conflict - 1},
    {"SQL/multimaster/forget_key", (const char *)SQL_multimaster_forget_key, sizeof SQL_multimaster_forget_key - 1},
    {"SQL/multimaster/forget_told", (const char *)SQL_multimaster_forget_told, sizeof SQL_multimaster_forget_told - 1},
    {"SQL/multimaster/forget_versions", (const char *)SQL_multimaster_forget_versions, sizeof SQL_multimaster_forget_versions - 1},
    {"SQL/multimaster/gather_counts", (const char *)SQL_multimaster_gather_counts, sizeof SQL_multimaster_gather_counts - 1},
    {"SQL/multimaster/hand_on", (const char *)SQL_multimaster_hand_on, sizeof SQL_multimaster_hand_on - 1},
    {"SQL/multimaster/has_held", (const char *)SQL_multimaster_has_held, sizeof SQL_multimaster_has_held - 1},
    {"SQL/multimaster/hide_version", (const char *)SQL_multimaster_hide_version, sizeof SQL_multimaster_hide_version - 1},
    {"SQL/multimaster/is_news", (const char *)SQL_multimaster_is_news, sizeof SQL_multimaster_is_news - 1},
    {"SQL/multimaster/joined_counts", (const char *)SQL_multimaster_joined_counts, sizeof SQL_multimaster_joined_counts - 1},
    {"SQL/multimaster/keep_counts", (const char *)SQL_multimaster_keep_counts, sizeof SQL_multimaster_keep_counts - 1},
    {"SQL/multimaster/kept_before", (const char *)SQL_multimaster_kept_before, sizeof SQL_multimaster_kept_before - 1},
    {"SQL/multimaster/known", (const char *)SQL_multimaster_known, sizeof SQL_multimaster_known - 1},
    {"SQL/multimaster/last_change", (const char *)SQL_multimaster_last_change, sizeof SQL_multimaster_last_change - 1},
    {"SQL/multimaster/last_change_by_column", (const char *)SQL_multimaster_last_change_by_column, sizeof SQL_multimaster_last_change_by_column - 1},
    {"SQL/multimaster/last_change_or_handed_on", (const char *)SQL_multimaster_last_change_or_handed_on, sizeof SQL_multimaster_last_change_or_handed_on - 1},
    {"SQL/multimaster/late_writes", (const char *)SQL_multimaster_late_writes, sizeof SQL_multimaster_late_writes - 1},
    {"SQL/multimaster/learn", (const char *)SQL_multimaster_learn, sizeof SQL_multimaster_learn - 1},
    {"SQL/multimaster/leave_place", (const char *)SQL_multimaster_leave_place, sizeof SQL_multimaster_leave_place - 1},
    {"SQL/multimaster/leave_shown", (const char *)SQL_multimaster_leave_shown, sizeof SQL_multimaster_leave_shown - 1},
    {"SQL/multimaster/leave_staged", (const char *)SQL_multimaster_leave_staged, sizeof SQL_multimaster_leave_staged - 1},
    {"SQL/multimaster/leave_written", (const char *)SQL_multimaster_leave_written, sizeof SQL_multimaster_leave_written - 1},
    {"SQL/multimaster/left_table", (const char *)SQL_multimaster_left_table, sizeof SQL_multimaster_left_table - 1},
    {"SQL/multimaster/list_conflicts", (const char *)SQL_multimaster_list_conflicts, sizeof SQL_multimaster_list_conflicts - 1},
    {"SQL/multimaster/list_quarantine", (const char *)SQL_multimaster_list_quarantine, sizeof SQL_multimaster_list_quarantine - 1},
    {"SQL/multimaster/lock_row", (const char *)SQL_multimaster_lock_row, sizeof SQL_multimaster_lock_row - 1},
    {"SQL/multimaster/lock_rows", (const char *)SQL_multimaster_lock_rows, sizeof SQL_multimaster_lock_rows - 1},
    {"SQL/multimaster/lock_sync", (const char *)SQL_multimaster_lock_sync, sizeof SQL_multimaster_lock_sync - 1},
    {"SQL/multimaster/mark_absent", (const char *)SQL_multimaster_mark_absent, sizeof SQL_multimaster_mark_absent - 1},
    {"SQL/multimaster/mark_staged", (const char *)SQL_multimaster_mark_staged, sizeof SQL_multimaster_mark_staged - 1},
    {"SQL/multimaster/note_conflict", (const char *)SQL_multimaster_note_conflict, sizeof SQL_multimaster_note_conflict - 1},
    {"SQL/multimaster/owe_late", (const char *)SQL_multimaster_owe_late, sizeof SQL_multimaster_owe_late - 1},
    {"SQL/multimaster/owed_late", (const char *)SQL_multimaster_owed_late, sizeof SQL_multimaster_owed_late - 1},
    {"SQL/multimaster/own_tables", (const char *)SQL_multimaster_own_tables, sizeof SQL_multimaster_own_tables - 1},
    {"SQL/multimaster/own_versions", (const char *)SQL_multimaster_own_versions, sizeof SQL_multimaster_own_versions - 1},
    {"SQL/multimaster/parents_of", (const char *)SQL_multimaster_parents_of, sizeof SQL_multimaster_parents_of - 1},
    {"SQL/multimaster/quarantine_row", (const char *)SQL_multimaster_quarantine_row, sizeof SQL_multimaster_quarantine_row - 1},
    {"SQL/multimaster/quarantined_rows", (const char *)SQL_multimaster_quarantined_rows, sizeof SQL_multimaster_quarantined_rows - 1},
    {"SQL/multimaster/quarantined_tables", (const char *)SQL_multimaster_quarantined_tables, sizeof SQL_multimaster_quarantined_tables - 1},
    {"SQL/multimaster/raise_floor", (const char *)SQL_multimaster_raise_floor, sizeof SQL_multimaster_raise_floor - 1},
    {"SQL/multimaster/rank_values", (const char *)SQL_multimaster_rank_values, sizeof SQL_multimaster_rank_values - 1},
    {"SQL/multimaster/release_shown", (const char *)SQL_multimaster_release_shown, sizeof SQL_multimaster_release_shown - 1},
    {"SQL/multimaster/removed_history", (const char *)SQL_multimaster_removed_history, sizeof SQL_multimaster_removed_history - 1},
    {"SQL/multimaster/replace_staged", (const char *)SQL_multimaster_replace_staged, sizeof SQL_multimaster_replace_staged - 1},
    {"SQL/multimaster/restore_deletion", (const char *)SQL_multimaster_restore_deletion, sizeof SQL_multimaster_restore_deletion - 1},
    {"SQL/multimaster/restore_row", (const char *)SQL_multimaster_restore_row, sizeof SQL_multimaster_restore_row - 1},
    {"SQL/multimaster/restore_values", (const char *)SQL_multimaster_restore_values, sizeof SQL_multimaster_restore_values - 1},
    {"SQL/multimaster/ring_orphans", (const char *)SQL_multimaster_ring_orphans, sizeof SQL_multimaster_ring_orphans - 1},
    {"SQL/multimaster/ring_parents", (const char *)SQL_multimaster_ring_parents, sizeof SQL_multimaster_ring_parents - 1},
    {"SQL/multimaster/rows_as_versions", (const char *)SQL_multimaster_rows_as_versions, sizeof SQL_multimaster_rows_as_versions - 1},
    {"SQL/multimaster/seen", (const char *)SQL_multimaster_seen, sizeof SQL_multimaster_seen - 1},
    {"SQL/multimaster/send_late", (const char *)SQL_multimaster_send_late, sizeof SQL_multimaster_send_late - 1},
    {"SQL/multimaster/send_on_released", (const char *)SQL_multimaster_send_on_released, sizeof SQL_multimaster_send_on_released - 1},
    {"SQL/multimaster/sent_counts", (const char *)SQL_multimaster_sent_counts, sizeof SQL_multimaster_sent_counts - 1},
    {"SQL/multimaster/show_counts", (const char *)SQL_multimaster_show_counts, sizeof SQL_multimaster_show_counts - 1},
    {"SQL/multimaster/show_versions", (const char *)SQL_multimaster_show_versions, sizeof SQL_multimaster_show_versions - 1},
    {"SQL/multimaster/sift_insert", (const char *)SQL_multimaster_sift_insert, sizeof SQL_multimaster_sift_insert - 1},
    {"SQL/multimaster/sift_list", (const char *)SQL_multimaster_sift_list, sizeof SQL_multimaster_sift_list - 1},
    {"SQL/multimaster/stage_settled", (const char *)SQL_multimaster_stage_settled, sizeof SQL_multimaster_stage_settled - 1},
    {"SQL/multimaster/stage_table", (const char *)SQL_multimaster_stage_table, sizeof SQL_multimaster_stage_table - 1},
    {"SQL/multimaster/staged_orphans", (const char *)SQL_multimaster_staged_orphans, sizeof SQL_multimaster_staged_orphans - 1},
    {"SQL/multimaster/staged_row", (const char *)SQL_multimaster_staged_row, sizeof SQL_multimaster_staged_row - 1},
    {"SQL/multimaster/staged_versions", (const char *)SQL_multimaster_staged_versions, sizeof SQL_multimaster_staged_versions - 1},
    {"SQL/multimaster/stored_stamp", (const char *)SQL_multimaster_stored_stamp, sizeof SQL_multimaster_stored_stamp - 1},
    {"SQL/multimaster/stored_stamps", (const char *)SQL_multimaster_stored_stamps, sizeof SQL_multimaster_stored_stamps - 1},
    {"SQL/multimaster/take_links", (const char *)SQL_multimaster_take_links, sizeof SQL_multimaster_take_links - 1},
    {"SQL/multimaster/take_out", (const char *)SQL_multimaster_take_out, sizeof SQL_multimaster_take_out - 1},
    {"SQL/multimaster/tell_again", (const char *)SQL_multimaster_tell_again, sizeof SQL_multimaster_tell_again - 1},
    {"SQL/multimaster/tell_settled", (const char *)SQL_multimaster_tell_settled, sizeof SQL_multimaster_tell_settled - 1},
    {"SQL/multimaster/tell_versions", (const char *)SQL_multimaster_tell_versions, sizeof SQL_multimaster_tell_versions - 1},
    {"SQL/multimaster/track_stamps", (const char *)SQL_multimaster_track_stamps, sizeof SQL_multimaster_track_stamps - 1},
    {"SQL/multimaster/trim_history", (const char *)SQL_multimaster_trim_history, sizeof SQL_multimaster_trim_history - 1},
    {"SQL/multimaster/try_lock_sync", (const char *)SQL_multimaster_try_lock_sync, sizeof SQL_multimaster_try_lock_sync - 1},
    {"SQL/multimaster/version_table", (const char *)SQL_multimaster_version_table, sizeof SQL_multimaster_version_table - 1},
    {"SQL/multimaster/versions_of", (const char *)SQL_multimaster_versions_of, sizeof SQL_multimaster_versions_of - 1},
    {"SQL/status/candidates", (const char *)SQL_status_candidates, sizeof SQL_status_candidates - 1},
    {"SQL/status/chunks", (const char *)SQL_status_chunks, sizeof SQL_status_chunks - 1},
    {"SQL/status/engine", (const char *)SQL_status_engine, sizeof SQL_status_engine - 1},
    {"SQL/status/keyed_deltas", (const char *)SQL_status_keyed_deltas, sizeof SQL_status_keyed_deltas - 1},
    {"SQL/status/node", (const char *)SQL_status_node, sizeof SQL_status_node - 1},
    {"SQL/status/pending", (const char *)SQL_status_pending, sizeof SQL_status_pending - 1},
    {"SQL/status/pending_keys", (const char *)SQL_status_pending_keys, sizeof SQL_status_pending_keys - 1},
    {"SQL/status/pending_part", (const char *)SQL_status_pending_part, sizeof SQL_status_pending_part - 1},
    {"SQL/status/table_names", (const char *)SQL_status_table_names, sizeof SQL_status_table_names - 1},
    {"SQL/stream/acknowledge", (const char *)SQL_stream_acknowledge, sizeof SQL_stream_acknowledge - 1},
    {"SQL/stream/adopt", (const char *)SQL_stream_adopt, sizeof SQL_stream_adopt - 1},
    {"SQL/stream/advance", (const char *)SQL_stream_advance, sizeof SQL_stream_advance - 1},
    {"SQL/stream/all_rows", (const char *)SQL_stream_all_rows, sizeof SQL_stream_all_rows - 1},
    {"SQL/stream/arm", (const char *)SQL_stream_arm, sizeof SQL_stream_arm - 1},
    {"SQL/stream/changed_rows", (const char *)SQL_stream_changed_rows, sizeof SQL_stream_changed_rows - 1},
    {"SQL/stream/count_rows", (const char *)SQL_stream_count_rows, sizeof SQL_stream_count_rows - 1},
    {"SQL/stream/cursor", (const char *)SQL_stream_cursor, sizeof SQL_stream_cursor - 1},
    {"SQL/stream/end_lease", (const char *)SQL_stream_end_lease, sizeof SQL_stream_end_lease - 1},
    {"SQL/stream/expect_shapes", (const char *)SQL_stream_expect_shapes, sizeof SQL_stream_expect_shapes - 1},
    {"SQL/stream/fingerprints", (const char *)SQL_stream_fingerprints, sizeof SQL_stream_fingerprints - 1},
    {"SQL/stream/flush", (const char *)SQL_stream_flush, sizeof SQL_stream_flush - 1},
    {"SQL/stream/flush_log", (const char *)SQL_stream_flush_log, sizeof SQL_stream_flush_log - 1},
    {"SQL/stream/gone_keys", (const char *)SQL_stream_gone_keys, sizeof SQL_stream_gone_keys - 1},
    {"SQL/stream/inserted_rows", (const char *)SQL_stream_inserted_rows, sizeof SQL_stream_inserted_rows - 1},
    {"SQL/stream/is_flushed", (const char *)SQL_stream_is_flushed, sizeof SQL_stream_is_flushed - 1},
    {"SQL/stream/joined", (const char *)SQL_stream_joined, sizeof SQL_stream_joined - 1},
    {"SQL/stream/joined_count", (const char *)SQL_stream_joined_count, sizeof SQL_stream_joined_count - 1},
    {"SQL/stream/lease", (const char *)SQL_stream_lease, sizeof SQL_stream_lease - 1},
    {"SQL/stream/move_sequence", (const char *)SQL_stream_move_sequence, sizeof SQL_stream_move_sequence - 1},
    {"SQL/stream/note_error", (const char *)SQL_stream_note_error, sizeof SQL_stream_note_error - 1},
    {"SQL/stream/pause", (const char *)SQL_stream_pause, sizeof SQL_stream_pause - 1},
    {"SQL/stream/present_rows", (const char *)SQL_stream_present_rows, sizeof SQL_stream_present_rows - 1},
    {"SQL/stream/probe", (const char *)SQL_stream_probe, sizeof SQL_stream_probe - 1},
    {"SQL/stream/receiver", (const char *)SQL_stream_receiver, sizeof SQL_stream_receiver - 1},
    {"SQL/stream/rewritten", (const char *)SQL_stream_rewritten, sizeof SQL_stream_rewritten - 1},
    {"SQL/stream/sequence_positions", (const char *)SQL_stream_sequence_positions, sizeof SQL_stream_sequence_positions - 1},
    {"SQL/stream/shapes", (const char *)SQL_stream_shapes, sizeof SQL_stream_shapes - 1},
    {"SQL/stream/steer", (const char *)SQL_stream_steer, sizeof SQL_stream_steer - 1},
    {"SQL/stream/stored_bytes", (const char *)SQL_stream_stored_bytes, sizeof SQL_stream_stored_bytes - 1},
    {"SQL/stream/strangers", (const char *)SQL_stream_strangers, sizeof SQL_stream_strangers - 1},
    {"SQL/stream/table_list", (const char *)SQL_stream_table_list, sizeof SQL_stream_table_list - 1},
    {"SQL/stream/table_states", (const char *)SQL_stream_table_states, sizeof SQL_stream_table_states - 1},
    {"SQL/stream/tables", (const char *)SQL_stream_tables, sizeof SQL_stream_tables - 1},
    {"SQL/stream/tidy_holds", (const char *)SQL_stream_tidy_holds, sizeof SQL_stream_tidy_holds - 1},
    {"SQL/stream/trim", (const char *)SQL_stream_trim, sizeof SQL_stream_trim - 1},
    {"SQL/stream/trim_marks", (const char *)SQL_stream_trim_marks, sizeof SQL_stream_trim_marks - 1},
    {"SQL/stream/trimmable", (const char *)SQL_stream_trimmable, sizeof SQL_stream_trimmable - 1},
    {"SQL/stream/window", (const char *)SQL_stream_window, sizeof SQL_stream_window - 1},
    {"SQL/stream/window_keys", (const char *)SQL_stream_window_keys, sizeof SQL_stream_window_keys - 1},
    {"SQL/stream/written", (const char *)SQL_stream_written, sizeof SQL_stream_written - 1},
};
const int switchback_asset_count = sizeof assets / sizeof assets[0];
const switchback_asset *switchback_asset_at(int index) { return &assets[index]; }
