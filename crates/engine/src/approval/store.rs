//! Where plans wait for a person, and approvals for their use: the user's state folder.
//!
//! ```text
//! key                      what approvals are signed with
//! plans/FINGERPRINT        proposed, to be looked at
//! approvals/FINGERPRINT    approved
//! used/ID                  an approval that was used
//! ```
//!
//! All of it is for the user alone. Whoever can run programs as this user can read the key: what keeps an
//! agent from approving is that none of its tools does it.

use std::fs::{DirBuilder, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use ring::hmac;
use ring::rand::{SecureRandom as _, SystemRandom};

use super::fingerprint::{Fingerprint, text, without_opinions};
use super::record::{Record, Signed};
use crate::{Error, PlanFile, Settings};

/// The user's state folder.
pub(super) struct Store {
    folder: PathBuf,
}

/// What approvals are signed with.
pub(super) struct Key(hmac::Key);

/// That an approval is being used.
pub(super) struct Claim(PathBuf);

impl Store {
    /// Opens the folder, and makes it.
    pub(super) fn open(settings: &Settings) -> Result<Self, Error> {
        let folder = settings.state_directory().ok_or_else(|| Error::Unapproved {
            problem: "there is no folder to keep plans and approvals in".to_owned(),
            next: vec!["set HOME, XDG_STATE_HOME or UNDRIFT_STATE".to_owned()],
        })?;
        for part in ["plans", "approvals", "used"] {
            let path = folder.join(part);
            let made = DirBuilder::new().recursive(true).mode(0o700).create(&path);
            made.map_err(error("making", &path))?;
        }
        Ok(Self { folder })
    }

    /// Keeps a plan, so that a person finds it.
    pub(super) fn keep(&self, fingerprint: &Fingerprint, plan: &PlanFile) -> Result<(), Error> {
        let text = text(&without_opinions(plan.clone()))?;
        write(&self.folder.join("plans").join(fingerprint.as_str()), &text)
    }

    /// The plan that was kept under a fingerprint.
    pub(super) fn kept(&self, fingerprint: &Fingerprint) -> Result<PlanFile, Error> {
        let path = self.folder.join("plans").join(fingerprint.as_str());
        let refused = |problem: &str| Error::Unapproved {
            problem: format!("there is no plan {fingerprint}: {problem}"),
            next: vec!["make it again: undrift plan -o FILE, or the tool plan".to_owned()],
        };
        if !path.exists() {
            return Err(refused("nobody has proposed it here"));
        }
        ensure_private(&path)?;
        let plan = PlanFile::read(&path)?;
        if Fingerprint::of(&plan)? != *fingerprint {
            return Err(refused("the file of that name was changed"));
        }
        Ok(plan)
    }

    /// Puts an approval down, here or in another file.
    pub(super) fn put(&self, record: Record, output: Option<PathBuf>) -> Result<(), Error> {
        let own = || self.folder.join("approvals").join(record.fingerprint.as_str());
        let path = output.unwrap_or_else(own);
        let signed = record.signed(&self.key()?)?;
        write(&path, &text(&signed)?)
    }

    /// The approval of a plan that was put down here.
    pub(super) fn approval(&self, fingerprint: &Fingerprint) -> Result<Option<Record>, Error> {
        let path = self.folder.join("approvals").join(fingerprint.as_str());
        if !path.exists() {
            return Ok(None);
        }
        self.read(&path).map(Some)
    }

    /// Reads an approval from a file.
    pub(super) fn read(&self, path: &Path) -> Result<Record, Error> {
        ensure_private(path)?;
        let refused = |problem: String| Error::Unapproved {
            problem: format!("{}: {problem}", path.display()),
            next: vec!["approve the plan again: undrift approve PLAN".to_owned()],
        };
        let text = std::fs::read_to_string(path).map_err(error("reading", path))?;
        let signed: Signed = serde_json::from_str(&text)
            .map_err(|cause| refused(format!("that is no approval: {cause}")))?;
        let record = signed.verified(&self.key()?)?;
        record.ok_or_else(|| refused("the approval was changed, or is another user's".to_owned()))
    }

    /// Takes an approval for use; fails if it was used before.
    pub(super) fn claim(&self, record: &Record) -> Result<Claim, Error> {
        // The name is ours, but it comes from a file.
        if Fingerprint::parse(&record.id).is_none() {
            return Err(error("using", &self.folder)(io::ErrorKind::InvalidData.into()));
        }
        let path = self.folder.join("used").join(&record.id);
        match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path) {
            Ok(_) => Ok(Claim(path)),
            Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists => Err(Error::Unapproved {
                problem: format!(
                    "the approval of the plan {} was used before, and counts once",
                    record.fingerprint
                ),
                next: vec![format!(
                    "a person approves again: undrift approve {}",
                    record.fingerprint
                )],
            }),
            Err(cause) => Err(error("writing", &path)(cause)),
        }
    }

    fn key(&self) -> Result<Key, Error> {
        let path = self.folder.join("key");
        if !path.exists() {
            let secret = random()?;
            let mut options = OpenOptions::new();
            match options.write(true).create_new(true).mode(0o600).open(&path) {
                Ok(mut file) => {
                    file.write_all(secret.as_bytes()).map_err(error("writing", &path))?;
                }
                // Somebody else was faster.
                Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists => {}
                Err(cause) => return Err(error("writing", &path)(cause)),
            }
        }
        ensure_private(&path)?;
        let secret = std::fs::read_to_string(&path).map_err(error("reading", &path))?;
        if Fingerprint::parse(&secret).is_none() {
            return Err(error("reading", &path)(io::ErrorKind::InvalidData.into()));
        }
        Ok(Key(hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes())))
    }
}

