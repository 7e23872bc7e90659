//! What holds for the full plan, and for the comparisons it leans on, whatever the catalogs.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use catalog::{Address, Catalog, Language, Pair, Part, diff, drift, elements};
use planner::full::{FullPlan, Step, Verb};
use proptest::prelude::*;

/// What a field may be, behind its name.
const FIELDS: &[&str] = &[
    "Int",
    "String? @unique",
    "String[]",
    "Int @default(autoincrement())",
    "BigInt @default(1)",
    "DateTime @default(now()) @db.Timestamptz(3)",
    "Decimal? @db.Decimal(10, 2)",
    "Kind @default(A)",
    "Kind[]",
    "Boolean @default(dbgenerated(\"random() > 0.5\"))",
];

/// Each model: its fields, the model it refers to, if any, and whether it has an index.
type Models = Vec<(Vec<&'static str>, Option<usize>, bool)>;

fn models() -> impl Strategy<Value = Models> {
    let fields = prop::collection::vec(prop::sample::select(FIELDS), 1..5);
    prop::collection::vec((fields, prop::option::of(0..4_usize), any::<bool>()), 0..4)
}

fn declared(models: &Models) -> Catalog {
    let mut text =
        "datasource db {\n provider = \"postgresql\"\n}\nenum Kind {\n A\n B\n}\n".to_owned();
    for (number, (fields, target, has_index)) in models.iter().enumerate() {
        let _ = write!(text, "model M{number} {{\n id Int @id\n");
        for (field, kind) in fields.iter().enumerate() {
            let _ = writeln!(text, " f{field} {kind}");
        }
        if let Some(target) = target.map(|target| target % models.len()) {
            let relation = "fields: [r], references: [id]";
            let _ = write!(text, " r Int?\n to M{target}? @relation(\"r{number}\", {relation})\n");
        }
        for (other, (_, target, _)) in models.iter().enumerate() {
            if target.is_some_and(|target| target % models.len() == number) {
                let _ = writeln!(text, " from{other} M{other}[] @relation(\"r{other}\")");
            }
        }
        if *has_index {
            text.push_str(" @@index([f0, id(sort: Desc)])\n");
        }
        text.push_str("}\n");
    }
    let file = psl::SourceFile { path: "schema.prisma".to_owned(), text: Arc::from(text) };
    let loaded = psl::load(&[file]);
    assert_eq!(loaded.diagnostics, []);
    catalog::declare(&loaded.schema, "public")
}

/// The same objects, declared in the opposite order.
fn reversed(catalog: &Catalog) -> Catalog {
    let mut reversed = catalog.clone();
    reversed.tables = catalog.tables.iter().rev().cloned().collect();
    reversed.indexes = catalog.indexes.iter().rev().cloned().collect();
    reversed.sequences = catalog.sequences.iter().rev().cloned().collect();
    reversed
}

/// The number of the step that makes an element: its own, or that of what it is a part of.
fn made_by(steps: &[&Step], address: &Address) -> Option<usize> {
    let position = |address: &Address| {
        steps.iter().position(|step| step.verb == Verb::Create && step.address == *address)
    };
    let column = match &address.part {
        Part::Default(name) | Part::NotNull(name) | Part::Identity(name) => {
            Some(Address { part: Part::Column(name.clone()), ..address.clone() })
        }
        Part::Whole
        | Part::Column(_)
        | Part::Constraint(_)
        | Part::Parent(_)
        | Part::Setting(_)
        | Part::Comment(_) => None,
    };
    position(address)
        .or_else(|| position(&column?))
        .or_else(|| position(&Address { part: Part::Whole, ..address.clone() }))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_leads_from_a_catalog_to_itself(models in models()) {
        let catalog = declared(&models);
        for other in [catalog.clone(), reversed(&catalog)] {
            let same = Pair::new(&catalog, &other);
            prop_assert_eq!(diff(same, Language::WHOLE), []);
            prop_assert_eq!(drift(same), []);
            prop_assert_eq!(FullPlan::of(same), FullPlan::default());
        }
    }

    #[test]
    fn all_that_is_made_has_what_it_needs(models in models()) {
        let (empty, catalog) = (Catalog::default(), declared(&models));
        let plan = FullPlan::of(Pair::new(&empty, &catalog));
        prop_assert_eq!(&plan.unsupported, &[]);
        let steps: Vec<&Step> = plan.steps().collect();
        for (address, element) in elements(&catalog) {
            let made = made_by(&steps, &address);
            prop_assert!(made.is_some(), "{} is not made by\n{}", address, plan.script());
            for needed in element.needs.iter().filter_map(|needed| made_by(&steps, needed)) {
                prop_assert!(Some(needed) <= made, "{} comes too soon in\n{}", address, plan.script());
            }
        }
    }

    #[test]
    fn the_same_input_gives_the_same_plan(before in models(), after in models()) {
        let (before, after) = (declared(&before), declared(&after));
        let plan = FullPlan::of(Pair::new(&before, &after));
        prop_assert_eq!(&FullPlan::of(Pair::new(&reversed(&before), &reversed(&after))), &plan);
        prop_assert_eq!(plan.is_empty(), drift(Pair::new(&before, &after)).is_empty());
    }

    #[test]
    fn nothing_is_done_twice(before in models(), after in models()) {
        let (before, after) = (declared(&before), declared(&after));
        let plan = FullPlan::of(Pair::new(&before, &after));
        let mut done: BTreeMap<(Verb, &Address), usize> = BTreeMap::new();
        for step in plan.steps() {
            *done.entry((step.verb, &step.address)).or_default() += 1;
        }
        prop_assert!(done.values().all(|count| *count == 1));
    }
}
