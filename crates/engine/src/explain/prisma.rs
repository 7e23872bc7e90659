//! Errors that Prisma has, too.

use super::Entry;

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        code: "P1000",
        about: "the server refuses the user or the password",
        cause: "The server answered, and does not let this user in with this password. The line `cause:` has \
                the server's own words, which Prisma keeps to itself.",
        ways: &[
            "compare user and password with those that psql takes: psql \"$DATABASE_URL\"",
            "percent-encode characters such as @ : / # ? in them",
            "on RDS with IAM authentication the token in the URL is valid for 15 minutes only",
        ],
        example: "DATABASE_URL=\"postgresql://app:p%40ss@localhost:5432/app\"",
    },
    Entry {
        code: "P1001",
        about: "the server cannot be reached",
        cause: "Nothing answers at that host and port: the server does not run, the name is wrong, or a firewall \
                or security group is between.",
        ways: &[
            "on this machine: is it started? undrift local start runs one for the project",
            "on RDS: the security group must let this machine in on the port, and the subnet have a route",
            "in a container: localhost is the container itself; name the service",
        ],
        example: "Error: P1001: Can't reach database server at `localhost:5432`",
    },
    Entry {
        code: "P1002",
        about: "the server was reached, and did not answer in time",
        cause: "Connecting took too long; or another deploy holds the migration lock, for only one may work on a \
                database at a time; or a statement could not get the lock on a table that others use.",
        ways: &[
            "wait until the other one is done; the message says who holds the lock, and undrift preflight who \
             will be in the way",
            "raise connect_timeout in the URL for a server that is slow to wake up",
        ],
        example: "DATABASE_URL=\"postgresql://…/app?connect_timeout=30\"",
    },
    Entry {
        code: "P1003",
        about: "the database is not there",
        cause: "The server has no database of that name.",
        ways: &[
            "undrift migrate dev and undrift db push make it, where the user may",
            "otherwise: createdb NAME, by a user who may create databases",
        ],
        example: "createdb -h localhost -U postgres app",
    },
    Entry {
        code: "P1010",
        about: "the user may not use the database",
        cause: "The server lets the user in, and the user has no right to connect to this database or to do what \
                was to be done in it.",
        ways: &[
            "by an owner: GRANT CONNECT ON DATABASE app TO deployer; GRANT CREATE ON SCHEMA public TO deployer",
        ],
        example: "GRANT CREATE, USAGE ON SCHEMA public TO deployer;",
    },
    Entry {
        code: "P1011",
        about: "the encrypted connection cannot be made",
        cause: "The server has no TLS, its certificate is not trusted or not for this host, or a file named in the \
                URL cannot be read.",
        ways: &[
            "name the authority: sslmode=verify-full&sslrootcert=FILE",
            "sslmode=disable only for a server on this machine",
        ],
        example: "DATABASE_URL=\"postgresql://…/app?sslmode=verify-full&sslrootcert=global-bundle.pem\"",
    },
    Entry {
        code: "P1012",
        about: "the schema is not valid",
        cause: "A schema file has mistakes, or takes a URL from a variable that is not set. The message shows each \
                with its lines, in Prisma's words.",
        ways: &[
            "undrift validate shows all of them",
            "for a variable: set it, or write it into .env beside the schema or the package",
        ],
        example: "undrift validate",
    },
    Entry {
        code: "P1013",
        about: "the URL is not one of a PostgreSQL database",
        cause: "It cannot be taken apart; most often a character of the password is not percent-encoded.",
        ways: &[
            "write it as postgresql://USER:PASSWORD@HOST:5432/DATABASE, with @ : / # ? percent-encoded",
        ],
        example: "postgresql://app:p%40ss%2Fword@db.example:5432/app",
    },
    Entry {
        code: "P1017",
        about: "the server closed the connection",
        cause: "It was restarted, failed over, or ended the session; or a pooler in between did.",
        ways: &[
            "run the command again: what was not committed is not there, and undrift knows where it stands",
            "give migrations the server's own URL (directUrl) where a pooler is in between",
        ],
        example: "undrift migrate deploy    # goes on where it was cut off",
    },
    Entry {
        code: "P3005",
        about: "the database is not empty, and has no history",
        cause: "There are tables, and no _prisma_migrations: it was made by db push, by hand or by another tool, so \
                that nothing says which migrations it already holds.",
        ways: &[
            "undrift baseline writes the migration that makes the history equal to the database, proves it, and \
             marks it as applied; no data is touched",
            "undrift status says whether it already is what the migrations make",
        ],
        example: "undrift baseline",
    },
    Entry {
        code: "P3006",
        about: "a migration does not run on the shadow database",
        cause: "Migrations are replayed on an empty database to know what they make, and this one fails there: it \
                was edited, a migration before it is missing, it counts on something that is in no migration, or \
                the shadow lacks an extension.",
        ways: &[
            "look at the line that the message shows; undrift repair finds files that were edited or lost",
            "what was made by hand belongs into a migration before it: undrift drift adopt",
            "for an extension that this machine's PostgreSQL lacks: set shadowDatabaseUrl to a server that has it",
        ],
        example: "undrift repair",
    },
    Entry {
        code: "P3008",
        about: "the migration is already recorded as applied",
        cause: "It was to be marked as applied, and is.",
        ways: &["nothing is left to do; undrift status shows the whole"],
        example: "undrift status",
    },
    Entry {
        code: "P3009",
        about: "a failed migration is in the way",
        cause: "A migration was begun on this database and not finished. Until it is known what is left of it, no \
                other is applied.",
        ways: &[
            "undrift recover finds out, statement by statement, what took effect, and offers the ways out that it \
             can prove: go on, take back, or mark",
            "if nothing of it is left: undrift migrate resolve --rolled-back NAME",
            "if you completed it by hand: undrift migrate resolve --applied NAME",
        ],
        example: "undrift recover",
    },
    Entry {
        code: "P3011",
        about: "the migration cannot be marked as rolled back: it was never applied",
        cause: "The history has no such migration.",
        ways: &["undrift status lists the names"],
        example: "undrift migrate resolve --rolled-back 20260105090000_users",
    },
    Entry {
        code: "P3012",
        about: "the migration cannot be marked as rolled back: it has not failed",
        cause: "It is recorded as applied. What is applied is not failed.",
        ways: &["to take it back, with its data kept where asked: undrift rollback"],
        example: "undrift rollback",
    },
    Entry {
        code: "P3015",
        about: "a migration's folder has no migration.sql",
        cause: "The folder is there, and the script is not: it was deleted, or git has only part of the folder.",
        ways: &[
            "if it was applied, get it back: undrift repair",
            "if it never was, remove the folder",
        ],
        example: "git log --all --oneline -- prisma/migrations/20260105090000_users/migration.sql",
    },
    Entry {
        code: "P3017",
        about: "the migration is not in the folder",
        cause: "The name given is not that of a migration.",
        ways: &["undrift status lists the names; the whole folder name is meant"],
        example: "undrift migrate resolve --applied 20260105090000_users",
    },
    Entry {
        code: "P3018",
        about: "a migration failed",
        cause: "The server refused a statement. What was one transaction has left nothing; the message says so, \
                and otherwise how far it came.",
        ways: &[
            "undrift recover shows the true error and what took effect, and offers the ways out",
            "undrift plan finds such things beforehand, the data that stands in the way included",
        ],
        example: "undrift recover",
    },
    Entry {
        code: "P3019",
        about: "the migrations are for another database than PostgreSQL",
        cause: "migration_lock.toml names another provider.",
        ways: &[
            "write provider = \"postgresql\" if the scripts are PostgreSQL's; begin a new folder otherwise",
        ],
        example: "provider = \"postgresql\"",
    },
    Entry {
        code: "P4001",
        about: "there is nothing to pull",
        cause: "The database has no tables in the schemas that were looked at.",
        ways: &["undrift migrate deploy, or give --url or --schemas"],
        example: "undrift db pull --schemas app,audit",
    },
    Entry {
        code: "P4002",
        about: "the database cannot be written as a schema",
        cause: "A foreign key leads into a schema that was not looked at.",
        ways: &["name that schema, too: undrift db pull --schemas SCHEMA,SCHEMA"],
        example: "undrift db pull --schemas public,auth",
    },
];
