//! What was shown to be decided about: only that is done, by its number, and as it was shown.

use std::cell::RefCell;
use std::collections::VecDeque;

use engine::{
    AdoptRequest, Against, Answers, Ask, Cancel, Dialogue, Difference, DriftRequest, Error,
    PlanFile, PlanOf, Progress, Project, Question, QuestionKind, RevertRequest, Settings, Token,
};

use crate::settings::now;

/// How many reviews are remembered.
const KEPT: usize = 64;

/// Something that was shown.
#[derive(Clone)]
pub(super) struct Reviewed {
    pub(super) environment: String,
    /// The word that has to be typed.
    pub(super) word: String,
    pub(super) what: What,
}

/// What was shown.
#[derive(Clone)]
pub(super) enum What {
    Deploy(Box<PlanFile>),
    Adopt(Box<engine::Adoption>, Vec<String>),
    Revert(Box<engine::Reversion>, Vec<String>),
    Ignore(Vec<Difference>, Vec<String>),
}

/// What was shown last, by what names it.
#[derive(Default)]
pub(super) struct Reviews(RefCell<VecDeque<(String, Reviewed)>>);

impl Reviews {
    /// Remembers what is shown, and returns what names it.
    pub(super) fn keep(&self, reviewed: Reviewed) -> Result<String, Error> {
        let id = Token::random()?.reveal().to_owned();
        let mut kept = self.0.borrow_mut();
        kept.push_back((id.clone(), reviewed));
        if kept.len() > KEPT {
            kept.pop_front();
        }
        Ok(id)
    }

    /// Takes out what was shown: it is done once.
    pub(super) fn take(&self, id: &str) -> Option<Reviewed> {
        let mut kept = self.0.borrow_mut();
        let at = kept.iter().position(|(known, _)| known == id)?;
        kept.remove(at).map(|(_, reviewed)| reviewed)
    }
}

/// A project, and the database of it that is meant.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) project: &'a Project,
    pub(super) settings: &'a Settings,
}

/// What a form says besides the word.
pub(super) struct Said {
    pub(super) name: String,
    pub(super) reason: String,
}

