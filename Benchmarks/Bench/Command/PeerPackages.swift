import Foundation

/// Installs peers from Debian's packages, when asked to.
enum PeerPackages {
    /// Installs what the systems lack.
    ///
    /// - Throws: ``WrongUsage`` without root or apt-get; what apt-get says when it fails.
    static func install(_ systems: [any ReplicationSystem], _ tools: Tools) async throws {
        var missing: [String] = []
        for system in systems where !system.packages.isEmpty {
            do { _ = try await system.version(tools) } catch is Missing { missing += system.packages }
        }
        guard !missing.isEmpty else { return }
        let command = "apt-get install -y --no-install-recommends \(missing.joined(separator: " "))"
        guard geteuid() == 0 else { throw WrongUsage(description: "--install-peers needs root: \(command)") }
        Console.say("bench: \(command)")
        // Debian makes and starts a cluster with the first server that is installed, and daemons; none is asked for.
        let script = """
            set -e
            export DEBIAN_FRONTEND=noninteractive
            folder=/etc/postgresql-common/createcluster.d
            if [ ! -e /etc/postgresql-common/createcluster.conf ]; then
                mkdir -p $folder
                echo 'create_main_cluster = false' >$folder/switchback-bench.conf
            fi
            policy=/usr/sbin/policy-rc.d
            if [ ! -e $policy ]; then
                printf '#!/bin/sh\\nexit 101\\n' >$policy
                chmod 755 $policy
                own=yes
            fi
            trap 'rm -f $folder/switchback-bench.conf; [ -z "$own" ] || rm -f $policy' EXIT
            apt-get -o DPkg::Lock::Timeout=300 update
            apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends "$@"
            """
        try await ProgramRun.run(["bash", "-c", script, "bash"] + missing, in: tools.scratch)
    }
}
