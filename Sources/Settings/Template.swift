extension Settings {
    /// What `switchback init` writes: a configuration that can be read as it stands.
    ///
    /// Prose has one space behind its `#`. A setting that is commented out has none there, or the indentation that it needs:
    /// take the `#` away, and it holds. A test does so with all of them.
    public static let template = #"""
        # Switchback's configuration.
        #
        # Change the nodes and the sync to yours, then look at it with "switchback check", which changes nothing.
        # Every key is described in Docs/Configuration.md. Settings behind a # show what else there is: take that one
        # character away to use them. A key that does not exist is an error, never ignored.
        #
        # No secret needs to stand here. Any value can be, or hold,
        #   "${NAME}"      what the environment variable NAME holds; put it in quotes
        #   "file:PATH"    what a file holds; a relative path begins in the folder of this file
        # and libpq finds passwords by itself in ~/.pgpass and in service files.
        # Durations are written 500ms, 5s, 10m or 1h.

        # The name of all of it together, in status and logs.
        cluster: library

        # The Postgres databases that take part, under names of your choice. The dsn is a libpq connection string:
        # key=value words or a postgresql:// URI. The role is an ordinary one; "switchback check" prints the grants
        # that it lacks.
        nodes:
          raleigh:
            dsn: "host=db1.example.org dbname=library user=switchback sslmode=verify-full"
          durham:
            dsn: "host=db2.example.org dbname=library user=switchback sslmode=verify-full"
        #    dsn: "service=library_secondary"
        #    dsn: "${DURHAM_DSN}"
        #    dsn: "file:/etc/switchback/durham.dsn"

        # Sets of tables and the nodes they live on.
        syncs:
          library:
            # Writes at a source are captured and brought to every other node. A target is read-only to applications.
            nodes:
              raleigh: source
              durham: target

            # Patterns schema.table; * is any characters, ? is one. Case counts. A name with dots, spaces or other
            # signs stands in double quotes, and then all of it in single ones: '"My Schema"."Order.Items"'.
            # New tables that match are taken in by the next "switchback schema install".
            tables: ["public.*"]
        #    exclude: ["public.scratch_*", 'audit."Old Log"']

            # What is different for some tables. The last pattern that matches a table holds, whole.
        #    overrides:
        #      public.import_log: { full_copy: true }               # no key: carried whole whenever it changed
        #      public.eperson: { columns: [eperson_id, email] }     # only these columns; the key must be among them
        #      "public.draft_*": { where: "published" }             # only rows for which this SQL is true
        #      public.item: { conflict: merge }
        #      public.downloads: { counters: [total] }

            # How long a node may be away before the others keep nothing for it any more; it then comes back by a
            # repair. Without it they wait for ever. And how far a source's clock may be off before somebody is told.
        #    lost_after: 168h
        #    clock_skew_limit: 5s

            # How long versions that lost a conflict stay in the history. Without it they stay for ever.
        #    history_keep: 2160h

            # With two or more sources, who wins when two nodes changed one row: latest (the default), earliest,
            # merge, hold, or a rule that takes something. An override can have a rule of its own.
        #    conflict: latest
        #    conflict: { prefer: [raleigh, durham] }                # the first of these nodes
        #    conflict: { largest: version }                         # the larger value in a column; or smallest
        #    conflict: { function: public.settle }                  # what a SQL function makes of the two

        # What tells whether a site is well; "switchback health" shows it, and the daemon tells those under notify.
        #health:
        #  every: 5s
        #  fall: 3      # so many failures in a row make a check down,
        #  rise: 5      # so many successes in a row make it up again
        #  observers: [raleigh, durham, office]  # daemons that must agree; each says who it is by observer: NAME
        #  witnesses: ["192.0.2.1:443"]          # who is asked whether our own network works, when a site is silent
        #  checks:
        #    - http: { url: "https://www.example.org/", method: HEAD, status: 200 }
        #    - http: { url: "https://www.example.org/search", contains: "Search results" }
        #    - sql: { node: raleigh, write: true }
        #    - exec: { command: [/usr/lib/nagios/plugins/check_http, -H, www.example.org] }

        # Who is told when a site goes down and comes back.
        #notify:
        #  - email: { server: "mail.example.org:25", from: switchback@example.org, to: [ops@example.org] }
        #  - webhook: { url: "file:/etc/switchback/webhook" }

        # Places: each a node, and the address that people reach it at.
        #sites:
        #  primary: { node: raleigh, address: 192.0.2.10 }
        #  secondary: { node: durham, address: 198.51.100.20 }

        # Folders that are carried from one site to another, by rsync. Docs/Files.md tells how, and what keeps them safe.
        #files:
        #  opt: { from: primary, to: secondary, path: /opt/, every: 1m, delete: true, exclude: ["access.log*", "log/"] }
        #  uploads:
        #    from: primary
        #    to: secondary
        #    path: /srv/uploads/
        #    watch: true                            # changes go within a second; a full pass every ten minutes
        #    include: ["log/keep/"]                 # looked at before exclude
        #    hard_links: true                       # what else travels; likewise
        #    acls: true
        #    xattrs: true
        #    sparse: true
        #    checksum: true                         # tell files apart by their content, which takes longer
        #    compress: true
        #    bandwidth: 5000                        # kilobytes a second
        #    timeout: 60s                           # with nothing moving
        #    conflict: newer                        # of two versions, on the way back; or keep_both, or a site
        #    max_deletions: 1000                    # in one run; more than that, and a person is asked
        #    max_deletions_percent: 10              # of the files that there are
        #    keep_backups: 336h                     # what was overwritten or deleted
        #    alarm_after: 1h                        # without a success
        #    pull: true                             # the engine at the receiving site runs it
        #    reach:                                 # where a site's address and ssh do not lead to it
        #      primary: { local: true, path: /srv/uploads/ }
        #      secondary: { daemon: "rsync://backup.example.org/uploads", user: sync, password: "${RSYNC_SECRET}" }
        #    referenced_by: { table: public.bitstream, column: path, hold: true }
        #  home: { from: primary, to: secondary, path: /home/, cron: "0 3 * * sun", whole_file: true }
        #  httpd: { from: primary, to: secondary, path: /etc/httpd/, once: true }
        #  java:
        #    from: primary
        #    to: secondary
        #    path: /usr/java/
        #    reach: { secondary: { shell: [ssh, -p, "2222"], host: backup.example.org } }
        #  images: { from: primary, to: secondary, path: /srv/images/, mover: { exec: [/usr/local/bin/mover] } }

        # The names that lead to the active site. The value of each record is the site's address. "switchback dns" shows
        # and changes them; Docs/DNS.md tells what each provider needs.
        #dns:
        #  provider: { rfc2136: { server: 192.0.2.53, zone: example.org, key: "file:/etc/switchback/tsig" } }
        #  provider: { powerdns: { url: "http://127.0.0.1:8081", zone: example.org, key: "${PDNS_KEY}" } }
        #  provider: { route53: { zone: example.org, access_key: "${AWS_KEY}", secret_key: "${AWS_SECRET}" } }
        #  provider: { cloudflare: { zone: example.org, token: "${CLOUDFLARE_TOKEN}" } }
        #  provider: { namecheap: { zone: example.org, user: library, key: "${NAMECHEAP_KEY}", client_ip: 192.0.2.10 } }
        #  provider: { exec: { command: [/usr/local/bin/our-dns], zone: example.org } }
        #  servers: [ns1.example.org, ns2.example.org]    # who must answer rightly; found by the zone's NS records otherwise
        #  ttl_max: 5m                                    # no record may be kept for longer
        #  changed_percent_max: 30                        # so much of a large zone may one change touch
        #  timeout: 10s                                   # for one question to the provider or a name server
        #  records:
        #    - { name: www.example.org, type: A, ttl: 60s }

        # How the site moves to the other place: when a person says so, or by itself.
        #failover:
        #  mode: manual             # or automatic
        #  freeze_budget: 30s       # the longest time without writes on the way back; past it, everything is undone
        #  failback:
        #    mode: freeze           # or overlap: writes never stop, and the conflict rules settle the rest
        #    after: 30m             # with mode: automatic, back by itself when the old site was well for so long
        #  unfenced: allow          # or refuse: take over only when the old site could be fenced
        #  terminate_sessions: false
        #  hooks: { stop: [/usr/local/sbin/site, stop], start: [/usr/local/sbin/site, start] }
        #  lease: { etcd: ["http://192.0.2.30:2379"], ttl: 15s }
        #      # where etcd wants to know who asks: user: switchback, password: "file:/etc/switchback/etcd"
        #  limits: { node: 10s, lost: 3s, catch_up: 10m, drain: 30s, compare: 30m, hook: 20s, files: 10m, dns: 30s,
        #      dns_verify: 2m, linger: 3m, verify: 15s }

        """#
}
