//! Questions as data: what a command has to know before it goes on, and who answers.
//!
//! A use case works with [`Answers`]. What they lack it asks of an [`Ask`]: a person at a terminal, or
//! nobody. Nobody is never waited for: [`Error::Unanswered`] holds the questions, each with the flag
//! that answers it.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::Error;

/// Something that only the user can tell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub struct Question {
    /// What `--answer ID=VALUE` names it by.
    pub id: String,
    /// What sort of answer is wanted.
    pub kind: QuestionKind,
    /// The question, with all that is needed to answer it.
    pub text: String,
    /// The answers to choose from; empty if any text will do.
    pub options: Vec<String>,
    /// What an empty answer means.
    pub default: Option<String>,
    /// The flag that answers it.
    pub flag: String,
    /// What the answer decides about, such as what would be lost; of a choice, what each option means.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub about: Vec<String>,
}

/// What sort of answer a question wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum QuestionKind {
    /// Any text.
    Text,
    /// Yes or no.
    Confirm,
    /// One of the options.
    Choice,
    /// The one option, typed in full: for what cannot be undone.
    Typed,
}

impl Question {
    /// A question for any text, which may be left empty.
    pub fn text(id: &str, text: &str, flag: &str) -> Self {
        Self {
            id: id.to_owned(),
            kind: QuestionKind::Text,
            text: text.to_owned(),
            options: Vec::new(),
            default: Some(String::new()),
            flag: flag.to_owned(),
            about: Vec::new(),
        }
    }

    /// A question for yes or no; no answer is no.
    pub fn confirm(id: &str, text: &str, flag: &str) -> Self {
        Self {
            id: id.to_owned(),
            kind: QuestionKind::Confirm,
            text: text.to_owned(),
            options: vec!["yes".to_owned(), "no".to_owned()],
            default: Some("no".to_owned()),
            flag: flag.to_owned(),
            about: Vec::new(),
        }
    }

    /// A question for one of several options.
    pub fn choice(id: &str, text: &str, options: Vec<String>, flag: &str) -> Self {
        Self {
            id: id.to_owned(),
            kind: QuestionKind::Choice,
            text: text.to_owned(),
            options,
            default: None,
            flag: flag.to_owned(),
            about: Vec::new(),
        }
    }

    /// A question that is answered yes by typing a name.
    pub fn typed(id: &str, text: &str, name: &str, flag: &str) -> Self {
        Self {
            id: id.to_owned(),
            kind: QuestionKind::Typed,
            text: text.to_owned(),
            options: vec![name.to_owned()],
            default: None,
            flag: flag.to_owned(),
            about: Vec::new(),
        }
    }

    /// The question with what it decides about: a yes to other losses is no yes to these.
    #[must_use]
    pub fn about(mut self, about: &[String]) -> Self {
        self.about = about.to_vec();
        self
    }

    /// Whether an answer means yes. Nothing but the exact word does.
    pub fn is_yes(&self, answer: &str) -> bool {
        match self.kind {
            QuestionKind::Text | QuestionKind::Choice => !answer.is_empty(),
            QuestionKind::Confirm => {
                matches!(answer.to_ascii_lowercase().as_str(), "y" | "yes" | "true")
            }
            QuestionKind::Typed => self.options.first().is_some_and(|name| name == answer),
        }
    }
}

/// Whoever can be asked.
pub trait Ask {
    /// Returns the answer; none if there is nobody to give one.
    ///
    /// # Errors
    /// [`Error::Interrupted`] when the user left instead of answering.
    fn ask(&mut self, question: &Question) -> Result<Option<String>, Error>;
}

/// Nobody.
#[derive(Debug, Clone, Copy, Default)]
pub struct Nobody;

impl Ask for Nobody {
    fn ask(&mut self, _question: &Question) -> Result<Option<String>, Error> {
        Ok(None)
    }
}

/// The answers given so far.
#[derive(Debug, Clone, Default)]
pub struct Answers {
    /// Those given with the command, by the question's id.
    given: BTreeMap<String, String>,
    /// Those given to questions as they were asked: to another question with the same id they are
    /// none, so that a yes counts only for what was shown.
    heard: Vec<(Question, String)>,
}

