use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use super::EventSettings;
use super::aggregation::Aggregation;
use super::budget::Budget;
use super::occurrence::{self, Occurrence};
use crate::admission::Judgement;
use crate::kubernetes::{Access, ApiServer, ConnectError, Event, EventError, ObjectReference};
use crate::metrics::{EventResult, Metrics};
use crate::review::KIND;

/// How many wait to be told.
const QUEUE: usize = 256;
/// How long the API server may take for one Event.
const CALL_TIMEOUT: Duration = Duration::from_secs(5);
/// How long the end of the server may take for what still waits.
const GRACE: Duration = Duration::from_secs(2);

/// Where reviews put what is to be told.
#[derive(Debug)]
pub(crate) struct Recorder {
    queue: mpsc::Sender<Occurrence>,
    metrics: Arc<Metrics>,
}

/// The task that tells the API server.
#[derive(Debug)]
pub(crate) struct Recording {
    queue: mpsc::Sender<Occurrence>,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Recorder {
    /// Finds the API server, by `KUBECONFIG` or as every pod does, and begins to record.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub(crate) fn start(
        settings: EventSettings,
        metrics: Arc<Metrics>,
    ) -> Result<(Self, Recording), ConnectError> {
        let server = ApiServer::find(Access::default())?;
        let (queue, occurrences) = mpsc::channel(QUEUE);
        let (stop, stopped) = oneshot::channel();
        let task = Task {
            server,
            interval: settings.interval,
            aggregation: Aggregation::new(settings.interval),
            budget: Budget::new(Timestamp::now()),
            metrics: Arc::clone(&metrics),
            failing: false,
        };
        let recording = Recording {
            queue: queue.clone(),
            stop,
            task: tokio::spawn(task.run(occurrences, stopped)),
        };
        Ok((Self { queue, metrics }, recording))
    }

    /// Puts what a judgement has to tell into the queue. It never waits.
    pub(crate) fn offer(&self, judgement: &Judgement<'_>, body: &str) {
        if judgement.findings.is_empty() {
            return;
        }
        occurrence::each(judgement, body, Timestamp::now(), |occurrence| {
            let queued = occurrence.is_some_and(|it| self.queue.try_send(it).is_ok());
            if !queued {
                self.metrics.event(EventResult::Dropped);
            }
        });
    }
}

impl Recording {
    /// Tells what waits, and ends; what takes too long is lost.
    pub(crate) async fn finish(mut self) {
        // An error only where the task has ended already.
        let _ = self.stop.send(());
        if tokio::time::timeout(GRACE, &mut self.task).await.is_err() {
            self.task.abort();
            let waiting = self.queue.max_capacity() - self.queue.capacity();
            tracing::warn!(
                waiting,
                "the API server is too slow for the last Events; they are lost"
            );
        }
    }
}

struct Task {
    server: ApiServer,
    interval: Duration,
    aggregation: Aggregation,
    budget: Budget,
    metrics: Arc<Metrics>,
    /// Whether the last call failed: only the first failure in a row is logged.
    failing: bool,
}

impl Task {
    async fn run(
        mut self,
        mut queue: mpsc::Receiver<Occurrence>,
        mut stopped: oneshot::Receiver<()>,
    ) {
        let mut is_stopped = false;
        loop {
            tokio::select! {
                _ = &mut stopped, if !is_stopped => {
                    is_stopped = true;
                    queue.close();
                }
                next = queue.recv() => match next {
                    Some(occurrence) => {
                        let result = self.record(&occurrence).await;
                        self.metrics.event(result);
                    }
                    None => return,
                },
            }
        }
    }

    async fn record(&mut self, occurrence: &Occurrence) -> EventResult {
        let Occurrence {
            object, rule, at, ..
        } = occurrence;
        let Some(repetitions) = self.aggregation.due(&object.uid, *rule, *at) else {
            return EventResult::Aggregated;
        };
        if !self.budget.take(Timestamp::now()) {
            return EventResult::Dropped;
        }
        let event = Event {
            name: &self.name(occurrence),
            object: ObjectReference {
                api_version: &object.api_version,
                kind: KIND,
                namespace: &object.namespace,
                name: &object.name,
                uid: &object.uid,
            },
            reason: rule.id(),
            message: &occurrence.message,
            count: repetitions.count,
            first: repetitions.first,
            last: *at,
        };
        let call = tokio::time::timeout(CALL_TIMEOUT, self.server.create_event(&event));
        let error = match call.await {
            Ok(Ok(())) => {
                self.aggregation.recorded(&object.uid, *rule, *at);
                self.works();
                return EventResult::Recorded;
            }
            Ok(Err(EventError::Exists)) => {
                self.aggregation
                    .recorded_elsewhere(&object.uid, *rule, *at, repetitions);
                self.works();
                return EventResult::Aggregated;
            }
            Ok(Err(error)) => error.to_string(),
            Err(_) => format!("no answer within {CALL_TIMEOUT:?}"),
        };
        if !self.failing {
            tracing::warn!(
                error,
                url = self.server.url(),
                "cannot record an Event; events_total counts what is lost"
            );
        }
        self.failing = true;
        EventResult::Failed
    }

    /// The same for each replica within an interval, so that only one of them can record it.
    fn name(&self, occurrence: &Occurrence) -> String {
        let Occurrence {
            object, rule, at, ..
        } = occurrence;
        let interval = i64::try_from(self.interval.as_millis()).unwrap_or(i64::MAX);
        let number = at.as_millisecond() / interval.max(1);
        format!("{}.{rule}.{number:x}", object.uid)
    }

    fn works(&mut self) {
        if std::mem::take(&mut self.failing) {
            tracing::info!("can record Events again");
        }
    }
}
