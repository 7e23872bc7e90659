//! The SQL of privileges.

use super::{GranteeOnObject, Privilege};
use crate::ddl::{Address, Context, Ddl, Element, Statement, write};
use crate::{Kind, Object as _, quoted};

impl Ddl for Privilege {
    fn elements(&self, context: &Context<'_>) -> Vec<Element> {
        let address = Address::whole(Kind::Privilege, &self.id());
        let of = self.address(context);
        let revoke_all = || vec![self.statement("REVOKE", "ALL", "FROM")];
        // What it may do by default is to be taken away first.
        let mut create = if self.usual().is_empty() { Vec::new() } else { revoke_all() };
        create.extend(self.privileges.iter().map(|privilege| self.grant(privilege)));
        let mut drop = revoke_all();
        drop.extend(self.usual().into_iter().map(|privilege| self.grant(privilege)));
        let mut element = Element::new(address, create, drop)
            // What is usual for new objects changes nothing about this one.
            .same_by(self.privileges.join(", "))
            .within(of);
        // Revoked on the table, it is revoked on the columns as well.
        element.within.extend(self.on_whole_table().map(|id| Address::whole(Kind::Privilege, &id)));
        element.survives_retyping = true;
        if self.target.is_empty() {
            element.unsupported = Some("the snapshot is too old to tell its object");
        }
        vec![element]
    }
}

impl Privilege {
    fn statement(&self, verb: &str, privilege: &str, preposition: &str) -> Statement {
        let columns = match &self.column {
            Some(column) => format!(" ({})", quoted(column)),
            None => String::new(),
        };
        let (target, role) = (&self.target, write::role(&self.grantee));
        Statement::new(format!("{verb} {privilege}{columns} ON {target} {preposition} {role}"))
    }

    fn grant(&self, privilege: &str) -> Statement {
        match privilege.strip_suffix(" WITH GRANT OPTION") {
            Some(privilege) => {
                let mut grant = self.statement("GRANT", privilege, "TO");
                grant.sql.push_str(" WITH GRANT OPTION");
                grant
            }
            None => self.statement("GRANT", privilege, "TO"),
        }
    }

    /// What the same role may do with the whole table, of a column.
    fn on_whole_table(&self) -> Option<GranteeOnObject> {
        self.column.as_ref()?;
        let object = self.table.as_ref()?.to_string();
        Some(GranteeOnObject { object, object_kind: "table".to_owned(), ..self.id() })
    }

    /// What it may do with such an object unless that is revoked.
    fn usual(&self) -> Vec<&str> {
        // An old snapshot does not tell.
        match (self.grantee.as_str(), self.object_kind.as_str()) {
            ("public", "function" | "procedure") if self.usual.is_empty() => vec!["EXECUTE"],
            ("public", "type") if self.usual.is_empty() => vec!["USAGE"],
            _ => self.usual.iter().map(String::as_str).collect(),
        }
    }

    fn address(&self, context: &Context<'_>) -> Address {
        let object =
            |kind| Address { kind, id: self.object.clone(), part: crate::ddl::Part::Whole };
        match (self.object_kind.as_str(), &self.table, &self.column) {
            ("table", Some(table), _) => context.relation(table),
            ("column", Some(table), Some(column)) => {
                let relation = context.relation(table);
                // Only the columns of tables are told apart.
                if relation.kind == Kind::Table { relation.column(column) } else { relation }
            }
            ("sequence", ..) => object(Kind::Sequence),
            ("function" | "procedure", ..) => object(Kind::Function),
            ("schema", ..) => object(Kind::Schema),
            _ => context.type_by_id(&self.object),
        }
    }
}
