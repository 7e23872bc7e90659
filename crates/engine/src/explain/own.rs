//! Errors of undrift's own, for which Prisma has no code.

use super::Entry;

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        code: "agent",
        about: "a coding agent was about to destroy data",
        cause: "undrift recognises agents by their variables, as Prisma does, and lets none destroy data without \
                the words of the user.",
        ways: &[
            "the user decides; then PRISMA_USER_CONSENT_FOR_DANGEROUS_AI_ACTION holds the words of their consent",
            "or the agent writes a plan, which a person agrees to: docs/plan.md",
        ],
        example: "undrift plan -o plan.json",
    },
    Entry {
        code: "database-error",
        about: "the server refused a question of undrift's",
        cause: "The message has the server's words and code; most often a right is missing, or the server is of a \
                kind that lacks what was asked for.",
        ways: &[
            "give the user the right that is named",
            "report it with the server's version otherwise",
        ],
        example: "undrift version",
    },
    Entry {
        code: "diverged",
        about: "folder, history and database have come apart",
        cause: "migrate dev found applied migrations that were edited or are missing, or drift: a new migration \
                would be written on ground that is not there. Prisma offers to drop everything.",
        ways: &[
            "the lines `next:` say what mends it: undrift repair, undrift drift adopt, undrift drift revert",
            "for a database that may be thrown away: undrift migrate reset",
        ],
        example: "undrift status",
    },
    Entry {
        code: "forbidden",
        about: "the environment of the database does not allow it",
        cause: "What destroys data is refused on production, and every database that is not on this machine is \
                production until undrift.toml says otherwise. No flag changes that.",
        ways: &[
            "if the database may be thrown away, say so in undrift.toml: class = \"dev\"",
            "what a script of `db execute` destroys goes into a migration, which is reviewed and deployed",
        ],
        example: "[environments.branch]\nvariable = \"BRANCH_URL\"\nclass = \"dev\"",
    },
    Entry {
        code: "history-denied",
        about: "the user may not read or write the history",
        cause: "_prisma_migrations belongs to another role.",
        ways: &[
            "GRANT SELECT, INSERT, UPDATE, DELETE ON _prisma_migrations TO the user, or use its owner",
        ],
        example: "GRANT SELECT ON \"_prisma_migrations\" TO reader;",
    },
    Entry {
        code: "history-unreadable",
        about: "_prisma_migrations is not the table that it should be",
        cause: "Columns are missing or of another type: it was made or changed by something else.",
        ways: &["compare it with that of a database where all is well: undrift snapshot"],
        example: "\\d _prisma_migrations",
    },
    Entry {
        code: "interrupted",
        about: "the work was interrupted",
        cause: "Ctrl-C, or a signal. What was committed stays, the rest is taken back, and the lock is released.",
        ways: &["run the command again; undrift status says where it stands"],
        example: "undrift status",
    },
    Entry {
        code: "no-datasource",
        about: "nothing says that there is a database",
        cause: "The schema has no datasource block, no config file names a database, and no URL was given.",
        ways: &["write the block", "or give --url"],
        example: "datasource db {\n  provider = \"postgresql\"\n}",
    },
    Entry {
        code: "no-migrations",
        about: "the migrations folder that was named is not there",
        cause: "The path of a flag leads nowhere.",
        ways: &["paths are taken from the folder where the command is called"],
        example: "undrift migrate diff --from-migrations prisma/migrations --to-empty",
    },
    Entry {
        code: "no-shadow",
        about: "there is no database to replay the migrations on",
        cause: "To know what migrations make, undrift runs them on a server of its own: PostgreSQL's programs on \
                this machine, or the PostgreSQL inside the binary. There is neither, and the project names no \
                shadow database.",
        ways: &[
            "install PostgreSQL's server programs (Debian: apt-get install postgresql)",
            "or use a build with PostgreSQL inside",
            "or set shadowDatabaseUrl to an empty database",
        ],
        example: "undrift version",
    },
    Entry {
        code: "not-running",
        about: "no local server is running for the project",
        cause: "undrift local url and undrift local stop are about a server that undrift local start has started.",
        ways: &["undrift local start"],
        example: "undrift local start",
    },
    Entry {
        code: "nothing-to-compare",
        about: "both sides of the comparison are empty",
        cause: "migrate diff was given --from-empty and --to-empty, or neither side.",
        ways: &["undrift migrate diff --help has examples"],
        example: "undrift migrate diff --from-empty --to-schema prisma/schema.prisma --script",
    },
    Entry {
        code: "plan-open",
        about: "a plan has a question that nobody has answered with yes",
        cause: "It would lose data. A plan is consent, and this one does not hold it.",
        ways: &["look at it; if the data may go: undrift plan -o FILE --answer data-loss=yes"],
        example: "undrift plan -o plan.json --answer data-loss=yes",
    },
    Entry {
        code: "plan-outdated",
        about: "what a plan was made of has changed",
        cause: "The database, its history or the folder is not what was looked at; the message names what differs.",
        ways: &["make the plan again, and look at it again"],
        example: "undrift plan -o plan.json",
    },
    Entry {
        code: "plan-stopped",
        about: "data makes the plan fail",
        cause: "Rows that are there break what the plan would add. Nothing was changed.",
        ways: &[
            "the plan has a query for the rows; change them or the migration, and make it again",
        ],
        example: "undrift plan",
    },
    Entry {
        code: "plan-unusable",
        about: "the file is no plan of this undrift",
        cause: "It is something else, was cut short, or was made by another version.",
        ways: &["make it again: undrift plan -o FILE"],
        example: "undrift plan -o plan.json",
    },
    Entry {
        code: "preflight",
        about: "something stands in the way of the deploy",
        cause: "The database was looked at before anything was changed, and with what was found the deploy would \
                fail or do harm. On production that stops it.",
        ways: &[
            "undrift preflight shows each finding with its cause, its effect and the command that mends it",
        ],
        example: "undrift preflight",
    },
    Entry {
        code: "program-failed",
        about: "a program that undrift ran has failed",
        cause: "A generator, a seed command or the like ended with an error; its own words are above.",
        ways: &["run it by itself to see more"],
        example: "undrift generate",
    },
    Entry {
        code: "read-only",
        about: "the server takes no changes",
        cause: "It is a replica, or default_transaction_read_only is on.",
        ways: &["on Aurora and RDS: use the writer's endpoint"],
        example: "SHOW default_transaction_read_only;",
    },
    Entry {
        code: "script-failed",
        about: "a script that was run has failed",
        cause: "The server refused a statement; the message says which, with its line.",
        ways: &["correct the script; what was one transaction has left nothing"],
        example: "undrift db execute --file fix.sql",
    },
    Entry {
        code: "server-failed",
        about: "a PostgreSQL of undrift's own could not be run",
        cause: "The private, local or embedded server did not start or stop as it should; the message has its words.",
        ways: &[
            "is the disk full, or the cache folder not writable? UNDRIFT_CACHE names another",
            "undrift version says which PostgreSQL is used",
        ],
        example: "UNDRIFT_CACHE=/var/tmp/undrift undrift status",
    },
    Entry {
        code: "shadow-not-empty",
        about: "the database given as shadow holds something",
        cause: "A shadow database is emptied after use, so undrift takes only one that is empty to begin with.",
        ways: &[
            "give an empty one as shadowDatabaseUrl, or none: undrift then starts a server of its own",
        ],
        example: "createdb shadow",
    },
    Entry {
        code: "snapshot-unusable",
        about: "the file is no snapshot of this undrift",
        cause: "It is something else, was cut short, or was made by another version.",
        ways: &["make it again: undrift snapshot -o FILE"],
        example: "undrift snapshot -o before.json",
    },
    Entry {
        code: "unanswered",
        about: "something has to be decided, and nobody was there",
        cause: "Without a terminal, or with --json, a question is data: the command ends with code 130 and lists \
                what it asks.",
        ways: &[
            "answer by flag: --answer ID=VALUE, or --answers FILE; the line `next:` has the ids",
        ],
        example: "undrift db push --answer data-loss=yes",
    },
    Entry {
        code: "unapproved",
        about: "an agent asked for what no person has approved",
        cause: "What is applied by way of undrift mcp is a plan that somebody has read and approved at a terminal: \
                this one, for this database, not long ago, and not yet applied.",
        ways: &[
            "a person reads the plan and approves it",
            "the agent proposes a plan again if it is too late for this one",
        ],
        example: "undrift approve plan.json",
    },
    Entry {
        code: "unexecutable",
        about: "the data that is there stands in the way",
        cause: "A required column for rows that have no value, or the like: no SQL can guess it.",
        ways: &[
            "undrift split --name NAME --fill Model.field=VALUE writes it as several migrations",
            "or undrift migrate dev --create-only, and complete the migration by hand",
        ],
        example: "undrift split --name add_size --fill User.size=0",
    },
    Entry {
        code: "unproven",
        about: "the outcome could not be proven, so nothing was changed",
        cause: "What undrift writes or runs is compared, before it is committed, with what it should come to; this \
                would have come to something else. The message says what would differ.",
        ways: &[
            "look at what is named: it is something that undrift has no SQL for, or that changed meanwhile",
        ],
        example: "undrift drift",
    },
    Entry {
        code: "url-absent",
        about: "the config file takes the URL from something that is not there",
        cause: "prisma.config.ts names a variable that is not set.",
        ways: &["set the variable, or give --url"],
        example: "DATABASE_URL=\"postgresql://…\" undrift status",
    },
    Entry {
        code: "wrong-endpoint",
        about: "changes do not belong where the URL leads",
        cause: "The server is a reader or a standby, a pooler that hands out its connections by transaction, or the \
                side of a blue/green deployment that is to be left alone. The message says which.",
        ways: &["use the endpoint that the message names, in the URL or as directUrl"],
        example: "undrift env check",
    },
];
