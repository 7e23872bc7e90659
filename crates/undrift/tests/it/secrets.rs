//! Secrets that the tests know, and the search for them in all that undrift says and writes.
//!
//! Every run of the tests passes here: what it printed, and each file that it left in its project. How many
//! texts were searched is kept under the target folder; `.ci/run` tells it.

use std::io::Write as _;
use std::path::Path;
use std::sync::Mutex;

/// A password that must not come out anywhere; also the secret key of the tests at AWS.
pub(crate) const PASSWORD: &str = "s3cr3t-never-shown";

/// What every token of IAM has in it.
const SIGNATURE: &str = "X-Amz-Signature";

/// Where passwords belong, and git keeps what the test has written: `init --url` writes `.env`, as Prisma
/// does, and the local server's password lies beside it, for its owner alone.
const MEANT: [&str; 3] = [".env", ".undrift/local", ".git"];

static KNOWN: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Remembers what must not come out either, such as the signature of a token that was shown at a door.
pub(crate) fn keep(secret: &str) {
    KNOWN.lock().unwrap().push(secret.to_owned());
}

/// Fails if a secret stands in a text.
#[track_caller]
pub(crate) fn search(place: &str, text: &[u8]) {
    let mut known = KNOWN.lock().unwrap().clone();
    known.extend([PASSWORD, SIGNATURE].map(str::to_owned));
    for secret in known {
        let is_there = text.windows(secret.len()).any(|part| part == secret.as_bytes());
        assert!(!is_there, "a secret in {place}:\n{}", String::from_utf8_lossy(text));
    }
    count();
}

/// Fails if a secret stands in a file of a folder, those of the test itself left out.
#[track_caller]
pub(crate) fn search_files(folder: &Path, is_ours: &dyn Fn(&Path) -> bool) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let kind = entry.file_type().unwrap();
        if is_ours(&path) || MEANT.iter().any(|place| path.ends_with(place)) {
            continue;
        }
        if kind.is_dir() {
            search_files(&path, is_ours);
        } else if kind.is_file()
            && let Ok(content) = std::fs::read(&path)
        {
            search(&path.display().to_string(), &content);
        }
    }
}

/// One more text was searched: the file of this process has a byte for each.
fn count() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("searched");
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join(std::process::id().to_string());
    let mut file = std::fs::OpenOptions::new().create(true).append(true).open(file).unwrap();
    file.write_all(b".").unwrap();
}

#[test]
#[should_panic(expected = "a secret in here")]
fn a_password_in_an_output_is_found() {
    search("here", format!("postgresql://u:{PASSWORD}@h/d").as_bytes());
}

#[test]
fn a_file_that_was_left_is_searched_and_those_of_the_test_are_not() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("deep")).unwrap();
    let file = folder.path().join("deep/plan.json");
    std::fs::write(&file, PASSWORD).unwrap();
    search_files(folder.path(), &|path| path == file);
    let found = std::panic::catch_unwind(|| search_files(folder.path(), &|_| false));
    assert!(found.is_err());
}
