//! The objects that the user names.

use catalog::Difference;
use glob::Pattern;

use crate::Error;

/// Returns those of the differences that the user named; all if nothing was named.
///
/// An object is named by its id, by that with its kind before it (`table public.users`), without the
/// schema where that is `public`, or by a pattern of these.
///
/// # Errors
/// When a name is none of these objects: a slip must not pass for "nothing to do".
pub(super) fn select(
    differences: &[Difference],
    names: &[String],
) -> Result<Vec<Difference>, Error> {
    if names.is_empty() {
        return Ok(differences.to_vec());
    }
    let mut selected = vec![false; differences.len()];
    for name in names {
        let pattern = Pattern::new(name).ok();
        let is_meant = |text: &str| {
            text == name || pattern.as_ref().is_some_and(|pattern| pattern.matches(text))
        };
        let mut is_known = false;
        for (difference, selected) in differences.iter().zip(&mut selected) {
            let id = difference.id.as_str();
            let kind = difference.kind.title();
            let short = id.strip_prefix("public.").unwrap_or(id);
            if is_meant(id) || is_meant(short) || is_meant(&format!("{kind} {id}")) {
                *selected = true;
                is_known = true;
            }
        }
        if !is_known {
            let known: Vec<&str> = differences.iter().map(|other| other.id.as_str()).collect();
            return Err(Error::Usage(if known.is_empty() {
                format!("{name} has not drifted: nothing has")
            } else {
                format!("{name} has not drifted; what has: {}", known.join(", "))
            }));
        }
    }
    let both = differences.iter().zip(selected);
    Ok(both.filter(|(_, selected)| *selected).map(|(difference, _)| difference.clone()).collect())
}

#[cfg(test)]
mod tests {
    use catalog::{Difference, Kind, State};

    use super::select;

    #[test]
    fn objects_have_several_names() {
        let of = |kind, id: &str| Difference { kind, id: id.to_owned(), state: State::Missing };
        let differences = [
            of(Kind::Table, "public.users"),
            of(Kind::View, "crm.users"),
            of(Kind::Function, "public.f(integer[])"),
        ];
        let selected = |name: &str| {
            let selected = select(&differences, &[name.to_owned()]).unwrap();
            selected.into_iter().map(|difference| difference.id).collect::<Vec<_>>()
        };
        assert_eq!(selected("users"), ["public.users"]);
        assert_eq!(selected("*.users"), ["public.users", "crm.users"]);
        assert_eq!(selected("view *"), ["crm.users"]);
        assert_eq!(selected("f(integer[])"), ["public.f(integer[])"]);
        let error = select(&differences, &["orders".to_owned()]).unwrap_err();
        assert!(error.to_string().contains("crm.users"), "{error}");
        assert_eq!(select(&differences, &[]).unwrap().len(), 3);
    }
}
