//! Paths as Node puts them together.

use std::path::{Component, Path, PathBuf};

/// Takes `.` and `..` out of a path as text, without asking the file system.
pub(crate) fn clean(path: &Path) -> PathBuf {
    let mut cleaned = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => match cleaned.components().next_back() {
                Some(Component::Normal(_)) => {
                    cleaned.pop();
                }
                Some(Component::RootDir) => {}
                _ => cleaned.push(component),
            },
            Component::Normal(_) | Component::RootDir | Component::Prefix(_) => {
                cleaned.push(component);
            }
        }
    }
    cleaned
}

/// Node's `path.join`: the parts one behind the other, whether or not they begin with a slash.
pub(crate) fn join(parts: &[String]) -> String {
    let parts: Vec<&str> =
        parts.iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
    or_dot(&clean(Path::new(&parts.join("/"))))
}

/// Node's `path.resolve`: every part from the one before, the first from the current directory.
pub(crate) fn resolve(current_directory: &Path, parts: &[String]) -> String {
    let path = parts.iter().fold(current_directory.to_owned(), |path, part| path.join(part));
    or_dot(&clean(&path))
}

fn or_dot(path: &Path) -> String {
    if path.as_os_str().is_empty() { ".".to_owned() } else { path.display().to_string() }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{join, resolve};

    #[test]
    fn paths_are_put_together_as_node_does() {
        // What `node -p` prints for the same calls.
        let parts =
            |parts: &[&str]| parts.iter().map(|part| (*part).to_owned()).collect::<Vec<_>>();
        assert_eq!(join(&parts(&["/a", "/b", "../c"])), "/a/c");
        assert_eq!(join(&parts(&["a", "..", "..", "b", ""])), "../b");
        assert_eq!(join(&parts(&["."])), ".");
        assert_eq!(join(&parts(&["/", "..", "x"])), "/x");
        assert_eq!(resolve(Path::new("/w"), &parts(&["a", "/b", "c/./d"])), "/b/c/d");
        assert_eq!(resolve(Path::new("/w"), &parts(&["..", "x"])), "/x");
    }
}
