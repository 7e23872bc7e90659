//! Statements that need what nobody has on Amazon RDS and Aurora: the superuser, or the server's files.
//!
//! <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Appendix.PostgreSQL.CommonDBATasks.html>

use script::{Words, bare};

/// Functions that reach the server's files or its processes.
const FUNCTIONS: [&str; 8] = [
    "pg_read_file",
    "pg_read_binary_file",
    "pg_ls_dir",
    "pg_stat_file",
    "pg_file_write",
    "lo_import",
    "lo_export",
    "pg_reload_conf",
];

/// Extensions that need the server's files or an untrusted language, and are not offered.
const EXTENSIONS: [&str; 8] = [
    "adminpack",
    "file_fdw",
    "plpython3u",
    "plpythonu",
    "plperlu",
    "pltclu",
    "timescaledb",
    "citus",
];

/// Languages in which a function can do anything as the server's user.
const LANGUAGES: [&str; 6] = ["c", "internal", "plpython3u", "plpythonu", "plperlu", "pltclu"];

/// Returns what RDS refuses about a statement, if anything.
pub(super) fn told(words: Words<'_>) -> Option<String> {
    if words.starts(&["ALTER", "SYSTEM"]) {
        return Some("ALTER SYSTEM: settings are changed in the parameter group".to_owned());
    }
    if words.starts(&["LOAD"]) {
        return Some("LOAD: libraries are loaded by the parameter group".to_owned());
    }
    if let Some(rest) = words.after(&["COPY"]) {
        let source = rest.behind(&["FROM"]).or_else(|| rest.behind(&["TO"]))?;
        let is_file = source.is_string(0) || source.starts(&["PROGRAM"]);
        return is_file.then(|| "COPY with a file of the server".to_owned());
    }
    if let Some(rest) = words.after(&["CREATE", "EXTENSION"]) {
        let name = bare(rest.maybe(&["IF", "NOT", "EXISTS"]).name()?.0);
        let refused = EXTENSIONS.contains(&name.as_str());
        return refused.then(|| format!("extension {name} is not offered"));
    }
    if words.starts(&["CREATE"]) {
        let created = words.skip(1).maybe(&["OR", "REPLACE"]);
        if created.starts(&["FUNCTION"]) || created.starts(&["PROCEDURE"]) {
            let language = bare(words.behind(&["LANGUAGE"])?.name()?.0);
            let refused = LANGUAGES.contains(&language.as_str());
            return refused.then(|| format!("a function in language {language}"));
        }
    }
    if ["CREATE", "ALTER"].iter().any(|verb| words.starts(&[verb])) {
        let is_role = ["ROLE", "USER"].iter().any(|kind| words.skip(1).starts(&[kind]));
        let attributes = ["SUPERUSER", "REPLICATION", "BYPASSRLS"];
        let attribute = attributes.iter().find(|attribute| words.mentions(&[attribute]));
        if let Some(attribute) = attribute.filter(|_| is_role) {
            return Some(format!("attribute {attribute} of a role"));
        }
    }
    let runs = ["SELECT", "WITH", "INSERT", "UPDATE", "CALL"];
    if !runs.iter().any(|verb| words.starts(&[verb])) {
        return None;
    }
    let called = (0..words.len())
        .filter(|at| words.is_name(*at) && words.word(at + 1) == "(")
        .find_map(|at| FUNCTIONS.iter().find(|name| **name == bare(words.word(at))));
    called.map(|name| format!("function {name}"))
}
