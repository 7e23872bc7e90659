//! Signing in as to RDS: tokens of IAM, secrets, certificates. The door is ours and checks as RDS does.
#![expect(clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::process::Stdio;
use std::time::Duration;

use server_test::server_test;

use crate::gate::{ACCESS_KEY_ID, Gate, Rules, certificates};
use crate::stand::{Database, Folder, PASSWORD, Ran, programs, wait};

const HOST: &str = "app.c1a2b3c4d5e6.eu-west-1.rds.amazonaws.com";
const INIT: (&str, &str) = ("1_init", "CREATE TABLE a (id int PRIMARY KEY);\n");

fn iam() -> Rules {
    Rules { iam: true, ..Rules::default() }
}

/// A project whose user is somebody whom AWS knows.
fn project(url: &str) -> Folder {
    Folder::new("model a {\n  id Int @id\n}\n", &[INIT])
        .with("DATABASE_URL", url)
        .with("AWS_ACCESS_KEY_ID", ACCESS_KEY_ID)
        .with("AWS_SECRET_ACCESS_KEY", PASSWORD)
        // Nobody is asked whether the name is one of a pair.
        .with("AWS_ENDPOINT_URL_RDS", "http://127.0.0.1:1")
        .with("AWS_MAX_ATTEMPTS", "1")
}

/// `migrate deploy` by a URL.
fn deploy(url: &str) -> Ran {
    run(url, "migrate deploy")
}

fn run(url: &str, line: &str) -> Ran {
    project(url).run(line)
}

#[server_test]
fn a_token_of_iam_opens_the_door_and_the_certificate_is_checked() {
    let database = Database::new("iam");
    let gate = Gate::open(HOST, &database, iam());
    let ca = gate.file("ca.pem");
    deploy(&gate.url("iam", &format!("auth=iam&sslrootcert={ca}"))).ended(0);
    assert_eq!(database.history(), ["1_init applied"]);
    assert!(gate.passed().len() > 1, "each connection shows a token");
    let check = run(&gate.url("iam", &format!("auth=iam&sslrootcert={ca}")), "env check").ended(0);
    check.says("RDS or Aurora instance in eu-west-1").says("authority and name").says("by iam");
}

#[server_test]
fn behind_a_tunnel_the_token_and_the_certificate_are_of_the_endpoint() {
    let database = Database::new("iam_tunnel");
    let gate = Gate::open(HOST, &database, iam());
    let (port, ca) = (gate.port, gate.file("ca.pem"));
    let tunnel =
        format!("postgresql://postgres@localhost:{port}/iam_tunnel?sslrootcert={ca}&auth=iam");
    deploy(&format!("{tunnel}&iam_host={HOST}:{port}")).ended(0);
    deploy(&tunnel).ended(1).complains("`localhost` is none").complains("iam_host=NAME");
    let other = "other.c1a2b3c4d5e6.eu-west-1.rds.amazonaws.com";
    deploy(&format!("{tunnel}&iam_host={other}:{port}"))
        .ended(1)
        .complains("P1011")
        .complains(other);
    assert_eq!(database.history(), ["1_init applied"]);
}

#[server_test]
fn what_rds_refuses_is_told_with_the_way_out() {
    let database = Database::new("iam_refused");
    let (late, gate) = (
        Gate::open(HOST, &database, Rules { ahead: Duration::from_mins(16), ..iam() }),
        Gate::open(HOST, &database, iam()),
    );
    let url = |gate: &Gate, parameters: &str| {
        gate.url("iam_refused", &format!("sslrootcert={}&{parameters}", gate.file("ca.pem")))
    };
    deploy(&url(&late, "auth=iam"))
        .ended(1)
        .complains("P1000")
        .complains("PAM authentication failed")
        .complains("rds-db:connect")
        .complains("date -u");
    deploy(&url(&gate, "")).ended(1).complains("or auth=iam");
    deploy(&url(&gate, "auth=iam&sslmode=disable")).ended(1).complains("IAM needs TLS");
    deploy(&url(&gate, "sslmode=disable"))
        .ended(1)
        .complains("SSL off")
        .complains("sslmode=verify-full");
    let password = Gate::open(HOST, &database, Rules::default());
    deploy(&url(&password, "auth=iam")).ended(1).complains("GRANT rds_iam TO \"postgres\"");
    assert_eq!(database.tables(), [""; 0]);
    let nobody = Folder::new("", &[INIT])
        .with("DATABASE_URL", &url(&gate, "auth=iam"))
        .with("AWS_EC2_METADATA_DISABLED", "true")
        .run("migrate deploy");
    nobody.ended(1).complains("no AWS credentials were found").complains("aws sso login");
}

