//! Running as somebody else when we are root, which PostgreSQL refuses to be.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, chown};
use std::path::Path;

use crate::Error;

/// An account of the machine without root's powers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Account {
    /// Its name.
    pub(super) name: String,
    /// Its user id.
    pub(super) uid: u32,
    /// Its group id.
    pub(super) gid: u32,
}

impl Account {
    /// Returns the account to run servers as, or nothing if our own will do.
    pub(super) fn needed() -> Result<Option<Self>, Error> {
        if !rustix::process::geteuid().is_root() {
            return Ok(None);
        }
        let path = Path::new("/etc/passwd");
        let accounts = fs::read_to_string(path).map_err(Error::file("reading", path))?;
        // Accounts made for servers first; `nobody` owns nothing, but neither does the cluster need to.
        ["postgres", "nobody"]
            .iter()
            .find_map(|name| Self::parse(&accounts, name))
            .map(Some)
            .ok_or(Error::NoAccount)
    }

    fn parse(accounts: &str, name: &str) -> Option<Self> {
        let line = accounts.lines().find(|line| line.split(':').next() == Some(name))?;
        let mut fields = line.split(':').skip(2);
        let uid = fields.next()?.parse().ok()?;
        let gid = fields.next()?.parse().ok()?;
        (uid != 0).then(|| Self { name: name.to_owned(), uid, gid })
    }

    /// Hands a file or an empty directory over.
    pub(super) fn give(&self, path: &Path) -> Result<(), Error> {
        chown(path, Some(self.uid), Some(self.gid)).map_err(Error::file("giving away", path))
    }

    /// Fails if the account cannot get to `directory` because one above it is closed.
    pub(super) fn can_enter(&self, directory: &Path) -> Result<(), Error> {
        for above in directory.ancestors().skip(1).filter(|it| !it.as_os_str().is_empty()) {
            let metadata = fs::metadata(above).map_err(Error::file("inspecting", above))?;
            let bits = if metadata.uid() == self.uid {
                0o100
            } else if metadata.gid() == self.gid {
                0o010
            } else {
                0o001
            };
            if metadata.mode() & bits == 0 {
                let (account, path) = (self.name.clone(), above.to_owned());
                return Err(Error::Unreachable { account, path });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_read_from_the_password_file() {
        let accounts = "root:x:0:0::/root:/bin/sh\npostgres:x:101:104:,,,:/var:/bin/sh\n";
        let postgres = Account { name: "postgres".to_owned(), uid: 101, gid: 104 };
        assert_eq!(Account::parse(accounts, "postgres"), Some(postgres));
        assert_eq!(Account::parse(accounts, "nobody"), None);
        assert_eq!(Account::parse(accounts, "root"), None);
    }
}
