//! The static program alone in a root, as in an image `FROM scratch`: nothing else but certificate authorities.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context as _, ensure};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};

use super::ground::{Ground, ends, is_itself};

/// The architecture of this machine.
const ARCHITECTURE: &str = if cfg!(target_arch = "x86_64") { "amd64" } else { "arm64" };

/// Where authorities are in an image.
const AUTHORITIES: &str = "etc/ssl/certs/ca-certificates.crt";

/// How often the start is measured.
const STARTS: usize = 101;

pub(super) fn run(ground: &Ground) -> anyhow::Result<Vec<String>> {
    let program = ground.package(&format!("image/{ARCHITECTURE}/undrift"))?;
    let root = ground.scratch()?;
    put(&root, "usr/bin/undrift", &std::fs::read(&program)?)?;
    std::fs::set_permissions(root.join("usr/bin/undrift"), Permissions::from_mode(0o755))?;
    let authority = encrypt(ground)?;
    put(&root, AUTHORITIES, authority.as_bytes())?;
    let told = is_itself(&mut within(&root))?;
    ensure!(told["server_programs"] == serde_json::json!([]), "{told}");
    let mut held =
        vec![format!("{} in a root with no other file but {AUTHORITIES}", told["target"])];
    held.push(format!(
        "`undrift version`: {:.1} ms, unshare included, the median of {STARTS}",
        start(&root)?
    ));

    Ground::project(&root.join("app"))?;
    let url = ground.database()?;
    let run = |arguments: &[&str], url: &str, code| {
        ends(within(&root).args(arguments).env("DATABASE_URL", url), code)
    };
    let schema = ["--schema", "/app/prisma/schema.prisma"];
    run(&[&["validate"], &schema[..]].concat(), &url, 0)?;
    let deploy = [&["migrate", "deploy"], &schema[..]].concat();
    run(&deploy, &url, 0)?;
    ground.is_deployed(&url)?;
    held.push("validate, migrate deploy over TCP".to_owned());

    let checked = format!("{}?sslmode=require&sslaccept=strict", ground.database()?);
    run(&deploy, &checked, 0)?;
    std::fs::remove_file(root.join(AUTHORITIES))?;
    let said = run(&deploy, &checked, 1)?;
    ensure!(said.contains("P1011"), "{said}");
    held.push("encrypted, with the server's certificate checked by those authorities; without them refused".to_owned());
    Ok(held)
}

/// The program in its root, with no environment.
fn within(root: &Path) -> Command {
    let mut command = Command::new("unshare");
    command.env_clear().arg("--map-root-user").arg("--root").arg(root).arg("/usr/bin/undrift");
    command
}

/// How long `undrift version` takes, in milliseconds.
fn start(root: &Path) -> anyhow::Result<f64> {
    let mut walls = Vec::new();
    for _ in 0..STARTS {
        let mut command = within(root);
        command.arg("version");
        let start = Instant::now();
        ends(&mut command, 0)?;
        walls.push(start.elapsed());
    }
    walls.sort();
    Ok(walls.get(STARTS / 2).context("no runs")?.as_secs_f64() * 1e3)
}

fn put(root: &Path, path: &str, contents: &[u8]) -> anyhow::Result<()> {
    let path = root.join(path);
    std::fs::create_dir_all(path.parent().context("a file without a folder")?)?;
    Ok(std::fs::write(path, contents)?)
}

/// Lets the server encrypt, and returns the authority that its certificate is checked by.
fn encrypt(ground: &Ground) -> anyhow::Result<String> {
    let mut authority = CertificateParams::new(Vec::new())?;
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate()?;
    let root = authority.self_signed(&key)?.pem();
    let issuer = Issuer::new(authority, key);
    let key = KeyPair::generate()?;
    let certificate =
        CertificateParams::new(vec!["127.0.0.1".to_owned()])?.signed_by(&key, &issuer)?;

    let data = PathBuf::from(ground.ask_server("SHOW data_directory")?);
    std::fs::write(data.join("server.crt"), certificate.pem())?;
    let path = data.join("server.key");
    std::fs::write(&path, key.serialize_pem())?;
    std::fs::set_permissions(&path, Permissions::from_mode(0o600))?;
    let owner = std::fs::metadata(data.join("PG_VERSION"))?;
    for name in ["server.crt", "server.key"] {
        use std::os::unix::fs::{MetadataExt as _, chown};
        chown(data.join(name), Some(owner.uid()), Some(owner.gid()))?;
    }
    ground.administer("ALTER SYSTEM SET ssl = on")?;
    ground.administer("SELECT pg_reload_conf()")?;
    Ok(root)
}
