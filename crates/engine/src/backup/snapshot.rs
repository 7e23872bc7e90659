//! Snapshots of RDS and Aurora, and the time that they can be restored to.

use std::time::Duration;

use aws::{Client, Element, Service};
use database::BackupState;
use tokio::time::Instant;

use super::{BackupRequest, Kept, Made, Place, Source, json};
use crate::preflight::duration;
use crate::rds::{self, Behind};
use crate::{Error, Progress};

/// How long is waited between two looks: at first, and at most.
const FIRST: Duration = Duration::from_millis(200);
const LONGEST: Duration = Duration::from_secs(15);

/// Whether the database's host is one of RDS.
pub(super) fn is_offered(place: &Place<'_>) -> bool {
    rds::host(place.url).is_some()
}

impl Place<'_> {
    /// Makes a snapshot, and waits until it is there.
    pub(super) async fn take_snapshot(
        &self,
        id: &str,
        request: &BackupRequest,
        made: &mut Made,
        progress: &mut (dyn Progress + '_),
    ) -> Result<Kept, Error> {
        let deadline = Instant::now() + request.patience;
        let behind = rds::behind(self.url, self.settings, request.instance.as_deref()).await?;
        let Behind { client, source, .. } = &behind;
        // Letters, digits and single hyphens, and a letter first.
        let identifier = format!("undrift-{}-{id}", source.identifier);
        let kept =
            |arn| Kept::Snapshot { identifier: identifier.clone(), arn, source: source.clone() };
        made.kept = kept(None);
        let begun = database::finishing_backup(id, BackupState::Running, &json(made));
        self.session.run("writing down which snapshot is begun", &begun).await?;
        let names = Names::of(source);
        let tags = [
            ("undrift:run", id),
            ("undrift:plan", made.plan.as_str()),
            ("undrift:database", self.session.server().database.as_str()),
        ];
        let numbered: Vec<[(String, &str); 2]> = tags
            .iter()
            .enumerate()
            .map(|(at, (key, value))| {
                let tag = |part: &str| format!("Tags.Tag.{}.{part}", at + 1);
                [(tag("Key"), *key), (tag("Value"), *value)]
            })
            .collect();
        let mut parameters =
            vec![(names.source, source.identifier.as_str()), (names.snapshot, identifier.as_str())];
        parameters.extend(numbered.iter().flatten().map(|(name, value)| (name.as_str(), *value)));
        let mut pause = FIRST;
        loop {
            progress.busy(&format!("beginning the snapshot {identifier}"));
            match client.call(Service::Rds, names.create, &parameters).await {
                Ok(_) => break,
                // Its answer was lost, and it was tried again.
                Err(error)
                    if error.code().is_some_and(|it| it.contains("SnapshotAlreadyExists")) =>
                {
                    break;
                }
                Err(error) if is_busy(&error) && Instant::now() < deadline => {
                    progress.busy(&format!("waiting until {} is available", source.identifier));
                    self.pause(&mut pause).await?;
                }
                Err(error) => return Err(refused(&error)),
            }
        }
        let arn = self.wait_for(client, &names, &identifier, deadline, progress).await?;
        Ok(kept(arn))
    }

    /// Waits until a snapshot is whole; returns its ARN.
    async fn wait_for(
        &self,
        client: &Client,
        names: &Names,
        identifier: &str,
        deadline: Instant,
        progress: &mut (dyn Progress + '_),
    ) -> Result<Option<String>, Error> {
        let begun = Instant::now();
        let mut pause = FIRST;
        loop {
            let found =
                client.pages(names.describe, names.list, vec![(names.snapshot, identifier)]).await;
            let snapshot = match found {
                Ok(found) => found.into_iter().next(),
                Err(error) if is_passing(&error) => None,
                Err(error) => return Err(refused(&error)),
            };
            let text = |name| snapshot.as_ref().and_then(|it: &Element| it.text_of(name));
            match text("Status") {
                Some("available") => return Ok(text(names.arn).map(str::to_owned)),
                Some("creating") | None => {}
                Some(status) => {
                    return Err(Error::Unready(format!(
                        "the snapshot {identifier} is {status}, so there is no backup"
                    )));
                }
            }
            if Instant::now() >= deadline {
                return Err(Error::Unready(format!(
                    "the snapshot {identifier} is not whole after {}, so there is no backup. It goes on at \
                     RDS; --wait-at-most MINUTES waits longer",
                    duration(i64::try_from(begun.elapsed().as_secs()).unwrap_or(i64::MAX))
                )));
            }
            let percent = text("PercentProgress").unwrap_or("0");
            progress.busy(&format!("waiting for the snapshot {identifier}: {percent} %"));
            self.pause(&mut pause).await.inspect_err(|_| {
                progress.notice(&format!("the snapshot {identifier} goes on at RDS"));
            })?;
        }
    }

    /// Waits a while, longer each time, and keeps the connection from being taken for an idle one.
    async fn pause(&self, pause: &mut Duration) -> Result<(), Error> {
        tokio::select! {
            () = tokio::time::sleep(*pause) => {}
            () = self.cancel.cancelled() => return Err(Error::Interrupted),
        }
        *pause = (*pause * 3 / 2).min(LONGEST);
        Ok(self.session.run("keeping the connection", "SELECT 1").await?)
    }

    /// Takes down the time that RDS can be told to restore to.
    pub(super) async fn mark_time(
        &self,
        request: &BackupRequest,
        progress: &mut (dyn Progress + '_),
    ) -> Result<Kept, Error> {
        progress.busy("asking RDS what it can restore to");
        let behind = rds::behind(self.url, self.settings, request.instance.as_deref()).await?;
        let Some(latest_restorable) = behind.instance.latest_restorable.clone() else {
            return Err(Error::Unready(format!(
                "{} cannot be restored to a point in time: its automated backups are off. \
                 aws rds modify-db-instance --db-instance-identifier {} --backup-retention-period 7",
                behind.source.identifier, behind.instance.identifier
            )));
        };
        let question = "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')";
        let rows = self.session.rows("asking for the time", question).await?;
        let time = rows.first().and_then(|row| row.get(0)).unwrap_or_default().to_owned();
        Ok(Kept::PointInTime { time, latest_restorable, source: behind.source })
    }
}

/// Deletes a snapshot; one that is gone is.
pub(super) async fn delete(
    client: &Client,
    identifier: &str,
    source: &Source,
) -> Result<(), Error> {
    let names = Names::of(source);
    let client = client.in_region(&source.region);
    match client.call(Service::Rds, names.delete, &[(names.snapshot, identifier)]).await {
        Ok(_) => Ok(()),
        Err(error) if error.code().is_some_and(|it| it.contains("SnapshotNotFound")) => Ok(()),
        Err(error) => Err(refused(&error)),
    }
}

/// What RDS calls things, of an instance and of a cluster.
struct Names {
    create: &'static str,
    describe: &'static str,
    delete: &'static str,
    list: &'static str,
    source: &'static str,
    snapshot: &'static str,
    arn: &'static str,
}

impl Names {
    fn of(source: &Source) -> Self {
        if source.is_cluster {
            Self {
                create: "CreateDBClusterSnapshot",
                describe: "DescribeDBClusterSnapshots",
                delete: "DeleteDBClusterSnapshot",
                list: "DBClusterSnapshots",
                source: "DBClusterIdentifier",
                snapshot: "DBClusterSnapshotIdentifier",
                arn: "DBClusterSnapshotArn",
            }
        } else {
            Self {
                create: "CreateDBSnapshot",
                describe: "DescribeDBSnapshots",
                delete: "DeleteDBSnapshot",
                list: "DBSnapshots",
                source: "DBInstanceIdentifier",
                snapshot: "DBSnapshotIdentifier",
                arn: "DBSnapshotArn",
            }
        }
    }
}

/// Whether RDS works on the instance just now, and will be done with that.
fn is_busy(error: &aws::Error) -> bool {
    matches!(
        error.code(),
        Some(
            "InvalidDBInstanceState" | "InvalidDBInstanceStateFault" | "InvalidDBClusterStateFault"
        )
    ) || is_passing(error)
}

/// Whether the same question may be answered later.
fn is_passing(error: &aws::Error) -> bool {
    match error {
        aws::Error::Unreachable { .. } => true,
        aws::Error::Refused { code, status, .. } => {
            *status >= 500 || code.contains("Throttl") || code == "RequestLimitExceeded"
        }
        aws::Error::NoCredentials(_)
        | aws::Error::Credentials { .. }
        | aws::Error::File { .. }
        | aws::Error::NoRegion
        | aws::Error::Answer { .. } => false,
    }
}

/// What AWS refused, with what to do about it.
pub(super) fn refused(error: &aws::Error) -> Error {
    let help = match error.code() {
        Some("SnapshotQuotaExceeded" | "SnapshotQuotaExceededFault") => {
            Some("undrift backup prune".to_owned())
        }
        _ => error.help(),
    };
    Error::Program { message: format!("there is no backup: {error}"), help }
}
