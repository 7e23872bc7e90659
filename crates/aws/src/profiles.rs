//! AWS's own files: `~/.aws/config` and `~/.aws/credentials`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::{Error, Surroundings};

/// The settings of one profile.
pub(crate) type Profile = BTreeMap<String, String>;

/// All profiles, and the single-sign-on sessions that they name.
#[derive(Default)]
pub(crate) struct Profiles {
    named: BTreeMap<String, Profile>,
    sessions: BTreeMap<String, Profile>,
    /// The files, whether they are there or not.
    pub(crate) files: Vec<PathBuf>,
}

impl Profiles {
    /// Reads both files; what is not there is empty.
    ///
    /// # Errors
    /// When a file is there and cannot be read.
    pub(crate) fn read(surroundings: &Surroundings) -> Result<Self, Error> {
        let path = |variable: &str, name: &str| {
            let named = surroundings.variable(variable).map(PathBuf::from);
            named.or_else(|| Some(surroundings.folder()?.join(name)))
        };
        let mut all = Self::default();
        if let Some(file) = path("AWS_CONFIG_FILE", "config") {
            for (section, settings) in sections(&read(&file)?) {
                if section == "default" {
                    all.add("default", settings);
                } else if let Some(name) = section.strip_prefix("profile ") {
                    all.add(name.trim(), settings);
                } else if let Some(name) = section.strip_prefix("sso-session ") {
                    all.sessions.insert(name.trim().to_owned(), settings);
                }
            }
            all.files.push(file);
        }
        // Of a setting in both files, that of the credentials file counts.
        if let Some(file) = path("AWS_SHARED_CREDENTIALS_FILE", "credentials") {
            for (section, settings) in sections(&read(&file)?) {
                all.add(&section, settings);
            }
            all.files.push(file);
        }
        Ok(all)
    }

    fn add(&mut self, name: &str, settings: Profile) {
        self.named.entry(name.to_owned()).or_default().extend(settings);
    }

    /// A profile by its name.
    pub(crate) fn profile(&self, name: &str) -> Option<&Profile> {
        self.named.get(name)
    }

    /// A single-sign-on session by its name.
    pub(crate) fn session(&self, name: &str) -> Option<&Profile> {
        self.sessions.get(name)
    }
}

/// The profile that is meant where none is named.
pub(crate) fn name(surroundings: &Surroundings) -> &str {
    let named = surroundings.profile.as_deref();
    named
        .or_else(|| surroundings.variable("AWS_PROFILE"))
        .or_else(|| surroundings.variable("AWS_DEFAULT_PROFILE"))
        .unwrap_or("default")
}

fn read(path: &Path) -> Result<String, Error> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(String::new()),
        Err(error) => {
            Err(Error::File { path: path.display().to_string(), problem: error.to_string() })
        }
    }
}

/// The sections of a file with their settings; nested settings, which are indented, are passed over.
fn sections(text: &str) -> Vec<(String, Profile)> {
    let mut sections: Vec<(String, Profile)> = Vec::new();
    for line in text.lines() {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
            continue;
        }
        if let Some(name) = trimmed.strip_prefix('[') {
            let name = name.split(']').next().unwrap_or_default();
            sections.push((name.trim().to_owned(), Profile::new()));
        } else if !line.starts_with(char::is_whitespace)
            && let Some((key, value)) = trimmed.split_once('=')
            && let Some((_, settings)) = sections.last_mut()
        {
            // A comment behind a value needs a blank before it.
            let value = value.split(" #").next().unwrap_or_default();
            let value = value.split(" ;").next().unwrap_or_default();
            settings.insert(key.trim().to_lowercase(), value.trim().to_owned());
        }
    }
    sections
}