#[server_test]
fn whoever_is_not_signed_by_an_authority_of_rds_is_not_believed() {
    let database = Database::new("untrusted");
    let gate = Gate::open(HOST, &database, Rules::default());
    let url = gate.url("untrusted", "").replace("postgres@", &format!("postgres:{PASSWORD}@"));
    deploy(&url).ended(1).complains("P1011").complains(
        "curl -O https://truststore.pki.rds.amazonaws.com/eu-west-1/eu-west-1-bundle.pem",
    );
    assert!(gate.passed().is_empty(), "no password was sent");
    // What is said wins, as with Prisma and libpq.
    deploy(&format!("{url}sslmode=require")).ended(0);
    let ca = gate.file("ca.pem");
    deploy(&format!("{url}sslmode=verify-ca&sslrootcert={ca}")).ended(0);
    deploy(&format!("{url}sslmode=require&sslrootcert={ca}")).ended(0);
    deploy(&format!("{url}sslaccept=strict&sslcert={ca}")).ended(0);
    deploy(&format!("{url}sslnegotiation=direct&sslrootcert={ca}")).ended(0);
    deploy(&format!("{url}sslmode=require&sslrootcert=rds")).ended(1).complains("P1011");
}

#[server_test]
fn clients_show_certificates_in_pem_and_in_pkcs12() {
    let database = Database::new("client_certificate");
    let rules = Rules { client_certificate: true, ..Rules::default() };
    let gate = Gate::open(HOST, &database, rules);
    let url = gate.url("client_certificate", &format!("sslrootcert={}", gate.file("ca.pem")));
    let (pem, key, p12) =
        (gate.file("client.pem"), gate.file("client.key"), gate.file("client.p12"));
    deploy(&format!("{url}&sslcert={pem}&sslkey={key}")).ended(0);
    deploy(&format!("{url}&sslidentity={p12}&sslpassword={PASSWORD}")).ended(0);
    deploy(&format!("{url}&sslidentity={p12}&sslpassword=other")).ended(1).complains("sslpassword");
    deploy(&url).ended(1);
    assert_eq!(database.history(), ["1_init applied"]);
}

/// An address that gives a secret to whoever asks, some times.
fn secrets(secret: &str, times: usize) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let body = serde_json::json!({ "SecretString": secret }).to_string();
    drop(std::thread::spawn(move || {
        for _ in 0..times {
            let (mut stream, _) = listener.accept().unwrap();
            let mut asked = Vec::new();
            while !asked.ends_with(b"}") {
                let mut buffer = [0; 4096];
                let read = stream.read(&mut buffer).unwrap();
                asked.extend_from_slice(&buffer[..read]);
            }
            let length = body.len();
            write!(
                stream,
                "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
            )
            .unwrap();
        }
    }));
    url
}

