//! How values of a composite type become values of the same type with other attributes.
//!
//! By its text, a value keeps the order of its attributes and has to have as many. Where that will not
//! do, functions make the new values, which go again with the old type.

use super::{Attribute, CompositeType};
use crate::ddl::{Address, Statement, write};
use crate::kinds::table::ColumnType;
use crate::kinds::table::ddl::type_change::is_other;
use crate::{Catalog, Name, Pair, literal};

/// What is made beside a new type for as long as columns move to it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Conversion {
    /// Makes the functions.
    pub make: Vec<Statement>,
    /// Drops them.
    pub drop: Vec<Statement>,
}

/// Returns what it takes to convert values of a composite type that is made anew while the old one is
/// there under another name; nothing when their text says it all.
pub fn conversion(catalogs: Pair<&Catalog>, r#type: &Address) -> Conversion {
    let types = catalogs
        .map(|catalog| catalog.composite_types.iter().find(|it| r#type.id == it.name.to_string()));
    let Pair { actual: Some(actual), desired: Some(desired) } = types else {
        return Conversion::default();
    };
    let Some(function) = function(catalogs, &desired.name) else {
        return Conversion::default();
    };
    let (old, new) = (write::name(&write::old(&desired.name)), write::name(&desired.name));
    let values: Vec<String> = desired
        .attributes
        .iter()
        .map(|attribute| match actual.attributes.iter().find(|it| it.name == attribute.name) {
            Some(before) => value(catalogs, Pair::new(before, attribute)),
            None => format!("NULL::{}", write::r#type(&attribute.r#type)),
        })
        .collect();
    let one = format!(
        "SELECT CASE WHEN $1 IS DISTINCT FROM NULL THEN ROW({})::{new} END",
        values.join(", ")
    );
    // A text that is no array makes it fail.
    let many = format!(
        "SELECT CASE WHEN pg_catalog.array_ndims($1) > 1 THEN \
         CAST('an array of more than one dimension'::text AS {new}[]) WHEN $1 IS NOT NULL THEN \
         ARRAY(SELECT {function}($1[place]) FROM pg_catalog.generate_subscripts($1, 1) AS place \
         ORDER BY place) END"
    );
    let make = |brackets: &str, body: &str| {
        Statement::new(format!(
            "CREATE FUNCTION {function}({old}{brackets}) RETURNS {new}{brackets} LANGUAGE sql AS {}",
            literal(body)
        ))
    };
    let drop =
        |brackets: &str| Statement::new(format!("DROP FUNCTION {function}({old}{brackets})"));
    Conversion { make: vec![make("", &one), make("[]", &many)], drop: vec![drop("[]"), drop("")] }
}

/// The function that converts values of a composite type, and arrays of them, if there has to be one.
pub(crate) fn function(catalogs: Pair<&Catalog>, r#type: &Name) -> Option<String> {
    let types = catalogs.map(|catalog| catalog.composite_types.get(r#type));
    let Pair { actual: Some(actual), desired: Some(desired) } = types else { return None };
    let names = |it: &CompositeType| it.attributes.iter().map(|it| it.name.clone()).collect();
    let names: Pair<Vec<String>> = Pair::new(names(actual), names(desired));
    // No type is made of itself.
    let is_moved = |it: &Attribute| function(catalogs, &it.r#type.name).is_some();
    (names.differs() || desired.attributes.iter().any(is_moved))
        .then(|| write::name(&write::old(r#type)))
}

/// An attribute of the new value.
fn value(catalogs: Pair<&Catalog>, attributes: Pair<&Attribute>) -> String {
    let types: Pair<&ColumnType> = attributes.map(|it| &it.r#type);
    let old = format!("($1).{}", crate::quoted(&attributes.actual.name));
    let is_other = is_other(types);
    if !is_other && let Some(function) = function(catalogs, &types.desired.name) {
        return format!("{function}({old})");
    }
    let r#type = write::r#type(types.desired);
    if !is_other && types.desired.name.schema == "pg_catalog" {
        return format!("{old}::{type}");
    }
    format!("{old}::text::{type}")
}
