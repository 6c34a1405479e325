//! Files whose content is read again and again. That is right for every way of replacing a file, the link swap of a
//! Secret volume among them, where watches of the file system lose their file.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use super::Error;

/// A change is taken once it has stood for this long: until then it may still be written.
const SETTLING: Duration = Duration::from_millis(300);

/// Files that are read as one.
pub(super) trait Source: Clone + Send + 'static {
    /// What they hold.
    type Content: Hash + Send + 'static;

    /// Reads all of them.
    ///
    /// # Errors
    ///
    /// When one cannot be read.
    fn read(&self) -> Result<Self::Content, Error>;
}

/// Reports when the content of a [`Source`] has changed.
#[derive(Debug)]
pub(super) struct Watch<S> {
    source: S,
    interval: Duration,
    /// Of the last content that was given out. Keeping a hash keeps no second copy of a key.
    known: u64,
}

impl<S: Source> Watch<S> {
    /// Reads the content for the first time.
    ///
    /// # Errors
    ///
    /// When it cannot be read.
    pub(super) fn new(source: S, interval: Duration) -> Result<(Self, S::Content), Error> {
        let content = source.read();
        let known = fingerprint(&content);
        let watch = Self {
            source,
            interval,
            known,
        };
        Ok((watch, content?))
    }

    /// The files.
    pub(super) fn source(&self) -> &S {
        &self.source
    }

    /// Waits until the content is another than the last one that was given out, and has settled. Each is given out
    /// once, and so is an error.
    pub(super) async fn changed(&mut self) -> Result<S::Content, Error> {
        loop {
            tokio::time::sleep(self.interval).await;
            let seen = fingerprint(&self.look().await);
            if seen == self.known {
                continue;
            }
            tokio::time::sleep(SETTLING.min(self.interval)).await;
            let content = self.look().await;
            if fingerprint(&content) == seen {
                self.known = seen;
                return content;
            }
        }
    }

    /// Reads off the runtime's threads: a folder may be mounted over a network that hangs.
    async fn look(&self) -> Result<S::Content, Error> {
        let source = self.source.clone();
        match tokio::task::spawn_blocking(move || source.read()).await {
            Ok(content) => content,
            // The runtime is going down, and this task with it.
            Err(_) => std::future::pending().await,
        }
    }
}

fn fingerprint<T: Hash>(content: &Result<T, Error>) -> u64 {
    let mut hasher = DefaultHasher::new();
    match content {
        Ok(content) => (true, content).hash(&mut hasher),
        Err(error) => (false, error.to_string()).hash(&mut hasher),
    }
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::time::Duration;

    use super::super::Error;
    use super::{Source, Watch};

    /// A file that is being written: it has more at each reading, until it is whole.
    #[derive(Clone, Default)]
    struct Growing(Arc<AtomicU32>);

    const WHOLE: u32 = 6;

    impl Source for Growing {
        type Content = u32;

        fn read(&self) -> Result<u32, Error> {
            Ok(self.0.fetch_add(1, Ordering::Relaxed).min(WHOLE))
        }
    }

    #[tokio::test]
    async fn what_is_still_being_written_is_not_taken_and_the_whole_is_once() {
        let (mut watch, first) =
            Watch::new(Growing::default(), Duration::from_millis(1)).expect("it can be read");
        assert_eq!(first, 0);
        assert_eq!(watch.changed().await.expect("it can be read"), WHOLE);
        let readings = Arc::clone(&watch.source().0);
        let seen = readings.load(Ordering::Relaxed);
        let more_looks = async {
            while readings.load(Ordering::Relaxed) < seen + 3 {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        tokio::select! {
            _ = watch.changed() => panic!("given out twice"),
            () = more_looks => {}
        }
    }
}
