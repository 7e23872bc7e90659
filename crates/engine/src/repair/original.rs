//! The file of a migration as it was applied: its SHA-256 is in the history, so that whatever has that
//! sum is the file.

use std::path::Path;

use serde::Serialize;
use tokio::process::Command;

/// A file as it was applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Original {
    /// Its text.
    pub(super) text: String,
    /// Where it was found.
    pub(super) origin: Origin,
}

/// Where the file as it was applied was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// In the file itself: with other line ends, or without a byte order mark.
    Encoding,
    /// In git.
    Git {
        /// The commit, shortened.
        commit: String,
    },
    /// In the folder of another name.
    Folder {
        /// The name.
        name: String,
    },
}

/// Looks for the file in a text, encoded otherwise.
pub(super) fn in_text(text: &str, checksum: &str) -> Option<String> {
    encodings(text).into_iter().find(|text| project::checksum(text.as_bytes()) == checksum)
}

/// A text in all the ways in which editors and git write the same one.
fn encodings(text: &str) -> Vec<String> {
    let plain = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n");
    let trimmed = plain.trim_end_matches('\n');
    let mut all = vec![text.to_owned()];
    for text in [plain.clone(), trimmed.to_owned(), format!("{trimmed}\n")] {
        let carriage = text.replace('\n', "\r\n");
        for text in [text, carriage] {
            all.push(format!("\u{feff}{text}"));
            all.push(text);
        }
    }
    all
}

/// Looks for the file in the history of the repository that the folder is in. None as well if there is no
/// git, or no repository.
pub(super) async fn in_git(folder: &Path, name: &str, checksum: &str) -> Option<Original> {
    let path = format!("{name}/migration.sql");
    let listing = ["log", "--all", "--format=%H", "--", &path];
    let commits = git(folder, &listing).await?;
    for commit in commits.lines() {
        // Where the commit removes it, it is in the one before.
        for commit in [commit.to_owned(), format!("{commit}^")] {
            let Some(text) = git(folder, &["show", &format!("{commit}:./{path}")]).await else {
                continue;
            };
            if let Some(text) = in_text(&text, checksum) {
                let commit = commit.chars().take(10).collect();
                return Some(Original { text, origin: Origin::Git { commit } });
            }
        }
    }
    None
}

async fn git(folder: &Path, arguments: &[&str]) -> Option<String> {
    let mut existing = folder;
    while !existing.is_dir() {
        existing = existing.parent()?;
    }
    let output = Command::new("git").arg("-C").arg(existing).args(arguments).output().await.ok()?;
    if !output.status.success() {
        return None;
    }
    String::from_utf8(output.stdout).ok()
}

#[cfg(test)]
mod tests {
    use super::in_text;

    #[test]
    fn the_encoding_that_has_the_sum_is_found() {
        let checksum = project::checksum(b"SELECT 1;\nSELECT 2;\n");
        for text in [
            "SELECT 1;\r\nSELECT 2;\r\n",
            "\u{feff}SELECT 1;\nSELECT 2;",
            "SELECT 1;\nSELECT 2;\n\n",
        ] {
            assert_eq!(
                in_text(text, &checksum).as_deref(),
                Some("SELECT 1;\nSELECT 2;\n"),
                "{text:?}"
            );
        }
        assert_eq!(in_text("SELECT 1; SELECT 2;\n", &checksum), None);
    }
}
