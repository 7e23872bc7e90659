//! What nobody may do on Amazon RDS and Aurora.

use super::{Findings, Rule};
use crate::ActionKind;
use crate::finding::Severity;
use crate::migration::Migration;

pub(super) const RULE: Rule = Rule {
    name: "rds-forbids",
    finds: "statements that need the superuser or the server's files",
    why: "On RDS and Aurora nobody is a superuser, and nobody reaches the files of the server: the statement fails \
          there, whatever worked on a developer's machine.",
    bad: "ALTER SYSTEM SET work_mem = '1GB';",
    good: "ALTER ROLE reports SET work_mem = '1GB';",
    check,
};

fn check(migration: &Migration<'_>, findings: &mut Findings) {
    for step in &migration.steps {
        if let ActionKind::Privileged(what) = &step.action.kind {
            let message = format!("RDS and Aurora refuse it: {what}");
            findings.add(
                step,
                Severity::Error,
                message,
                "Leave it to the parameter group, to rds_superuser, or to the client",
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::messages, RULE};

    #[test]
    fn files_and_untrusted_code_are_refused() {
        for bad in [
            "COPY a FROM '/tmp/a.csv'",
            "COPY (SELECT 1) TO PROGRAM 'sh'",
            "CREATE EXTENSION IF NOT EXISTS plpython3u",
            "CREATE FUNCTION f() RETURNS int LANGUAGE c AS 'x'",
            "ALTER ROLE a SUPERUSER",
            "SELECT pg_read_file('x')",
            "LOAD 'auto_explain'",
        ] {
            assert_eq!(messages(RULE, bad).len(), 1, "{bad}");
        }
        for good in [
            "COPY a FROM STDIN",
            "CREATE EXTENSION pgcrypto",
            "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
            "ALTER ROLE a LOGIN",
            "CREATE TABLE lo_import (superuser bool)",
        ] {
            assert!(messages(RULE, good).is_empty(), "{good}");
        }
    }
}
