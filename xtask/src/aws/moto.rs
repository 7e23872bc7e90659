//! The calls of RDS, Secrets Manager and STS, answered by moto.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, ensure};
use aws::{Client, Host, Service, Surroundings};

use super::Flags;
use server::Password;
use server::private::Cluster;

const SCRIPT: &str = include_str!("moto.py");

/// moto, ended with the value.
struct Moto(Child);

impl Drop for Moto {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

pub(super) fn run(flags: &Flags) -> anyhow::Result<()> {
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let mut moto = flags.python("moto.server")?;
    let moto = moto
        .args(["-m", "moto.server", "-H", "127.0.0.1", "-p", &port.to_string()])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let _moto = Moto(moto);
    for _ in 0..600 {
        if TcpStream::connect(("127.0.0.1", port)).is_ok() {
            let url = format!("http://127.0.0.1:{port}");
            let prepared = flags.python("boto3")?.args(["-c", SCRIPT, &url]).output()?;
            let subnets = String::from_utf8_lossy(&prepared.stdout).into_owned();
            let said = String::from_utf8_lossy(&prepared.stderr).into_owned();
            ensure!(prepared.status.success(), "moto is not prepared: {said}");
            super::runtime()?.block_on(ask(&url, &subnets))?;
            return snapshots(flags, &url);
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    anyhow::bail!("moto did not start")
}

async fn ask(url: &str, subnets: &str) -> anyhow::Result<()> {
    let mut subnets = subnets.split_whitespace();
    let variables = [
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ENDPOINT_URL", url),
    ];
    let variables: BTreeMap<String, String> =
        variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let client = Client::new(Surroundings { variables, ..Surroundings::default() });
    let rds = async |action: &str, parameters: &[(&str, &str)]| {
        client.call(Service::Rds, action, parameters).await.context(action.to_owned())
    };
    let engine = [
        ("Engine", "aurora-postgresql"),
        ("MasterUsername", "root"),
        ("MasterUserPassword", "password1"),
    ];
    let cluster = [&engine[..], &[("DBClusterIdentifier", "app")]].concat();
    rds("CreateDBCluster", &cluster).await?;
    let class = ("DBInstanceClass", "db.r5.large");
    for id in ["app-1", "app-2"] {
        let member = [
            ("DBInstanceIdentifier", id),
            ("DBClusterIdentifier", "app"),
            ("Engine", "aurora-postgresql"),
            class,
        ];
        rds("CreateDBInstance", &member).await?;
    }
    let alone = [
        ("DBInstanceIdentifier", "alone"),
        ("Engine", "postgres"),
        ("EngineVersion", "16.1"),
        ("AllocatedStorage", "20"),
        ("MasterUsername", "root"),
        ("MasterUserPassword", "password1"),
        class,
    ];
    rds("CreateDBInstance", &alone).await?;
    let replica =
        [("DBInstanceIdentifier", "follower"), ("SourceDBInstanceIdentifier", "alone"), class];
    rds("CreateDBInstanceReadReplica", &replica).await?;
    let mut asked = 0;
    let mut tell = |what: &str, found: String| {
        asked += 1;
        println!("  {what}: {found}");
    };
    let cluster = client.clusters(Some("app")).await?.pop().context("no cluster")?;
    let writer = cluster.writer.clone().context("no writer endpoint")?;
    let reader = cluster.reader.clone().context("no reader endpoint")?;
    let members = cluster.members.len();
    ensure!(members == 2, "{members} members");
    let host = Host::parse(&reader).context("the reader's name is not recognised")?;
    ensure!(client.writer_of(&host).await? == Some(writer.clone()), "the reader's writer");
    tell("writer of the reader endpoint", writer.clone());
    let instance = client.instances(Some("app-2")).await?.pop().context("no instance")?;
    let host = Host::parse(&instance.host.context("no endpoint")?).context("not recognised")?;
    ensure!(client.writer_of(&host).await? == Some(writer.clone()), "the member's writer");
    tell("writer of a member", writer.clone());
    let follower = client.instances(Some("follower")).await?.pop().context("no replica")?;
    let alone = client.instances(Some("alone")).await?.pop().context("no instance")?;
    let host = Host::parse(&follower.host.context("no endpoint")?).context("not recognised")?;
    ensure!(client.writer_of(&host).await? == alone.host, "the replica's source");
    tell("source of a replica", alone.host.clone().unwrap_or_default());
    ensure!(client.instances(None).await?.len() == 4, "four instances");
    let missing = client.instances(Some("none")).await;
    let code = missing.as_ref().err().and_then(aws::Error::code).unwrap_or_default().to_owned();
    ensure!(code.starts_with("DBInstanceNotFound"), "{missing:?}");
    tell("what is not there", code);
    // The blue side of a deployment.
    let deployment = [("BlueGreenDeploymentName", "bg"), ("Source", alone.arn.as_str())];
    rds("CreateBlueGreenDeployment", &deployment).await?;
    let host = Host::parse(&alone.host.context("no endpoint")?).context("not recognised")?;
    let found = client.blue_green_of(&host).await?.pop().context("no deployment found")?;
    ensure!(found.is_live(), "{found:?}");
    tell("green side", found.target_host.unwrap_or_default());
    // A proxy.
    let proxy = [
        ("DBProxyName", "px"),
        ("EngineFamily", "POSTGRESQL"),
        ("RoleArn", "arn:aws:iam::123456789012:role/px"),
        ("VpcSubnetIds.member.1", subnets.next().context("no subnet")?),
        ("VpcSubnetIds.member.2", subnets.next().context("no subnet")?),
        ("Auth.member.1.AuthScheme", "SECRETS"),
    ];
    match rds("CreateDBProxy", &proxy).await {
        Ok(made) => {
            let targets = [
                ("DBProxyName", "px"),
                ("TargetGroupName", "default"),
                ("DBClusterIdentifiers.member.1", "app"),
            ];
            rds("RegisterDBProxyTargets", &targets).await?;
            let name = made.text_of("DBProxy/Endpoint").context("no endpoint")?;
            match Host::parse(name) {
                Some(host) => {
                    let behind = client.behind_proxy(&host).await?;
                    tell(
                        "behind the proxy",
                        behind.unwrap_or_else(|| "not told by moto".to_owned()),
                    );
                }
                None => tell("proxy", format!("moto's name is not AWS's: {name}")),
            }
        }
        Err(error) => tell("proxy", format!("not made by moto: {error:#}")),
    }
    // A secret, and a role that is assumed.
    let secret = client.secret("app").await?;
    ensure!(secret.username.as_deref() == Some("root"), "the secret's user");
    ensure!(secret.password.as_deref() == Some("password1"), "the secret's password");
    tell("secret", secret.host.context("no host")?);
    let mut config = tempfile::NamedTempFile::new()?;
    write!(
        config,
        "[profile r]\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = s\n[profile s]\n\
         aws_access_key_id = test\naws_secret_access_key = test\n"
    )?;
    let config = config.path().display().to_string();
    let variables: BTreeMap<String, String> = [
        ("AWS_REGION", "us-east-1"),
        ("AWS_ENDPOINT_URL", url),
        ("AWS_CONFIG_FILE", &config),
        ("AWS_PROFILE", "r"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    let role = Client::new(Surroundings { variables, ..Surroundings::default() });
    let token = role.database_token(&writer, 5432, "root", "us-east-1").await?;
    ensure!(token.contains("X-Amz-Security-Token="), "the token is not that of a role");
    tell("token of an assumed role", format!("{} characters", token.len()));
    println!("moto: {asked} answers understood");
    Ok(())
}

/// undrift makes snapshots of an instance and of a cluster, restores one and throws them away.
fn snapshots(flags: &Flags, url: &str) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let home = folder.path().join("server");
    let runtime = super::runtime()?;
    let programs = crate::server_programs()?;
    let started = Cluster::start_local(&programs, &home, port, Password::new("p"));
    let cluster = runtime.block_on(started)?;
    let database = runtime.block_on(cluster.fresh_database("app"))?.to_url();
    let project = super::failover::project(folder.path(), 2)?;
    let run = |line: &str| -> anyhow::Result<String> {
        let output = Command::new(flags.undrift.canonicalize()?)
            .args(line.split_whitespace())
            .current_dir(&project)
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .envs([("DATABASE_URL", database.as_str()), ("AWS_ENDPOINT_URL", url)])
            .envs([("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test")])
            .env("AWS_REGION", "us-east-1")
            .stdin(Stdio::null())
            .output()?;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        ensure!(output.status.success(), "undrift {line}: {said}");
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    };
    run("migrate deploy")?;
    let mut made = 0;
    for (id, restored) in [("alone", "alone-back"), ("app", "app-back")] {
        let line = format!("backup --kind snapshot --instance {id} --json");
        let told: serde_json::Value = serde_json::from_str(&run(&line)?)?;
        let text = |path: &str| {
            let value = told.pointer(path).and_then(serde_json::Value::as_str);
            value.map(str::to_owned).context(told.to_string())
        };
        let (backup, identifier) = (text("/backup/id")?, text("/backup/kept/identifier")?);
        ensure!(text("/backup/state")? == "done", "{told}");
        run(&format!("backup restore {backup} --new-instance {restored}"))?;
        println!("  snapshot {identifier}: made, and restored as {restored}");
        made += 1;
    }
    run("backup --kind snapshot --instance alone")?;
    let pruned = run("backup prune --keep 1 --older-than 0 --yes")?;
    let last = pruned.lines().last().unwrap_or_default();
    println!("  prune: {last}");
    println!("moto: {made} of 2 kinds of snapshots made and restored");
    Ok(())
}
