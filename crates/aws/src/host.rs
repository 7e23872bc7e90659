//! What the name of a host tells: the one place that knows how AWS names databases.
//!
//! | name | what it is |
//! |---|---|
//! | `app.HASH.REGION.rds.amazonaws.com` | an instance |
//! | `app.cluster-HASH.…` | the writer of a cluster |
//! | `app.cluster-ro-HASH.…` | the readers of a cluster |
//! | `any.cluster-custom-HASH.…` | some members of a cluster, which may be readers |
//! | `app.proxy-HASH.…` | a proxy |
//! | `ro.endpoint.proxy-HASH.…` | a further endpoint of a proxy, which may be of readers |
//! | `app.global-HASH.global.rds.amazonaws.com` | the writer of a global database |
//! | `app.shardgrp-HASH.…` | a shard group of Aurora Limitless |
//! | `ID.dsql.REGION.on.aws` | Aurora DSQL |
//!
//! `HASH` is the account's and the region's; in China the domain is `rds.cn-north-1.amazonaws.com.cn`.
//! `app-green-1a2b3c` is the copy of a blue/green deployment, `app-old1` what it has replaced.

/// A host as AWS names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    /// The name, in small letters.
    pub name: String,
    /// What is behind it.
    pub kind: Kind,
    /// What stands first in the name: the identifier of the instance, cluster, proxy or endpoint.
    pub id: String,
    /// The region; none for a global database.
    pub region: Option<String>,
    /// Whether it is one of a pair.
    pub deployment: Option<Deployment>,
}

/// What is behind a host name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// One instance; in a cluster, whichever role it has.
    Instance,
    /// The writer of a cluster.
    Writer,
    /// The readers of a cluster.
    Reader,
    /// Chosen members of a cluster.
    Custom,
    /// A proxy, to the writer.
    Proxy,
    /// A further endpoint of a proxy.
    ProxyEndpoint,
    /// The writer of a global database.
    Global,
    /// A shard group of Aurora Limitless.
    Limitless,
    /// Aurora DSQL.
    Dsql,
}

/// The part of an instance or cluster in a blue/green deployment, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deployment {
    /// The copy that is to take over.
    Green,
    /// What was in use before the switchover.
    Old,
}

/// AWS, and its copies that share nothing with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Partition {
    /// Everywhere else.
    Aws,
    /// China.
    China,
    /// GovCloud.
    GovCloud,
}

impl Partition {
    /// The partition of a region.
    pub fn of_region(region: &str) -> Self {
        match region.split('-').next() {
            Some("cn") => Self::China,
            Some("us") if region.starts_with("us-gov-") => Self::GovCloud,
            _ => Self::Aws,
        }
    }

    /// The domain of its services.
    pub fn domain(self) -> &'static str {
        match self {
            Self::China => "amazonaws.com.cn",
            Self::Aws | Self::GovCloud => "amazonaws.com",
        }
    }
}

/// The part before the hash, and what it says of the kind.
const KINDS: &[(&str, Kind)] = &[
    ("cluster-ro-", Kind::Reader),
    ("cluster-custom-", Kind::Custom),
    ("cluster-", Kind::Writer),
    ("proxy-", Kind::Proxy),
    ("global-", Kind::Global),
    ("shardgrp-", Kind::Limitless),
];

impl Host {
    /// Recognises a host of RDS, Aurora or DSQL.
    pub fn parse(host: &str) -> Option<Self> {
        let name = host.trim_end_matches('.').to_ascii_lowercase();
        let labels: Vec<&str> = name.split('.').collect();
        let (kind, region) = match labels.as_slice() {
            [_, "dsql", region, "on", "aws"]
            | [_, "dsql", region, "on", "amazonwebservices", "com", "cn"] => {
                (Kind::Dsql, Some(*region))
            }
            [_, middle, "global", "rds", "amazonaws", "com"] => (kind(middle)?, None),
            [_, middle, region, "rds", "amazonaws", "com"]
            | [_, middle, "rds", region, "amazonaws", "com", "cn"]
            | [_, middle, region, "rds", "amazonaws", "com", "cn"] => {
                (kind(middle)?, Some(*region))
            }
            [_, "endpoint", middle, region, "rds", "amazonaws", "com"]
            | [_, "endpoint", middle, "rds", region, "amazonaws", "com", "cn"]
            | [_, "endpoint", middle, region, "rds", "amazonaws", "com", "cn"]
                if kind(middle) == Some(Kind::Proxy) =>
            {
                (Kind::ProxyEndpoint, Some(*region))
            }
            _ => return None,
        };
        let id = labels.first().copied().unwrap_or_default().to_owned();
        let deployment = match kind {
            Kind::Instance | Kind::Writer | Kind::Reader | Kind::Custom => deployment(&id),
            Kind::Proxy | Kind::ProxyEndpoint | Kind::Global | Kind::Limitless | Kind::Dsql => None,
        };
        let region = region.map(str::to_owned);
        Some(Self { name, kind, id, region, deployment })
    }

    /// The partition.
    pub fn partition(&self) -> Partition {
        if self.name.rsplit('.').next() == Some("cn") {
            return Partition::China;
        }
        self.region.as_deref().map_or(Partition::Aws, Partition::of_region)
    }

    /// The endpoint of the writer of the same cluster, as far as the name tells it.
    pub fn writer(&self) -> Option<String> {
        match self.kind {
            Kind::Reader => Some(self.name.replacen(".cluster-ro-", ".cluster-", 1)),
            Kind::Writer | Kind::Global => Some(self.name.clone()),
            // Neither name holds that of the cluster.
            Kind::Custom | Kind::Instance => None,
            Kind::Proxy | Kind::ProxyEndpoint | Kind::Limitless | Kind::Dsql => None,
        }
    }

