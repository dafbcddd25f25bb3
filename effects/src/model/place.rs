//! Where a request went, and the sentences that tell how it failed there. Nothing leaves here with a secret in it.

use quire_state::fault::{Fault, FaultKind};

use super::{failure::Failure, redact::Redactor};

/// Longest text of a server that goes into a sentence, in characters.
const QUOTE_CHARS: usize = 600;

/// Where a request went.
#[derive(Clone, Default)]
pub(crate) struct Place {
    /// Provider's name in the configuration.
    pub(crate) provider: String,
    /// Host, with the port where the address names one.
    pub(crate) host: String,
    /// Model slug.
    pub(crate) model: String,
    /// Takes the provider's secrets out of every sentence.
    pub(crate) redactor: Redactor,
}

/// A server of models that runs on the user's machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Local {
    Ollama,
    LmStudio,
}

impl Place {
    /// A fault with its summary and hint free of secrets and control characters.
    pub(crate) fn fault(&self, kind: FaultKind, summary: &str, hint: &str) -> Fault {
        Fault::new(kind, self.one_line(summary)).with_hint(self.one_line(hint))
    }

    /// The local server that it is, by its port or by the provider's name.
    fn local(&self) -> Option<Local> {
        let port = self.host.rsplit_once(':').map(|(_, port)| port);
        match (port, self.provider.to_ascii_lowercase().as_str()) {
            (Some("11434"), _) | (_, "ollama") => Some(Local::Ollama),
            (Some("1234"), _) | (_, "lmstudio" | "lm-studio" | "lm_studio") => Some(Local::LmStudio),
            (_, _) => None,
        }
    }

