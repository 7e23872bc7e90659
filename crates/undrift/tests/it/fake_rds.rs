//! A small RDS on this machine: one instance or cluster, snapshots that take as long as they are told,
//! refusals. It answers the Query API as far as undrift asks.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use crate::stand::Folder;

/// The identifier of the instance.
pub(crate) const INSTANCE: &str = "app-1";
/// The identifier of the cluster.
pub(crate) const CLUSTER: &str = "app";

/// How it behaves.
#[derive(Debug, Clone, Default)]
pub(crate) struct Behaviour {
    /// Whether the instance is in a cluster of Aurora.
    pub(crate) is_cluster: bool,
    /// What a snapshot is when it is asked for, one after the other; `available` from then on.
    pub(crate) statuses: Vec<&'static str>,
    /// So many calls are refused first, for being too many.
    pub(crate) throttled: usize,
    /// So many attempts at a snapshot are refused first, since the instance is backed up just then.
    pub(crate) busy: usize,
    /// Whether the snapshots are as many as may be.
    pub(crate) full: bool,
    /// Whether the instance is the blue side of a blue/green deployment.
    pub(crate) is_blue: bool,
    /// The windows, as RDS has them.
    pub(crate) maintenance_window: Option<&'static str>,
}

/// A running fake; it ends with the tests.
pub(crate) struct FakeRds {
    url: String,
    state: Arc<Mutex<State>>,
}

struct State {
    behaviour: Behaviour,
    calls: Vec<Call>,
}

/// A call: what it asked for, and with what.
type Call = BTreeMap<String, String>;

impl FakeRds {
    pub(crate) fn start(behaviour: Behaviour) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(Mutex::new(State { behaviour, calls: Vec::new() }));
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&shared);
                std::thread::spawn(move || answer(stream, &shared));
            }
        });
        Self { url, state }
    }

    /// A project whose AWS this is; its secret is the one that must not come out.
    pub(crate) fn of(&self, folder: Folder) -> Folder {
        folder
            .with("AWS_ENDPOINT_URL_RDS", &self.url)
            .with("AWS_REGION", "eu-central-1")
            .with("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
            .with("AWS_SECRET_ACCESS_KEY", crate::stand::PASSWORD)
    }

    /// The calls of an action.
    pub(crate) fn calls(&self, action: &str) -> Vec<Call> {
        let state = self.state.lock().unwrap();
        let calls =
            state.calls.iter().filter(|call| call.get("Action").is_some_and(|it| it == action));
        calls.cloned().collect()
    }
}

/// Answers what comes over a connection until it ends.
fn answer(stream: TcpStream, state: &Mutex<State>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut stream = stream;
    loop {
        let mut length = 0;
        let mut line = String::new();
        loop {
            line.clear();
            if reader.read_line(&mut line).unwrap_or(0) == 0 {
                return;
            }
            let lower = line.to_ascii_lowercase();
            if let Some(value) = lower.strip_prefix("content-length:") {
                length = value.trim().parse().unwrap_or(0);
            }
            if line == "\r\n" {
                break;
            }
        }
        let mut body = vec![0; length];
        if reader.read_exact(&mut body).is_err() {
            return;
        }
        let call = parameters(&String::from_utf8_lossy(&body));
        let (status, text) = state.lock().unwrap().answer(&call);
        let head = format!(
            "HTTP/1.1 {status} x\r\nContent-Type: text/xml\r\nContent-Length: {}\r\n\r\n",
            text.len()
        );
        if stream.write_all(format!("{head}{text}").as_bytes()).is_err() {
            return;
        }
    }
}

fn parameters(body: &str) -> Call {
    let pairs = body.split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (decoded(name), decoded(value))).collect()
}

fn decoded(text: &str) -> String {
    let text = text.replace('+', " ");
    let mut parts = text.split('%');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let (code, rest) = part.split_at(2.min(part.len()));
        bytes.extend(u8::from_str_radix(code, 16));
        bytes.extend(rest.as_bytes());
    }
    String::from_utf8(bytes).unwrap()
}

