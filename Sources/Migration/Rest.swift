/// What a catalogue holds that belongs to no node and no sync.
enum Rest {
    static func remarks(_ catalogue: BucardoCatalogue) -> [Remark] {
        unknown(catalogue) + unused(catalogue) + code(catalogue) + settings(catalogue)
    }

    private static func unknown(_ catalogue: BucardoCatalogue) -> [Remark] {
        guard !catalogue.unknownColumns.isEmpty else { return [] }
        return [
            Remark(
                "", "columns of the catalogue that Switchback knows nothing of: \(list(catalogue.unknownColumns))",
                instead: "look what this version of Bucardo keeps there")
        ]
    }

    /// Groups, tables and sequences that no sync has.
    private static func unused(_ catalogue: BucardoCatalogue) -> [Remark] {
        var remarks: [Remark] = []
        func remark(_ kind: String, _ names: [String], _ instead: String) {
            if !names.isEmpty { remarks.append(Remark("", "\(kind): \(list(names))", instead: instead)) }
        }
        let groups = Set(catalogue.syncs.compactMap(\.group))
        let relgroups = Set(catalogue.syncs.compactMap(\.relgroup))
        remark(
            "dbgroups that no sync has", catalogue.groups.map(\.name).filter { !groups.contains($0) },
            "nothing; a sync names its nodes itself")
        remark(
            "relgroups that no sync has", catalogue.relgroups.map(\.name).filter { !relgroups.contains($0) },
            "nothing; a sync names its tables itself")
        let used = Set(catalogue.relgroups.filter { relgroups.contains($0.name) }.flatMap(\.relations))
        remark(
            "tables and sequences that no sync has",
            catalogue.relations.filter { !used.contains($0.id) }.map { "\($0.name)" },
            "name them under tables of a sync to carry them")
        return remarks
    }

    private static func code(_ catalogue: BucardoCatalogue) -> [Remark] {
        catalogue.customCode.filter { $0.syncs.isEmpty && $0.relations.isEmpty }.map { code in
            Remark("", "\(CodeText.note(code).was), for no sync", instead: "nothing; it never ran")
        }
    }

    // MARK: Settings

    /// Settings that somebody changed, by what has their place.
    private static func settings(_ catalogue: BucardoCatalogue) -> [Remark] {
        let changed = catalogue.settings.filter { setting in
            if versions.contains(setting.name) { return false }
            return setting.item != nil || setting.original.map { $0 != setting.value } ?? false
        }
        let kinds = Dictionary(grouping: changed) { setting in
            places.first { place in place.starts.contains { setting.name.hasPrefix($0) } }?.instead ?? otherwise
        }
        return (places.map(\.instead) + [otherwise]).compactMap { instead in
            guard let settings = kinds[instead] else { return nil }
            return Remark("", "settings that were changed: \(list(settings.map(text)))", instead: instead)
        }
    }

    private static func text(_ setting: BucardoCatalogue.Setting) -> String {
        let item = setting.item.map { " for \(setting.kind ?? "") \($0)" } ?? ""
        return "\(setting.name) = \(setting.value.isEmpty ? "nothing" : setting.value)\(item)"
    }

    private static let versions: Set = ["bucardo_version", "bucardo_initial_version", "bucardo_current_version"]
    private static let otherwise = "nothing; there is no such thing to set"
    private static let places: [(starts: [String], instead: String)] = [
        (
            ["default_email", "email_"],
            "let your monitoring tell people; it reads \"switchback status --json\""
        ),
        (
            ["log_", "warning_file", "syslog_", "reason_file", "piddir", "stopfile"],
            "keep what \"switchback run\" writes to standard error, as systemd does by itself"
        ),
        (["vac_", "bucardo_vac"], "nothing; changes are cleared away as soon as every receiver has them"),
        (["default_conflict_strategy"], "give each sync its rule; the default is latest"),
        (
            ["host_safety_check"],
            "nothing; two engines do no harm, and a node is known by its identity and not by its host"
        ),
    ]

    private static func list(_ names: [String]) -> String { names.joined(separator: ", ") }
}