#[server_test]
fn a_secret_holds_user_and_password_and_perhaps_the_host() {
    let database = Database::new("secret");
    let gate = Gate::open(HOST, &database, Rules::default());
    let whole = serde_json::json!({
        "username": "postgres", "password": PASSWORD, "host": HOST, "port": gate.port, "dbname": "secret"
    });
    let of_rds = serde_json::json!({ "username": "postgres", "password": PASSWORD });
    let ca = gate.file("ca.pem");
    let by = |url: &str, secret: &serde_json::Value, line: &str| {
        Folder::new("model a {\n  id Int @id\n}\n", &[INIT])
            .with("DATABASE_URL", url)
            .with("AWS_ACCESS_KEY_ID", ACCESS_KEY_ID)
            .with("AWS_SECRET_ACCESS_KEY", PASSWORD)
            .with("AWS_REGION", "eu-west-1")
            .with("AWS_ENDPOINT_URL_SECRETS_MANAGER", &secrets(&secret.to_string(), 20))
            .with("AWS_ENDPOINT_URL_RDS", "http://127.0.0.1:1")
            .with("AWS_MAX_ATTEMPTS", "1")
            .run(line)
    };
    let alone = format!("aws-secretsmanager:app?hostaddr=127.0.0.1&sslrootcert={ca}");
    by(&alone, &whole, "migrate deploy").ended(0).says(HOST);
    let beside = gate.url("secret", &format!("secret=app&sslrootcert={ca}"));
    by(&beside, &of_rds, "status").ended(0);
    by(&alone, &of_rds, "status").ended(1).complains("names no host");
    by(&alone, &whole, "backup --kind dump").ended(0).says("dump of all: ");
    by(&beside, &of_rds, "backup --kind dump").ended(0).says("dump of all: ");
    // Wherever it leads: it is not of this machine.
    by(&alone, &whole, "migrate reset --force").ended(1).complains("which is production");
    assert_eq!(database.history(), ["1_init applied"]);
}

/// RDS, as far as it says that an instance is the blue side of a deployment.
fn blue_green() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(std::thread::spawn(move || {
        while let Ok((mut stream, _)) = listener.accept() {
            let mut asked = String::new();
            // The version of the API stands in every request, and the parameters behind it.
            while !asked.contains("Version=2014-10-31") {
                let mut buffer = [0; 4096];
                let read = stream.read(&mut buffer).unwrap();
                asked.push_str(&String::from_utf8_lossy(&buffer[..read]));
            }
            let instance = |id: &str| {
                format!(
                    "<DBInstances><DBInstance><DBInstanceIdentifier>{id}</DBInstanceIdentifier><Endpoint>\
                     <Address>{id}.c1a2b3c4d5e6.eu-west-1.rds.amazonaws.com</Address></Endpoint>\
                     <DBInstanceArn>arn:aws:rds:eu-west-1:1:db:{id}</DBInstanceArn></DBInstance></DBInstances>"
                )
            };
            let (action, result) = if asked.contains("Action=DescribeBlueGreenDeployments") {
                let deployment = "<BlueGreenDeployments><BlueGreenDeployment>\
                    <BlueGreenDeploymentIdentifier>bgd-1</BlueGreenDeploymentIdentifier>\
                    <BlueGreenDeploymentName>upgrade</BlueGreenDeploymentName><Status>AVAILABLE</Status>\
                    <Source>arn:aws:rds:eu-west-1:1:db:app</Source>\
                    <Target>arn:aws:rds:eu-west-1:1:db:app-green-1a2b3c</Target>\
                    </BlueGreenDeployment></BlueGreenDeployments>";
                ("DescribeBlueGreenDeployments", deployment.to_owned())
            } else if asked.contains("app-green-1a2b3c") {
                ("DescribeDBInstances", instance("app-green-1a2b3c"))
            } else {
                ("DescribeDBInstances", instance("app"))
            };
            let body = format!(
                "<{action}Response><{action}Result>{result}</{action}Result></{action}Response>"
            );
            let length = body.len();
            write!(
                stream,
                "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
            )
            .unwrap();
        }
    }));
    url
}

