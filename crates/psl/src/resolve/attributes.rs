//! Reading attributes and their arguments against a [`Signature`], so that what is unknown,
//! repeated, missing or of the wrong type is reported the same way for all of them.

use super::{
    report::Report,
    signatures::{Kind, Parameter, Place, Signature},
    values,
};
use crate::{
    source::Span,
    syntax::{Argument, Attribute, Expression, Word},
};

/// The attributes of one field, block or enum value; what nobody takes is unknown.
pub(super) struct Attributes<'a> {
    remaining: Vec<&'a Attribute>,
}

impl<'a> Attributes<'a> {
    pub(super) fn new(attributes: &'a [Attribute]) -> Self {
        Self { remaining: attributes.iter().collect() }
    }

    /// Takes the attribute of that signature, which must not be repeated, and reads its arguments.
    pub(super) fn take<T>(
        &mut self,
        signature: &'static Signature,
        report: &mut Report,
        read: impl FnOnce(&mut Arguments<'a>, &mut Report) -> T,
    ) -> Option<T> {
        let is_wanted = |attribute: &&Attribute| attribute.name.text == signature.name;
        let position = self.remaining.iter().position(is_wanted)?;
        if self.remaining.iter().skip(position + 1).any(is_wanted) {
            for attribute in self.take_named(signature.name) {
                report_repeated(signature.name, attribute, report);
            }
            return None;
        }
        let attribute = self.remaining.remove(position);
        read_arguments(attribute, signature, report, read)
    }

    /// Takes every attribute of that signature and reads the arguments of each.
    pub(super) fn take_all(
        &mut self,
        signature: &'static Signature,
        report: &mut Report,
        mut read: impl FnMut(&mut Arguments<'a>, &mut Report),
    ) {
        for attribute in self.take_named(signature.name) {
            read_arguments(attribute, signature, report, &mut read);
        }
    }

    /// Takes the attribute whose name has a dot, as in `@db.Text`.
    pub(super) fn take_scoped(&mut self, report: &mut Report) -> Option<&'a Attribute> {
        if !self.remaining.iter().any(|one| one.name.text.contains('.')) {
            return None;
        }
        let (scoped, remaining) =
            self.remaining.iter().partition::<Vec<_>, _>(|one| one.name.text.contains('.'));
        self.remaining = remaining;
        for repeated in scoped.iter().skip(1) {
            let scope = repeated.name.text.split('.').next().unwrap_or_default();
            report_repeated(scope, repeated, report);
        }
        scoped.last().copied()
    }

    /// Reports the attributes that nobody took.
    pub(super) fn finish(self, report: &mut Report) {
        for attribute in self.remaining {
            let message = format!("Attribute not known: \"@{}\".", attribute.name.text);
            report.error(message, attribute.span);
        }
    }

    fn take_named(&mut self, name: &str) -> Vec<&'a Attribute> {
        let (found, remaining) = self.remaining.iter().partition(|one| one.name.text == name);
        self.remaining = remaining;
        found
    }
}

fn report_repeated(name: &str, attribute: &Attribute, report: &mut Report) {
    report.error(format!("Attribute \"@{name}\" can only be defined once."), attribute.span);
}

/// Reads an attribute; what nobody asked for is refused in the end.
fn read_arguments<'a, T>(
    attribute: &'a Attribute,
    signature: &'static Signature,
    report: &mut Report,
    read: impl FnOnce(&mut Arguments<'a>, &mut Report) -> T,
) -> Option<T> {
    if !every_argument_has_a_value(attribute, report) {
        return None;
    }
    report_repeated_arguments(attribute, report);
    let unread = attribute.arguments.iter().collect();
    let mut arguments = Arguments { attribute, signature, unread };
    let result = read(&mut arguments, report);
    if !signature.ignores_other_arguments {
        for argument in arguments.unread {
            report.error("No such argument.", argument.span);
        }
    }
    Some(result)
}

/// The arguments of an attribute, to be taken one by one; taking one checks it.
pub(super) struct Arguments<'a> {
    /// The attribute as written.
    pub(super) attribute: &'a Attribute,
    signature: &'static Signature,
    unread: Vec<&'a Argument>,
}

