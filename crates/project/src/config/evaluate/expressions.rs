//! Expressions: literals, templates, operators, choices.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "the syntax tree has far more kinds of node than a config file is read for"
)]

use oxc_ast::ast::{
    BinaryExpression, BinaryOperator, Expression, LogicalExpression, LogicalOperator,
    TemplateLiteral, UnaryOperator,
};

use super::{Absence, Context, Evaluated, MAXIMUM_DEPTH, Obstacle, Outcome};

impl Context<'_> {
    pub(super) fn expression(&self, expression: &Expression<'_>, depth: usize) -> Outcome {
        if depth > MAXIMUM_DEPTH {
            return Err(self.unknown(expression));
        }
        let inner = |inner: &Expression<'_>| self.expression(inner, depth + 1);
        match expression {
            Expression::StringLiteral(text) => Ok(Evaluated::String(text.value.to_string())),
            Expression::BooleanLiteral(value) => Ok(Evaluated::Boolean(value.value)),
            Expression::NullLiteral(_) => Ok(Evaluated::Absent(Absence::Null)),
            Expression::NumericLiteral(_)
            | Expression::ArrowFunctionExpression(_)
            | Expression::FunctionExpression(_) => Ok(Evaluated::Other),
            Expression::ParenthesizedExpression(wrapped) => inner(&wrapped.expression),
            Expression::TSAsExpression(wrapped) => inner(&wrapped.expression),
            Expression::TSSatisfiesExpression(wrapped) => inner(&wrapped.expression),
            Expression::TSNonNullExpression(wrapped) => inner(&wrapped.expression),
            Expression::Identifier(name) => self.name(name.name.as_str(), expression, depth),
            Expression::TemplateLiteral(template) => self.template(template, depth),
            Expression::UnaryExpression(not) if not.operator == UnaryOperator::LogicalNot => {
                Ok(Evaluated::Boolean(!self.is_true(&not.argument, depth)?))
            }
            Expression::ConditionalExpression(choice) => {
                let is_true = self.is_true(&choice.test, depth)?;
                inner(if is_true { &choice.consequent } else { &choice.alternate })
            }
            Expression::BinaryExpression(binary) => self.binary(binary, depth),
            Expression::LogicalExpression(logical) => self.logical(logical, depth),
            Expression::ObjectExpression(object) => self.object(object, depth),
            Expression::ArrayExpression(list) => Ok(self.list(list, depth)),
            Expression::CallExpression(call) => self.call(call, depth),
            _ => self.member(expression, depth),
        }
    }

    fn is_true(&self, condition: &Expression<'_>, depth: usize) -> Result<bool, Obstacle> {
        let value = self.expression(condition, depth + 1)?;
        value.is_true().ok_or_else(|| self.unknown(condition))
    }

    fn template(&self, template: &TemplateLiteral<'_>, depth: usize) -> Outcome {
        let mut text = String::new();
        for (at, quasi) in template.quasis.iter().enumerate() {
            text.push_str(quasi.value.cooked.as_ref().map_or("", |cooked| cooked.as_str()));
            if let Some(hole) = template.expressions.get(at) {
                match self.expression(hole, depth + 1)? {
                    Evaluated::String(value) => text.push_str(&value),
                    Evaluated::Boolean(value) => text.push_str(&value.to_string()),
                    Evaluated::Absent(Absence::Null) => text.push_str("null"),
                    Evaluated::Absent(_) => text.push_str("undefined"),
                    _ => return Err(self.unknown(hole)),
                }
            }
        }
        Ok(Evaluated::String(text))
    }

    fn binary(&self, binary: &BinaryExpression<'_>, depth: usize) -> Outcome {
        let left = self.expression(&binary.left, depth + 1)?;
        let right = self.expression(&binary.right, depth + 1)?;
        let is_equal =
            |is_strict| left.is_equal(&right, is_strict).ok_or_else(|| self.unknown(binary));
        match binary.operator {
            BinaryOperator::StrictEquality => Ok(Evaluated::Boolean(is_equal(true)?)),
            BinaryOperator::StrictInequality => Ok(Evaluated::Boolean(!is_equal(true)?)),
            BinaryOperator::Equality => Ok(Evaluated::Boolean(is_equal(false)?)),
            BinaryOperator::Inequality => Ok(Evaluated::Boolean(!is_equal(false)?)),
            BinaryOperator::Addition => match (left, right) {
                (Evaluated::String(left), Evaluated::String(right)) => {
                    Ok(Evaluated::String(left + &right))
                }
                _ => Err(self.unknown(binary)),
            },
            _ => Err(self.unknown(binary)),
        }
    }

    fn logical(&self, logical: &LogicalExpression<'_>, depth: usize) -> Outcome {
        let left = self.expression(&logical.left, depth + 1)?;
        let takes_right = match logical.operator {
            LogicalOperator::Coalesce => Some(matches!(left, Evaluated::Absent(_))),
            LogicalOperator::Or => left.is_true().map(|is_true| !is_true),
            LogicalOperator::And => left.is_true(),
        };
        match takes_right {
            Some(true) => self.expression(&logical.right, depth + 1),
            Some(false) => Ok(left),
            None => Err(self.unknown(&logical.left)),
        }
    }
}
