//! A real API server, and the servers that it calls.

use anyhow::Context;
use serde_json::Value;

use super::setup::{Setup, Signs};
use super::writes::{self, Kind, Statuses, calls, expect};
use crate::client::Connection;
use crate::control_plane::{ControlPlane, until};
use crate::subject::{Identity, Running, Subject};

const CRD: &str =
    include_str!("../../../../../tests/fixtures/crd-workflowexecution.kubernaut.ai.yaml");

/// All of it on the same two cores. It has one object, with a status.
pub struct Scene<'a> {
    identity: &'a Identity,
    servers: Vec<(Subject, Running)>,
    plane: ControlPlane,
    pub connection: Connection,
    pub statuses: Statuses,
    /// How many writes were measured: each has to be another one.
    pub written: u64,
}

impl<'a> Scene<'a> {
    pub fn start(identity: &'a Identity) -> anyhow::Result<Self> {
        let plane = ControlPlane::start(identity)?;
        plane.kubectl(&["apply", "--server-side"], CRD)?;
        let mut connection = Connection::open(&plane.target)?;
        let create = writes::create(writes::NAME)?;
        until("the resource is served", || {
            Ok(connection.call(&create)?.status == 201)
        })?;
        let statuses = Statuses::make()?;
        let request = writes::patch(writes::NAME, &statuses.progress, "");
        expect(&connection.call(&request)?, 200)?;
        let servers =
            [Subject::Null, Subject::Product, Subject::ControllerRuntime].map(|subject| {
                let server = subject.start_under(&["taskset", "-c", "0,1"], identity)?;
                anyhow::Ok((subject, server))
            });
        Ok(Self {
            identity,
            servers: servers.into_iter().collect::<anyhow::Result<_>>()?,
            plane,
            connection,
            statuses,
            written: 0,
        })
    }

    /// Measures something while a setup is in force, and nothing is afterwards.
    pub fn under<T>(
        &mut self,
        setup: Setup,
        measure: impl FnOnce(&mut Self) -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        let mut registered = Vec::new();
        for part in setup.below().into_iter().chain([setup]) {
            if let Some(manifests) = part.manifests(&self.servers, self.identity)? {
                self.plane
                    .kubectl(&["apply", "--server-side"], &manifests)?;
                registered.push(manifests);
            }
            self.wait_for(part)?;
        }
        let measured = measure(self)?;
        for manifests in registered {
            self.plane.kubectl(&["delete", "--wait=true"], &manifests)?;
        }
        self.wait_for(Setup::Nothing)?;
        Ok(measured)
    }

    /// Waits until the API server works as configured.
    fn wait_for(&mut self, setup: Setup) -> anyhow::Result<()> {
        let (mut in_a_row, mut seen) = (0, None);
        let reached = until(setup.name(), || {
            let signs = self.signs()?;
            in_a_row = if signs == setup.signs() {
                in_a_row + 1
            } else {
                0
            };
            seen = Some(signs);
            Ok(in_a_row == 5)
        });
        reached.with_context(|| format!("{:?} and not {seen:?}", setup.signs()))
    }

    fn signs(&mut self) -> anyhow::Result<Signs> {
        let connection = &mut self.connection;
        let before = calls(connection)?;
        let status = connection.call(&writes::unknown_type())?.status;
        let between = calls(connection)?;
        let answer = connection.call(&Kind::End.write(&self.statuses, 0))?;
        expect(&answer, 200)?;
        let ended: Value = serde_json::from_slice(&answer.body)?;
        let conditions = ended["status"]["conditions"].as_array();
        Ok(Signs {
            unknown_type: (status, between - before),
            ended: (conditions.map_or(0, Vec::len), calls(connection)? - between),
        })
    }
}
