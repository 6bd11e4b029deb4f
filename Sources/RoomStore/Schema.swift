// SPDX-License-Identifier: MIT
// Copyright (c) 2026 The Atomic authors

internal import GRDB

/// The tables of `state.db`, by migration.
enum Schema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("first") { database in
            try database.execute(
                sql: """
                    CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
                    CREATE TABLE job (
                        id TEXT PRIMARY KEY, digest TEXT NOT NULL, state TEXT NOT NULL, firstEntry INTEGER NOT NULL,
                        lastEntry INTEGER NOT NULL, policy INTEGER NOT NULL, dataClass TEXT NOT NULL,
                        purpose TEXT NOT NULL, requester TEXT NOT NULL, recipient TEXT NOT NULL,
                        taskDigest TEXT NOT NULL, inputs TEXT NOT NULL, file TEXT NOT NULL,
                        budgetCost INTEGER NOT NULL, budgetWall INTEGER NOT NULL, cost INTEGER NOT NULL,
                        auctions INTEGER NOT NULL, lastAuction TEXT, jailsEnded INTEGER NOT NULL, receipt TEXT
                    ) STRICT;
                    CREATE INDEX jobByDigest ON job (digest);
                    CREATE TABLE microtask (
                        job TEXT NOT NULL, id TEXT NOT NULL, input TEXT NOT NULL, state TEXT NOT NULL,
                        attempts INTEGER NOT NULL, model TEXT, auction TEXT, ciphertext TEXT, code TEXT,
                        cost INTEGER NOT NULL, latencyNs INTEGER NOT NULL, PRIMARY KEY (job, id)
                    ) STRICT;
                    CREATE TABLE jail (
                        id TEXT PRIMARY KEY, job TEXT NOT NULL, dataClass TEXT, owners TEXT NOT NULL
                    ) STRICT;
                    CREATE TABLE model (
                        digest TEXT PRIMARY KEY, name TEXT NOT NULL, version TEXT NOT NULL, image TEXT NOT NULL,
                        entry INTEGER NOT NULL
                    ) STRICT;
                    CREATE TABLE policy (sequence INTEGER PRIMARY KEY, envelope TEXT NOT NULL) STRICT;
                    CREATE TABLE spend (
                        class TEXT NOT NULL, day TEXT NOT NULL, cost INTEGER NOT NULL, PRIMARY KEY (class, day)
                    ) STRICT;
                    CREATE TABLE label (ciphertext TEXT PRIMARY KEY, serial INTEGER NOT NULL) STRICT;
                    """)
        }
        migrator.registerMigration("clocks and policy entries") { database in
            // What the new columns hold is in the log: everything is forgotten and followed again.
            try database.execute(
                sql: """
                    ALTER TABLE job ADD COLUMN usedNs INTEGER NOT NULL DEFAULT 0;
                    ALTER TABLE job ADD COLUMN lastMono INTEGER;
                    ALTER TABLE policy ADD COLUMN entry INTEGER NOT NULL DEFAULT 0;
                    DELETE FROM meta; DELETE FROM job; DELETE FROM microtask; DELETE FROM jail; DELETE FROM model;
                    DELETE FROM policy; DELETE FROM spend; DELETE FROM label;
                    """)
        }
        migrator.registerMigration("outcomes per input") { database in
            try database.execute(
                sql: """
                    DROP TABLE microtask;
                    CREATE TABLE input (
                        job TEXT NOT NULL, input TEXT NOT NULL, number INTEGER NOT NULL, state TEXT NOT NULL,
                        attempts INTEGER NOT NULL, code TEXT, ciphertext TEXT, sidecar TEXT, PRIMARY KEY (job, input)
                    ) STRICT;
                    CREATE TABLE microtask (
                        job TEXT NOT NULL, id TEXT NOT NULL, input TEXT NOT NULL, number INTEGER NOT NULL,
                        position INTEGER NOT NULL, state TEXT NOT NULL, model TEXT, auction TEXT, code TEXT,
                        cost INTEGER NOT NULL, latencyNs INTEGER NOT NULL, PRIMARY KEY (job, id)
                    ) STRICT;
                    CREATE TABLE award (
                        job TEXT NOT NULL, id TEXT NOT NULL, model TEXT NOT NULL, record TEXT NOT NULL,
                        PRIMARY KEY (job, id, model)
                    ) STRICT;
                    DELETE FROM meta; DELETE FROM job; DELETE FROM jail; DELETE FROM model; DELETE FROM policy;
                    DELETE FROM spend; DELETE FROM label;
                    """)
        }
        migrator.registerMigration("learning") { database in
            // No log from before has entries that these tables follow.
            try database.execute(
                sql: """
                    CREATE TABLE feedback (
                        job TEXT NOT NULL, microtask TEXT NOT NULL, model TEXT NOT NULL, digest TEXT NOT NULL,
                        owners TEXT NOT NULL, dataClass TEXT NOT NULL, purpose TEXT NOT NULL, type TEXT NOT NULL,
                        outcome TEXT NOT NULL, source TEXT NOT NULL, credits INTEGER NOT NULL, entry INTEGER NOT NULL,
                        shown INTEGER NOT NULL,
                        PRIMARY KEY (job, microtask)
                    ) STRICT;
                    CREATE TABLE learned (
                        owners TEXT NOT NULL, dataClass TEXT NOT NULL, purpose TEXT NOT NULL, type TEXT NOT NULL,
                        digest TEXT NOT NULL, shown INTEGER NOT NULL, "right" INTEGER NOT NULL, wrong INTEGER NOT NULL,
                        PRIMARY KEY (owners, dataClass, purpose, type, digest, shown)
                    ) STRICT;
                    CREATE TABLE memory (
                        owners TEXT NOT NULL, dataClass TEXT NOT NULL, purpose TEXT NOT NULL, type TEXT NOT NULL,
                        input TEXT NOT NULL, name TEXT NOT NULL, entry INTEGER NOT NULL,
                        PRIMARY KEY (owners, dataClass, purpose, type, input)
                    ) STRICT;
                    CREATE INDEX memoryByAge ON memory (owners, dataClass, purpose, type, entry);
                    CREATE INDEX memoryByInput ON memory (input);
                    CREATE INDEX memoryByName ON memory (name);
                    CREATE INDEX inputBySidecar ON input (sidecar);
                    CREATE TABLE erased (name TEXT PRIMARY KEY) STRICT;
                    """)
        }
        migrator.registerMigration("airlock") { database in
            // No log from before has entries that these tables follow.
            try database.execute(
                sql: """
                    CREATE TABLE airlock (
                        entry INTEGER PRIMARY KEY, job TEXT NOT NULL, input TEXT NOT NULL, held TEXT NOT NULL,
                        approvals INTEGER NOT NULL, policy INTEGER NOT NULL
                    ) STRICT;
                    CREATE TABLE airlockDecision (
                        entry INTEGER PRIMARY KEY, held TEXT NOT NULL, reviewer TEXT NOT NULL, verdict TEXT NOT NULL,
                        reason TEXT NOT NULL
                    ) STRICT;
                    """)
        }
        migrator.registerMigration("stops") { database in
            // No log from before has such entries.
            try database.execute(
                sql: "CREATE TABLE stop (entry INTEGER PRIMARY KEY, kind TEXT NOT NULL, statement TEXT NOT NULL) STRICT"
            )
        }
        migrator.registerMigration("calls at work") { database in
            // Only what was at work when a supervisor died is ever read: nothing of an earlier log.
            try database.execute(
                sql: """
                    CREATE TABLE promise (
                        job TEXT NOT NULL, microtask TEXT NOT NULL, input TEXT NOT NULL, attempt INTEGER NOT NULL,
                        record TEXT NOT NULL, model TEXT NOT NULL, dataClass TEXT, owners TEXT NOT NULL,
                        begun INTEGER NOT NULL, verdict TEXT, PRIMARY KEY (job, microtask)
                    ) STRICT;
                    CREATE TABLE delivery (
                        job TEXT NOT NULL, input TEXT NOT NULL, model TEXT NOT NULL, PRIMARY KEY (job, input, model)
                    ) STRICT;
                    """)
        }
        // No log from before has restores.
        migrator.registerMigration("retention and restores") { database in
            try database.execute(
                sql: """
                    CREATE INDEX inputByDigest ON input (input);
                    CREATE TABLE restore (entry INTEGER PRIMARY KEY) STRICT;
                    """)
        }
        migrator.registerMigration("lessons") { database in
            // What the new columns hold is in the log: everything is forgotten and followed again.
            try database.execute(
                sql: """
                    ALTER TABLE feedback ADD COLUMN record TEXT NOT NULL DEFAULT '';
                    ALTER TABLE feedback ADD COLUMN lesson TEXT NOT NULL DEFAULT '';
                    CREATE INDEX feedbackByScope ON feedback (owners, dataClass, purpose, entry);
                    CREATE TABLE lessonMark (
                        owners TEXT NOT NULL, dataClass TEXT NOT NULL, purpose TEXT NOT NULL, revision INTEGER NOT NULL,
                        replaced INTEGER NOT NULL, PRIMARY KEY (owners, dataClass, purpose)
                    ) STRICT;
                    CREATE TABLE settled (
                        record TEXT PRIMARY KEY, cost INTEGER NOT NULL, latencyMs INTEGER NOT NULL
                    ) STRICT;
                    """)
            for table in try String.fetchAll(
                database,
                sql:
                    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '%grdb%' AND name NOT LIKE 'sqlite%'"
            ) { try database.execute(sql: "DELETE FROM \(table)") }
        }
        migrator.registerMigration("answers that did not leave") { database in
            // Several models may have answered one microtask, and a label judges them all.
            try database.execute(
                sql: """
                    ALTER TABLE feedback RENAME TO oldFeedback;
                    DROP INDEX feedbackByScope;
                    CREATE TABLE feedback (
                        job TEXT NOT NULL, microtask TEXT NOT NULL, model TEXT NOT NULL, digest TEXT NOT NULL,
                        owners TEXT NOT NULL, dataClass TEXT NOT NULL, purpose TEXT NOT NULL, type TEXT NOT NULL,
                        outcome TEXT NOT NULL, source TEXT NOT NULL, credits INTEGER NOT NULL, entry INTEGER NOT NULL,
                        shown INTEGER NOT NULL, record TEXT NOT NULL, lesson TEXT NOT NULL,
                        PRIMARY KEY (job, microtask, model)
                    ) STRICT;
                    CREATE INDEX feedbackByScope ON feedback (owners, dataClass, purpose, entry);
                    INSERT INTO feedback (
                        job, microtask, model, digest, owners, dataClass, purpose, type, outcome, source, credits,
                        entry, shown, record, lesson
                    ) SELECT
                        job, microtask, model, digest, owners, dataClass, purpose, type, outcome, source, credits,
                        entry, shown, record, lesson FROM oldFeedback;
                    DROP TABLE oldFeedback;
                    """)
        }
        return migrator
    }
}
