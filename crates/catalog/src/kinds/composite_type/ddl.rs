//! The SQL of composite types.

use super::{Attribute, CompositeType};
use crate::ddl::{Address, Alteration, Context, Ddl, Element, Part, Statement, write};
use crate::{Kind, Pair, quoted};

impl Ddl for CompositeType {
    fn elements(&self, context: &Context<'_>) -> Vec<Element> {
        let Self { name, attributes, comment } = self;
        let this = Address::whole(Kind::CompositeType, name);
        let r#type = write::name(name);
        let alter = |rest: String| Statement::new(format!("ALTER TYPE {type} {rest}"));
        let lines: Vec<String> = attributes.iter().map(definition).collect();
        let whole = Element::new(
            this.clone(),
            vec![Statement::new(format!("CREATE TYPE {type} AS ({})", lines.join(", ")))],
            vec![Statement::new(format!("DROP TYPE {type}"))],
        )
        .same_by(names(self).collect::<Vec<_>>().join(", "))
        .needs([write::schema(name)])
        .made_after(attributes.iter().flat_map(|one| context.parts_of_type(&one.r#type.name)))
        .slot(write::relation_slot(name))
        .slot(write::type_slot(name))
        .swapped("TYPE", name);
        let mut elements = vec![whole];
        let mut previous = None;
        for attribute in attributes {
            let Attribute { name, r#type: of, collation, comment } = attribute;
            let address = this.column(name);
            let before = previous.replace(address.clone());
            let mut element = Element::new(
                address.clone(),
                vec![alter(format!("ADD ATTRIBUTE {} CASCADE", definition(attribute)))],
                vec![alter(format!("DROP ATTRIBUTE {} CASCADE", quoted(name)))],
            );
            element.wraps = true;
            elements.push(
                element
                    .within(this.clone())
                    .needs([context.r#type(&of.name)])
                    .made_after(context.parts_of_type(&of.name))
                    .made_after(before)
                    .needs(collation.iter().map(|name| Address::whole(Kind::Collation, name)))
                    .comes_with(this.clone()),
            );
            let on = format!("COLUMN {type}.{}", quoted(name));
            elements.extend(write::comment(&address, on, comment.as_deref()));
        }
        elements.extend(write::comment(&this, format!("TYPE {type}"), comment.as_deref()));
        elements
    }

    fn alter(objects: Pair<&Self>, part: &Part) -> Option<Alteration> {
        if *part == Part::Whole {
            return comes_by_adding(objects).then(|| Alteration::of(Vec::new()));
        }
        let Part::Column(name) = part else { return None };
        let desired = &objects.desired;
        let attribute = desired.attributes.iter().find(|attribute| attribute.name == *name)?;
        let sql = format!(
            "ALTER TYPE {} ALTER ATTRIBUTE {} TYPE {}{} CASCADE",
            write::name(&desired.name),
            quoted(name),
            write::r#type(&attribute.r#type),
            write::collate(attribute.collation.as_ref())
        );
        Some(Alteration { retypes: true, ..Alteration::of(vec![Statement::new(sql)]) })
    }
}

fn names(r#type: &CompositeType) -> impl Iterator<Item = &str> {
    r#type.attributes.iter().map(|attribute| attribute.name.as_str())
}

/// Whether the order of the attributes comes out right when new ones are added behind the others.
fn comes_by_adding(types: Pair<&CompositeType>) -> bool {
    let Pair { actual, desired } = types;
    let stay = names(actual).filter(|name| names(desired).any(|other| other == *name));
    let come = names(desired).filter(|name| !names(actual).any(|other| other == *name));
    stay.chain(come).eq(names(desired))
}

fn definition(attribute: &Attribute) -> String {
    let Attribute { name, r#type, collation, comment: _ } = attribute;
    format!("{} {}{}", quoted(name), write::r#type(r#type), write::collate(collation.as_ref()))
}
