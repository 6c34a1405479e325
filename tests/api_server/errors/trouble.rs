//! What goes wrong, and how: one row for each section of the page.

use super::away::an_api_is_away;
use super::calls::{
    a_certificate_of_long_ago, another_ca, another_name, another_path, no_pod_is_ready,
    nobody_listens, the_admin_port, the_server_hangs, the_service_is_missing,
};
use super::crowd::too_many;
use super::objects::{
    a_finalizer_remains, the_namespace_is_gone, two_appliers, wait_for_completion,
    written_without_the_webhook,
};
use super::rules::{SECTION, each_rule_refuses, nothing_is_refused};
use super::states::Stage;
use crate::scene::succeed;

/// Whose word it is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum By {
    UsualApiServer,
    /// With `--enable-aggregator-routing`.
    ApiServerThatRoutes,
}

impl By {
    pub const fn flags(self) -> &'static [&'static str] {
        match self {
            Self::UsualApiServer => &[],
            Self::ApiServerThatRoutes => &["--enable-aggregator-routing=true"],
        }
    }
}

pub struct Trouble {
    /// The heading of its section.
    pub section: &'static str,
    pub by: By,
    /// Makes it, and gives what is then printed.
    pub make: fn(&mut Stage) -> Vec<String>,
    /// Asserts that it is over.
    pub out: fn(&Stage),
}

const fn of_calls(section: &'static str, make: fn(&mut Stage) -> Vec<String>) -> Trouble {
    Trouble {
        section,
        by: By::UsualApiServer,
        make,
        out: Stage::writes_pass,
    }
}

pub const TROUBLES: [Trouble; 16] = [
    of_calls(
        r#"`failed calling webhook "validate.wfe-webhook.kubernaut.ai"`"#,
        nobody_listens,
    ),
    of_calls("`context deadline exceeded`", the_server_hangs),
    of_calls("`connection refused`", nobody_listens),
    Trouble {
        by: By::ApiServerThatRoutes,
        ..of_calls("`no endpoints available for service`", no_pod_is_ready)
    },
    of_calls(r#"`service "…" not found`"#, the_service_is_missing),
    of_calls(
        "`x509: certificate signed by unknown authority`",
        another_ca,
    ),
    of_calls(
        "`x509: certificate has expired or is not yet valid`",
        a_certificate_of_long_ago,
    ),
    of_calls("`x509: certificate is valid for … not …`", another_name),
    of_calls(
        "`http: server gave HTTP response to HTTPS client`",
        the_admin_port,
    ),
    of_calls(
        "`the server could not find the requested resource`",
        another_path,
    ),
    of_calls("`429 Too Many Requests`", too_many),
    of_calls(
        "`the server is currently unable to handle the request`",
        an_api_is_away,
    ),
    Trouble {
        section: SECTION,
        by: By::UsualApiServer,
        make: each_rule_refuses,
        out: nothing_is_refused,
    },
    Trouble {
        section: "`Apply failed with … conflict`",
        by: By::UsualApiServer,
        make: two_appliers,
        out: |_| {},
    },
    Trouble {
        section: "`timed out waiting for the condition`",
        by: By::UsualApiServer,
        make: written_without_the_webhook,
        out: |stage| drop(succeed(&mut wait_for_completion(stage))),
    },
    Trouble {
        section: "A namespace stays Terminating: `Some content in the namespace has finalizers remaining`",
        by: By::UsualApiServer,
        make: a_finalizer_remains,
        out: the_namespace_is_gone,
    },
];
