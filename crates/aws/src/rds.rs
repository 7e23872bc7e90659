//! What RDS says of its databases, as far as undrift asks.

use crate::{Client, Element, Error, Host, Kind, Service};

/// An instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instance {
    /// Its identifier.
    pub id: String,
    /// `available`, `backing-up`, `modifying`, …
    pub status: String,
    /// Its endpoint, once it has one.
    pub host: Option<String>,
    /// The cluster that it is in.
    pub cluster: Option<String>,
    /// The ARN.
    pub arn: String,
    /// The whole answer, for what is not above.
    pub element: Element,
}

/// A cluster: Aurora's, or Multi-AZ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cluster {
    /// Its identifier.
    pub id: String,
    /// `available`, …
    pub status: String,
    /// The endpoint of the writer.
    pub writer: Option<String>,
    /// The endpoint of the readers.
    pub reader: Option<String>,
    /// Its instances.
    pub members: Vec<Member>,
    /// The ARN.
    pub arn: String,
    /// The whole answer.
    pub element: Element,
}

/// An instance in a cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The instance.
    pub id: String,
    /// Whether it is the one that takes changes.
    pub is_writer: bool,
}

/// What a proxy leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProxyTarget {
    /// `RDS_INSTANCE`, `TRACKED_CLUSTER` or `RDS_SERVERLESS_ENDPOINT`.
    pub kind: String,
    /// Its endpoint, where RDS tells.
    pub host: Option<String>,
    /// The instance or cluster.
    pub id: String,
}

/// Two copies of a database, one of which is to take over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlueGreen {
    /// Its identifier.
    pub id: String,
    /// Its name.
    pub name: String,
    /// `PROVISIONING`, `AVAILABLE`, `SWITCHOVER_IN_PROGRESS`, `SWITCHOVER_COMPLETED`, …
    pub status: String,
    /// The ARN of what is in use.
    pub source: String,
    /// The ARN of what is to take over.
    pub target: String,
    /// The endpoint of what is to take over, where it was asked for.
    pub target_host: Option<String>,
}

impl BlueGreen {
    /// Whether changes to the source would be lost or break it.
    pub fn is_live(&self) -> bool {
        matches!(self.status.as_str(), "PROVISIONING" | "AVAILABLE" | "SWITCHOVER_IN_PROGRESS")
    }
}

impl Client {
    /// The instances of the region, or the one with an identifier.
    ///
    /// # Errors
    /// What AWS answers: `DBInstanceNotFound`, …
    pub async fn instances(&self, id: Option<&str>) -> Result<Vec<Instance>, Error> {
        let elements = self
            .pages("DescribeDBInstances", "DBInstances", named("DBInstanceIdentifier", id))
            .await?;
        Ok(elements.into_iter().map(Instance::of).collect())
    }

    /// The clusters of the region, or the one with an identifier.
    ///
    /// # Errors
    /// What AWS answers: `DBClusterNotFoundFault`, …
    pub async fn clusters(&self, id: Option<&str>) -> Result<Vec<Cluster>, Error> {
        let elements = self
            .pages("DescribeDBClusters", "DBClusters", named("DBClusterIdentifier", id))
            .await?;
        Ok(elements.into_iter().map(Cluster::of).collect())
    }

    /// What a proxy leads to.
    ///
    /// # Errors
    /// What AWS answers: `DBProxyNotFoundFault`, …
    pub async fn proxy_targets(&self, proxy: &str) -> Result<Vec<ProxyTarget>, Error> {
        let elements = self
            .pages("DescribeDBProxyTargets", "Targets", named("DBProxyName", Some(proxy)))
            .await?;
        let target = |element: Element| ProxyTarget {
            kind: text(&element, "Type"),
            host: element.text_of("Endpoint").map(str::to_owned),
            id: text(&element, "RdsResourceId"),
        };
        Ok(elements.into_iter().map(target).collect())
    }

