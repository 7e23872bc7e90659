//! The tools: one file each, and one line in the table.

mod apply;
mod check;
mod diff;
mod drift;
mod lint;
mod plan;
mod preflight;
mod status;
mod validate;

use std::pin::Pin;
use std::sync::Arc;

use engine::Error;
use rmcp::model::{JsonObject, Tool, ToolAnnotations};
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Allow;
use super::work::Call;

/// All tools.
pub(super) const TOOLS: &[Entry] = &[
    Entry::of::<status::Status>(),
    Entry::of::<drift::Drift>(),
    Entry::of::<diff::Diff>(),
    Entry::of::<lint::Lint>(),
    Entry::of::<validate::Validate>(),
    Entry::of::<check::Check>(),
    Entry::of::<preflight::Preflight>(),
    Entry::of::<plan::Plan>(),
    Entry::of::<apply::Apply>(),
];

/// A tool: a function of the engine, with its arguments and its result.
trait Function {
    /// What it is called by.
    const NAME: &'static str;
    /// The same for a person.
    const TITLE: &'static str;
    /// What it does, for a model to choose by.
    const DESCRIPTION: &'static str;
    /// What the server must have been started with.
    const NEEDS: Allow = Allow::Nothing;

    /// The arguments. What is not one of them is refused.
    type Input: DeserializeOwned + JsonSchema;
    /// The result.
    type Output: Serialize + JsonSchema;

    async fn run(input: Self::Input, call: Call) -> Result<Self::Output, Error>;
}

/// A tool without arguments.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(clippy::empty_structs_with_brackets, reason = "in JSON it is an object")]
pub(super) struct Nothing {}

type Outcome = Pin<Box<dyn Future<Output = Result<Value, Error>>>>;

/// A tool as the server needs it.
pub(super) struct Entry {
    pub(super) name: &'static str,
    pub(super) title: &'static str,
    pub(super) description: &'static str,
    pub(super) needs: Allow,
    pub(super) input: fn() -> JsonObject,
    pub(super) output: fn() -> JsonObject,
    pub(super) run: fn(Value, Call) -> Outcome,
}

impl Entry {
    const fn of<T: Function>() -> Self {
        Self {
            name: T::NAME,
            title: T::TITLE,
            description: T::DESCRIPTION,
            needs: T::NEEDS,
            input: schema::<T::Input, false>,
            output: schema::<T::Output, true>,
            run: run::<T>,
        }
    }

    /// The tool as clients see it.
    pub(super) fn tool(&self) -> Tool {
        // What a client may tell its user. What a tool does is decided by the engine, not by these.
        let changes = self.needs == Allow::Apply;
        let annotations = ToolAnnotations::with_title(self.title)
            .read_only(!changes)
            .destructive(changes)
            .idempotent(true)
            .open_world(false);
        Tool::new(self.name, self.description, Arc::new((self.input)()))
            .with_title(self.title)
            .with_raw_output_schema(Arc::new((self.output)()))
            .with_annotations(annotations)
    }
}

fn run<T: Function>(arguments: Value, call: Call) -> Outcome {
    Box::pin(async move {
        let refused = |cause: serde_json::Error| {
            Error::Usage(format!("the arguments of {}: {cause}", T::NAME))
        };
        let input = serde_json::from_value(arguments).map_err(refused)?;
        let output = T::run(input, call).await?;
        serde_json::to_value(output)
            .map_err(|cause| Error::Usage(format!("writing the result of {}: {cause}", T::NAME)))
    })
}

/// The JSON schema of what is read, or of what is written.
fn schema<T: JsonSchema, const IS_WRITTEN: bool>() -> JsonObject {
    let settings = SchemaSettings::draft2020_12();
    let settings = if IS_WRITTEN { settings.for_serialize() } else { settings };
    let schema = settings.into_generator().into_root_schema_for::<T>();
    let mut schema = match schema.to_value() {
        Value::Object(schema) => schema,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            JsonObject::new()
        }
    };
    // The protocol wants an object said to be one, of whatever sorts.
    schema.entry("type").or_insert_with(|| "object".into());
    schema.remove("title");
    schema.values_mut().for_each(without_formats);
    schema
}

/// Leaves out how wide a number is in Rust, which validators take for a mistake.
fn without_formats(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            if object.get("format").and_then(Value::as_str).is_some_and(|it| it.contains("int")) {
                object.remove("format");
            }
            object.values_mut().for_each(without_formats);
        }
        Value::Array(values) => values.iter_mut().for_each(without_formats),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