#[server_test]
fn on_the_blue_side_of_a_deployment_changes_are_refused() {
    let database = Database::new("blue");
    let gate = Gate::open(HOST, &database, iam());
    let url = gate.url("blue", &format!("auth=iam&sslrootcert={}", gate.file("ca.pem")));
    let project = Folder::new("", &[INIT])
        .with("DATABASE_URL", &url)
        .with("AWS_ACCESS_KEY_ID", ACCESS_KEY_ID)
        .with("AWS_SECRET_ACCESS_KEY", PASSWORD)
        .with("AWS_ENDPOINT_URL_RDS", &blue_green());
    project
        .run("migrate deploy")
        .ended(1)
        .complains("is the blue side of the blue/green deployment upgrade (AVAILABLE)")
        .complains("switchover-blue-green-deployment --blue-green-deployment-identifier bgd-1")
        .complains("app-green-1a2b3c.c1a2b3c4d5e6.eu-west-1.rds.amazonaws.com");
    project.run("migrate status").ended(1).says("1_init");
    assert_eq!(database.tables(), [""; 0]);
}

#[server_test]
fn through_a_proxy_of_rds_changes_are_refused() {
    let database = Database::new("proxied");
    let gate = Gate::open("app.proxy-c1a2b3c4d5e6.eu-west-1.rds.amazonaws.com", &database, iam());
    let url = gate.url("proxied", &format!("auth=iam&sslrootcert={}", gate.file("ca.pem")));
    deploy(&url).ended(1).complains("leads through an RDS Proxy").complains("directUrl");
    run(&url, "migrate status").ended(1).says("1_init");
    run(&url, "env check").ended(1).says("RDS Proxy in eu-west-1").says("no changes here");
    assert_eq!(database.tables(), [""; 0]);
}

#[server_test]
fn whoever_comes_back_shows_a_new_token() {
    let database = Database::new("iam_again");
    let gate = Gate::open(HOST, &database, iam());
    let url = gate.url("iam_again", &format!("auth=iam&sslrootcert={}", gate.file("ca.pem")));
    let project = project(&url);
    project.run("migrate deploy").ended(0);
    project.write("prisma/migrations/2_more/migration.sql", "ALTER TABLE a ADD more int;\n");
    database.run("BEGIN; LOCK TABLE a IN ACCESS SHARE MODE");
    let mut deploy = project.command("migrate deploy");
    let child = deploy.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let looking = Database::at(&database.url);
    looking.wait_for("wait_event_type = 'Lock'");
    let shown = gate.dates();
    // Tokens tell the time in seconds.
    std::thread::sleep(Duration::from_millis(1100));
    let before = gate.dates().len();
    gate.cut();
    database.run("COMMIT");
    Ran::from(child.wait_with_output().unwrap()).ended(0).complains("connected again after");
    let fresh = gate.dates().split_off(before);
    let is_newer = |date: &String| Some(date) > shown.iter().max();
    assert!(!fresh.is_empty() && fresh.iter().all(is_newer), "{shown:?} {fresh:?}");
    assert_eq!(database.ask("SELECT count(more) FROM a"), ["0"]);
}

/// What the processes that a process has started were called with.
fn arguments_below(parent: u32) -> Vec<String> {
    let processes = std::fs::read_dir("/proc").unwrap().flatten().map(|entry| entry.path());
    let below = processes.filter(|path| {
        let status = std::fs::read_to_string(path.join("status")).unwrap_or_default();
        status.lines().any(|line| line == format!("PPid:\t{parent}"))
    });
    below.map(|path| std::fs::read_to_string(path.join("cmdline")).unwrap_or_default()).collect()
}

