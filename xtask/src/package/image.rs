//! The folder that a container image is built from: `docker build -t undrift FOLDER`.

use std::path::Path;

/// Adds the static program of an architecture.
pub(super) fn add(
    root: &Path,
    folder: &Path,
    architecture: &str,
    program: &Path,
) -> anyhow::Result<()> {
    let image = folder.join("image");
    std::fs::create_dir_all(image.join(architecture))?;
    std::fs::copy(root.join("packaging/Dockerfile"), image.join("Dockerfile"))?;
    std::fs::copy(program, image.join(architecture).join("undrift"))?;
    Ok(())
}
