//! One-to-one relations: which side holds the foreign key, and that it is unique.

use super::relations::{Side, report_missing_opposite};
use crate::{resolve::report::Report, schema::Arity};

/// Checks a relation that has one row at most on both sides.
pub(super) fn check(forward: Side<'_, '_>, back: Option<Side<'_, '_>>, report: &mut Report) {
    let Some(back) = back else {
        report_missing_opposite(forward, report);
        check_is_unique(forward, report);
        return;
    };
    for (argument, here, there) in [
        ("fields", forward.fields(), back.fields()),
        ("references", forward.references(), back.references()),
    ] {
        if here.is_empty() && there.is_empty() {
            for (one, other) in [(forward, back), (back, forward)] {
                let message = format!(
                    "The relation fields {} and {} do not provide the `{argument}` argument in the \
                     @relation attribute. You have to provide it on one of the two fields.",
                    one.place(),
                    other.place()
                );
                one.invalid(&message, report);
            }
        }
    }
    for (argument, here, there) in [
        ("references", forward.references(), back.references()),
        ("fields", forward.fields(), back.fields()),
    ] {
        if !here.is_empty() && !there.is_empty() {
            let message = format!(
                "The relation fields {} and {} both provide the `{argument}` argument in the \
                 @relation attribute. You have to provide it only on one of the two fields.",
                forward.place(),
                back.place()
            );
            forward.invalid(&message, report);
            back.invalid(&message, report);
        }
    }
    check_one_to_one_actions(forward, back, report);
    check_is_unique(forward, report);
    if !report.has_errors() {
        check_mixed_sides(forward, back, report);
    }
    if back.field.syntax.arity == Arity::Required && !report.has_errors() {
        let model = forward.model.name();
        let message = format!(
            "The relation field {} is required. This is not valid because it's not possible to \
             enforce this constraint on the database level. Please change the field type from \
             `{model}` to `{model}?` to fix this.",
            back.place()
        );
        back.invalid(&message, report);
    }
    let is_required = forward.field.syntax.arity == Arity::Required;
    let is_defined_behind = back.relation.fields.is_some() || back.relation.references.is_some();
    if is_required && is_defined_behind && !report.has_errors() {
        let message = format!(
            "The relation field `{}.{}` defines the `fields` and/or `references` argument. You must \
             set them on the required side of the relation (`{}.{}`) in order for the constraints to \
             be enforced. Alternatively, you can change this field to be required and the opposite \
             optional, or make both sides of the relation optional.",
            back.model.name(),
            back.field.name(),
            forward.model.name(),
            forward.field.name()
        );
        back.invalid(&message, report);
    }
}

fn check_one_to_one_actions(forward: Side<'_, '_>, back: Side<'_, '_>, report: &mut Report) {
    if !back.has_actions() {
        return;
    }
    if !forward.has_actions() {
        let message = format!(
            "The relation field {} must not specify the `onDelete` or `onUpdate` argument in the \
             @relation attribute. You must only specify it on the opposite field `{}` on model `{}`.",
            back.place(),
            forward.field.name(),
            forward.model.name()
        );
        back.invalid(&message, report);
        return;
    }
    for (one, other) in [(back, forward), (forward, back)] {
        let message = format!(
            "The relation fields {} and {} both provide the `onDelete` or `onUpdate` argument in the \
             @relation attribute. You have to provide it only on one of the two fields.",
            one.place(),
            other.place()
        );
        one.invalid(&message, report);
    }
}

/// What makes a relation one to one is that no two rows hold the same foreign key.
fn check_is_unique(forward: Side<'_, '_>, report: &mut Report) {
    let Some(fields) = &forward.relation.fields else { return };
    if forward.model.unique_criteria().any(|key| key.field_ids() == *fields) {
        return;
    }
    let names = forward.model.join(fields, ", ");
    let advice = if fields.len() == 1 {
        format!("an `@unique` attribute to the field `{names}`")
    } else {
        format!("an `@@unique([{names}])` attribute to the model")
    };
    let message = format!(
        "A one-to-one relation must use unique fields on the defining side. Either add {advice}, or \
         change the relation to one-to-many."
    );
    forward.invalid(&message, report);
}

fn check_mixed_sides(forward: Side<'_, '_>, back: Side<'_, '_>, report: &mut Report) {
    let message = |here: &str, there: &str| {
        format!(
            "The relation field {} provides the `{here}` argument in the @relation attribute. And the \
             related field {} provides the `{there}` argument. You must provide both arguments on the \
             same side.",
            forward.place(),
            back.place()
        )
    };
    if !forward.fields().is_empty() && !back.references().is_empty() {
        let message = message("fields", "references");
        forward.invalid(&message, report);
        back.invalid(&message, report);
    }
    if !forward.references().is_empty() && !back.fields().is_empty() {
        forward.invalid(&message("references", "fields"), report);
    }
}
