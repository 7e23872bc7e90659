//! The bills of materials, by the `CycloneDX` project's own validator.

use std::process::Command;

use anyhow::{Context as _, ensure};

use super::ground::{Ground, ends};
use super::workflow::python;

const VALIDATOR: &str = "cyclonedx-python-lib[json-validation]==11.4.0";

const PROGRAM: &str = "
import sys
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
for path in sys.argv[1:]:
    error = JsonStrictValidator(SchemaVersion.V1_6).validate_str(open(path).read())
    if error: sys.exit(f'{path}: {error}')
";

pub(super) fn run(ground: &Ground) -> anyhow::Result<Vec<String>> {
    let mut held = Vec::new();
    let mut files = Vec::new();
    for entry in std::fs::read_dir(ground.packages())? {
        let path = entry?.path();
        if !path.to_string_lossy().ends_with(".cdx.json") {
            continue;
        }
        let bill: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&path)?)?;
        let components = bill["components"].as_array().context("no components")?;
        let is_licensed = |component: &&serde_json::Value| component["licenses"].is_array();
        let licensed = components.iter().filter(is_licensed).count();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        held.push(format!("{name}: {} components, {licensed} with a licence", components.len()));
        files.push(path);
    }
    ensure!(!files.is_empty(), "no bills of materials were made");
    let modules = python(VALIDATOR, "cyclonedx")?;
    let mut validator = Command::new("python3");
    ends(validator.args(["-c", PROGRAM]).args(&files).env("PYTHONPATH", modules), 0)?;
    held.push(format!("{} valid", files.len()));
    Ok(held)
}