    /// The blue/green deployments that something with an ARN is the source of.
    ///
    /// # Errors
    /// What AWS answers.
    pub async fn blue_green(&self, source: &str) -> Result<Vec<BlueGreen>, Error> {
        let filter =
            vec![("Filters.Filter.1.Name", "source"), ("Filters.Filter.1.Values.Value.1", source)];
        let elements =
            self.pages("DescribeBlueGreenDeployments", "BlueGreenDeployments", filter).await?;
        let deployment = |element: Element| BlueGreen {
            id: text(&element, "BlueGreenDeploymentIdentifier"),
            name: text(&element, "BlueGreenDeploymentName"),
            status: text(&element, "Status"),
            source: text(&element, "Source"),
            target: text(&element, "Target"),
            target_host: None,
        };
        let all = elements.into_iter().map(deployment);
        Ok(all.filter(|deployment| deployment.source == source).collect())
    }

    /// The endpoint of the writer of the cluster that a host belongs to.
    ///
    /// # Errors
    /// What AWS answers.
    pub async fn writer_of(&self, host: &Host) -> Result<Option<String>, Error> {
        let cluster = match host.kind {
            Kind::Instance => {
                let instances = self.instances(Some(&host.id)).await?;
                match instances
                    .into_iter()
                    .next()
                    .and_then(|it| it.cluster.or_else(|| source(&it.element)))
                {
                    Some(cluster) => cluster,
                    None => return Ok(None),
                }
            }
            Kind::Custom => {
                let is_it = |it: &Element| it.text.eq_ignore_ascii_case(&host.name);
                let clusters = self.clusters(None).await?;
                let found = clusters
                    .into_iter()
                    .find(|it| it.element.list("CustomEndpoints").iter().any(is_it));
                return Ok(found.and_then(|cluster| cluster.writer));
            }
            Kind::ProxyEndpoint => return self.behind_proxy(host).await,
            Kind::Writer | Kind::Reader | Kind::Global => return Ok(host.writer()),
            Kind::Proxy | Kind::Limitless | Kind::Dsql => return Ok(None),
        };
        match self.clusters(Some(&cluster)).await {
            Ok(clusters) => Ok(clusters.into_iter().next().and_then(|it| it.writer)),
            // What a replica outside of a cluster follows is an instance.
            Err(Error::Refused { code, .. }) if code.starts_with("DBClusterNotFound") => {
                let instances = self.instances(Some(&cluster)).await?;
                Ok(instances.into_iter().next().and_then(|it| it.host))
            }
            Err(error) => Err(error),
        }
    }

    /// The endpoint of what takes changes behind a proxy.
    ///
    /// # Errors
    /// What AWS answers.
    pub async fn behind_proxy(&self, host: &Host) -> Result<Option<String>, Error> {
        let proxy = if let Some(proxy) = host.proxy() {
            proxy.to_owned()
        } else {
            let endpoint = named("DBProxyEndpointName", Some(&host.id));
            let found =
                self.pages("DescribeDBProxyEndpoints", "DBProxyEndpoints", endpoint).await?;
            match found.first().and_then(|it| it.text_of("DBProxyName")) {
                Some(proxy) => proxy.to_owned(),
                None => return Ok(None),
            }
        };
        let targets = self.proxy_targets(&proxy).await?;
        if let Some(cluster) = targets.iter().find(|it| it.kind == "TRACKED_CLUSTER") {
            let clusters = self.clusters(Some(&cluster.id)).await?;
            return Ok(clusters.into_iter().next().and_then(|it| it.writer));
        }
        let Some(target) = targets.into_iter().next() else { return Ok(None) };
        if target.host.is_some() {
            return Ok(target.host);
        }
        let instances = self.instances(Some(&target.id)).await?;
        Ok(instances.into_iter().next().and_then(|it| it.host))
    }

