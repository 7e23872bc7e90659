//! Each source, with a server that stands for AWS.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::mpsc;
use std::time::{Duration, SystemTime};

use crate::{Client, Clock, Error, Service, Surroundings};

/// A server that gives one answer to each request in turn, and says what it was asked.
fn serve(answers: Vec<(u16, &'static str)>) -> (String, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        for (status, body) in answers {
            let (mut stream, _) = listener.accept().unwrap();
            let mut asked = String::new();
            let mut buffer = [0; 4096];
            loop {
                let read = stream.read(&mut buffer).unwrap();
                asked.push_str(&String::from_utf8_lossy(&buffer[..read]));
                let Some((head, rest)) = asked.split_once("\r\n\r\n") else { continue };
                let length = head.lines().find_map(|line| {
                    line.to_lowercase().strip_prefix("content-length: ")?.parse().ok()
                });
                if rest.len() >= length.unwrap_or(0) {
                    break;
                }
            }
            sender.send(asked).unwrap();
            let length = body.len();
            write!(
                stream,
                "HTTP/1.1 {status} X\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
            )
            .unwrap();
        }
    });
    (url, receiver)
}

fn client(variables: &[(&str, &str)]) -> Client {
    let mut all: BTreeMap<String, String> =
        variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    all.entry("AWS_EC2_METADATA_DISABLED".to_owned()).or_insert_with(|| "true".to_owned());
    let clock = Clock::new(|| SystemTime::UNIX_EPOCH + Duration::from_secs(1_790_000_000));
    Client::new(Surroundings { variables: all, clock, ..Surroundings::default() })
}

fn wait<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

/// Who is found, as key and source.
fn found(client: &Client) -> (String, String) {
    let credentials = wait(client.credentials()).unwrap();
    assert!(!format!("{credentials:?}").contains("hush"), "{credentials:?}");
    (credentials.access_key_id().to_owned(), credentials.source().to_owned())
}

fn home(config: &str) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join(".aws/sso/cache")).unwrap();
    std::fs::write(folder.path().join(".aws/config"), config).unwrap();
    let home = folder.path().display().to_string();
    (folder, home)
}

const ROLE: &str = r#"{"AccessKeyId":"AKROLE","SecretAccessKey":"hush","Token":"hush","Expiration":"2026-12-31T00:00:00Z"}"#;
const ASSUMED: &str = "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult>\
    <Credentials><AccessKeyId>AKSTS</AccessKeyId><SecretAccessKey>hush</SecretAccessKey>\
    <SessionToken>hush</SessionToken><Expiration>2026-12-31T00:00:00Z</Expiration></Credentials>\
    </AssumeRoleResult></AssumeRoleResponse>";

#[test]
fn variables_come_first() {
    let client = client(&[("AWS_ACCESS_KEY_ID", "AKENV"), ("AWS_SECRET_ACCESS_KEY", "hush")]);
    assert_eq!(found(&client), ("AKENV".to_owned(), "environment variables".to_owned()));
}

#[test]
fn a_profile_has_keys_or_runs_a_program_and_one_that_is_named_wins_over_variables() {
    let (_folder, home) = home(
        "[default]\naws_access_key_id = AKDEFAULT # mine\naws_secret_access_key = hush\n\
         [profile tool]\ncredential_process = printf '{\"Version\":1,\"AccessKeyId\":\"AKTOOL\",\"SecretAccessKey\":\"hush\"}'\n",
    );
    let variables = [("HOME", home.as_str())];
    assert_eq!(found(&client(&variables)).0, "AKDEFAULT");
    let tool = client(&[("HOME", &home), ("AWS_PROFILE", "tool"), ("PATH", "/usr/bin:/bin")]);
    assert_eq!(found(&tool), ("AKTOOL".to_owned(), "profile tool, credential_process".to_owned()));
    let both = client(&[
        ("HOME", &home),
        ("AWS_ACCESS_KEY_ID", "AKENV"),
        ("AWS_SECRET_ACCESS_KEY", "hush"),
    ]);
    assert_eq!(found(&both.as_profile("default")).0, "AKDEFAULT");
}

