//! Watching a collection: everything there is, then every change, over lost connections.

use futures::stream::BoxStream;
use futures::{Stream, StreamExt};
use kube::api::{Api, DynamicObject};
use kube::core::{ApiResource, GroupVersionKind};
use kube::runtime::{WatchStreamExt, watcher};
use serde_json::Value;

use super::failure::{self, Doing};
use super::{Cluster, Resource};
use crate::error::Error;

/// How long one request watches, seconds: shorter than a quiet connection is kept.
const SPELL: u32 = 50;

/// What a watch saw.
#[derive(Debug)]
pub(super) enum Seen {
    /// All objects there are. Comes first, and again when changes may have been missed.
    All(Vec<Value>),
    /// An object is new or changed.
    Now(Value),
    /// An object is gone; this is how it was.
    Gone(Value),
    /// The user may not look. The watch is over.
    Blind(Error),
    /// The server could not be asked; it is asked again soon.
    Trouble(Error),
}

/// Which objects of a collection are watched.
#[derive(Debug, Default, Clone)]
pub(super) struct Selection {
    /// Label selector; empty for all.
    pub(super) labels: String,
    /// The one object with this name.
    pub(super) name: Option<String>,
}

/// What the client's own watch gives.
type Watched = watcher::Result<watcher::Event<DynamicObject>>;

impl Cluster {
    /// Watches the objects of a kind in a namespace until the stream is dropped.
    pub(super) fn watch(&self, resource: &Resource, namespace: &str, selection: &Selection) -> BoxStream<'_, Seen> {
        let kind = ApiResource::from_gvk_with_plural(
            &GroupVersionKind::gvk(&resource.group, &resource.version, &resource.kind),
            &resource.plural,
        );
        let in_namespace = namespace.to_owned();
        let mut config = watcher::Config::default().timeout(SPELL);
        if !selection.labels.is_empty() {
            config = config.labels(&selection.labels);
        }
        if let Some(name) = &selection.name {
            config = config.fields(&format!("metadata.name={name}"));
        }
        let what = format!("{} in namespace `{namespace}`", resource.plural);
        let begin = move || {
            let (client, credentials) = self.credentials.client();
            let api: Api<DynamicObject> = Api::namespaced_with(client, &in_namespace, &kind);
            (watcher(api, config.clone()).default_backoff().boxed(), credentials)
        };
        self.collected(self.renewed(begin), what).boxed()
    }

    /// What `begin` watches. It is begun again when new credentials can be had in the place of those
    /// that were not accepted any more.
    fn renewed<'a>(
        &'a self,
        begin: impl Fn() -> (BoxStream<'static, Watched>, u64) + Send + 'a,
    ) -> impl Stream<Item = Watched> + Send + 'a {
        let first = begin();
        futures::stream::unfold((first, begin), move |((mut events, credentials), begin)| async move {
            let event = events.next().await?;
            match &event {
                Ok(_) => self.credentials.accepted(credentials),
                Err(error) if is_unauthorized(error) && self.credentials.renew(credentials).await.unwrap_or(false) => {
                    let (mut events, credentials) = begin();
                    let event = events.next().await?;
                    return Some((event, ((events, credentials), begin)));
                }
                Err(_) => {}
            }
            Some((event, ((events, credentials), begin)))
        })
    }

    fn collected<'a>(
        &'a self,
        seen: impl Stream<Item = Watched> + Send + 'a,
        what: String,
    ) -> impl Stream<Item = Seen> + Send + 'a {
        let mut listed = Vec::new();
        let mut blind = false;
        seen.map(move |event| {
            let seen = match event {
                Ok(watcher::Event::Init) => {
                    listed.clear();
                    return None;
                }
                Ok(watcher::Event::InitApply(object)) => {
                    listed.push(value(&object));
                    return None;
                }
                Ok(watcher::Event::InitDone) => Seen::All(std::mem::take(&mut listed)),
                Ok(watcher::Event::Apply(object)) => Seen::Now(value(&object)),
                Ok(watcher::Event::Delete(object)) => Seen::Gone(value(&object)),
                Err(error) => self.trouble(&what, error),
            };
            Some(seen)
        })
        .filter_map(std::future::ready)
        // The refusal itself is still passed on.
        .take_while(move |seen| {
            let go_on = !blind;
            blind = matches!(seen, Seen::Blind(_));
            std::future::ready(go_on)
        })
    }

    fn trouble(&self, what: &str, error: watcher::Error) -> Seen {
        let doing = Doing { verb: "watch", what };
        let error = match error {
            watcher::Error::InitialListFailed(error)
            | watcher::Error::WatchStartFailed(error)
            | watcher::Error::WatchFailed(error) => error,
            watcher::Error::WatchError(status) => kube::Error::Api(status),
            watcher::Error::NoResourceVersion => {
                return Seen::Blind(Error::cluster(format!("{what} cannot be watched")));
            }
        };
        let explained = failure::explain(self, &doing, &error);
        match &error {
            kube::Error::Api(status) if matches!(status.code, 401 | 403 | 404) => Seen::Blind(explained),
            _ => Seen::Trouble(explained),
        }
    }
}

fn is_unauthorized(error: &watcher::Error) -> bool {
    match error {
        watcher::Error::InitialListFailed(kube::Error::Api(status))
        | watcher::Error::WatchStartFailed(kube::Error::Api(status))
        | watcher::Error::WatchFailed(kube::Error::Api(status))
        | watcher::Error::WatchError(status) => status.code == 401,
        _ => false,
    }
}

fn value(object: &DynamicObject) -> Value {
    serde_json::to_value(object).unwrap_or_default()
}
