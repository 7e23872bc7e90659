//! Objects and lists in braces and brackets.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "the syntax tree has far more kinds of node than a config file is read for"
)]

use std::collections::BTreeMap;

use oxc_ast::ast::{
    ArrayExpression, ObjectExpression, ObjectProperty, ObjectPropertyKind, PropertyKind,
    SpreadElement,
};

use super::{Context, Entry, Evaluated, Obstacle, Outcome};

impl Context<'_> {
    pub(super) fn object(&self, object: &ObjectExpression<'_>, depth: usize) -> Outcome {
        let mut entries = BTreeMap::new();
        for property in &object.properties {
            match property {
                ObjectPropertyKind::ObjectProperty(property) => {
                    let key = self.key(property, depth)?;
                    let value = match property.kind {
                        PropertyKind::Init => self.expression(&property.value, depth + 1),
                        PropertyKind::Get | PropertyKind::Set => Err(self.unknown(&**property)),
                    };
                    entries.insert(key, Entry { line: Some(self.line(&property.key)), value });
                }
                ObjectPropertyKind::SpreadProperty(spread) => {
                    entries.extend(self.spread(spread, depth)?);
                }
            }
        }
        Ok(Evaluated::Object(entries))
    }

    fn key(&self, property: &ObjectProperty<'_>, depth: usize) -> Result<String, Obstacle> {
        if let Some(key) = property.key.static_name() {
            return Ok(key.to_string());
        }
        let Some(key) = property.key.as_expression() else {
            return Err(self.unknown(&property.key));
        };
        match self.expression(key, depth + 1)? {
            Evaluated::String(key) => Ok(key),
            _ => Err(self.unknown(key)),
        }
    }

    /// The entries of `...value` in an object.
    fn spread(
        &self,
        spread: &SpreadElement<'_>,
        depth: usize,
    ) -> Result<BTreeMap<String, Entry>, Obstacle> {
        match self.expression(&spread.argument, depth + 1)? {
            Evaluated::Object(entries) => Ok(entries),
            Evaluated::Environment => {
                let line = Some(self.line(spread));
                let entry =
                    |value: &str| Entry { line, value: Ok(Evaluated::String(value.into())) };
                let variables = self.environment.iter();
                Ok(variables.map(|(name, value)| (name.to_owned(), entry(value))).collect())
            }
            Evaluated::Absent(_) | Evaluated::Boolean(_) => Ok(BTreeMap::new()),
            Evaluated::String(text) if text.is_empty() => Ok(BTreeMap::new()),
            _ => Err(self.unknown(&spread.argument)),
        }
    }

    /// A list; one with an element that is not known is nothing that is asked for.
    pub(super) fn list(&self, list: &ArrayExpression<'_>, depth: usize) -> Evaluated {
        let element = |element: &oxc_ast::ast::ArrayExpressionElement<'_>| {
            self.expression(element.as_expression()?, depth + 1).ok()
        };
        let elements = list.elements.iter().map(element).collect::<Option<Vec<_>>>();
        elements.map_or(Evaluated::Other, Evaluated::List)
    }
}
