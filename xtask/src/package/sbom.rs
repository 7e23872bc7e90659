//! What is in the program, for other programs: `CycloneDX` 1.6.
#![expect(clippy::indexing_slicing, reason = "JSON answers null where it has nothing")]

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::build::Source;
use super::inventory::{Crate, Id};
use super::licences;
use super::target::Target;

/// The bill of materials of the program for a target.
pub(super) fn of(crates: &BTreeMap<Id, Crate>, target: &Target, source: &Source) -> Value {
    let (itself, others): (Vec<_>, Vec<_>) =
        crates.iter().partition(|((name, _), _)| name == "undrift");
    let mut main = itself.into_iter().map(|(id, it)| {
        let mut component = component("application", id, it);
        let properties = [("undrift:target", target.triple), ("undrift:commit", &source.commit)];
        component["properties"] =
            properties.map(|(name, value)| json!({ "name": name, "value": value })).into();
        component
    });
    let dependencies = crates.iter().map(|(id, it)| {
        json!({ "ref": reference(id), "dependsOn": it.uses.iter().map(reference).collect::<Vec<_>>() })
    });
    json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": { "timestamp": source.date, "component": main.next() },
        "components": others.into_iter().map(|(id, it)| component("library", id, it)).collect::<Vec<_>>(),
        "dependencies": dependencies.collect::<Vec<_>>(),
    })
}

fn component(kind: &str, id: &Id, known: &Crate) -> Value {
    let (name, version) = id;
    let mut component = json!({
        "type": kind, "bom-ref": reference(id), "name": name, "version": version,
    });
    if let Some(expression) = licences::stated(name, known) {
        component["licenses"] = json!([{ "expression": expression }]);
    }
    // What is not of crates.io has no address there.
    if let Some(checksum) = &known.checksum {
        component["hashes"] = json!([{ "alg": "SHA-256", "content": checksum }]);
        component["purl"] = reference(id).into();
    }
    component
}

fn reference((name, version): &Id) -> String {
    format!("pkg:cargo/{name}@{}", version.replace('+', "%2B"))
}
