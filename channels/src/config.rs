//! The catalogue: every kind of channel there is.

use std::sync::Arc;

use secrecy::SecretString;

use crate::channel::Channel;
use crate::desk::Desk;
use crate::inbound::ChannelName;
use crate::settings::Section;

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
    #[cfg(feature = "web")]
    pub pages: Arc<dyn crate::web::Pages>,
    /// The public listener's address as the outside knows it, without a slash at its end.
    pub public_url: String,
}

impl ChannelConfig {
    /// Reads one `[channels.<name>]` section. `None` when it has problems, which the section then holds.
    pub fn read(section: &mut Section<'_>, own_secret: &dyn Fn() -> Result<SecretString, String>) -> Option<Self> {
        let kinds = [
            #[cfg(feature = "sms")]
            ("sms", Some(Kind::Sms)),
            #[cfg(feature = "web")]
            ("web", Some(Kind::Web)),
        ];
        let Some(kind) = section.choice("kind", &kinds, None) else {
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

    /// Where the outside reaches the channel, under the public address.
    #[must_use]
    pub fn public_path(&self, name: &ChannelName) -> String {
        match self {
            #[cfg(feature = "sms")]
            Self::Sms(_) => format!("/hooks/{name}"),
            #[cfg(feature = "web")]
            Self::Web => "/report".to_owned(),
        }
    }
}
