//! What RDS says of its databases, as far as undrift asks.

use crate::{Client, Element, Error, Service};

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
        };
        let all = elements.into_iter().map(deployment);
        Ok(all.filter(|deployment| deployment.source == source).collect())
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
