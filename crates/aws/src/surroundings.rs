//! What AWS's programs take from the process that they run in.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

/// Tells the time.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> SystemTime + Send + Sync>);

impl Clock {
    /// A clock that shows what a function says.
    pub fn new(now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The time.
    pub fn now(&self) -> SystemTime {
        (self.0)()
    }
}

impl Default for Clock {
    /// The machine's clock.
    fn default() -> Self {
        #[expect(clippy::disallowed_methods, reason = "this is the clock that is passed down")]
        Self::new(SystemTime::now)
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}

/// Where credentials are looked for, and what the time is. Its debug text holds no variables, since
/// some of them are secrets.
#[derive(Clone, Default)]
pub struct Surroundings {
    /// The process's variables: `AWS_PROFILE`, `AWS_ACCESS_KEY_ID`, `HOME`, …
    pub variables: BTreeMap<String, String>,
    /// The profile to use; none: `AWS_PROFILE`, or `default`. One that is named here wins over
    /// credentials in variables, as in AWS's own programs.
    pub profile: Option<String>,
    /// The region; none: `AWS_REGION`, or the profile's.
    pub region: Option<String>,
    /// The time.
    pub clock: Clock,
}

impl fmt::Debug for Surroundings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { variables: _, profile, region, clock: _ } = self;
        f.debug_struct("Surroundings").field("profile", profile).field("region", region).finish()
    }
}

impl Surroundings {
    /// A variable that is set to something.
    pub(crate) fn variable(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Whether a variable is set to `true`.
    pub(crate) fn is_true(&self, name: &str) -> bool {
        self.variable(name).is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    /// The folder of AWS's own files.
    pub(crate) fn folder(&self) -> Option<PathBuf> {
        let home = self.variable("HOME").or_else(|| self.variable("USERPROFILE"))?;
        Some(PathBuf::from(home).join(".aws"))
    }
}
