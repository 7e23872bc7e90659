//! What the judged migrations do to a database in use.

use super::data_loss::DESTROYS_DATA;
use super::ground::Ground;
use super::{Answer, CheckKind};
use crate::Issue;

pub(super) const CHECK: CheckKind = CheckKind {
    name: "lint",
    asks: "Do new migrations leave others at work, and say what they do?",
    codes: &[],
    run,
};

fn run(ground: &Ground<'_>) -> Answer {
    let all = ground.files.iter().flat_map(|file| {
        let findings = file.findings.iter().filter(|finding| finding.rule != DESTROYS_DATA);
        findings.map(|finding| Issue::found(&file.path, finding))
    });
    Answer::Found(all.collect())
}
