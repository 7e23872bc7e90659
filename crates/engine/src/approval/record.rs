//! An approval as it is put down.

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use super::ApproveRequest;
use super::fingerprint::{Fingerprint, text, without_opinions};
use super::store::{Key, random};
use crate::{Error, PlanFile, Settings};

/// The form of the file; another form has another number.
const FORMAT: u32 = 1;

/// What a person agreed to.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Record {
    format: u32,
    /// Counts once: this is what is remembered of it.
    pub(super) id: String,
    /// The plan.
    pub(super) fingerprint: Fingerprint,
    /// What tells the database's content from any other, as it was.
    target: String,
    /// Until when it counts, in seconds since 1970.
    expires: u64,
    /// Who agreed, as far as the system knows.
    pub(super) by: Option<String>,
    /// The plan, with the person's answers.
    plan: PlanFile,
}

/// The same with what shows that undrift wrote it for this user.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Signed {
    approval: Record,
    mac: String,
}

impl Record {
    /// Puts down that the plan may be applied from now on for a while.
    pub(super) fn new(
        fingerprint: Fingerprint,
        plan: PlanFile,
        request: &ApproveRequest,
        settings: &Settings,
    ) -> Result<Self, Error> {
        let name = |variable: &str| settings.environment.get(variable).cloned();
        Ok(Self {
            format: FORMAT,
            id: random()?,
            fingerprint,
            target: plan.target.fingerprint.clone(),
            expires: seconds(request.now).saturating_add(request.lasting.as_secs()),
            by: name("USER").or_else(|| name("LOGNAME")),
            plan: without_opinions(plan),
        })
    }

    /// Whether its time is over.
    pub(super) fn is_expired(&self, now: SystemTime) -> bool {
        seconds(now) >= self.expires
    }

    /// The plan with the person's answers, if it is the one of the fingerprint.
    pub(super) fn plan(self) -> Result<Option<PlanFile>, Error> {
        let mut bare = self.plan.clone();
        let asked: BTreeMap<&str, bool> =
            self.plan.questions.iter().map(|it| (it.id.as_str(), super::is_choice(it))).collect();
        bare.answers.retain(|id, _| asked.get(id.as_str()).is_some_and(|is_choice| *is_choice));
        let is_same = Fingerprint::of(&bare)? == self.fingerprint
            && self.target == self.plan.target.fingerprint
            && self.format == FORMAT
            && self.plan.undrift == env!("CARGO_PKG_VERSION");
        Ok(is_same.then_some(self.plan))
    }

    /// Signs it.
    pub(super) fn signed(self, key: &Key) -> Result<Signed, Error> {
        let mac = key.sign(&text(&self)?);
        Ok(Signed { approval: self, mac })
    }
}

impl Signed {
    /// What was put down, if nobody has changed it.
    pub(super) fn verified(self, key: &Key) -> Result<Option<Record>, Error> {
        Ok(key.has_signed(&text(&self.approval)?, &self.mac).then_some(self.approval))
    }
}

/// Seconds since 1970.
fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(u64::MAX, |since| since.as_secs())
}
