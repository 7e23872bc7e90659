//! What `undrift check` finds besides the rules of lint, and what is wrong with comments for those.

use super::Entry;

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        code: "schema-invalid",
        about: "the schema has a mistake",
        cause: "Prisma refuses it, and so nothing can be compared with it.",
        ways: &["undrift validate shows each mistake with its lines"],
        example: "undrift validate",
    },
    Entry {
        code: "schema-without-migration",
        about: "the schema was changed, and no migration makes that",
        cause: "What is deployed are the migrations. A client generated from this schema asks for columns that \
                no database will have.",
        ways: &["undrift migrate dev --name NAME writes the migration; commit it with the schema"],
        example: "undrift migrate dev --name add_post_views",
    },
    Entry {
        code: "migration-fails",
        about: "a migration does not run on an empty database",
        cause: "A new database, and every shadow database, is made by running all of them in order; this one \
                fails there. It was edited, counts on something made by hand, or comes before what it needs.",
        ways: &["undrift explain P3006 says more"],
        example: "undrift check",
    },
    Entry {
        code: "migration-without-script",
        about: "a folder among the migrations has no migration.sql, or cannot be used as one",
        cause: "Every folder there is a migration, and a deploy stops at one without a script.",
        ways: &["get the file back: undrift repair", "or remove the folder"],
        example: "undrift repair",
    },
    Entry {
        code: "migration-edited",
        about: "a migration that the base has was edited",
        cause: "What is merged may be applied. An applied migration is not run again: databases that have it keep \
                what it was, new ones get what it is, and Prisma offers to reset.",
        ways: &[
            "get it back: git checkout BASE -- FILE, and write the change as a new migration",
            "if no database has it yet, merge the edit by itself, with a word to those who do",
        ],
        example: "git checkout origin/main -- prisma/migrations/20260105090000_users/migration.sql",
    },
    Entry {
        code: "migration-deleted",
        about: "a migration that the base has was deleted",
        cause: "Databases that have it will find it missing, and new ones will lack what it makes.",
        ways: &[
            "get it back: git checkout BASE -- FILE",
            "to make one of many, with proof: undrift squash",
        ],
        example: "undrift squash",
    },
    Entry {
        code: "migration-behind",
        about: "a new migration comes before the last one of the base",
        cause: "The base went on while the branch was worked on. A database that already has the base's last \
                migration gets this one afterwards, in another order than a new database.",
        ways: &["rename its folder to a later time, unless it is applied somewhere"],
        example: "git mv prisma/migrations/20260101000000_a prisma/migrations/20260301000000_a",
    },
    Entry {
        code: "migration-clashes",
        about: "branch and base have each added a migration of the same name",
        cause: "Git will see a conflict, or keep one of the two.",
        ways: &["rename the folder on the branch to a later time"],
        example: "git mv prisma/migrations/20260101000000_a prisma/migrations/20260301000000_a",
    },
    Entry {
        code: "migration-not-committed",
        about: "a file among the migrations is not in git as it is now",
        cause: "What is not in git is deployed by nobody else, and lost with this folder. A file that is staged \
                counts as in git.",
        ways: &["git add it and commit; look into .gitignore if it is ignored"],
        example: "git add prisma/migrations",
    },
    Entry {
        code: "data-lost",
        about: "a pending migration destroys data that is in the database",
        cause: "It was counted on the database that was asked. Without a word in the migration it is an error, \
                with one a warning.",
        ways: &[
            "keep the data elsewhere first",
            "if it may go, say so before the statement: -- undrift: allow(destroys-data): reason",
        ],
        example: "-- undrift: allow(destroys-data): nothing has read it since release 12\n\
                  ALTER TABLE post DROP COLUMN views;",
    },
    Entry {
        code: "data-in-the-way",
        about: "data that is in the database makes a pending migration fail",
        cause: "Nulls under a new NOT NULL, duplicates under a new unique index, values that a type cannot take: \
                counted on the database that was asked.",
        ways: &[
            "undrift plan shows a query that lists all rows",
            "change the data first, or by a statement of the migration; undrift split writes such migrations",
        ],
        example: "undrift plan",
    },
    Entry {
        code: "down-missing",
        about: "a new migration has no down.sql",
        cause: "undrift rollback then works out the way back by itself. A project that has no down.sql at \
                all gets one note.",
        ways: &["undrift migrate dev writes one with each migration"],
        example: "undrift migrate dev --name add_post_views",
    },
    Entry {
        code: "down-incomplete",
        about: "a down.sql leaves something of its migration",
        cause: "It was found out when the file was written that there is no SQL for a part of the way back.",
        ways: &["complete the file by hand; its first lines say what is left"],
        example: "-- undrift: incomplete: …",
    },
    Entry {
        code: "down-outdated",
        about: "a down.sql was made for an earlier version of its migration",
        cause: "The migration was edited after the file was written, so undrift rollback does not use it.",
        ways: &["look at it and write it anew, or delete it: undrift rollback works one out"],
        example: "undrift rollback",
    },
    Entry {
        code: "down-wrong",
        about: "a down.sql does not take its migration back",
        cause: "Both were run on a shadow database, and what came out is not what was there before. undrift \
                rollback would refuse it for the same reason.",
        ways: &[
            "repair the file: the message says what differs",
            "or delete it: undrift rollback works one out",
        ],
        example: "undrift rollback",
    },
    Entry {
        code: "not-baselined",
        about: "the database has tables, and no history",
        cause: "A deploy would be refused with P3005.",
        ways: &["undrift baseline"],
        example: "undrift baseline",
    },
    Entry {
        code: "migration-failed",
        about: "a migration was begun on the database and not finished",
        cause: "A deploy would be refused with P3009.",
        ways: &["undrift recover"],
        example: "undrift recover",
    },
    Entry {
        code: "applied-edited",
        about: "a migration was edited after it was applied to the database",
        cause: "Its checksum is not the recorded one.",
        ways: &["undrift repair says what the edit means, and puts the file or the history right"],
        example: "undrift repair",
    },
    Entry {
        code: "applied-missing",
        about: "a migration is applied to the database, and is not in the folder",
        cause: "It was deleted or renamed, or the database belongs to another branch.",
        ways: &["undrift repair looks for it in git and elsewhere"],
        example: "undrift repair",
    },
    Entry {
        code: "pending-behind",
        about: "a pending migration comes before ones that are applied",
        cause: "The database gets it in another order than a new one would.",
        ways: &["rename its folder to a later time, unless it is applied elsewhere"],
        example: "git mv prisma/migrations/20260101000000_a prisma/migrations/20260301000000_a",
    },
    Entry {
        code: "drift",
        about: "the database is not what its migrations make it",
        cause: "It was changed by hand, by db push or by another tool; undrift drift says which is likely.",
        ways: &[
            "keep it: undrift drift adopt --name NAME",
            "take it back: undrift drift revert",
            "declare it as meant: undrift drift ignore",
        ],
        example: "undrift drift --sql",
    },
];

pub(super) const LINT_COMMENTS: &[Entry] = &[
    Entry {
        code: "allow-without-reason",
        about: "a comment allows something and does not say why",
        cause: "Whoever reads the migration later should know.",
        ways: &["write the reason behind a colon"],
        example: "-- undrift: allow(no-lock-timeout): the role that deploys has one",
    },
    Entry {
        code: "unknown-rule",
        about: "a comment allows a rule that there is not",
        cause: "The name is misspelt, or the rule has another name by now.",
        ways: &["undrift lint --rules lists all rules"],
        example: "undrift lint --rules",
    },
];