#[test]
fn a_role_is_assumed_by_another_profile() {
    let (url, asked) = serve(vec![(200, ASSUMED)]);
    let (_folder, home) = home(
        "[profile base]\naws_access_key_id=AKBASE\naws_secret_access_key=hush\n[profile admin]\n\
         role_arn = arn:aws:iam::1:role/admin\nsource_profile = base\nexternal_id = x y\nregion = eu-west-1\n",
    );
    let client =
        client(&[("HOME", &home), ("AWS_PROFILE", "admin"), ("AWS_ENDPOINT_URL_STS", &url)]);
    assert_eq!(found(&client).0, "AKSTS");
    let asked = asked.recv().unwrap();
    assert!(
        asked.contains("ExternalId=x%20y")
            && asked.contains("Credential=AKBASE/20260921/eu-west-1/sts/"),
        "{asked}"
    );
}

#[test]
fn a_pod_has_a_web_identity() {
    let (url, asked) = serve(vec![(
        200,
        Box::leak(ASSUMED.replace("AssumeRole", "AssumeRoleWithWebIdentity").into_boxed_str()),
    )]);
    let (folder, _) = home("");
    let file = folder.path().join("token");
    std::fs::write(&file, "jwt\n").unwrap();
    let client = client(&[
        ("AWS_WEB_IDENTITY_TOKEN_FILE", file.to_str().unwrap()),
        ("AWS_ROLE_ARN", "arn:aws:iam::1:role/pod"),
        ("AWS_ENDPOINT_URL", &url),
    ]);
    assert_eq!(
        found(&client),
        ("AKSTS".to_owned(), "web identity as arn:aws:iam::1:role/pod".to_owned())
    );
    let asked = asked.recv().unwrap();
    assert!(
        asked.contains("WebIdentityToken=jwt") && !asked.to_lowercase().contains("authorization"),
        "{asked}"
    );
}

#[test]
fn single_sign_on_uses_the_token_that_aws_sso_login_left() {
    let (url, asked) = serve(vec![(
        200,
        r#"{"roleCredentials":{"accessKeyId":"AKSSO","secretAccessKey":"hush","sessionToken":"hush","expiration":1798675200000}}"#,
    )]);
    let (folder, home) = home(
        "[profile dev]\nsso_session = corp\nsso_account_id = 123\nsso_role_name = Admin\n\
         [sso-session corp]\nsso_region = eu-west-1\nsso_start_url = https://corp.awsapps.com/start\n",
    );
    let client = client(&[("HOME", &home), ("AWS_PROFILE", "dev"), ("AWS_ENDPOINT_URL_SSO", &url)]);
    let error = wait(client.credentials()).unwrap_err();
    assert_eq!(error.help().as_deref(), Some("aws sso login --profile dev"));
    // The name is the SHA-1 of "corp".
    let cache = folder.path().join(".aws/sso/cache/8ad28a16bca75ab5a2a61c7b53b1d7b6a23fc1bb.json");
    let token = |expires| format!("{{\"accessToken\":\"bearer\",\"expiresAt\":\"{expires}\"}}");
    let name = crate::sign::sha1("corp");
    let cache = cache.with_file_name(format!("{name}.json"));
    std::fs::write(&cache, token("2026-09-21T00:00:00UTC")).unwrap();
    assert!(
        wait(client.credentials()).unwrap_err().to_string().ends_with("the session has expired")
    );
    std::fs::write(&cache, token("2026-09-22T00:00:00Z")).unwrap();
    assert_eq!(found(&client), ("AKSSO".to_owned(), "profile dev, single sign-on".to_owned()));
    let asked = asked.recv().unwrap().to_lowercase();
    assert!(
        asked.contains("account_id=123&role_name=admin")
            && asked.contains("x-amz-sso_bearer_token: bearer"),
        "{asked}"
    );
}

