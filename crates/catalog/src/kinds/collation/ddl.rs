//! The SQL of collations.

use super::Collation;
use crate::ddl::{Address, Context, Ddl, Element, Statement, write};
use crate::{Kind, literal};

impl Ddl for Collation {
    fn elements(&self, _context: &Context<'_>) -> Vec<Element> {
        let this = Address::whole(Kind::Collation, &self.name);
        let on = format!("COLLATION {}", write::name(&self.name));
        let mut elements = vec![
            Element::new(
                this.clone(),
                vec![Statement::new(format!("CREATE {on} ({})", self.options()))],
                vec![Statement::new(format!("DROP {on}"))],
            )
            .needs([write::schema(&self.name)])
            .swapped("COLLATION", &self.name),
        ];
        elements.extend(write::comment(&this, on, self.comment.as_deref()));
        elements
    }
}

impl Collation {
    /// The definition with the names of locales in quotes.
    fn options(&self) -> String {
        let has_type = self.definition.contains(", lc_ctype = ");
        let option = |option: &str| match option.split_once(" = ") {
            Some(("locale", value)) if has_type => format!("lc_collate = {}", literal(value)),
            Some((key @ ("locale" | "lc_ctype"), value)) => format!("{key} = {}", literal(value)),
            Some(_) | None => option.to_owned(),
        };
        // A value does not contain the separator, but for rules, which come quoted.
        match self.definition.split_once(", rules = ") {
            Some((options, rules)) => {
                let options: Vec<String> = options.split(", ").map(option).collect();
                format!("{}, rules = {rules}", options.join(", "))
            }
            None => self.definition.split(", ").map(option).collect::<Vec<_>>().join(", "),
        }
    }
}