impl Answers {
    /// Takes answers from `--answer ID=VALUE` and from a JSON file with an object of them; the former
    /// win.
    ///
    /// # Errors
    /// When one is not of that form, or the file cannot be read.
    pub fn given(answers: &[String], file: Option<&Path>) -> Result<Self, Error> {
        let mut given = BTreeMap::new();
        if let Some(path) = file {
            let text = std::fs::read_to_string(path).map_err(|cause| Error::File {
                doing: "reading",
                path: path.to_owned(),
                cause,
            })?;
            let object: BTreeMap<String, serde_json::Value> = serde_json::from_str(&text)
                .map_err(|cause| Error::Answers(format!("{}: {cause}", path.display())))?;
            for (id, value) in object {
                let value = match value {
                    serde_json::Value::String(text) => text,
                    serde_json::Value::Bool(yes) => if yes { "yes" } else { "no" }.to_owned(),
                    serde_json::Value::Null
                    | serde_json::Value::Number(_)
                    | serde_json::Value::Array(_)
                    | serde_json::Value::Object(_) => value.to_string(),
                };
                given.insert(id, value);
            }
        }
        for answer in answers {
            let (id, value) = answer.split_once('=').ok_or_else(|| {
                Error::Answers(format!("--answer {answer}: an answer is written ID=VALUE"))
            })?;
            given.insert(id.to_owned(), value.to_owned());
        }
        Ok(Self { given, heard: Vec::new() })
    }

    /// Adds an answer that a flag gave.
    #[must_use]
    pub fn with(mut self, id: &str, value: Option<String>) -> Self {
        if let Some(value) = value {
            self.given.insert(id.to_owned(), value);
        }
        self
    }

    /// The answer to a question, if there is one.
    pub fn answer(&self, question: &Question) -> Option<&str> {
        let heard = self.heard.iter().find(|(asked, _)| asked == question);
        let answer = heard.map(|(_, answer)| answer);
        answer.or_else(|| self.given.get(&question.id)).map(String::as_str)
    }

    /// Asks what is not answered yet.
    ///
    /// # Errors
    /// [`Error::Unanswered`] with all the questions when there is nobody to ask,
    /// [`Error::Interrupted`] when the user leaves.
    pub fn ask(&mut self, questions: &[Question], ask: &mut dyn Ask) -> Result<(), Error> {
        let open: Vec<&Question> =
            questions.iter().filter(|question| self.answer(question).is_none()).collect();
        for question in &open {
            match ask.ask(question)? {
                Some(answer) => self.heard.push(((*question).clone(), answer)),
                None => {
                    return Err(Error::Unanswered(open.into_iter().cloned().collect()));
                }
            }
        }
        Ok(())
    }
}

/// The answers so far, and whoever can give more.
pub struct Dialogue<'a> {
    answers: Answers,
    ask: &'a mut dyn Ask,
}

impl<'a> Dialogue<'a> {
    /// Begins with the answers that came with the command.
    pub fn new(answers: Answers, ask: &'a mut dyn Ask) -> Self {
        Self { answers, ask }
    }

    /// Asks what is not answered yet.
    pub(crate) fn ask(&mut self, questions: &[Question]) -> Result<(), Error> {
        self.answers.ask(questions, self.ask)
    }

    /// The answers so far.
    pub(crate) fn answers(&self) -> &Answers {
        &self.answers
    }
}

#[cfg(test)]
mod tests {
    use super::{Answers, Nobody, Question};
    use crate::Error;

    #[test]
    fn a_yes_counts_only_for_what_was_asked() {
        struct Yes;
        impl super::Ask for Yes {
            fn ask(&mut self, _question: &Question) -> Result<Option<String>, Error> {
                Ok(Some("y".to_owned()))
            }
        }
        let one = Question::confirm("lose", "1 row is lost", "--accept");
        let two = Question::confirm("lose", "2 rows are lost", "--accept");
        let mut answers = Answers::default();
        answers.ask(std::slice::from_ref(&one), &mut Yes).unwrap();
        assert!(one.is_yes(answers.answer(&one).unwrap()));
        assert_eq!(answers.answer(&two), None);
    }

    #[test]
    fn nobody_is_not_waited_for() {
        let question = Question::typed("reset", "All is lost.", "app", "--force");
        let mut answers = Answers::default();
        let error = answers.ask(std::slice::from_ref(&question), &mut Nobody).unwrap_err();
        assert!(matches!(error, Error::Unanswered(questions) if questions == [question.clone()]));
        assert!(!question.is_yes("yes"));
        assert!(question.is_yes("app"));
    }

    #[test]
    fn answers_come_as_words_and_as_a_file() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), r#"{ "a": true, "b": "x", "c": "from the file" }"#).unwrap();
        let answers = Answers::given(&["c=a=b".to_owned()], Some(file.path())).unwrap();
        let answer =
            |id| answers.answer(&Question::text(id, "", "")).map(str::to_owned).unwrap_or_default();
        assert_eq!([answer("a"), answer("b"), answer("c")], ["yes", "x", "a=b"]);
        assert!(Answers::given(&["no-value".to_owned()], None).is_err());
    }
}