#[server_test]
fn a_dump_signs_in_as_undrift_does() {
    let database = Database::new("iam_dump");
    database.run("CREATE TABLE held (id int); INSERT INTO held VALUES (7)");
    let gate = Gate::open(HOST, &database, iam());
    let (port, ca) = (gate.port, gate.file("ca.pem"));
    let project = project(&gate.url("iam_dump", &format!("auth=iam&sslrootcert={ca}")));
    let before = gate.passed().len();
    database.run("BEGIN; LOCK TABLE held");
    let mut backup = project.command("backup --kind dump");
    let child = backup.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let looking = Database::at(&database.url);
    looking.wait_for("application_name = 'undrift backup' AND wait_event_type = 'Lock'");
    // The token is not among the arguments, which everybody on the machine can see.
    let arguments = arguments_below(child.id());
    assert!(arguments.iter().any(|it| it.contains("pg_dump")), "{arguments:?}");
    for argument in &arguments {
        crate::secrets::search("arguments", argument.as_bytes());
    }
    database.run("COMMIT");
    Ran::from(child.wait_with_output().unwrap()).ended(0).says("dump of all: ");
    assert!(gate.passed().len() > before + 1);
    // Through a tunnel; and libpq, too, believes only the endpoint's own certificate.
    let tunnel = |host: &str| {
        format!(
            "postgresql://postgres@localhost:{port}/iam_dump?auth=iam&sslrootcert={ca}&iam_host={host}:{port}"
        )
    };
    run(&tunnel(HOST), "backup --kind dump").ended(0).says("dump of all: ");
    let list = project.run("backup list --json").ended(0).json();
    let id = list.pointer("/backups/1/id").unwrap().as_str().unwrap().to_owned();
    project.run(&format!("backup restore {id} --into iam_dump_back")).ended(0);
    let restored = Database::at(&database.url.replace("/iam_dump", "/iam_dump_back"));
    assert_eq!(restored.ask("SELECT id FROM held"), ["7"]);
}

/// A file of a certificate or a key, written by the server as itself.
fn hand_over(database: &Database, from: &std::path::Path, to: &str) {
    let text = std::fs::read_to_string(from).unwrap();
    database.run(&format!(
        "COPY (SELECT unnest(string_to_array('{}', E'\\n'))) TO PROGRAM 'umask 077; cat > {to}'",
        text.trim()
    ));
}

#[server_test]
fn the_tls_of_the_server_itself_is_checked_as_that_of_rds() {
    let home = tempfile::tempdir().unwrap();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let (home, password) = (home.path().join("cluster"), server::Password::new(PASSWORD));
    let programs = programs();
    let cluster = server::private::Cluster::start_local(&programs, &home, port, password);
    let cluster = wait(cluster).unwrap();
    let database = Database::at(&cluster.address().to_url());
    let (files, _) = certificates(HOST, &Rules::default());
    for name in ["server.pem", "server.key"] {
        hand_over(&database, &files.path().join(name), name);
    }
    database.run("ALTER SYSTEM SET ssl_cert_file = 'server.pem'");
    database.run("ALTER SYSTEM SET ssl_key_file = 'server.key'");
    database.run("ALTER SYSTEM SET ssl = on");
    database.run("SELECT pg_reload_conf()");
    let ca = files.path().join("ca.pem").display().to_string();
    let url = |host: &str, parameters: &str| {
        format!(
            "postgresql://postgres:{PASSWORD}@{host}:{port}/postgres?hostaddr=127.0.0.1&{parameters}"
        )
    };
    let good = url(HOST, &format!("sslrootcert={ca}"));
    // A reload takes a moment.
    while database.ask("SHOW ssl") != ["on"] {
        std::thread::sleep(Duration::from_millis(20));
    }
    deploy(&good).ended(0);
    deploy(&format!("{good}&sslmode=verify-ca")).ended(0);
    run(&good, "backup --kind dump").ended(0).says("dump of all: ");
    let shown = run(&good, "env check").ended(0);
    shown.says("authority and name");
    // Whom the authority does not know, or another name, is not believed.
    deploy(&url(HOST, "")).ended(1).complains("P1011");
    let other = "other.c1a2b3c4d5e6.eu-west-1.rds.amazonaws.com";
    deploy(&url(other, &format!("sslrootcert={ca}"))).ended(1).complains("P1011");
    assert_eq!(database.history(), ["1_init applied"]);
    wait(cluster.stop()).unwrap();
}
