//! Blue/green deployments of RDS: what is changed on the blue side does not come to the green one.

use lint::Severity;

use super::{Judged, Probe, Surroundings, nothing};
use crate::preflight::finding::PreflightFinding;
use crate::preflight::round::Answer;

pub(super) const PROBE: Probe = Probe {
    name: "blue-green",
    about: "a blue/green deployment of the instance",
    question: nothing,
    judge,
};

fn judge(around: &Surroundings<'_>, _: &Answer) -> Judged {
    let deployment = around.instance.and_then(|instance| instance.blue_green.as_ref());
    let found = deployment.map(|name| {
        PreflightFinding::new(
            "blue-green",
            Severity::Error,
            format!("the instance is the blue side of the blue/green deployment {name}"),
            "Changes of structure do not come to the green side, and replication to it stops",
            format!(
                "aws rds switchover-blue-green-deployment --blue-green-deployment-identifier {name}   \
                 # and deploy afterwards"
            ),
        )
    });
    Ok(found.into_iter().collect())
}
