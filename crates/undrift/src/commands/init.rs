//! `undrift init`.

use std::process::ExitCode;

use clap::Args;
use engine::InitRequest;

use super::{Invocation, Outcome};

/// Make the files of a new project: schema, config, .env, .gitignore.
///
/// With --url, the schema gets the models of that database.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  undrift init
  undrift init --url postgresql://me@localhost:5432/app    with the models of a database")]
pub(crate) struct Flags {
    /// The database; undrift is for this one only
    #[arg(long, value_name = "NAME", default_value = "postgresql", value_parser = ["postgresql", "postgres"])]
    datasource_provider: String,
    /// The generator of the client
    #[arg(long, value_name = "NAME", default_value = "prisma-client")]
    generator_provider: String,
    /// Where the generator puts the client, seen from the schema
    #[arg(long, value_name = "PATH", default_value = "../generated/prisma")]
    output: String,
    /// A preview feature of the generator
    #[arg(long, value_name = "NAME")]
    preview_feature: Vec<String>,
    /// Begin with a model
    #[arg(long)]
    with_model: bool,
}

pub(crate) async fn run(invocation: Invocation<'_>, flags: Flags) -> Outcome {
    let Invocation { settings, terminal, .. } = invocation;
    let Flags { datasource_provider: _, generator_provider, output, preview_feature, with_model } =
        flags;
    let request = InitRequest {
        url: settings.url.clone(),
        generator: generator_provider,
        output,
        preview_features: preview_feature,
        with_model,
    };
    let init = engine::init(&settings, &request, terminal).await?;
    terminal.result(&init, |terminal, init| {
        terminal.line("Initialized Prisma in your project\n");
        for file in &init.files {
            terminal.line(format_args!("  {file}"));
        }
        if let Some(models @ 1..) = init.models {
            let noun = if models > 1 { "models" } else { "model" };
            terminal.line(format_args!("\nThe schema has the {models} {noun} of the database."));
        }
        for warning in &init.warnings {
            terminal.line(format_args!("  {}: {}", warning.message, warning.items.join(", ")));
        }
        terminal.line("\nNext");
        for next in &init.next {
            terminal.line(format_args!("  {next}"));
        }
    });
    Ok(ExitCode::SUCCESS)
}
