//! Whether the server takes changes.

use lint::Severity;

use super::{Judged, Probe, Surroundings, nothing};
use crate::preflight::finding::PreflightFinding;
use crate::preflight::round::Answer;

pub(super) const PROBE: Probe =
    Probe { name: "writable", about: "a server that takes no changes", question: nothing, judge };

fn judge(around: &Surroundings<'_>, _: &Answer) -> Judged {
    let server = around.server;
    let effect = "Nothing can be changed";
    Ok(if server.in_recovery {
        vec![PreflightFinding::new(
            "replica",
            Severity::Error,
            "the server is a standby or a reader of a cluster",
            effect,
            "undrift migrate deploy --url \"$URL_OF_THE_WRITER\"",
        )]
    } else if server.read_only {
        vec![PreflightFinding::new(
            "read-only",
            Severity::Error,
            format!("transactions of {} are read only by default", server.user),
            effect,
            format!(
                "ALTER ROLE {} IN DATABASE {} RESET default_transaction_read_only",
                catalog::quoted(&server.user),
                catalog::quoted(&server.database)
            ),
        )]
    } else {
        Vec::new()
    })
}
