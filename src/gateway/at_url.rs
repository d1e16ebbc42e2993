//! Asks a gateway at a URL whether it serves a flow, without a cluster around it.

use std::time::Instant;

use http::Uri;

use super::conversation::{skills, tools};
use super::http::{Failure, Http, Place};
use super::surface::{self, Seen};
use super::tls::Authorities;
use super::verify::Verification;
use super::way;
use crate::error::{Error, Result};
use crate::kustomize::Object;

/// Whether the gateway at `url` shows what `entries` (ConfigMaps of flow files) say, and none of `gone`.
/// An error (kind `Cluster`) says what it shows instead; an error in the answer, why it cannot be asked.
pub async fn ask(
    url: &str,
    token: Option<&str>,
    entries: &[Object],
    gone: &[String],
) -> Result<Result<Verification, Error>> {
    let started = Instant::now();
    let unusable = |failure: &Failure| {
        let error = Error::cluster(format!("the gateway at {url} cannot be asked whether it serves the flow"))
            .because(failure.reason());
        match failure {
            Failure::Refused { hint, .. } => error.hint(hint.clone()),
            _ => error,
        }
    };
    let Ok(uri) = url.parse::<Uri>() else { return Ok(Err(Error::cluster(format!("`{url}` is not a URL")))) };
    let authorities = Authorities::default();
    let mut http = Http::new(Place::Url(uri, &authorities));
    let (shown_tools, shown_skills) = match tools(&mut http, token).await {
        Ok(tools) => match skills(&mut http).await {
            Ok(skills) => (tools, skills),
            Err(failure) => return Ok(Err(unusable(&failure))),
        },
        Err(failure) => return Ok(Err(unusable(&failure))),
    };
    let flows = way::flows(entries);
    let expected = flows.iter().map(|flow| (flow.name.as_str(), Some(flow)));
    let gone = gone.iter().filter(|name| !flows.iter().any(|flow| flow.name == **name));
    let mut wrong = Vec::new();
    for (name, flow) in expected.chain(gone.map(|name| (name.as_str(), None))) {
        for seen in [surface::tool(name, flow, &shown_tools), surface::skill(name, flow, &shown_skills)] {
            if let Seen::Otherwise(reason) = seen {
                wrong.push(reason);
            }
        }
    }
    if !wrong.is_empty() {
        let error = Error::cluster(format!("the gateway at {url} does not serve what is applied"));
        return Err(wrong.into_iter().fold(error, Error::because));
    }
    let shown = |section: &str| match flows.is_empty() {
        true => Some(false),
        false => flows.iter().any(|flow| flow.section(section).is_some()).then_some(true),
    };
    let milliseconds = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    Ok(Ok(Verification { through: "url", tool: shown("mcp"), skill: shown("a2a"), milliseconds }))
}
