//! The SQL of owners.

use super::Owner;
use crate::ddl::{Address, Context, Ddl, Element, Part, Statement, write};
use crate::{Kind, Object as _};

impl Ddl for Owner {
    fn elements(&self, context: &Context<'_>) -> Vec<Element> {
        if self.tolerated {
            return Vec::new();
        }
        let address = Address::whole(Kind::Owner, &self.id());
        let given_to = |role: &str| {
            Statement::new(format!("ALTER {} OWNER TO {}", self.target, write::role(role)))
        };
        let (create, drop) = (vec![given_to(&self.role)], vec![given_to(&self.usual)]);
        let mut element = Element::new(address, create, drop).within(self.address(context));
        element.survives_retyping = true;
        // An object has one owner: it leaves the old one before it comes to the new one.
        element.slots.push(format!("owner of {} {}", self.object_kind, self.object));
        vec![element]
    }
}

impl Owner {
    fn address(&self, context: &Context<'_>) -> Address {
        let object = |kind| Address { kind, id: self.object.clone(), part: Part::Whole };
        match (self.object_kind.as_str(), &self.table) {
            (_, Some(table)) => context.relation(table),
            ("sequence", None) => object(Kind::Sequence),
            ("function" | "procedure", None) => object(Kind::Function),
            ("schema", None) => object(Kind::Schema),
            _ => context.type_by_id(&self.object),
        }
    }
}