    /// Whether a pool of connections stands between.
    pub fn is_proxy(&self) -> bool {
        matches!(self.kind, Kind::Proxy | Kind::ProxyEndpoint)
    }

    /// The name of the proxy, where the host's name holds it: that of a further endpoint does not.
    pub fn proxy(&self) -> Option<&str> {
        (self.kind == Kind::Proxy).then_some(self.id.as_str())
    }
}

/// What the label before the region says.
fn kind(label: &str) -> Option<Kind> {
    let found = KINDS.iter().find(|(prefix, _)| label.starts_with(prefix)).map(|(_, kind)| *kind);
    let is_hash =
        |label: &str| !label.is_empty() && label.bytes().all(|it| it.is_ascii_alphanumeric());
    found.or_else(|| is_hash(label).then_some(Kind::Instance))
}

/// `…-green-1a2b3c`, `…-old1`.
fn deployment(id: &str) -> Option<Deployment> {
    let (before, last) = id.rsplit_once('-')?;
    if before.ends_with("-green")
        && last.len() == 6
        && last.bytes().all(|it| it.is_ascii_alphanumeric())
    {
        return Some(Deployment::Green);
    }
    let number = last.strip_prefix("old")?;
    let is_number = !number.is_empty() && number.bytes().all(|it| it.is_ascii_digit());
    is_number.then_some(Deployment::Old)
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Instance => "RDS or Aurora instance",
            Self::Writer => "writer endpoint of a cluster",
            Self::Reader => "reader endpoint of a cluster",
            Self::Custom => "custom endpoint of a cluster",
            Self::Proxy => "RDS Proxy",
            Self::ProxyEndpoint => "endpoint of an RDS Proxy",
            Self::Global => "writer endpoint of a global database",
            Self::Limitless => "shard group of Aurora Limitless",
            Self::Dsql => "Aurora DSQL",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Deployment, Host, Kind, Partition};

    #[test]
    fn every_form_of_name_is_recognised() {
        for (name, kind, region) in [
            ("app.c1a2b3c4d5e6.eu-west-1.rds.amazonaws.com", Kind::Instance, Some("eu-west-1")),
            (
                "App.Cluster-c1a2b3c4d5e6.us-gov-west-1.rds.amazonaws.com.",
                Kind::Writer,
                Some("us-gov-west-1"),
            ),
            (
                "app.cluster-ro-c1a2b3c4d5e6.eu-west-1.rds.amazonaws.com",
                Kind::Reader,
                Some("eu-west-1"),
            ),
            (
                "any.cluster-custom-c1a2b3c4d5e6.eu-west-1.rds.amazonaws.com",
                Kind::Custom,
                Some("eu-west-1"),
            ),
            ("app.proxy-c1a2b3c4d5e6.eu-west-1.rds.amazonaws.com", Kind::Proxy, Some("eu-west-1")),
            (
                "ro.endpoint.proxy-c1a2b3c4d5e6.eu-west-1.rds.amazonaws.com",
                Kind::ProxyEndpoint,
                Some("eu-west-1"),
            ),
            ("app.global-c1a2b3c4d5e6.global.rds.amazonaws.com", Kind::Global, None),
            (
                "app.shardgrp-c1a2b3c4d5e6.us-east-1.rds.amazonaws.com",
                Kind::Limitless,
                Some("us-east-1"),
            ),
            ("abcdefghijklmnop.dsql.us-east-1.on.aws", Kind::Dsql, Some("us-east-1")),
            (
                "app.c1a2b3c4d5e6.rds.cn-north-1.amazonaws.com.cn",
                Kind::Instance,
                Some("cn-north-1"),
            ),
            (
                "app.cluster-c1a2b3.rds.cn-northwest-1.amazonaws.com.cn",
                Kind::Writer,
                Some("cn-northwest-1"),
            ),
        ] {
            let host = Host::parse(name).unwrap();
            assert_eq!((host.kind, host.region.as_deref()), (kind, region), "{name}");
        }
        for name in [
            "db.example.com",
            "rds.amazonaws.com",
            "a.b_c.eu-west-1.rds.amazonaws.com",
            "s3.eu-west-1.amazonaws.com",
            "localhost",
        ] {
            assert_eq!(Host::parse(name), None, "{name}");
        }
    }

    #[test]
    fn a_name_tells_partition_writer_and_deployment() {
        let host = |name: &str| Host::parse(name).unwrap();
        assert_eq!(host("a.c1.rds.cn-north-1.amazonaws.com.cn").partition(), Partition::China);
        assert_eq!(host("a.c1.us-gov-east-1.rds.amazonaws.com").partition(), Partition::GovCloud);
        assert_eq!(
            host("a.cluster-ro-c1.eu-west-1.rds.amazonaws.com").writer().as_deref(),
            Some("a.cluster-c1.eu-west-1.rds.amazonaws.com")
        );
        let deployment =
            |id: &str| host(&format!("{id}.c1.eu-west-1.rds.amazonaws.com")).deployment;
        assert_eq!(deployment("app-green-x1y2z3"), Some(Deployment::Green));
        assert_eq!(deployment("app-old1"), Some(Deployment::Old));
        assert_eq!(
            (deployment("app-old"), deployment("evergreen-field1"), deployment("app")),
            (None, None, None)
        );
    }
}
