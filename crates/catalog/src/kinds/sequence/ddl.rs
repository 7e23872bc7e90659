//! The SQL of sequences.

use super::{OwningColumn, Sequence};
use crate::ddl::{Address, Alteration, Context, Ddl, Element, Loss, Part, Statement, write};
use crate::kinds::table::{Persistence, Table};
use crate::{Kind, Pair, literal, quoted};

impl Ddl for Sequence {
    fn elements(&self, context: &Context<'_>) -> Vec<Element> {
        let this = Address::whole(Kind::Sequence, &self.name);
        let sequence = write::name(&self.name);
        let drop = Statement::new(format!("DROP SEQUENCE {sequence}"))
            .exclusively(&self.name)
            .losing(Loss::Sequence(self.name.clone()));
        let create = Statement::new(format!("CREATE SEQUENCE {sequence} {}", self.options()));
        let mut whole = Element::new(this.clone(), vec![create], vec![drop])
            .needs([write::schema(&self.name)])
            .slot(write::relation_slot(&self.name));
        let mut elements = Vec::new();
        if self.unlogged {
            let set = |word: &str| {
                Statement::new(format!("ALTER SEQUENCE {sequence} SET {word}"))
                    .exclusively(&self.name)
            };
            let part = Part::Setting("unlogged".to_owned());
            let mut element = Element::setting(&this, part, set("UNLOGGED"), set("LOGGED"));
            // It goes along with its table, and may have been another way.
            let table = self.owned_by.as_ref().map(|owner| context.relation(&owner.table));
            let unlogged = table.map(|it| it.with(Part::Setting("unlogged".to_owned())));
            element.made_after.extend(unlogged);
            elements.push(element);
        }
        let owner = self.owned_by.as_ref().map(|OwningColumn { table, column }| {
            let address = context.relation(table).column(column);
            (address, format!("{}.{}", write::name(table), quoted(column)))
        });
        whole.swept_by.extend(owner.iter().map(|(address, _)| address.clone()));
        elements.insert(0, whole);
        if let Some((address, column)) = owner {
            let owned_by =
                |owner: &str| Statement::new(format!("ALTER SEQUENCE {sequence} OWNED BY {owner}"));
            let part = Part::Setting("owner".to_owned());
            let element = Element::setting(&this, part, owned_by(&column), owned_by("NONE"));
            let mut element = element.needs([address.clone()]);
            // With an owner, it would go along with that.
            let unlogged = Part::Setting("unlogged".to_owned());
            element.after.push(address.object().with(unlogged));
            if self.stands_apart(context) {
                element.sameness.push_str(", which is logged in another way");
                element.overwrites = false;
            }
            element.catch_up.extend(self.catch_up(context));
            elements.push(element);
        }
        let on = format!("SEQUENCE {sequence}");
        elements.extend(write::comment(&this, on, self.comment.as_deref()));
        elements
    }

    fn alter(objects: Pair<&Self>, part: &Part) -> Option<Alteration> {
        if *part != Part::Whole {
            return None;
        }
        let Self { name, .. } = objects.desired;
        let Pair { actual, desired } = objects;
        let range = desired.minimum..=desired.maximum;
        // It has to begin again when the values that it began with are out of range.
        let restart = if range.contains(&actual.start) { "" } else { " RESTART" };
        let sql = format!("ALTER SEQUENCE {} {}{restart}", write::name(name), desired.options());
        let mut statement = Statement::new(sql).exclusively(name);
        if !restart.is_empty() {
            statement = statement.losing(Loss::Sequence(name.clone()));
        }
        Some(Alteration::of(vec![statement]))
    }
}

impl Sequence {
    /// Whether only one of it and the table that owns it is unlogged.
    fn stands_apart(&self, context: &Context<'_>) -> bool {
        let owner = self.owned_by.as_ref().and_then(|it| context.catalog.tables.get(&it.table));
        let is_unlogged = |table: &Table| table.persistence == Persistence::Unlogged;
        owner.is_some_and(|table| is_unlogged(table) != self.unlogged)
    }

    /// Lets a new sequence go on behind the values that its column has.
    fn catch_up(&self, context: &Context<'_>) -> Option<Statement> {
        let OwningColumn { table, column } = self.owned_by.as_ref()?;
        let columns = &context.catalog.tables.get(table)?.columns;
        let r#type = &columns.iter().find(|found| found.name == *column)?.r#type;
        if r#type.array || !["int2", "int4", "int8"].iter().any(|name| r#type.is(name)) {
            return None;
        }
        let (first, last) =
            if self.increment > 0 { ("max", self.maximum) } else { ("min", self.minimum) };
        let (lowest, highest) = (self.start.min(last), self.start.max(last));
        let value = format!("{first}({})", quoted(column));
        Some(Statement::new(format!(
            "SELECT pg_catalog.setval({}, {value}) FROM {} HAVING {value} BETWEEN {lowest} AND {highest}",
            literal(&write::name(&self.name)),
            write::name(table),
        )))
    }

    /// All options but the owner, as `CREATE` and `ALTER SEQUENCE` have them.
    fn options(&self) -> String {
        let Self { data_type, start, increment, minimum, maximum, cache, cycle, .. } = self;
        let cycle = if *cycle { "CYCLE" } else { "NO CYCLE" };
        format!(
            "AS {data_type} INCREMENT BY {increment} MINVALUE {minimum} MAXVALUE {maximum} \
             START WITH {start} CACHE {cache} {cycle}"
        )
    }
}
