//! Diagrams made up for tests.

use engine::{Diagram, DiagramColumn, DiagramTable, Name, Relation, Verb};

/// A diagram of so many tables, the same for the same seed: areas with a core table, some tables that
/// refer within their area, some across, a few to themselves, a few to nothing.
pub(crate) fn sample(tables: usize, seed: u64) -> Diagram {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut chance = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % below.max(1) as u64).unwrap()
    };
    let name = |at: usize| Name::new("public", format!("table_{at}"));
    let column = |name: &str, r#type: &str, is_key: bool| DiagramColumn {
        name: name.to_owned(),
        r#type: r#type.to_owned(),
        nullable: !is_key,
        is_key,
        is_unique: is_key,
        change: None,
        was: None,
    };
    let mut made = Vec::new();
    let mut relations: Vec<Relation> = Vec::new();
    for at in 0..tables {
        let mut columns = vec![column("id", "uuid", true)];
        for number in 0..2 + chance(6) {
            columns.push(column(&format!("value_{number}"), "text", false));
        }
        for number in 0..chance(3) {
            let to = match chance(10) {
                0 => at,
                1 => chance(tables),
                _ => (at / 9) * 9 + chance(9).min(at % 9),
            };
            let by = format!("ref_{number}");
            columns.push(column(&by, "uuid", false));
            relations.push(Relation {
                name: format!("table_{at}_{by}_fkey"),
                table: name(at),
                columns: vec![by],
                referenced: name(to),
                referenced_columns: vec!["id".to_owned()],
                is_required: number == 0,
                is_unique: false,
                change: None,
            });
        }
        let change = match chance(20) {
            0 => Some(Verb::Create),
            1 => Some(Verb::Alter),
            2 => Some(Verb::Drop),
            _ => None,
        };
        made.push(DiagramTable { name: name(at), columns, comment: None, change });
    }
    Diagram { of: "a sample".to_owned(), since: None, tables: made, relations }
}
