//! The SQL of domains.

use super::Domain;
use crate::ddl::{Address, Context, Ddl, Element, Part, Statement, write};
use crate::kinds::table::Check;
use crate::{Kind, quoted};

impl Ddl for Domain {
    fn elements(&self, context: &Context<'_>) -> Vec<Element> {
        let Self { name, r#type, nullable, default, collation, checks, comment } = self;
        let this = Address::whole(Kind::Domain, name);
        let domain = write::name(name);
        let alter = |rest: &str| Statement::new(format!("ALTER DOMAIN {domain} {rest}"));
        let base = write::r#type(r#type) + &write::collate(collation.as_ref());
        let mut whole = Element::new(
            this.clone(),
            vec![Statement::new(format!("CREATE DOMAIN {domain} AS {base}"))],
            vec![Statement::new(format!("DROP DOMAIN {domain}"))],
        )
        .needs([write::schema(name), context.r#type(&r#type.name)])
        .needs(collation.iter().map(|name| Address::whole(Kind::Collation, name)))
        .made_after(context.parts_of_type(&r#type.name))
        .slot(write::type_slot(name))
        .swapped("TYPE", name);
        whole.wraps = r#type.array;
        let mut elements = vec![whole];
        if let Some(default) = default {
            elements.push(Element::setting(
                &this,
                Part::Default(String::new()),
                alter(&format!("SET DEFAULT {default}")),
                alter("DROP DEFAULT"),
            ));
        }
        if !nullable {
            elements.push(Element::setting(
                &this,
                Part::NotNull(String::new()),
                alter("SET NOT NULL"),
                alter("DROP NOT NULL"),
            ));
        }
        for Check { name, definition, comment, .. } in checks {
            let address = this.constraint(name);
            let constraint = quoted(name);
            elements.push(
                Element::new(
                    address.clone(),
                    vec![alter(&format!("ADD CONSTRAINT {constraint} {definition}"))],
                    vec![alter(&format!("DROP CONSTRAINT {constraint}"))],
                )
                .within(this.clone()),
            );
            let on = format!("CONSTRAINT {constraint} ON DOMAIN {domain}");
            elements.extend(write::comment(&address, on, comment.as_deref()));
        }
        elements.extend(write::comment(&this, format!("DOMAIN {domain}"), comment.as_deref()));
        elements
    }
}