impl Place<'_> {
    /// Works out what would be done. Changes nothing.
    pub(super) async fn review(
        self,
        way: &str,
        objects: Vec<String>,
        progress: &mut (dyn Progress + '_),
    ) -> Result<What, Error> {
        let Self { project, settings } = self;
        Ok(match way {
            "deploy" => {
                let plan =
                    engine::plan(project, settings, PlanOf::Deploy, Answers::default(), progress);
                What::Deploy(Box::new(plan.await?))
            }
            "adopt" => {
                let request = adoption("adopt_drift", &objects, true);
                let adoption =
                    engine::adopt(project, settings, request, Cancel::default(), progress);
                What::Adopt(Box::new(adoption.await?), objects)
            }
            "revert" => {
                let request =
                    RevertRequest { objects: objects.clone(), dry_run: true, planned: None };
                let mut nobody = engine::Nobody;
                let dialogue = Dialogue::new(Answers::default(), &mut nobody);
                let cancel = Cancel::default();
                let reversion =
                    engine::revert(project, settings, request, dialogue, cancel, progress);
                What::Revert(Box::new(reversion.await?), objects)
            }
            "ignore" => {
                let against = Against::Migrations;
                let request = DriftRequest { against, objects: objects.clone(), sql: false };
                let explanation = engine::explain(project, settings, &request, progress).await?;
                let differences = explanation.objects.into_iter().map(|it| it.difference);
                What::Ignore(differences.collect(), objects)
            }
            other => return Err(Error::Usage(format!("{other} is nothing that can be reviewed"))),
        })
    }

    /// Does what was shown, if it is still so, and says what came of it.
    pub(super) async fn carry_out(
        self,
        reviewed: Reviewed,
        said: Said,
        cancel: Cancel,
        progress: &mut (dyn Progress + '_),
    ) -> Result<String, Error> {
        let Self { project, settings } = self;
        match reviewed.what {
            What::Deploy(mut plan) => {
                agree(&mut plan, &reviewed.word);
                let applied = engine::apply(project, settings, &plan, cancel, progress).await?;
                Ok(match applied {
                    engine::AppliedPlan::Deploy(deployment) => {
                        format!("{} applied.", count(deployment.report.applied.len(), "migration"))
                    }
                    engine::AppliedPlan::Schema(_)
                    | engine::AppliedPlan::Drift(_)
                    | engine::AppliedPlan::Nothing => "There was nothing left to do.".to_owned(),
                })
            }
            What::Adopt(shown, objects) => {
                let request = adoption(&said.name, &objects, true);
                let again =
                    engine::adopt(project, settings, request, cancel.clone(), progress).await?;
                if again.script != shown.script {
                    let line = "to keep the drift now takes another migration".to_owned();
                    return Err(Error::PlanOutdated(vec![line]));
                }
                let request = adoption(&said.name, &objects, false);
                let adopted = engine::adopt(project, settings, request, cancel, progress).await?;
                let name = adopted.created.unwrap_or_default();
                Ok(format!("{name} is written and marked as applied."))
            }
            What::Revert(shown, objects) => {
                let planned = Some(shown.statements.clone());
                let request = RevertRequest { objects, dry_run: false, planned };
                let mut agreed = Agreed { losses: shown.losses.clone(), word: reviewed.word };
                let dialogue = Dialogue::new(Answers::default(), &mut agreed);
                let reversion =
                    engine::revert(project, settings, request, dialogue, cancel, progress).await?;
                Ok(format!("{} taken back.", count(reversion.reverted.len(), "object")))
            }
            What::Ignore(_, objects) => {
                let reason = Some(said.reason.as_str()).filter(|reason| !reason.is_empty());
                let ignoring = engine::ignore(project, settings, objects, reason, progress).await?;
                let written = count(ignoring.objects.len(), "rule");
                Ok(format!("{written} written into {}.", ignoring.file))
            }
        }
    }
}

fn adoption(name: &str, objects: &[String], dry_run: bool) -> AdoptRequest {
    let (name, objects) = (name.to_owned(), objects.to_vec());
    AdoptRequest { name, now: now(), objects, dry_run }
}

/// Answers the questions of a plan with the yes that was given to it as a whole.
fn agree(plan: &mut PlanFile, word: &str) {
    for question in &plan.questions {
        let answer = match question.kind {
            QuestionKind::Confirm => "yes",
            QuestionKind::Typed => word,
            QuestionKind::Text | QuestionKind::Choice => continue,
        };
        plan.answers.insert(question.id.clone(), answer.to_owned());
    }
}

/// A person who has agreed to these losses, and no others.
struct Agreed {
    losses: Vec<String>,
    word: String,
}

impl Ask for Agreed {
    fn ask(&mut self, question: &Question) -> Result<Option<String>, Error> {
        let told: Vec<String> =
            self.losses.iter().map(|loss| format!("would be lost: {loss}")).collect();
        Ok(match question.kind {
            QuestionKind::Confirm if self.losses.is_empty() => Some("yes".to_owned()),
            QuestionKind::Typed if question.about == told => Some(self.word.clone()),
            QuestionKind::Confirm
            | QuestionKind::Typed
            | QuestionKind::Text
            | QuestionKind::Choice => None,
        })
    }
}

fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun} is") } else { format!("{number} {noun}s are") }
}

#[cfg(test)]
mod tests {
    use engine::{Ask as _, Question};

    use super::Agreed;

    #[test]
    fn a_yes_is_for_what_was_shown() {
        let mut agreed =
            Agreed { losses: vec!["3 rows of public.a".to_owned()], word: "app".to_owned() };
        let question =
            |about: &str| Question::typed("data-loss", "?", "app", "").about(&[about.to_owned()]);
        let shown = question("would be lost: 3 rows of public.a");
        assert_eq!(agreed.ask(&shown).unwrap().as_deref(), Some("app"));
        let more = question("would be lost: 4 rows of public.a");
        assert_eq!(agreed.ask(&more).unwrap(), None);
        assert_eq!(agreed.ask(&Question::confirm("revert", "?", "")).unwrap(), None);
    }
}
