//! All questions of all probes in one message to the server.

use database::Session;
use serde::de::DeserializeOwned;

use crate::Error;

/// Longer than this no question may take.
const PATIENCE: &str = "10s";

/// What a question was answered with: rows as JSON objects, or why there are none.
#[derive(Debug, Clone, Default)]
pub(super) struct Answer(Option<Result<String, String>>);

impl Answer {
    /// The rows; none if nothing was asked.
    ///
    /// # Errors
    /// When the server refused, or a row is not what it should be: in words.
    pub(super) fn rows<T: DeserializeOwned>(&self) -> Result<Vec<T>, String> {
        match &self.0 {
            None => Ok(Vec::new()),
            Some(Err(reason)) => Err(reason.clone()),
            Some(Ok(text)) => serde_json::from_str(text).map_err(|cause| cause.to_string()),
        }
    }

    #[cfg(test)]
    pub(super) fn of(json: &str) -> Self {
        Self(Some(Ok(json.to_owned())))
    }
}

/// Asks all questions at once; where the server refuses one, each by itself.
///
/// # Errors
/// When the connection breaks.
pub(super) async fn ask(
    session: &Session,
    questions: &[Option<String>],
) -> Result<Vec<Answer>, Error> {
    const DOING: &str = "looking what stands in the way";
    let asked: Vec<&String> = questions.iter().flatten().collect();
    let all: String = asked.iter().map(|question| as_json(question)).collect();
    let mut answers: Vec<Result<String, String>> = Vec::new();
    match session.rows(DOING, &framed(&all)).await {
        Ok(rows) => {
            answers.extend(rows.iter().map(|row| Ok(row.get(0).unwrap_or("[]").to_owned())));
        }
        Err(database::Error::Server { .. }) => {
            session.run(DOING, "ROLLBACK").await?;
            for question in asked {
                answers.push(match session.rows(DOING, &framed(&as_json(question))).await {
                    Ok(rows) => {
                        Ok(rows.first().and_then(|row| row.get(0)).unwrap_or("[]").to_owned())
                    }
                    Err(database::Error::Server { cause, .. }) => {
                        session.run(DOING, "ROLLBACK").await?;
                        Err(cause.message)
                    }
                    Err(error) => return Err(error.into()),
                });
            }
        }
        Err(error) => return Err(error.into()),
    }
    let mut answers = answers.into_iter();
    let answer = |question: &Option<String>| Answer(question.as_ref().and_then(|_| answers.next()));
    Ok(questions.iter().map(answer).collect())
}

/// Names are looked up nowhere but where they say: nobody's function is called in place of the server's.
fn framed(script: &str) -> String {
    format!(
        "BEGIN READ ONLY; SET LOCAL search_path = pg_catalog; SET LOCAL statement_timeout = '{PATIENCE}'; \
         {script} COMMIT"
    )
}

fn as_json(question: &str) -> String {
    format!("SELECT coalesce(json_agg(answer), '[]')::text FROM ({question}) AS answer;\n")
}
