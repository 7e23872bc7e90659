//! What of RDS is behind a database: the instance or cluster, by the host's name or by what was said.

use aws::{Client, Host, Kind};
use project::DatabaseUrl;

use crate::backup::{self, Source};
use crate::preflight::Instance;
use crate::{Error, Settings};

/// The instance or cluster behind a database, and whom to ask about it.
pub(crate) struct Behind {
    pub(crate) client: Client,
    pub(crate) source: Source,
    pub(crate) instance: Instance,
}

/// What a new instance gets of the one that it is made from.
#[derive(Debug, Clone, Default)]
pub(crate) struct Network {
    pub(crate) subnets: Option<String>,
    pub(crate) security_groups: Vec<String>,
    pub(crate) class: Option<String>,
}

/// The host, if it is one of RDS.
pub(crate) fn host(url: &DatabaseUrl) -> Option<Host> {
    Host::parse(&url.host)
}

/// Finds out what is behind a database. `said` is the identifier of the instance or cluster where the
/// host's name does not tell it: behind a tunnel or another name.
///
/// # Errors
/// When RDS refuses or does not know it, or nothing tells which instance it is.
pub(crate) async fn behind(
    url: &DatabaseUrl,
    settings: &Settings,
    said: Option<&str>,
) -> Result<Behind, Error> {
    let host = host(url);
    let named = backup::environment(url, settings)?.instance;
    let said = said.or(named.as_deref());
    let mut client = settings.aws();
    if let Some(region) = host.as_ref().and_then(|host| host.region.as_deref()) {
        client = client.in_region(region);
    }
    let (identifier, is_cluster) = match (said, &host) {
        (Some(said), _) => {
            let is_instance = match client.instances(Some(said)).await {
                Ok(found) => !found.is_empty(),
                Err(error) if is_unknown(&error) => false,
                Err(error) => return Err(asked(&error)),
            };
            (said.to_owned(), !is_instance)
        }
        (None, Some(host)) => match host.kind {
            Kind::Instance => (host.id.clone(), false),
            Kind::Writer | Kind::Reader => (host.id.clone(), true),
            Kind::Proxy => {
                let targets = client.proxy_targets(&host.id).await.map_err(|it| asked(&it))?;
                let cluster = targets.iter().find(|it| it.kind == "TRACKED_CLUSTER");
                let target = cluster.or(targets.first()).ok_or_else(|| unknown(url))?;
                (target.id.clone(), cluster.is_some())
            }
            Kind::Custom | Kind::ProxyEndpoint | Kind::Global | Kind::Limitless | Kind::Dsql => {
                return Err(unknown(url));
            }
        },
        (None, None) => return Err(unknown(url)),
    };
    let region = client.region().map_err(|it| asked(&it))?;
    let (mut instance, cluster) = if is_cluster {
        let (instance, cluster) = of_cluster(&client, &identifier).await?;
        (instance, Some(cluster))
    } else {
        let found = client.instances(Some(&identifier)).await.map_err(|it| asked(&it))?;
        let found = found.into_iter().next().ok_or_else(|| unknown(url))?;
        // What is in a cluster has no snapshot of its own.
        match found.cluster.clone() {
            Some(cluster) => {
                let (_, cluster) = of_cluster(&client, &cluster).await?;
                (instance_of(&found), Some(cluster))
            }
            None => (instance_of(&found), None),
        }
    };
    let arn = match &cluster {
        Some(cluster) => {
            instance.cluster = Some(cluster.id.clone());
            let restorable = cluster.element.text_of("LatestRestorableTime");
            instance.latest_restorable = restorable.map(str::to_owned);
            cluster.arn.clone()
        }
        None => instance.arn.clone(),
    };
    // Whoever may not ask for deployments has none that undrift could know of.
    let deployments = client.blue_green(&arn).await.unwrap_or_default();
    let live = deployments.into_iter().find(aws::BlueGreen::is_live);
    instance.blue_green = live.map(|deployment| deployment.id);
    let source = Source {
        identifier: cluster
            .as_ref()
            .map_or_else(|| instance.identifier.clone(), |it| it.id.clone()),
        is_cluster: cluster.is_some(),
        engine: instance.engine.clone(),
        region,
    };
    Ok(Behind { client, source, instance })
}

