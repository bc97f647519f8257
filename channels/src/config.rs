//! The catalogue: every kind of channel there is.

use std::sync::Arc;

use secrecy::SecretString;

use crate::channel::Channel;
use crate::desk::Desk;
use crate::inbound::ChannelName;
use crate::settings::Section;

#[cfg(not(any(feature = "sms", feature = "web")))]
compile_error!("a gateway without a channel takes no reports: turn on the feature `sms` or `web`");

/// One configured channel.
pub enum ChannelConfig {
    /// A webhook for text messages.
    #[cfg(feature = "sms")]
    Sms(Box<crate::sms::SmsConfig>),
    /// The web form.
    #[cfg(feature = "web")]
    Web,
}

#[derive(Clone, Copy)]
enum Kind {
    #[cfg(feature = "sms")]
    Sms,
    #[cfg(feature = "web")]
    Web,
}

/// What a channel needs of the gateway.
pub struct Parts {
    /// Where it submits.
    pub desk: Arc<dyn Desk>,
    /// How its pages look.
    pub pages: Arc<dyn crate::pages::Pages>,
    /// The public listener's address as the outside knows it, without a slash at its end.
    pub public_url: String,
}

impl ChannelConfig {
    /// Reads one `[channels.<name>]` section. `None` when it has problems, which the section then holds.
    #[cfg_attr(not(feature = "sms"), expect(unused_variables, reason = "only a webhook has a secret"))]
    pub fn read(section: &mut Section<'_>, own_secret: &dyn Fn() -> Result<SecretString, String>) -> Option<Self> {
        let kinds: &[(&str, Option<Kind>)] = &[
            #[cfg(feature = "sms")]
            ("sms", Some(Kind::Sms)),
            #[cfg(feature = "web")]
            ("web", Some(Kind::Web)),
        ];
        let Some(kind) = section.choice("kind", kinds, None) else {
            section.refuse("kind", "is missing or unknown: write \"sms\" or \"web\"");
            return None;
        };
        match kind {
            #[cfg(feature = "sms")]
            Kind::Sms => crate::sms::SmsConfig::read(section, own_secret).map(|config| Self::Sms(Box::new(config))),
            #[cfg(feature = "web")]
            Kind::Web => Some(Self::Web),
        }
    }

    /// Builds the channel.
    #[must_use]
    pub fn build(self, name: ChannelName, parts: &Parts) -> Arc<dyn Channel> {
        match self {
            #[cfg(feature = "sms")]
            Self::Sms(config) => {
                let hook_url = format!("{}/hooks/{name}", parts.public_url);
                Arc::new(crate::sms::Sms::new(name, *config, &hook_url, Arc::clone(&parts.desk)))
            }
            #[cfg(feature = "web")]
            Self::Web => Arc::new(crate::web::Web::new(name, Arc::clone(&parts.desk), Arc::clone(&parts.pages))),
        }
    }

    /// What it is, in the words of whoever opens the gateway.
    #[must_use]
    pub fn title(&self) -> &'static str {
        match self {
            #[cfg(feature = "sms")]
            Self::Sms(_) => "SMS webhook",
            #[cfg(feature = "web")]
            Self::Web => "report form",
        }
    }

    /// Whether it answers the public listener's own pages; there can be one of these.
    #[must_use]
    pub fn has_pages(&self) -> bool {
        match self {
            #[cfg(feature = "sms")]
            Self::Sms(_) => false,
            #[cfg(feature = "web")]
            Self::Web => true,
        }
    }

    /// Whether a plain `curl` with the secret that the gateway made itself can send it a first report.
    #[must_use]
    pub fn takes_first_message(&self) -> bool {
        match self {
            #[cfg(feature = "sms")]
            Self::Sms(config) => config.takes_bearer_secret() && config.uses_own_secret(),
            #[cfg(feature = "web")]
            Self::Web => false,
        }
    }

    /// What works less well than it could, in an operator's words.
    #[must_use]
    pub fn missing(&self) -> Vec<&'static str> {
        match self {
            #[cfg(feature = "sms")]
            Self::Sms(config) => config.missing(),
            #[cfg(feature = "web")]
            Self::Web => Vec::new(),
        }
    }

    /// Whether the channel's secret stands in its address: of messages, and of reports on sent ones.
    #[must_use]
    pub fn secret_in_address(&self) -> (bool, bool) {
        match self {
            #[cfg(feature = "sms")]
            Self::Sms(config) => (config.is_secret_in_address(), config.is_status_secret_in_address()),
            #[cfg(feature = "web")]
            Self::Web => (false, false),
        }
    }

    /// The whole address, where the channel's own settings name another than the usual one.
    #[must_use]
    pub fn own_address(&self) -> Option<&str> {
        match self {
            #[cfg(feature = "sms")]
            Self::Sms(config) => config.own_address(),
            #[cfg(feature = "web")]
            Self::Web => None,
        }
    }

    /// Where the outside reaches the channel, under the public address.
    #[must_use]
    #[cfg_attr(not(feature = "sms"), expect(unused_variables, reason = "only a webhook has its name in its address"))]
    pub fn public_path(&self, name: &ChannelName) -> String {
        match self {
            #[cfg(feature = "sms")]
            Self::Sms(config) => {
                let secret = if config.is_secret_in_address() && !config.takes_bearer_secret() { "/<secret>" } else { "" };
                format!("/hooks/{name}{secret}")
            }
            #[cfg(feature = "web")]
            Self::Web => "/report".to_owned(),
        }
    }
}
