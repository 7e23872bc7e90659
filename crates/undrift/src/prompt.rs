//! Questions, asked of a person at the terminal, or answered by flags.

use std::io::IsTerminal as _;
use std::path::PathBuf;

use clap::Args;
use engine::{Answers, Ask, Error, Question, QuestionKind};
use inquire::{Confirm, InquireError, Select, Text};

/// The flags of every command that may ask something.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Answers")]
pub(crate) struct AnswerFlags {
    /// The answer to a question, known beforehand: `--answer data-loss=yes`
    #[arg(long = "answer", value_name = "ID=VALUE")]
    answers: Vec<String>,
    /// A JSON file with an object of answers, by id
    #[arg(long = "answers", value_name = "FILE")]
    file: Option<PathBuf>,
}

impl AnswerFlags {
    /// Returns the answers given.
    pub(crate) fn read(&self) -> Result<Answers, Error> {
        Answers::given(&self.answers, self.file.as_deref())
    }
}

/// Whoever is at the terminal, if somebody is: with `--json` the answers come from a program.
pub(crate) struct Person {
    is_there: bool,
}

impl Person {
    pub(crate) fn at_terminal(json: bool) -> Self {
        Self {
            is_there: !json && std::io::stdin().is_terminal() && std::io::stdout().is_terminal(),
        }
    }
}

impl Ask for Person {
    fn ask(&mut self, question: &Question) -> Result<Option<String>, Error> {
        if !self.is_there {
            return Ok(None);
        }
        let answer = match question.kind {
            QuestionKind::Text => Text::new(&question.text).prompt(),
            QuestionKind::Confirm => Confirm::new(&question.text)
                .with_default(false)
                .prompt()
                .map(|yes| if yes { "yes" } else { "no" }.to_owned()),
            QuestionKind::Choice => {
                let about = question.about.iter().map(String::as_str).chain(std::iter::repeat(""));
                let lines = question.options.iter().zip(about);
                let lines = lines.map(|(option, about)| format!("{option}: {about}")).collect();
                let chosen = Select::new(&question.text, lines).raw_prompt();
                chosen.map(|chosen| question.options.get(chosen.index).cloned().unwrap_or_default())
            }
            QuestionKind::Typed => {
                let word = question.options.first().cloned().unwrap_or_default();
                let help = format!("type {word} to go on, anything else to stop");
                Text::new(&question.text).with_help_message(&help).prompt()
            }
        };
        match answer {
            Ok(answer) => Ok(Some(answer)),
            Err(InquireError::NotTTY) => Ok(None),
            Err(
                InquireError::OperationCanceled
                | InquireError::OperationInterrupted
                | InquireError::InvalidConfiguration(_)
                | InquireError::IO(_)
                | InquireError::Custom(_),
            ) => Err(Error::Interrupted),
        }
    }
}