    /// The blue/green deployments that a host is the blue side of, with the endpoints of the green side.
    ///
    /// # Errors
    /// What AWS answers.
    pub async fn blue_green_of(&self, host: &Host) -> Result<Vec<BlueGreen>, Error> {
        let arns: Vec<String> = match host.kind {
            Kind::Instance => {
                let instances = self.instances(Some(&host.id)).await?;
                let mut arns = Vec::new();
                for instance in instances {
                    // Of a cluster, the deployment is the cluster's.
                    if let Some(cluster) = &instance.cluster {
                        arns.extend(
                            self.clusters(Some(cluster)).await?.into_iter().map(|it| it.arn),
                        );
                    }
                    arns.push(instance.arn);
                }
                arns
            }
            Kind::Writer => {
                self.clusters(Some(&host.id)).await?.into_iter().map(|it| it.arn).collect()
            }
            Kind::Reader
            | Kind::Custom
            | Kind::Proxy
            | Kind::ProxyEndpoint
            | Kind::Global
            | Kind::Limitless
            | Kind::Dsql => Vec::new(),
        };
        let mut found = Vec::new();
        for arn in arns {
            for mut deployment in self.blue_green(&arn).await? {
                deployment.target_host = self.host_of(&deployment.target).await?;
                found.push(deployment);
            }
        }
        Ok(found)
    }

    /// The endpoint of something with an ARN, which for a cluster is its writer's.
    async fn host_of(&self, arn: &str) -> Result<Option<String>, Error> {
        let mut parts = arn.split(':').skip(5);
        let (kind, id) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        Ok(match kind {
            "cluster" => self.clusters(Some(id)).await?.into_iter().next().and_then(|it| it.writer),
            "db" => self.instances(Some(id)).await?.into_iter().next().and_then(|it| it.host),
            _ => None,
        })
    }

    /// All that an action lists, page by page.
    ///
    /// # Errors
    /// What AWS answers.
    pub async fn pages(
        &self,
        action: &str,
        list: &str,
        parameters: Vec<(&str, &str)>,
    ) -> Result<Vec<Element>, Error> {
        let mut all = Vec::new();
        let mut marker: Option<String> = None;
        loop {
            let mut page = parameters.clone();
            if let Some(marker) = &marker {
                page.push(("Marker", marker));
            }
            let answer = self.call(Service::Rds, action, &page).await?;
            all.extend_from_slice(answer.list(list));
            let next = answer.text_of("Marker").map(str::to_owned);
            if next.is_none() || next == marker {
                return Ok(all);
            }
            marker = next;
        }
    }
}

fn named<'a>(parameter: &'a str, value: Option<&'a str>) -> Vec<(&'a str, &'a str)> {
    value.map(|value| (parameter, value)).into_iter().collect()
}

/// What a replica follows; one in another region is named by an ARN, and cannot be asked for here.
fn source(replica: &Element) -> Option<String> {
    let source = replica.text_of("ReadReplicaSourceDBInstanceIdentifier")?;
    (!source.starts_with("arn:")).then(|| source.to_owned())
}

fn text(element: &Element, path: &str) -> String {
    element.text_of(path).unwrap_or_default().to_owned()
}

impl Instance {
    fn of(element: Element) -> Self {
        Self {
            id: text(&element, "DBInstanceIdentifier"),
            status: text(&element, "DBInstanceStatus"),
            host: element.text_of("Endpoint/Address").map(str::to_owned),
            cluster: element.text_of("DBClusterIdentifier").map(str::to_owned),
            arn: text(&element, "DBInstanceArn"),
            element,
        }
    }
}

impl Cluster {
    fn of(element: Element) -> Self {
        let member = |member: &Element| Member {
            id: text(member, "DBInstanceIdentifier"),
            is_writer: member.text_of("IsClusterWriter") == Some("true"),
        };
        Self {
            id: text(&element, "DBClusterIdentifier"),
            status: text(&element, "Status"),
            writer: element.text_of("Endpoint").map(str::to_owned),
            reader: element.text_of("ReaderEndpoint").map(str::to_owned),
            members: element.list("DBClusterMembers").iter().map(member).collect(),
            arn: text(&element, "DBClusterArn"),
            element,
        }
    }
}
