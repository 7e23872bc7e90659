//! A table's former name, kept as a view.

use crate::ddl::write;
use crate::kinds::table::Table;
use crate::{Catalog, Name, Pair, quoted};

/// The statements that keep a table's former name as a view through which rows are read and written, with
/// the columns and the privileges that the table had before, and the statement that drops it.
pub fn former_name(history: &Catalog, names: &Pair<Name>) -> Option<(Vec<String>, String)> {
    let table: &Table = history.tables.get(&names.actual)?;
    let view = write::name(&names.actual);
    let columns: Vec<String> = table.columns.iter().map(|column| quoted(&column.name)).collect();
    // Whoever reads through it is held to the policies of the table, as before.
    let invoker = if table.row_security { " WITH (security_invoker = true)" } else { "" };
    let mut statements = vec![format!(
        "CREATE VIEW {view}{invoker} AS SELECT {} FROM {}",
        columns.join(", "),
        write::name(&names.desired)
    )];
    let on_table = history.privileges.iter().filter(|privilege| {
        privilege.object_kind == "table" && privilege.table.as_ref() == Some(&names.actual)
    });
    for privilege in on_table {
        const OF_VIEWS: [&str; 4] = ["SELECT", "INSERT", "UPDATE", "DELETE"];
        let granted: Vec<&str> = privilege
            .privileges
            .iter()
            .filter_map(|one| OF_VIEWS.into_iter().find(|known| one.starts_with(known)))
            .collect();
        if !granted.is_empty() {
            let grantee = match privilege.grantee.as_str() {
                "public" => "PUBLIC".to_owned(),
                role => quoted(role),
            };
            statements.push(format!("GRANT {} ON {view} TO {grantee}", granted.join(", ")));
        }
    }
    Some((statements, format!("DROP VIEW {view}")))
}
