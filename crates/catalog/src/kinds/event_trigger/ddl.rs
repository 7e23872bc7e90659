//! The SQL of event triggers.

use super::EventTrigger;
use crate::ddl::{Address, Context, Ddl, Element, Part, Statement, write};
use crate::{Kind, literal, quoted};

impl Ddl for EventTrigger {
    fn elements(&self, _context: &Context<'_>) -> Vec<Element> {
        let Self { name, event, tags, function, enabled, comment } = self;
        let this = Address::whole(Kind::EventTrigger, name);
        let on = format!("EVENT TRIGGER {}", quoted(name));
        let tags: Vec<String> = tags.iter().map(|tag| literal(tag)).collect();
        let when = match tags.as_slice() {
            [] => String::new(),
            tags => format!(" WHEN TAG IN ({})", tags.join(", ")),
        };
        let create = format!("CREATE {on} ON {event}{when} EXECUTE FUNCTION {function}()");
        let mut elements = vec![Element::new(
            this.clone(),
            vec![Statement::new(create)],
            vec![Statement::new(format!("DROP {on}"))],
        )];
        let verb = match enabled.as_str() {
            "D" => Some("DISABLE"),
            "R" => Some("ENABLE REPLICA"),
            "A" => Some("ENABLE ALWAYS"),
            _ => None,
        };
        if let Some(verb) = verb {
            let alter = |verb: &str| Statement::new(format!("ALTER {on} {verb}"));
            let part = Part::Setting("enabled".to_owned());
            elements.push(Element::setting(&this, part, alter(verb), alter("ENABLE")));
        }
        elements.extend(write::comment(&this, on, comment.as_deref()));
        elements
    }
}
