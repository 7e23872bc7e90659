//! What follows a change of the database, as with Prisma 6: generators and seed.

use engine::{Error, Output, Program, Project, Settings};

use crate::terminal::Terminal;

/// Runs a program, with its output where it does not disturb the result.
pub(super) async fn run(
    program: &Program,
    settings: &Settings,
    terminal: &mut Terminal,
) -> Result<(), Error> {
    let output = if terminal.is_json() { Output::Error } else { Output::Standard };
    program.run(settings, output).await
}

/// Runs the generators, where Prisma would do so by itself. That Prisma is not installed, or that a
/// generator fails, is no reason to call the change a failure; an interruption ends the command.
pub(super) async fn generate_after(
    project: &Project,
    settings: &Settings,
    terminal: &mut Terminal,
) -> Result<(), Error> {
    if !engine::generates_by_itself(project) {
        return Ok(());
    }
    let generated = match engine::generate_program(project, settings, &[]) {
        Ok(program) => {
            terminal.told("\nRunning generate... (Use --skip-generate to skip the generators)");
            run(&program, settings, terminal).await
        }
        Err(error) => Err(error),
    };
    match generated {
        Err(Error::Interrupted) => return Err(Error::Interrupted),
        Err(error) => terminal.warn(&format!("not generated: {error}")),
        Ok(()) => {}
    }
    Ok(())
}

/// Runs the seed command of a project.
pub(super) async fn seed(
    program: &Program,
    settings: &Settings,
    terminal: &mut Terminal,
) -> Result<(), Error> {
    terminal.told(format_args!("Running seed command `{}` ...", program.shown));
    let seeded = run(program, settings, terminal).await;
    match &seeded {
        Ok(()) => terminal.told("\n🌱  The seed command has been executed."),
        Err(_) if terminal.is_json() => {}
        Err(_) => terminal.note("\nAn error occurred while running the seed command:"),
    }
    seeded
}
