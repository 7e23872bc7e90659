//! The SQL of columns beside each other; that it works is tested on servers, in `undrift/tests/it/splitting.rs`.

use super::{Pace, free_name, label_cast};
use crate::Name;
use std::collections::BTreeMap;

#[test]
fn names_are_free_and_not_cut_off() {
    assert_eq!(free_name("a", "_new", |_| false), "a_new");
    assert_eq!(free_name("a", "_new", |name| name == "a_new"), "a_new2");
    let long = "ä".repeat(40);
    let name = free_name(&long, "_new", |_| false);
    assert!(name.len() <= 63 && name.ends_with("ä_new"), "{name}");
}

#[test]
fn labels_become_others_or_nothing() {
    let to = Name::new("s", "E_new");
    let map = BTreeMap::from([("A".to_owned(), Some("B'".to_owned())), ("C".to_owned(), None)]);
    assert_eq!(
        label_cast("c", false, &to, &map),
        "(CASE \"c\"::text WHEN 'A' THEN 'B''' WHEN 'C' THEN NULL ELSE \"c\"::text END)::\"s\".\"E_new\""
    );
    assert!(label_cast("c", true, &to, &map).contains("NOT IN ('C')"));
    assert_eq!(label_cast("c", false, &to, &BTreeMap::new()), "\"c\"::text::\"s\".\"E_new\"");
}

#[test]
fn a_usual_pace() {
    assert_eq!(Pace::default(), Pace { rows: 1000, pause: 50 });
}
