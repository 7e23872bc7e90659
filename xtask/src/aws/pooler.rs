//! PgBouncer in its three modes: changes are refused where a transaction may get another connection.

use std::io::Write as _;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, ensure};
use server::Password;
use server::private::Cluster;

use super::Flags;

struct Bouncer(Child);

impl Drop for Bouncer {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

pub(super) fn run(flags: &Flags) -> anyhow::Result<()> {
    let program = ["/usr/sbin/pgbouncer", "/usr/bin/pgbouncer"];
    let program = program.iter().find(|path| Path::new(path).is_file());
    let program = program.context("PgBouncer is not installed: apt-get install pgbouncer")?;
    let folder = tempfile::tempdir()?;
    let runtime = super::runtime()?;
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let programs = crate::server_programs()?;
    let home = folder.path().join("server");
    let cluster =
        runtime.block_on(Cluster::start_local(&programs, &home, port, Password::new("p")))?;
    let project = super::failover::project(folder.path(), 2)?;
    let mut right = 0;
    for (mode, round_robin, is_refused) in [
        ("transaction", 0, true),
        ("transaction", 1, true),
        ("statement", 0, true),
        ("session", 0, false),
    ] {
        let name = format!("{mode}{round_robin}");
        let direct = runtime.block_on(cluster.fresh_database(&name))?;
        let pooled = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let settings = folder.path().join(format!("{name}.ini"));
        writeln!(
            std::fs::File::create(&settings)?,
            "[databases]\n{name} = host=127.0.0.1 port={port} user=postgres password=p\n[pgbouncer]\n\
             listen_addr = 127.0.0.1\nlisten_port = {pooled}\nunix_socket_dir =\nauth_type = any\n\
             pool_mode = {mode}\nserver_round_robin = {round_robin}\nmin_pool_size = 3\n\
             ignore_startup_parameters = extra_float_digits,options"
        )?;
        let bouncer = Command::new(program)
            .args(["-q", "-u", "nobody"])
            .arg(&settings)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let bouncer = Bouncer(bouncer);
        wait_for(pooled)?;
        let url = format!("postgresql://postgres@127.0.0.1:{pooled}/{name}");
        let run = |line: &str, url: &str| super::failover::undrift(flags, &project, line, url);
        let status = run("migrate status", &url)?;
        let deploy = run("migrate deploy", &url)?;
        let said = String::from_utf8_lossy(&deploy.stderr).into_owned();
        let refused = !deploy.status.success() && said.contains("a pooler in transaction mode");
        println!(
            "  {mode}, server_round_robin {round_robin}: status answers {}, deploy {}",
            !status.stdout.is_empty(),
            if refused { "refused" } else { "done" }
        );
        ensure!(refused == is_refused, "{mode}: {said}");
        ensure!(refused || deploy.status.success(), "{mode}: {said}");
        if is_refused {
            let directly = run("migrate deploy", &direct.to_url())?;
            let said = String::from_utf8_lossy(&directly.stderr).into_owned();
            ensure!(directly.status.success(), "directly: {said}");
        }
        drop(bouncer);
        right += 1;
    }
    println!("pooler: {right} of 4 modes as they should be");
    Ok(())
}

fn wait_for(port: u16) -> anyhow::Result<()> {
    for _ in 0..200 {
        if TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    anyhow::bail!("nobody listens at {port}")
}