/// A cluster with the instance that is written to.
async fn of_cluster(client: &Client, id: &str) -> Result<(Instance, aws::Cluster), Error> {
    let found = client.clusters(Some(id)).await.map_err(|it| asked(&it))?;
    let absent = || Error::Unready(format!("RDS knows no instance or cluster {id}"));
    let cluster = found.into_iter().next().ok_or_else(absent)?;
    let text = |name: &str| cluster.element.text_of(name).map(str::to_owned);
    let of_cluster = Instance {
        identifier: cluster.id.clone(),
        engine: text("Engine").unwrap_or_default(),
        status: cluster.status.clone(),
        maintenance_window: text("PreferredMaintenanceWindow"),
        backup_window: text("PreferredBackupWindow"),
        ..Instance::default()
    };
    let writer = cluster.members.iter().find(|member| member.is_writer);
    let Some(writer) = writer else { return Ok((of_cluster, cluster)) };
    let found = client.instances(Some(&writer.id)).await.unwrap_or_default();
    let instance = found.first().map(instance_of);
    let windows = |it: Instance| Instance { backup_window: of_cluster.backup_window.clone(), ..it };
    Ok((instance.map_or_else(|| of_cluster.clone(), windows), cluster))
}

fn instance_of(found: &aws::Instance) -> Instance {
    let text = |name: &str| found.element.text_of(name).map(str::to_owned);
    let gibibytes = found.element.text_of("AllocatedStorage").and_then(|it| it.parse::<u64>().ok());
    Instance {
        identifier: found.id.clone(),
        arn: found.arn.clone(),
        cluster: found.cluster.clone(),
        engine: text("Engine").unwrap_or_default(),
        status: found.status.clone(),
        maintenance_window: text("PreferredMaintenanceWindow"),
        backup_window: text("PreferredBackupWindow"),
        allocated_bytes: gibibytes.map(|it| it << 30),
        latest_restorable: text("LatestRestorableTime"),
        blue_green: None,
    }
}

/// The network of what something is made from, as far as it is still there.
pub(crate) async fn network_of(client: &Client, source: &Source) -> Network {
    let mut network = Network::default();
    let mut instance = Some(source.identifier.clone());
    if source.is_cluster {
        let found = client.clusters(Some(&source.identifier)).await.unwrap_or_default();
        let Some(cluster) = found.first() else { return network };
        network.subnets = cluster.element.text_of("DBSubnetGroup").map(str::to_owned);
        network.security_groups = groups(&cluster.element);
        instance = cluster.members.iter().find(|it| it.is_writer).map(|it| it.id.clone());
    }
    let Some(instance) = instance else { return network };
    let found = client.instances(Some(&instance)).await.unwrap_or_default();
    let Some(found) = found.first() else { return network };
    network.class = found.element.text_of("DBInstanceClass").map(str::to_owned);
    if !source.is_cluster {
        network.subnets =
            found.element.text_of("DBSubnetGroup/DBSubnetGroupName").map(str::to_owned);
        network.security_groups = groups(&found.element);
    }
    network
}

fn groups(element: &aws::Element) -> Vec<String> {
    let groups = element.list("VpcSecurityGroups").iter();
    groups.filter_map(|it| it.text_of("VpcSecurityGroupId")).map(str::to_owned).collect()
}

fn is_unknown(error: &aws::Error) -> bool {
    error.code().is_some_and(|code| code.starts_with("DBInstanceNotFound"))
}

fn unknown(url: &DatabaseUrl) -> Error {
    Error::Usage(format!(
        "the host {} does not tell which instance or cluster of RDS it is; say it: --instance ID, or \
         instance = \"ID\" in the environment in undrift.toml",
        url.host
    ))
}

/// What AWS answered, with what to do about it.
fn asked(error: &aws::Error) -> Error {
    Error::Program { message: format!("asking RDS: {error}"), help: error.help() }
}
