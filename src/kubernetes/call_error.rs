//! Why a call of the API server has no result.

use super::{ApiServer, chain};

/// Why a call has no result.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CallError {
    /// The API server does not answer.
    #[error("the cluster at {url} cannot be reached: {problem}")]
    Unreachable {
        /// Its address.
        url: String,
        /// What happened.
        problem: String,
    },
    /// It answers with something else than what was asked for, as a proxy's page of login.
    #[error("the answer of {url} cannot be used: {problem}")]
    Unusable {
        /// Its address.
        url: String,
        /// What is wrong with the answer.
        problem: String,
    },
    /// It does not permit it.
    #[error("the cluster refuses: {0}")]
    Refused(String),
}

impl ApiServer {
    /// What an error of the client means.
    pub(crate) fn call_error(&self, error: kube::Error) -> CallError {
        match error {
            kube::Error::Api(status) => CallError::Refused(status.message),
            kube::Error::SerdeError(error) => self.unusable(&error),
            kube::Error::FromUtf8(error) => self.unusable(&error),
            error => self.unreachable(&error),
        }
    }

    /// What is wrong with an answer of the API server.
    pub(crate) fn unusable(&self, problem: &dyn std::fmt::Display) -> CallError {
        CallError::Unusable {
            url: self.url().to_owned(),
            problem: problem.to_string(),
        }
    }

    /// An error on the way to the API server.
    pub(crate) fn unreachable(&self, error: &(dyn std::error::Error + 'static)) -> CallError {
        CallError::Unreachable {
            url: self.url().to_owned(),
            problem: chain(error),
        }
    }
}
