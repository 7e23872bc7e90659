//! All statements but those of tables.

use catalog::LockMode;
use script::{Tokens, Words, bare};

use super::Reader;
use crate::action::{ActionKind, NewIndex};

impl Reader<'_> {
    pub(super) fn statement(self, words: Words<'_>) -> Option<Vec<ActionKind>> {
        match words.word(0).to_ascii_uppercase().as_str() {
            "CREATE" => self.create(words.skip(1)).map(|kind| vec![kind]),
            "DROP" => self.drop(words.skip(1)).map(|kind| vec![kind]),
            "ALTER" => self.alter(words.skip(1)).map(|kind| vec![kind]),
            "UPDATE" => self.change("UPDATE", words.skip(1)),
            "DELETE" => self.change("DELETE", words.after(&["DELETE", "FROM"])?),
            "INSERT" => self.change("INSERT", words.after(&["INSERT", "INTO"])?),
            "MERGE" => self.change("MERGE", words.after(&["MERGE", "INTO"])?),
            "TRUNCATE" => {
                let (tables, _) = self.names(words.skip(1).maybe(&["TABLE"]))?;
                Some(vec![ActionKind::Truncate(tables)])
            }
            "LOCK" => self.lock(words.skip(1).maybe(&["TABLE"])),
            "REINDEX" => {
                let concurrently = words.mentions(&["CONCURRENTLY"]);
                Some(vec![ActionKind::Reindex { concurrently }])
            }
            "REFRESH" => {
                let rest = words.after(&["REFRESH", "MATERIALIZED", "VIEW"])?;
                let concurrently = rest.starts(&["CONCURRENTLY"]);
                let (view, _) = self.name(rest.maybe(&["CONCURRENTLY"]))?;
                Some(vec![ActionKind::Refresh { view, concurrently }])
            }
            "CLUSTER" => {
                let table = self.name(words.skip(1).maybe(&["VERBOSE"])).map(|(table, _)| table);
                Some(vec![ActionKind::WriteAnew { command: "CLUSTER", table }])
            }
            "VACUUM" if words.mentions(&["FULL"]) => {
                let rest = words.skip(1);
                let rest = rest.parenthesised().map_or(rest, |(_, after)| after);
                let rest = rest.maybe(&["FULL"]).maybe(&["VERBOSE"]).maybe(&["ANALYZE"]);
                let table = self.name(rest).map(|(table, _)| table);
                Some(vec![ActionKind::WriteAnew { command: "VACUUM FULL", table }])
            }
            "SET" => {
                let rest = words.skip(1).maybe(&["SESSION"]).maybe(&["LOCAL"]);
                let name = bare(rest.word(0));
                name.ends_with("_timeout").then(|| vec![ActionKind::SetTimeout(name)])
            }
            "SELECT" if words.behind(&["INTO"]).is_some() => {
                const KINDS: [&str; 5] = ["TEMPORARY", "TEMP", "LOCAL", "UNLOGGED", "TABLE"];
                let rest = words.behind(&["INTO"])?;
                let rest = KINDS.iter().fold(rest, |rest, word| rest.maybe(&[word]));
                let end = rest.position(|words| words.starts(&["FROM"]));
                let new = self.create_table(rest.take(end.unwrap_or(rest.len())))?;
                Some(vec![ActionKind::CreateTable(new)])
            }
            "SELECT" => {
                let setting = words.behind(&["set_config"])?.strings().next()?.to_owned();
                setting.ends_with("_timeout").then(|| vec![ActionKind::SetTimeout(setting)])
            }
            "BEGIN" | "COMMIT" | "ROLLBACK" | "START" | "END" | "ABORT" => {
                let is_savepoint = words.starts(&["ROLLBACK", "TO"]);
                (!is_savepoint).then(|| vec![ActionKind::TransactionControl])
            }
            _ => None,
        }
    }

    fn create(self, words: Words<'_>) -> Option<ActionKind> {
        const PERSISTENCE: [&str; 5] = ["UNLOGGED", "GLOBAL", "LOCAL", "TEMP", "TEMPORARY"];
        let words = words.maybe(&["OR", "REPLACE"]);
        let plain = PERSISTENCE.iter().fold(words, |words, word| words.maybe(&[word]));
        if let Some(rest) = plain.after(&["TABLE"]) {
            return self.create_table(rest).map(ActionKind::CreateTable);
        }
        if let Some(kind) = self.create_index(words) {
            return Some(kind);
        }
        if let Some(kind) = self.create_user(words) {
            return Some(kind);
        }
        if let Some(rest) = words.after(&["SCHEMA"]) {
            let (name, _) = rest.maybe(&["IF", "NOT", "EXISTS"]).name()?;
            return Some(ActionKind::CreateSchema(bare(name)));
        }
        if let Some(rest) = words.after(&["EXTENSION"]) {
            let (name, _) = rest.maybe(&["IF", "NOT", "EXISTS"]).name()?;
            return Some(ActionKind::CreateExtension(bare(name)));
        }
        for kind in [["TYPE"], ["DOMAIN"]] {
            if let Some(rest) = words.after(&kind) {
                let (r#type, rest) = self.name(rest)?;
                let labels = rest.after(&["AS", "ENUM"]).and_then(Words::parenthesised);
                let labels = labels.map(|(labels, _)| {
                    labels.parts().into_iter().map(|label| bare(label.word(0))).collect()
                });
                return Some(ActionKind::CreateType { r#type, labels });
            }
        }
        let on_table = |lock, rest: Words<'_>| {
            let (table, _) = self.name(rest.behind(&["ON"])?.maybe(&["ONLY"]))?;
            Some(ActionKind::OnTable { table, lock })
        };
        if words.maybe(&["CONSTRAINT"]).starts(&["TRIGGER"]) {
            return on_table(LockMode::ShareRowExclusive, words);
        }
        if words.starts(&["POLICY"]) {
            return on_table(LockMode::AccessExclusive, words);
        }
        None
    }

    fn create_index(self, words: Words<'_>) -> Option<ActionKind> {
        let unique = words.starts(&["UNIQUE"]);
        let rest = words.maybe(&["UNIQUE"]).after(&["INDEX"])?;
        let concurrently = rest.starts(&["CONCURRENTLY"]);
        let rest = rest.maybe(&["CONCURRENTLY"]).maybe(&["IF", "NOT", "EXISTS"]);
        let (name, rest) = if let Some(rest) = rest.after(&["ON"]) {
            (None, rest)
        } else {
            let (name, rest) = rest.name()?;
            (Some(bare(name)), rest.after(&["ON"])?)
        };
        let (table, rest) = self.name(rest.maybe(&["ONLY"]))?;
        let rest = rest.after(&["USING"]).map_or(rest, |method| method.skip(1));
        let (keys, rest) = rest.parenthesised().unwrap_or((rest.take(0), rest));
        let keys = keys.parts().into_iter().map(|key| key.text().to_owned()).collect();
        let condition = rest.behind(&["WHERE"]).map(|condition| condition.text().to_owned());
        let new = NewIndex { name, table, unique, concurrently, keys, condition };
        Some(ActionKind::CreateIndex(new))
    }

    /// Views and functions.
    fn create_user(self, words: Words<'_>) -> Option<ActionKind> {
        let (kind, rest) = user_kind(words.maybe(&["RECURSIVE"]))?;
        let (name, rest) = self.name(rest.maybe(&["IF", "NOT", "EXISTS"]))?;
        let is_function = matches!(kind, "function" | "procedure");
        let mut mentions = names_in(rest);
        if is_function {
            // The text of most functions is a string.
            for text in rest.strings() {
                mentions.extend(names_in(Tokens::of(text).words()));
            }
        }
        mentions.sort();
        mentions.dedup();
        Some(ActionKind::CreateUser { user: format!("{kind} {name}"), is_function, mentions })
    }

    fn drop(self, words: Words<'_>) -> Option<ActionKind> {
        if let Some(rest) = words.after(&["TABLE"]) {
            let (tables, rest) = self.names(rest.maybe(&["IF", "EXISTS"]))?;
            return Some(ActionKind::DropTable { tables, cascade: rest.starts(&["CASCADE"]) });
        }
        if let Some(rest) = words.after(&["INDEX"]) {
            let concurrently = rest.starts(&["CONCURRENTLY"]);
            let rest = rest.maybe(&["CONCURRENTLY"]).maybe(&["IF", "EXISTS"]);
            return Some(ActionKind::DropIndex { indexes: self.names(rest)?.0, concurrently });
        }
        if ["TRIGGER", "POLICY", "RULE"].iter().any(|kind| words.starts(&[kind])) {
            let (table, _) = self.name(words.behind(&["ON"])?)?;
            return Some(ActionKind::OnTable { table, lock: LockMode::AccessExclusive });
        }
        let cascade = words.mentions(&["CASCADE"]);
        if let Some((kind, rest)) = user_kind(words) {
            let (names, _) = self.names(rest.maybe(&["IF", "EXISTS"]))?;
            let users = names.iter().map(|name| format!("{kind} {name}")).collect();
            return Some(ActionKind::DropUsers { users, cascade });
        }
        let kind = words.word(0).to_uppercase();
        let rest = words.skip(1).maybe(&["IF", "EXISTS"]);
        let names = self.names(rest).map(|(names, _)| names).unwrap_or_default();
        Some(ActionKind::DropOther { kind, names, cascade })
    }

    fn alter(self, words: Words<'_>) -> Option<ActionKind> {
        if let Some(rest) = words.after(&["INDEX"]) {
            let (index, rest) = self.name(rest.maybe(&["IF", "EXISTS"]))?;
            let (to, _) = rest.after(&["RENAME", "TO"])?.name()?;
            return Some(ActionKind::RenameIndex { index, to: bare(to) });
        }
        let (r#type, rest) = self.name(words.after(&["TYPE"])?)?;
        let rest = rest.after(&["ADD", "VALUE"])?.maybe(&["IF", "NOT", "EXISTS"]);
        Some(ActionKind::AddLabel { r#type, label: bare(rest.name()?.0) })
    }

    fn change(self, verb: &'static str, words: Words<'_>) -> Option<Vec<ActionKind>> {
        let (table, rest) = self.name(words.maybe(&["ONLY"]))?;
        let some_rows = rest.behind(&["WHERE"]).is_some() || matches!(verb, "INSERT" | "MERGE");
        Some(vec![ActionKind::ChangeRows { verb, table, some_rows }])
    }

    fn lock(self, words: Words<'_>) -> Option<Vec<ActionKind>> {
        const MODES: [LockMode; 8] = [
            LockMode::AccessShare,
            LockMode::RowShare,
            LockMode::RowExclusive,
            LockMode::ShareUpdateExclusive,
            LockMode::ShareRowExclusive,
            LockMode::Share,
            LockMode::Exclusive,
            LockMode::AccessExclusive,
        ];
        let (tables, rest) = self.names(words)?;
        let named = rest.after(&["IN"]).and_then(|rest| {
            MODES.into_iter().find(|mode| {
                let name = mode.to_string();
                rest.starts(&name.split(' ').collect::<Vec<_>>())
            })
        });
        Some(vec![ActionKind::LockTable(tables, named.unwrap_or(LockMode::AccessExclusive))])
    }
}

/// What can mention tables and columns, and what follows its keyword.
fn user_kind(words: Words<'_>) -> Option<(&'static str, Words<'_>)> {
    const KINDS: [(&[&str], &str); 4] = [
        (&["MATERIALIZED", "VIEW"], "materialized view"),
        (&["VIEW"], "view"),
        (&["FUNCTION"], "function"),
        (&["PROCEDURE"], "procedure"),
    ];
    KINDS.iter().find_map(|(keywords, kind)| Some((*kind, words.after(keywords)?)))
}

/// Every word that may be a name, as PostgreSQL keeps it.
fn names_in(words: Words<'_>) -> Vec<String> {
    (0..words.len()).filter(|at| words.is_name(*at)).map(|at| bare(words.word(at))).collect()
}
