//! New instances and clusters from snapshots, and of a time.

use aws::Service;

use super::{RestoreRequest, RestoreTo, Restored};
use crate::backup::snapshot::refused;
use crate::backup::{Kept, Place};
use crate::{Error, Progress, rds};

impl Place<'_> {
    /// Makes a new instance or cluster from a snapshot or of a time; without a name for it, only says how.
    pub(super) async fn restore_instance(
        &self,
        kept: &Kept,
        request: &RestoreRequest,
        restored: &mut Restored,
        progress: &mut (dyn Progress + '_),
    ) -> Result<(), Error> {
        let new = match &request.to {
            RestoreTo::Default => {
                restored.next.clone_from(&restored.backup.restore);
                return Ok(());
            }
            RestoreTo::Instance(new) => new,
            RestoreTo::Database(_) | RestoreTo::Url(_) | RestoreTo::InPlace => {
                return Err(Error::Usage(
                    "a snapshot becomes a new instance: --new-instance NAME".to_owned(),
                ));
            }
        };
        let (Kept::Snapshot { source, .. } | Kept::PointInTime { source, .. }) = kept else {
            return Ok(());
        };
        if request.dry_run {
            restored.next.clone_from(&restored.backup.restore);
            return Ok(());
        }
        progress.busy(&format!("restoring to {new}"));
        let client = self.settings.aws().in_region(&source.region);
        let like = rds::network_of(&client, source).await;
        let (action, mut parameters) = restoring(kept, new);
        let mut network: Vec<(String, String)> = Vec::new();
        network.extend(like.subnets.map(|name| ("DBSubnetGroupName".to_owned(), name)));
        let groups = like.security_groups.into_iter().enumerate();
        network.extend(groups.map(|(at, group)| {
            (format!("VpcSecurityGroupIds.VpcSecurityGroupId.{}", at + 1), group)
        }));
        parameters.extend(network.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        client.call(Service::Rds, action, &parameters).await.map_err(|it| refused(&it))?;
        let region = &source.region;
        if source.is_cluster {
            let instance = format!("{new}-1");
            let class = like.class.unwrap_or_else(|| "db.r6g.large".to_owned());
            let parameters = [
                ("DBInstanceIdentifier", instance.as_str()),
                ("DBClusterIdentifier", new.as_str()),
                ("DBInstanceClass", class.as_str()),
                ("Engine", source.engine.as_str()),
            ];
            client
                .call(Service::Rds, "CreateDBInstance", &parameters)
                .await
                .map_err(|it| refused(&it))?;
            restored.next.push(format!(
                "aws rds wait db-instance-available --region {region} --db-instance-identifier {instance}"
            ));
            restored.next.push(format!(
                "aws rds describe-db-clusters --region {region} --db-cluster-identifier {new} \
                 --query 'DBClusters[0].Endpoint'"
            ));
        } else {
            restored.next.push(format!(
                "aws rds wait db-instance-available --region {region} --db-instance-identifier {new}"
            ));
            restored.next.push(format!(
                "aws rds describe-db-instances --region {region} --db-instance-identifier {new} \
                 --query 'DBInstances[0].Endpoint.Address'"
            ));
        }
        let what = if source.is_cluster { "cluster" } else { "instance" };
        restored.to = Some(format!("the new {what} {new}, which RDS is making now"));
        Ok(())
    }
}

/// The action that makes a new instance or cluster, and what it is told.
fn restoring<'a>(kept: &'a Kept, new: &'a str) -> (&'static str, Vec<(&'a str, &'a str)>) {
    match kept {
        Kept::Snapshot { identifier, source, .. } if source.is_cluster => (
            "RestoreDBClusterFromSnapshot",
            vec![
                ("DBClusterIdentifier", new),
                ("SnapshotIdentifier", identifier),
                ("Engine", &source.engine),
            ],
        ),
        Kept::Snapshot { identifier, .. } => (
            "RestoreDBInstanceFromDBSnapshot",
            vec![("DBInstanceIdentifier", new), ("DBSnapshotIdentifier", identifier)],
        ),
        Kept::PointInTime { time, source, .. } if source.is_cluster => (
            "RestoreDBClusterToPointInTime",
            vec![
                ("DBClusterIdentifier", new),
                ("SourceDBClusterIdentifier", &source.identifier),
                ("RestoreToTime", time),
            ],
        ),
        Kept::PointInTime { time, source, .. } => (
            "RestoreDBInstanceToPointInTime",
            vec![
                ("TargetDBInstanceIdentifier", new),
                ("SourceDBInstanceIdentifier", &source.identifier),
                ("RestoreTime", time),
            ],
        ),
        Kept::Nothing { .. } | Kept::Rows { .. } | Kept::Dump { .. } => ("", Vec::new()),
    }
}
