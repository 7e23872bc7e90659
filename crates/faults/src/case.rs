//! Migrations, and what there is before each.

use script::{Alone, Kind, Script, Statement};

/// A migration to be cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Case {
    /// What it is about.
    pub name: &'static str,
    /// The migration applied before.
    pub before: &'static str,
    /// The migration.
    pub migration: &'static str,
}

/// All cases.
pub fn cases() -> impl Iterator<Item = Case> {
    include_str!("cases.sql").split("-- case: ").skip(1).filter_map(|text| {
        let (name, rest) = text.split_once('\n')?;
        let (before, migration) = rest.split_once("-- migration\n")?;
        Some(Case { name, before, migration: migration.trim_end() })
    })
}

/// The first number of the locks that gates wait for.
pub(crate) const GATE: i32 = 4711;

impl Case {
    /// The migration with a gate before it and behind each statement.
    pub fn gated(&self) -> String {
        let script = Script::parse(self.migration);
        let mut text = gate(0);
        for (statement, number) in script.statements().iter().zip(1..) {
            text.push_str(script.statement_text(statement));
            text.push_str(";\n");
            text.push_str(&gate(number));
        }
        text
    }

    /// The gates with a statement behind them that can be met in its midst.
    pub fn long_statements(&self) -> Vec<usize> {
        let script = Script::parse(self.migration);
        let is_long = |statement: &Statement| {
            matches!(
                statement.kind,
                Kind::Alone(
                    Alone::CreateIndex { .. }
                        | Alone::DropIndex { .. }
                        | Alone::Reindex { .. }
                        | Alone::DetachPartition { .. }
                )
            )
        };
        let gates = script.statements().iter().zip(0..).filter(|(statement, _)| is_long(statement));
        gates.map(|(_, gate)| gate).collect()
    }

    /// How many gates there are.
    pub fn gates(&self) -> usize {
        Script::parse(self.migration).statements().len() + 1
    }
}

fn gate(number: usize) -> String {
    format!("SELECT pg_advisory_xact_lock_shared({GATE}, {number});\n")
}

#[cfg(test)]
mod tests {
    use super::cases;

    #[test]
    fn there_are_forty_and_all_are_different() {
        let names: std::collections::BTreeSet<&str> = cases().map(|case| case.name).collect();
        assert_eq!((cases().count(), names.len()), (40, 40));
        assert!(cases().all(|case| case.gates() > 1));
    }
}
