//! What can go wrong between undrift and AWS.

/// A failure of anything that is asked of AWS. No secret is ever part of its text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Nobody has credentials.
    #[error("no AWS credentials were found; looked at: {}", .0.join("; "))]
    NoCredentials(Vec<String>),
    /// Credentials that are set up cannot be had.
    #[error("AWS credentials from {source_name}: {problem}")]
    Credentials {
        /// Where they should come from.
        source_name: String,
        /// Why they do not.
        problem: String,
        /// What to do.
        next: String,
    },
    /// A file of AWS's is not as it should be.
    #[error("{path}: {problem}")]
    File {
        /// The file.
        path: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The region is not known.
    #[error(
        "the AWS region is not known: neither the host's name nor AWS_REGION nor the profile tells it"
    )]
    NoRegion,
    /// AWS said no.
    #[error("{action}: {code}: {message}")]
    Refused {
        /// What was asked: `rds:DescribeDBInstances`.
        action: String,
        /// AWS's code: `DBInstanceNotFound`.
        code: String,
        /// AWS's words.
        message: String,
        /// The status of HTTP.
        status: u16,
    },
    /// No answer came.
    #[error("{action}: no answer from {endpoint}: {cause}")]
    Unreachable {
        /// What was asked.
        action: String,
        /// Whom.
        endpoint: String,
        /// What the operating system said.
        cause: String,
    },
    /// The answer cannot be understood.
    #[error("{action}: {problem}")]
    Answer {
        /// What was asked.
        action: String,
        /// What is odd.
        problem: String,
    },
}

/// What gives any program the credentials that AWS's own command line has, whatever it has them from.
pub(crate) const EXPORT: &str = "eval \"$(aws configure export-credentials --format env)\"";

impl Error {
    /// AWS's code for it, if AWS answered.
    pub fn code(&self) -> Option<&str> {
        if let Self::Refused { code, .. } = self { Some(code) } else { None }
    }

    /// What the user can do about it: a command, or a change to make.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::NoCredentials(_) => Some(format!(
                "aws sso login, or {EXPORT}, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
            )),
            Self::Credentials { next, .. } => Some(next.clone()),
            Self::NoRegion => Some("set AWS_REGION, or write region=… into the URL".to_owned()),
            Self::Refused { code, action, .. } => match code.as_str() {
                "ExpiredToken" | "ExpiredTokenException" => Some(format!(
                    "the AWS credentials have expired: aws sso login, or {EXPORT}"
                )),
                "AccessDenied" | "AccessDeniedException" | "UnauthorizedOperation" => Some(format!(
                    "allow {action} in an IAM policy of whoever aws sts get-caller-identity names"
                )),
                "InvalidClientTokenId" | "UnrecognizedClientException" => {
                    Some("aws sts get-caller-identity tells whether AWS knows these keys".to_owned())
                }
                "SignatureDoesNotMatch" | "RequestExpired" | "RequestTimeTooSkewed" => Some(
                    "compare this machine's clock (date -u), then the secret access key".to_owned(),
                ),
                _ => None,
            },
            Self::Unreachable { .. } => Some(
                "see whether the endpoint can be reached from here: a VPC without internet needs a VPC \
                 endpoint, a company network HTTPS_PROXY and AWS_CA_BUNDLE"
                    .to_owned(),
            ),
            Self::File { .. } | Self::Answer { .. } => None,
        }
    }
}
