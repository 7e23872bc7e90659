//! Programs of the project's that undrift runs: its seed command, and its own Prisma for generators.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use project::{Project, Release};
use tokio::process::Command;

use crate::{Error, Settings};

/// A program that is ready to be run.
#[derive(Debug, Clone)]
pub struct Program {
    /// The command as a person would type it.
    pub shown: String,
    file: OsString,
    arguments: Vec<OsString>,
}

/// Where the standard output of a program goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Output {
    /// To ours.
    Standard,
    /// To our standard error, since ours is for the result alone.
    Error,
}

/// The command that fills the database with data, if the project has one; `more` are further arguments
/// for it.
pub fn seed_program(project: &Project, more: &[String]) -> Option<Program> {
    let seed = project.seed.as_ref()?;
    let mut words = words(&seed.value).into_iter().map(OsString::from);
    let program = words.next()?;
    let shown: Vec<&str> =
        std::iter::once(seed.value.trim()).chain(more.iter().map(String::as_str)).collect();
    let shown = shown.join(" ");
    let arguments = words.chain(more.iter().map(OsString::from)).collect();
    Some(Program { shown, file: program, arguments })
}

/// The `prisma generate` of the project's own Prisma, which also runs its other generators.
///
/// # Errors
/// [`Error::Program`] when Prisma is not installed in the project.
pub fn generate_program(
    project: &Project,
    settings: &Settings,
    more: &[String],
) -> Result<Program, Error> {
    let folders = bin_folders(&project.root);
    let Some(prisma) = folders.iter().map(|bin| bin.join("prisma")).find(|path| path.is_file())
    else {
        return Err(Error::Program {
            message:
                "generators are run by Prisma, which is not installed in this project: there is \
                      no node_modules/.bin/prisma here or above"
                    .to_owned(),
            help: Some(
                "npm install --save-dev prisma, or the same with your package manager".to_owned(),
            ),
        });
    };
    let mut arguments: Vec<OsString> = vec!["generate".into()];
    for (flag, path) in [("--schema", &settings.schema), ("--config", &settings.config)] {
        if let Some(path) = path {
            arguments.extend([flag.into(), path.into()]);
        }
    }
    arguments.extend(more.iter().map(OsString::from));
    Ok(Program { shown: "prisma generate".to_owned(), file: prisma.into(), arguments })
}

/// Whether commands that change the database generate the client afterwards, as Prisma 6 does and 7
/// does not.
pub fn generates_by_itself(project: &Project) -> bool {
    let mut blocks = project.schema_files.documents().iter().flat_map(|document| &document.blocks);
    project.release == Release::Six && blocks.any(|block| block.keyword.text == "generator")
}

/// Whether a reset fills the database with data afterwards, as Prisma 6 does and 7 does not.
pub fn seeds_by_itself(project: &Project) -> bool {
    project.release == Release::Six && project.seed.is_some()
}

impl Program {
    /// Runs the program to its end, with the project's own programs on its path. If the work is given
    /// up meanwhile, the program is ended.
    ///
    /// # Errors
    /// [`Error::Program`] when it cannot be run, or fails; [`Error::Interrupted`] when the user
    /// interrupts.
    pub async fn run(&self, settings: &Settings, output: Output) -> Result<(), Error> {
        let failed = |message: String, help: Option<String>| Error::Program { message, help };
        let mut path = OsString::new();
        for folder in bin_folders(&settings.current_directory) {
            path.push(folder);
            path.push(":");
        }
        path.push(settings.environment.get("PATH").map_or("", String::as_str));
        let mut command = Command::new(self.found(&path));
        command
            .args(&self.arguments)
            .current_dir(&settings.current_directory)
            .env("PATH", &path)
            .kill_on_drop(true);
        if output == Output::Error {
            command.stdout(Stdio::from(std::io::stderr()));
        }
        let status = tokio::select! {
            biased;
            // The program heard it, too; what comes after it must not begin.
            Ok(()) = tokio::signal::ctrl_c() => return Err(Error::Interrupted),
            status = command.status() => status,
        };
        match status {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(match status.code() {
                Some(code) => {
                    failed(format!("Command failed with exit code {code}: {}", self.shown), None)
                }
                None => failed(format!("Command was ended by a signal: {}", self.shown), None),
            }),
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => Err(failed(
                format!("Command failed with ENOENT: {}", self.shown),
                Some(format!(
                    "there is no program `{}` in node_modules/.bin or on the PATH",
                    Path::new(&self.file).display()
                )),
            )),
            Err(cause) => Err(failed(format!("running {}: {cause}", self.shown), None)),
        }
    }

    /// The program's file on a path; what is looked up by the system would be ours.
    fn found(&self, path: &OsString) -> PathBuf {
        let program = Path::new(&self.file);
        if program.components().count() > 1 {
            return program.to_owned();
        }
        let mut files = std::env::split_paths(path).map(|folder| folder.join(program));
        files.find(|file| file.is_file()).unwrap_or_else(|| program.to_owned())
    }
}

/// Where the project's packages put their programs, the nearest first.
fn bin_folders(folder: &Path) -> Vec<PathBuf> {
    folder.ancestors().map(|folder| folder.join("node_modules/.bin")).collect()
}

/// Takes a command apart at its blanks. There is no shell, as with Prisma: quotes hold words together,
/// and a backslash takes the meaning of what follows.
fn words(command: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut characters = command.chars();
    while let Some(c) = characters.next() {
        match (c, quote) {
            ('\\', _) => word.get_or_insert_default().extend(characters.next()),
            (c, Some(end)) if c == end => quote = None,
            (c, Some(_)) => word.get_or_insert_default().push(c),
            ('"' | '\'', None) => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (c, None) if c.is_whitespace() => words.extend(word.take()),
            (c, None) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn a_command_is_taken_apart_at_its_blanks() {
        assert_eq!(words(" ts-node  prisma/seed.ts "), ["ts-node", "prisma/seed.ts"]);
        assert_eq!(
            words(r#"ts-node --compiler-options {\"module\":\"CommonJS\"} a\ b"#),
            ["ts-node", "--compiler-options", r#"{"module":"CommonJS"}"#, "a b"]
        );
        assert_eq!(words(r#"sh -c 'echo "x y"'"#), ["sh", "-c", r#"echo "x y""#]);
        assert_eq!(words(""), [""; 0]);
    }
}