impl Claim {
    /// Gives the approval back: nothing came of it.
    pub(super) fn release(self) {
        // If that fails, the approval counts as used, which is the safe side.
        drop(std::fs::remove_file(self.0));
    }
}

impl Key {
    pub(super) fn sign(&self, text: &str) -> String {
        hexadecimal(hmac::sign(&self.0, text.as_bytes()).as_ref())
    }

    /// Whether the signature is this key's, told in the same time whatever is wrong with it.
    pub(super) fn has_signed(&self, text: &str, mac: &str) -> bool {
        let digit = |at: usize| u8::from_str_radix(mac.get(at..at + 2)?, 16).ok();
        let bytes: Option<Vec<u8>> = (0..mac.len()).step_by(2).map(digit).collect();
        bytes.is_some_and(|bytes| hmac::verify(&self.0, text.as_bytes(), &bytes).is_ok())
    }
}

/// 64 random digits.
pub(crate) fn random() -> Result<String, Error> {
    let mut bytes = [0_u8; 32];
    SystemRandom::new().fill(&mut bytes).map_err(|_| Error::Unapproved {
        problem: "the system gives no random numbers".to_owned(),
        next: Vec::new(),
    })?;
    Ok(hexadecimal(&bytes))
}

fn hexadecimal(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or('0');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// Writes a file that is the user's alone, whole or not at all.
fn write(path: &Path, text: &str) -> Result<(), Error> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new()
        .prefix(".undrift-")
        .tempfile_in(folder)
        .map_err(error("writing", path))?;
    file.write_all(text.as_bytes()).map_err(error("writing", path))?;
    file.persist(path).map_err(|failed| error("writing", path)(failed.error))?;
    Ok(())
}

/// Fails unless a file is a file, and nobody but its owner reads or writes it.
fn ensure_private(path: &Path) -> Result<(), Error> {
    let metadata = std::fs::symlink_metadata(path).map_err(error("reading", path))?;
    let problem = if !metadata.is_file() {
        "is a link or no file"
    } else if metadata.permissions().mode() & 0o077 != 0 {
        "can be read or written by others"
    } else {
        return Ok(());
    };
    Err(Error::Unapproved {
        problem: format!("{} {problem}, so that it is not trusted", path.display()),
        next: vec!["remove it, and approve the plan again: undrift approve PLAN".to_owned()],
    })
}

fn error(doing: &'static str, path: &Path) -> impl Fn(io::Error) -> Error {
    let path = path.to_owned();
    move |cause| Error::File { doing, path: path.clone(), cause }
}