impl<'a> Arguments<'a> {
    /// Takes the argument of that name, if it is given and has the type of the signature.
    pub(super) fn value(&mut self, name: &str, report: &mut Report) -> Option<&'a Expression> {
        let parameter = self.signature.parameters.iter().find(|one| one.name == name)?;
        let value = self.find(parameter, report)?;
        self.accepts(parameter, value, report).then_some(value)
    }

    /// Takes the argument of that name, a string.
    pub(super) fn text(&mut self, name: &str, report: &mut Report) -> Option<&'a str> {
        let word = self.value(name, report).and_then(values::as_text)?;
        Some(&word.text)
    }

    /// Takes the argument of that name, a bare word.
    pub(super) fn constant(&mut self, name: &str, report: &mut Report) -> Option<&'a Word> {
        self.value(name, report).and_then(values::as_constant)
    }

    /// Takes the argument of that name; returns whether it is given with the right type.
    pub(super) fn has(&mut self, name: &str, report: &mut Report) -> bool {
        self.value(name, report).is_some()
    }

    fn find(&mut self, parameter: &Parameter, report: &mut Report) -> Option<&'a Expression> {
        let by_name = take_argument(&mut self.unread, Some(parameter.name));
        let by_place = match parameter.place {
            Place::ByName => None,
            Place::First | Place::Required => take_argument(&mut self.unread, None),
        };
        match (by_name, by_place) {
            (Some(argument), None) | (None, Some(argument)) => argument.value.as_ref(),
            (Some(named), Some(_)) => {
                if parameter.place == Place::Required {
                    let name = parameter.name;
                    let message =
                        format!("Argument \"{name}\" is already specified as unnamed argument.");
                    report.error(message, named.span);
                }
                None
            }
            (None, None) => {
                if parameter.place == Place::Required {
                    let message = format!("Argument \"{}\" is missing.", parameter.name);
                    report.error(message, self.attribute.span);
                }
                None
            }
        }
    }

    fn accepts(&self, parameter: &Parameter, value: &Expression, report: &mut Report) -> bool {
        let (fits, expected) = match parameter.kind {
            Kind::Any => return true,
            Kind::Text | Kind::Name => (values::as_text(value).is_some(), "string"),
            Kind::Constant => (values::as_constant(value).is_some(), "constant"),
            Kind::Integer => (values::as_integer(value).is_some(), "numeric"),
            Kind::Boolean => (values::as_boolean(value).is_some(), "boolean"),
        };
        if !fits {
            values::mismatch(expected, value, report);
            return false;
        }
        let empty = values::as_text(value).is_some_and(|word| word.text.is_empty());
        if empty && parameter.kind == Kind::Name {
            let message = format!("The `{}` argument cannot be an empty string.", parameter.name);
            self.invalid(&message, report);
            return false;
        }
        true
    }

    /// Reports what is wrong with the whole attribute.
    pub(super) fn invalid(&self, message: &str, report: &mut Report) {
        let name = format!("@{}", self.attribute.name.text);
        report.invalid_attribute(&name, message, self.attribute.span);
    }
}

fn take_argument<'a>(unread: &mut Vec<&'a Argument>, name: Option<&str>) -> Option<&'a Argument> {
    let mut found = None;
    // The last one of a name counts; that there is more than one has been reported.
    unread.retain(|argument| {
        let matches = argument.name.as_ref().map(|word| word.text.as_str()) == name;
        if matches {
            found = Some(*argument);
        }
        !matches
    });
    found
}

fn every_argument_has_a_value(attribute: &Attribute, report: &mut Report) -> bool {
    let mut complete = true;
    for argument in &attribute.arguments {
        let Some(value) = &argument.value else {
            complete = false;
            report_without_value(argument, &format!("@{}", attribute.name.text), report);
            continue;
        };
        match value {
            // `dbgenerated(value:)`
            Expression::Function(function) => {
                for argument in function.arguments.iter().filter(|one| one.value.is_none()) {
                    complete = false;
                    report_without_value(argument, &format!("@{}", attribute.name.text), report);
                }
                report_trailing_comma(function.trailing_comma, attribute, report);
            }
            // `[title(sort:)]`
            Expression::Array(elements, _) => {
                for element in elements {
                    let Expression::Function(function) = element else { continue };
                    for argument in function.arguments.iter().filter(|one| one.value.is_none()) {
                        let name = format!("@@{}", attribute.name.text);
                        report_without_value(argument, &name, report);
                    }
                }
            }
            Expression::String(_)
            | Expression::Number(_)
            | Expression::Constant(_)
            | Expression::Object(..) => {}
        }
    }
    report_trailing_comma(attribute.trailing_comma, attribute, report);
    complete
}

fn report_trailing_comma(comma: Option<Span>, attribute: &Attribute, report: &mut Report) {
    if let Some(span) = comma {
        let message =
            "Trailing commas are not valid in attribute arguments, please remove the comma.";
        report.invalid_attribute(&format!("@{}", attribute.name.text), message, span);
    }
}

fn report_without_value(argument: &Argument, attribute: &str, report: &mut Report) {
    if let Some(name) = &argument.name {
        let message = format!("The `{}` argument is missing a value.", name.text);
        report.invalid_attribute(attribute, &message, name.span);
    }
}

fn report_repeated_arguments(attribute: &Attribute, report: &mut Report) {
    if attribute.arguments.len() < 2 {
        return;
    }
    let mut names: Vec<&str> = Vec::new();
    for argument in &attribute.arguments {
        let Some(name) = &argument.name else { continue };
        if names.contains(&name.text.as_str()) {
            let message = format!("Argument \"{}\" is already specified.", name.text);
            report.error(message, argument.span);
        }
        names.push(&name.text);
    }
    let unnamed: Vec<&Expression> = attribute
        .arguments
        .iter()
        .filter(|argument| argument.name.is_none())
        .filter_map(|argument| argument.value.as_ref())
        .collect();
    if unnamed.len() > 1 {
        let unnamed: Vec<String> = unnamed.into_iter().map(values::display).collect();
        let message = format!(
            "You provided multiple unnamed arguments. This is not possible. \
             Did you forget the brackets? Did you mean `[{}]`?",
            unnamed.join(", ")
        );
        report.invalid_attribute(&format!("@{}", attribute.name.text), &message, attribute.span);
    }
}