    /// How the local server is started that does not answer.
    pub(crate) fn starter(&self) -> Option<&'static str> {
        self.local().map(|local| match local {
            Local::Ollama => "Start Ollama with `ollama serve`, then send the message again.",
            Local::LmStudio => "Start the server of LM Studio with `lms server start`, then send the message again.",
        })
    }

    /// A failure that the server names itself; `kind` is taken as decided.
    pub(crate) fn refusal(&self, kind: FaultKind, status: Option<u16>, failure: &Failure) -> Fault {
        let (what, hint) = self.words(kind);
        let status_text = status.map(|status| format!(" ({status})")).unwrap_or_default();
        let message = self.quote(&failure.message);
        let code = if failure.message.is_empty() { failure.code.as_str() } else { "" };
        let told = match (message.is_empty(), code.is_empty()) {
            (false, _) => format!(": {message}"),
            (true, false) => format!(": {code}"),
            (true, true) => ".".to_owned(),
        };
        let stop = if told.ends_with(['.', '!', '?', '…']) { "" } else { "." };
        Fault { status, ..self.fault(kind, &format!("{what}{status_text}{told}{stop}"), &hint) }
    }

    /// What such a refusal means here, and the next step.
    fn words(&self, kind: FaultKind) -> (String, String) {
        let Self { provider, host, model, .. } = self;
        match kind {
            FaultKind::Auth | FaultKind::MissingCredential => (
                format!("{host} refused the key of provider `{provider}`"),
                "Check the key and what it may use, then send the message again.".to_owned(),
            ),
            FaultKind::NotFound | FaultKind::Missing => (
                format!("{host} does not know the model `{model}` or the address"),
                match self.local() {
                    Some(Local::Ollama) => {
                        format!("Fetch the model with `ollama pull {model}`, or choose another with `-m`.")
                    }
                    Some(Local::LmStudio) => {
                        format!("Fetch the model with `lms get {model}`, or choose another with `-m`.")
                    }
                    None => format!("Choose another model with `-m`, or check `base_url` of provider `{provider}`."),
                },
            ),
            FaultKind::ContextTooLong => (
                format!("The conversation is too long for the model `{model}` at {host}"),
                "Start a new session, or choose a model with a larger context window.".to_owned(),
            ),
            FaultKind::ForeignReasoning => (
                format!("{host} cannot read the encrypted reasoning of an earlier answer"),
                "Start a new session, or continue with the provider and login of that answer.".to_owned(),
            ),
            FaultKind::RateLimited => (
                format!("{host} limits the rate of requests for `{model}`"),
                "Wait a moment, then send the message again.".to_owned(),
            ),
            FaultKind::QuotaExceeded => (
                format!("The quota of provider `{provider}` at {host} is used up"),
                "Check the plan and billing there, or choose another provider.".to_owned(),
            ),
            FaultKind::Overloaded => (
                format!("{host} is overloaded"),
                "Send the message again in a few minutes, or choose another model.".to_owned(),
            ),
            FaultKind::TooLarge => (
                format!("The request is too large for {host}"),
                "Start a new session, or leave out images and long outputs.".to_owned(),
            ),
            FaultKind::BadRequest => (
                format!("{host} rejected the request for `{model}`"),
                "Trying again will not help: change the model or the setting that the message names.".to_owned(),
            ),
            FaultKind::Network => (
                format!("The proxy before {host} refused the connection"),
                "Check the proxy variables (`HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY`).".to_owned(),
            ),
            FaultKind::Server
            | FaultKind::Tls
            | FaultKind::StreamCut
            | FaultKind::StreamIdle
            | FaultKind::Malformed
            | FaultKind::Incomplete
            | FaultKind::Spawn
            | FaultKind::Sandbox
            | FaultKind::Storage => (
                format!("{host} failed while answering for `{model}`"),
                "Send the message again later; if it keeps failing, check the server's status or log.".to_owned(),
            ),
        }
    }

    /// The stream ended or broke before the response was complete.
    pub(crate) fn cut(&self, cause: &str) -> Fault {
        let cause = if cause.is_empty() { String::new() } else { format!(" ({cause})") };
        self.fault(
            FaultKind::StreamCut,
            &format!("The stream from {} broke off before the answer was complete{cause}.", self.host),
            "Send the message again; if it keeps failing, check the network or the server's log.",
        )
    }

    /// No byte arrived in time.
    pub(crate) fn idle(&self, idle_ms: u64) -> Fault {
        self.fault(
            FaultKind::StreamIdle,
            &format!("{} sent nothing for {}.", self.host, seconds(idle_ms)),
            &format!(
                "If the model needs longer, raise `stream_idle_timeout_ms` of provider `{}` in config.toml.",
                self.provider
            ),
        )
    }

    /// Nothing but signs of life for so long.
    pub(crate) fn stalled(&self, limit_ms: u64) -> Fault {
        self.fault(
            FaultKind::StreamIdle,
            &format!(
                "{} kept the connection open for {} and sent no more of the answer.",
                self.host,
                seconds(limit_ms)
            ),
            &format!(
                "If the model needs longer, raise `stream_idle_timeout_ms` of provider `{}` in config.toml: events \
                 without content extend it to at most {} times as long.",
                self.provider,
                super::silence::EXTENSIONS
            ),
        )
    }

    /// Bytes that are no stream of the Responses API.
    pub(crate) fn malformed(&self, what: &str, sample: &[u8]) -> Fault {
        let sample = self.sample(sample);
        let begins = if sample.is_empty() { String::new() } else { format!(" It begins: {sample}") };
        self.fault(
            FaultKind::Malformed,
            &format!("{} sent {what}.{begins}", self.host),
            &format!("Check that `base_url` of provider `{}` leads to a Responses API.", self.provider),
        )
    }

    /// More bytes than our limit.
    pub(crate) fn too_large(&self, what: &str) -> Fault {
        self.fault(
            FaultKind::TooLarge,
            &format!("{} sent {what}; the answer was abandoned.", self.host),
            "Ask for less at a time, or report it to the operator of the server.",
        )
    }

    /// The first 200 bytes of something, fit for a sentence. Secrets go before it is cut, so that no piece stays.
    pub(crate) fn sample(&self, bytes: &[u8]) -> String {
        const SAMPLE_BYTES: usize = 200;
        let text = self.one_line(&String::from_utf8_lossy(bytes));
        let mut end = text.len().min(SAMPLE_BYTES);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text[..end].to_owned()
    }

    /// A server's sentence, shortened.
    fn quote(&self, message: &str) -> String {
        let line = self.one_line(message);
        match line.char_indices().nth(QUOTE_CHARS) {
            Some((end, _)) => format!("{}…", &line[..end]),
            None => line,
        }
    }

    fn one_line(&self, text: &str) -> String {
        let mut line = String::with_capacity(text.len());
        for word in self.redactor.clean(text).split(|c: char| c.is_whitespace() || c.is_control()) {
            if !word.is_empty() {
                if !line.is_empty() {
                    line.push(' ');
                }
                line.push_str(word);
            }
        }
        line
    }
}

/// Milliseconds as people say them: `300 s`, `1.5 s`, `200 ms`.
pub(crate) fn seconds(ms: u64) -> String {
    match ms {
        0..1000 => format!("{ms} ms"),
        _ if ms.is_multiple_of(1000) => format!("{} s", ms / 1000),
        _ => format!("{:.1} s", ms as f64 / 1000.0),
    }
}