#[test]
fn containers_and_instances_have_a_role() {
    let (url, asked) = serve(vec![(200, ROLE)]);
    let container = client(&[
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", &format!("{url}/creds")),
        ("AWS_CONTAINER_AUTHORIZATION_TOKEN", "let me in"),
    ]);
    assert_eq!(found(&container), ("AKROLE".to_owned(), "the container's role".to_owned()));
    assert!(asked.recv().unwrap().to_lowercase().contains("authorization: let me in"));
    let (url, asked) = serve(vec![(200, "tkn"), (200, "web\n"), (200, ROLE)]);
    let instance = client(&[
        ("AWS_EC2_METADATA_DISABLED", "false"),
        ("AWS_EC2_METADATA_SERVICE_ENDPOINT", &url),
    ]);
    assert_eq!(found(&instance), ("AKROLE".to_owned(), "the instance's role web".to_owned()));
    let asked: Vec<String> = asked.iter().collect();
    assert!(asked[0].starts_with("PUT /latest/api/token"), "{asked:?}");
    assert!(
        asked[2].contains("security-credentials/web") && asked[2].contains("metadata-token: tkn")
    );
}

#[test]
fn without_any_it_says_where_it_looked_and_what_to_do() {
    let (_folder, home) = home("[profile x]\nlogin_session = arn:aws:sts::1:x\n");
    let nobody = wait(client(&[("HOME", &home)]).credentials()).unwrap_err();
    assert!(matches!(&nobody, Error::NoCredentials(looked) if looked.len() == 5), "{nobody}");
    let login = wait(client(&[("HOME", &home), ("AWS_PROFILE", "x")]).credentials()).unwrap_err();
    assert_eq!(
        login.help().as_deref(),
        Some("eval \"$(aws configure export-credentials --profile x --format env)\"")
    );
}

const KEYS: [(&str, &str); 3] =
    [("AWS_ACCESS_KEY_ID", "AK"), ("AWS_SECRET_ACCESS_KEY", "hush"), ("AWS_REGION", "eu-west-1")];

#[test]
fn a_throttled_request_is_tried_again_and_a_refused_one_is_not() {
    const BUSY: &str = "<ErrorResponse><Error><Code>Throttling</Code><Message>Rate exceeded</Message></Error></ErrorResponse>";
    const DENIED: &str = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>";
    const DONE: &str = "<DescribeDBInstancesResponse xmlns=\"http://rds.amazonaws.com/doc/2014-10-31/\">\
        <DescribeDBInstancesResult><DBInstances><DBInstance><DBInstanceIdentifier>app</DBInstanceIdentifier>\
        <Endpoint><Address>app.x.eu-west-1.rds.amazonaws.com</Address></Endpoint></DBInstance></DBInstances>\
        </DescribeDBInstancesResult></DescribeDBInstancesResponse>";
    let (url, asked) = serve(vec![(400, BUSY), (503, "busy"), (200, DONE), (403, DENIED)]);
    let client = client(&[&KEYS[..], &[("AWS_ENDPOINT_URL_RDS", url.as_str())]].concat());
    let instances = wait(client.instances(Some("app"))).unwrap();
    assert_eq!(instances[0].host.as_deref(), Some("app.x.eu-west-1.rds.amazonaws.com"));
    let error = wait(client.call(Service::Rds, "CreateDBSnapshot", &[])).unwrap_err();
    assert_eq!(error.to_string(), "rds:CreateDBSnapshot: AccessDenied: no");
    assert_eq!(asked.iter().count(), 4);
}

#[test]
fn a_secret_is_that_of_a_database() {
    let (url, asked) = serve(vec![(
        200,
        r#"{"Name":"x","SecretString":"{\"username\":\"u\",\"password\":\"hush\",\"host\":\"h\",\"port\":\"5433\",\"dbname\":\"d\"}"}"#,
    )]);
    let client =
        client(&[&KEYS[..], &[("AWS_ENDPOINT_URL_SECRETS_MANAGER", url.as_str())]].concat());
    let secret = wait(client.secret("arn:aws:secretsmanager:us-east-2:1:secret:x")).unwrap();
    assert_eq!(
        (secret.username.as_deref(), secret.port, secret.dbname.as_deref()),
        (Some("u"), Some(5433), Some("d"))
    );
    let asked = asked.recv().unwrap();
    assert!(
        asked.contains("/us-east-2/secretsmanager/")
            && asked.contains("secretsmanager.GetSecretValue"),
        "{asked}"
    );
}
