//! The SQL of row security policies.

use super::Policy;
use crate::ddl::{Address, Alteration, Context, Ddl, Element, Part, Statement, write};
use crate::{Kind, Object as _, Pair, quoted};

impl Ddl for Policy {
    fn elements(&self, context: &Context<'_>) -> Vec<Element> {
        let Self { table, name, command, permissive, roles: _, using: _, with_check: _, comment } =
            self;
        let this = Address::whole(Kind::Policy, &self.id());
        let on = format!("POLICY {} ON {}", quoted(name), write::name(table));
        let restrictive = if *permissive { "" } else { " AS RESTRICTIVE" };
        let create = format!("CREATE {on}{restrictive} FOR {command}{}", self.clauses());
        let whole = Element::new(
            this.clone(),
            vec![Statement::new(create).exclusively(table)],
            vec![Statement::new(format!("DROP {on}")).exclusively(table)],
        )
        .within(context.relation(table));
        let mut elements = vec![whole];
        elements.extend(write::comment(&this, on, comment.as_deref()));
        elements
    }

    /// Changes whom it is for and its conditions, of which none can be taken away.
    fn alter(objects: Pair<&Self>, _part: &Part) -> Option<Alteration> {
        let Pair { actual, desired } = objects;
        let loses = |actual: &Option<String>, desired: &Option<String>| {
            actual.is_some() && desired.is_none()
        };
        if actual.command != desired.command
            || actual.permissive != desired.permissive
            || loses(&actual.using, &desired.using)
            || loses(&actual.with_check, &desired.with_check)
        {
            return None;
        }
        let Self { table, name, .. } = desired;
        let (policy, table_name) = (quoted(name), write::name(table));
        let sql = format!("ALTER POLICY {policy} ON {table_name}{}", desired.clauses());
        Some(Alteration::of(vec![Statement::new(sql).exclusively(table)]))
    }
}

impl Policy {
    /// Roles and conditions.
    fn clauses(&self) -> String {
        let roles: Vec<String> = self.roles.iter().map(|role| write::role(role)).collect();
        let condition = |text: &Option<String>| text.as_ref().map(|text| format!("({text})"));
        format!(
            " TO {}{}{}",
            roles.join(", "),
            write::clause("USING", condition(&self.using)),
            write::clause("WITH CHECK", condition(&self.with_check))
        )
    }
}
