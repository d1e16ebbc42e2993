//! What the kubeconfig's user proves with who it is: obtained once, and once more when the server
//! does not accept it any more.

use std::error::Error;
use std::fmt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::{Request, Response, header};
use kube::Config;
use kube::client::{AuthError, Body, ConfigExt};
use kube::config::AuthInfo;
use tower::{Layer, ServiceExt};

use super::client;

/// Where a user's credentials come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Origin {
    /// A command that the kubeconfig names.
    Plugin(String),
    /// A file with a token.
    TokenFile(PathBuf),
    /// A token in the kubeconfig.
    Token,
    /// A client certificate in the kubeconfig or beside it.
    Certificate,
    /// A name and a password.
    Password,
    /// Something else, or nothing.
    Other,
}

impl Origin {
    /// In the order in which they are used where a user has several.
    fn of(user: &AuthInfo) -> Self {
        let plugin = || user.exec.as_ref()?.command.clone();
        if user.auth_provider.is_some() {
            Self::Other
        } else if user.username.is_some() && user.password.is_some() {
            Self::Password
        } else if user.token.is_some() {
            Self::Token
        } else if let Some(file) = &user.token_file {
            Self::TokenFile(file.into())
        } else if let Some(command) = plugin() {
            Self::Plugin(command)
        } else if user.client_certificate.is_some() || user.client_certificate_data.is_some() {
            Self::Certificate
        } else {
            Self::Other
        }
    }

    fn is_renewable(&self) -> bool {
        matches!(self, Self::Plugin(_) | Self::TokenFile(_))
    }
}

/// Credentials and the clients that use them.
pub(super) struct Credentials {
    pub(super) origin: Origin,
    kept: Arc<Kept>,
}

struct Kept {
    /// As the kubeconfig has it.
    config: Config,
    origin: Origin,
    state: Mutex<State>,
    /// Held by whoever obtains new ones.
    turn: tokio::sync::Mutex<()>,
    renewing: AtomicBool,
}

struct State {
    /// The configuration with what was obtained.
    config: Config,
    client: kube::Client,
    patient: Option<kube::Client>,
    /// How often new credentials were obtained.
    renewals: u64,
    /// The server accepted the newest.
    accepted: bool,
    /// Why there are no newer ones.
    failed: Option<Failed>,
}

/// A failure that several requests end with.
#[derive(Debug, Clone)]
struct Failed(Arc<kube::Error>);

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Error for Failed {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.0)
    }
}

impl Credentials {
    /// Obtains what the user of `config` needs: a plugin is run, a file is read.
    pub(super) async fn obtain(config: Config) -> kube::Result<Self> {
        let origin = Origin::of(&config.auth_info);
        let ready = with_token(&config, &origin).await?;
        let client = client(ready.clone()).await?;
        let state = State { config: ready, client, patient: None, renewals: 0, accepted: false, failed: None };
        let kept = Kept {
            config,
            origin: origin.clone(),
            state: Mutex::new(state),
            turn: tokio::sync::Mutex::new(()),
            renewing: AtomicBool::new(false),
        };
        Ok(Self { origin, kept: Arc::new(kept) })
    }

    /// The client of the newest credentials, and which these are.
    pub(super) fn client(&self) -> (kube::Client, u64) {
        let state = self.state();
        (state.client.clone(), state.renewals)
    }

    /// A client whose connections may be silent for any time; made when it is first asked for.
    pub(super) async fn patient(&self) -> kube::Result<kube::Client> {
        let (mut config, renewals) = {
            let state = self.state();
            if let Some(client) = &state.patient {
                return Ok(client.clone());
            }
            (state.config.clone(), state.renewals)
        };
        config.read_timeout = None;
        let made = client(config).await?;
        let mut state = self.state();
        if state.renewals == renewals {
            state.patient = Some(made.clone());
        }
        Ok(made)
    }

    /// The server did not refuse what came with these credentials.
    pub(super) fn accepted(&self, which: u64) {
        let mut state = self.state();
        state.accepted |= state.renewals == which;
    }

    /// Whether credentials were ever obtained anew.
    pub(super) fn were_renewed(&self) -> bool {
        self.state().renewals > 0
    }

