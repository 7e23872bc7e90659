//! Writing files whole or not at all.

use std::io::Write as _;
use std::path::Path;

use crate::Error;

/// Writes a file, making the folders above it. A reader sees the old content or the new, never a part.
///
/// # Errors
/// When a folder or the file cannot be written.
pub fn write_file(path: &Path, text: &str) -> Result<(), Error> {
    let error = |cause| Error::File { doing: "writing", path: path.to_owned(), cause };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or_else(|| Path::new("."));
    std::fs::create_dir_all(folder).map_err(error)?;
    let mut file = tempfile::Builder::new()
        .prefix(".undrift-")
        .permissions(permissions())
        .tempfile_in(folder)
        .map_err(error)?;
    file.write_all(text.as_bytes()).map_err(error)?;
    file.persist(path).map_err(|failed| error(failed.error))?;
    Ok(())
}

/// What a file gets that is made by name; the temporary file's own would hide it from others.
fn permissions() -> std::fs::Permissions {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::Permissions::from_mode(0o644)
}
