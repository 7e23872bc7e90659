//! The SQL of operators.

use super::Operator;
use crate::Kind;
use crate::ddl::{Address, Context, Ddl, Element, Statement, write};
use crate::kinds::function::Signature;
use crate::quoted;

impl Ddl for Operator {
    fn elements(&self, _context: &Context<'_>) -> Vec<Element> {
        let Self { signature, definition, comment } = self;
        let this = Address::whole(Kind::Operator, signature);
        let Signature { name, arguments } = signature;
        // An operator's name cannot be quoted.
        let operator = format!("{}.{}", quoted(&name.schema), name.name);
        let mut operands = Vec::new();
        if let Some((left, right)) = arguments.split_once(", ") {
            for (side, operand) in [("leftarg", left), ("rightarg", right)] {
                if operand != "NONE" {
                    operands.push(format!("{side} = {operand}, "));
                }
            }
        }
        let create = format!("CREATE OPERATOR {operator} ({}{definition})", operands.concat());
        let on = format!("OPERATOR {operator} ({arguments})");
        let mut elements = vec![
            Element::new(
                this.clone(),
                vec![Statement::new(create)],
                vec![Statement::new(format!("DROP {on}"))],
            )
            .needs([write::schema(name)]),
        ];
        elements.extend(write::comment(&this, on, comment.as_deref()));
        elements
    }
}