    /// Somebody may be logging in at this moment, which takes as long as it takes.
    pub(super) fn is_renewing(&self) -> bool {
        self.kept.renewing.load(Ordering::Relaxed)
    }

    /// Obtains new credentials after the server refused `which`. Answers whether there are others to
    /// try: not where they are always the same, nor again before the server has accepted any of the
    /// last ones.
    pub(super) async fn renew(&self, which: u64) -> kube::Result<bool> {
        if !self.origin.is_renewable() {
            return Ok(false);
        }
        // A task of its own: who waits for it may not be polled while somebody else waits, too.
        let kept = Arc::clone(&self.kept);
        let renewed = tokio::spawn(async move { kept.renew(which).await }).await;
        renewed.map_err(|error| kube::Error::Auth(AuthError::AuthExec(error.to_string())))?
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.kept.state()
    }
}

impl Kept {
    async fn renew(&self, which: u64) -> kube::Result<bool> {
        let _turn = self.turn.lock().await;
        {
            let state = self.state();
            if state.renewals != which {
                return Ok(true);
            }
            if let Some(failed) = &state.failed {
                return Err(kube::Error::Service(Box::new(failed.clone())));
            }
            if state.renewals > 0 && !state.accepted {
                return Ok(false);
            }
        }
        self.renewing.store(true, Ordering::Relaxed);
        let obtained = async {
            let config = with_token(&self.config, &self.origin).await?;
            Ok((config.clone(), client(config).await?))
        };
        let obtained: kube::Result<_> = obtained.await;
        self.renewing.store(false, Ordering::Relaxed);
        let mut state = self.state();
        let (config, client) = match obtained {
            Ok(obtained) => obtained,
            Err(error) => {
                let failed = state.failed.insert(Failed(Arc::new(error)));
                return Err(kube::Error::Service(Box::new(failed.clone())));
            }
        };
        let renewals = state.renewals + 1;
        *state = State { config, client, patient: None, renewals, accepted: false, failed: None };
        Ok(true)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The configuration with a token in the place of what a plugin or a file gives, so that a plugin is
/// run once and not for each part of the client. A plugin that gives certificates stays.
async fn with_token(config: &Config, origin: &Origin) -> kube::Result<Config> {
    let token = match origin {
        Origin::TokenFile(file) => {
            let read = std::fs::read_to_string(file);
            let read = read.map_err(|error| kube::Error::Auth(AuthError::ReadTokenFile(error, file.clone())))?;
            // The API's own files have no end of line; those that people write have.
            Some(read.trim().to_owned())
        }
        Origin::Plugin(_) => token_of_plugin(config.clone()).await?,
        _ => return Ok(config.clone()),
    };
    let mut config = config.clone();
    if let Some(token) = token {
        config.auth_info = AuthInfo { token: Some(token.into()), exec: None, token_file: None, ..config.auth_info };
    }
    Ok(config)
}

/// Runs the plugin, which may ask people and takes its time.
async fn token_of_plugin(config: Config) -> kube::Result<Option<String>> {
    let ran = tokio::task::spawn_blocking(move || {
        let Some(layer) = config.auth_layer()? else { return Ok(None) };
        // The layer does not tell its token, but every request that passes it has it.
        let catch = tower::service_fn(|request: Request<Body>| async move {
            let header = request.headers().get(header::AUTHORIZATION);
            let token = header.and_then(|value| value.to_str().ok()?.strip_prefix("Bearer ")).map(str::to_owned);
            Ok::<_, tower::BoxError>(Response::new(token))
        });
        let passed = layer.layer(catch).oneshot(Request::new(Body::empty()));
        match tokio::runtime::Handle::current().block_on(passed) {
            Ok(caught) => Ok(caught.into_body()),
            Err(error) => Err(kube::Error::Service(error)),
        }
    });
    ran.await.map_err(|error| kube::Error::Auth(AuthError::AuthExec(error.to_string())))?
}

/// A client; what makes it may block.
async fn client(config: Config) -> kube::Result<kube::Client> {
    let made = tokio::task::spawn_blocking(move || client::new(config)).await;
    made.map_err(|error| kube::Error::Auth(AuthError::AuthExec(error.to_string())))?
}