impl State {
    fn answer(&mut self, call: &Call) -> (u16, String) {
        let action = call.get("Action").cloned().unwrap_or_default();
        let get = |name: &str| call.get(name).cloned().unwrap_or_default();
        self.calls.push(call.clone());
        let behaviour = &mut self.behaviour;
        if behaviour.throttled > 0 {
            behaviour.throttled -= 1;
            return refused("Throttling", "Rate exceeded");
        }
        let is_cluster = behaviour.is_cluster;
        let arn =
            |kind: &str, id: &str| format!("arn:aws:rds:eu-central-1:123456789012:{kind}:{id}");
        let result = match action.as_str() {
            "DescribeDBInstances"
                if matches!(get("DBInstanceIdentifier").as_str(), "" | INSTANCE) =>
            {
                let cluster = if is_cluster {
                    format!("<DBClusterIdentifier>{CLUSTER}</DBClusterIdentifier>")
                } else {
                    "<LatestRestorableTime>2026-12-01T04:00:00Z</LatestRestorableTime>".to_owned()
                };
                let window = behaviour.maintenance_window.unwrap_or("sun:05:00-sun:06:00");
                let engine = if is_cluster { "aurora-postgresql" } else { "postgres" };
                format!(
                    "<DBInstances><DBInstance><DBInstanceIdentifier>{INSTANCE}</DBInstanceIdentifier>\
                     <DBInstanceStatus>available</DBInstanceStatus><Engine>{engine}</Engine>\
                     <DBInstanceClass>db.t4g.medium</DBInstanceClass><AllocatedStorage>20</AllocatedStorage>\
                     <PreferredMaintenanceWindow>{window}</PreferredMaintenanceWindow>\
                     <DBSubnetGroup><DBSubnetGroupName>inner</DBSubnetGroupName></DBSubnetGroup>\
                     <VpcSecurityGroups><VpcSecurityGroupMembership><VpcSecurityGroupId>sg-1\
                     </VpcSecurityGroupId></VpcSecurityGroupMembership></VpcSecurityGroups>\
                     <DBInstanceArn>{}</DBInstanceArn>{cluster}</DBInstance></DBInstances>",
                    arn("db", INSTANCE)
                )
            }
            "DescribeDBInstances" => return refused("DBInstanceNotFound", "DBInstance not found"),
            "DescribeDBClusters" if is_cluster => format!(
                "<DBClusters><DBCluster><DBClusterIdentifier>{CLUSTER}</DBClusterIdentifier>\
                 <Status>available</Status><Engine>aurora-postgresql</Engine>\
                 <LatestRestorableTime>2026-12-01T04:00:00Z</LatestRestorableTime>\
                 <DBClusterMembers><DBClusterMember><DBInstanceIdentifier>{INSTANCE}\
                 </DBInstanceIdentifier><IsClusterWriter>true</IsClusterWriter></DBClusterMember>\
                 </DBClusterMembers><DBClusterArn>{}</DBClusterArn></DBCluster></DBClusters>",
                arn("cluster", CLUSTER)
            ),
            "DescribeDBClusters" => {
                return refused("DBClusterNotFoundFault", "DBCluster not found");
            }
            "DescribeBlueGreenDeployments" if behaviour.is_blue => format!(
                "<BlueGreenDeployments><member><BlueGreenDeploymentIdentifier>bgd-1\
                 </BlueGreenDeploymentIdentifier><Status>AVAILABLE</Status><Source>{}</Source>\
                 </member></BlueGreenDeployments>",
                arn("db", INSTANCE)
            ),
            "CreateDBSnapshot" | "CreateDBClusterSnapshot" => {
                if behaviour.full {
                    return refused("SnapshotQuotaExceeded", "There are 100 snapshots");
                }
                if behaviour.busy > 0 {
                    behaviour.busy -= 1;
                    return refused("InvalidDBInstanceState", "Instance app-1 is not available");
                }
                String::new()
            }
            "DescribeDBSnapshots" | "DescribeDBClusterSnapshots" => {
                let statuses = &mut behaviour.statuses;
                let status = if statuses.is_empty() { "available" } else { statuses.remove(0) };
                let name = if is_cluster { "DBClusterSnapshot" } else { "DBSnapshot" };
                let id = get(&format!("{name}Identifier"));
                format!(
                    "<{name}s><{name}><{name}Identifier>{id}</{name}Identifier><Status>{status}</Status>\
                     <PercentProgress>50</PercentProgress><{name}Arn>{}</{name}Arn></{name}></{name}s>",
                    arn("snapshot", &id)
                )
            }
            _ => String::new(),
        };
        let text = format!(
            "<{action}Response xmlns=\"http://rds.amazonaws.com/doc/2014-10-31/\"><{action}Result>{result}\
             </{action}Result></{action}Response>"
        );
        (200, text)
    }
}

fn refused(code: &str, message: &str) -> (u16, String) {
    let text = format!(
        "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>\
         </ErrorResponse>"
    );
    (400, text)
}
