//! Text messages over a provider's webhook.
//!
//! What differs between providers is data: a preset in `config/sms/` says where in a request things stand, how the request
//! proves itself and what the answer looks like. The order is always the same: verify, make durable, answer. An authentic
//! request that cannot be read is kept in quarantine and answered like a good one, because a refusal would lose it at most
//! providers. Error answers have an empty body: some gateways send an answer's body to the worker.

mod charset;
mod config;
mod fields;
#[cfg(test)]
mod fixtures;
mod keyword;
mod path;
mod preset;
mod read;
mod send;
mod time;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use secrecy::{ExposeSecret, SecretString};

use crate::channel::{Channel, ChannelError, SentId};
use crate::desk::{Accepted, Desk, Receipt, Refused, TurnedAway};
use crate::identity::Identity;
use crate::inbound::{ChannelName, DeliveryId, Hints, Inbound, Medium, Part, RawText};
use crate::seal::{Opening, open_contact};
use crate::verify::{Unverified, Verified, Verifier};

use config::SenderIs;
pub use config::{Receipts, SmsConfig};
use keyword::{Keyword, Keywords};
pub use preset::BodyKind;
use preset::{EventKind, Preset};
use read::{Message, Reading};
use send::{Outgoing, Sender};

/// How long an answer waits for the receipt in the reporter's own language. Providers give up after 5 to 15 seconds.
const RECEIPT_PATIENCE: Duration = Duration::from_secs(3);
/// What a missed call says, in every language.
const MISSED_CALL: &str = "☎";

/// One SMS channel.
pub struct Sms {
    name: ChannelName,
    preset: Preset,
    verifier: Verifier,
    status_verifier: Option<Verifier>,
    /// The address that providers sign. It comes from the configuration: a header would let the sender choose it.
    public_url: String,
    poll_secret: Option<SecretString>,
    sender: Option<Sender>,
    receipts: Receipts,
    sender_is: SenderIs,
    strip_text: Vec<String>,
    keywords: Keywords,
    country: Option<String>,
    max_body_bytes: usize,
    desk: Arc<dyn Desk>,
}

impl Sms {
    /// Builds the channel. `hook_url` is the public address of its webhook, unless its configuration names another.
    #[must_use]
    pub fn new(name: ChannelName, config: SmsConfig, hook_url: &str, desk: Arc<dyn Desk>) -> Self {
        Self {
            name,
            public_url: config.public_url.unwrap_or_else(|| hook_url.to_owned()),
            preset: config.preset,
            verifier: config.verifier,
            status_verifier: config.status_verifier,
            poll_secret: config.poll_secret,
            sender: config.sender.map(Sender::new),
            receipts: config.receipts,
            sender_is: config.sender_is,
            strip_text: config.strip_text,
            keywords: config.keywords,
            country: config.country,
            max_body_bytes: config.max_body_bytes,
            desk,
        }
    }

    async fn receive(&self, request: Request) -> Response {
        let takes = [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];
        if !takes.contains(request.method()) {
            return (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "GET, POST, PUT")]).into_response();
        }
        let unverified = match self.take_apart(request).await {
            Ok(unverified) => unverified,
            Err(status) => return status.into_response(),
        };
        if self.preset.greets && unverified.is_greeting() {
            return self.answer(None);
        }
        let verifier = match &self.status_verifier {
            Some(verifier) if unverified.last_word() == "status" => verifier,
            Some(_) | None => &self.verifier,
        };
        let verified = match unverified.verify(verifier, &self.public_url, self.desk.now()) {
            Ok(verified) => verified,
            Err(why) => {
                self.desk.turned_away(&self.name, why);
                let status = if why == TurnedAway::Unsigned { StatusCode::UNAUTHORIZED } else { StatusCode::FORBIDDEN };
                return status.into_response();
            }
        };
        match self.take(&verified).await {
            Ok(answer) => answer,
            Err(refused) => {
                self.desk.turned_away(&self.name, TurnedAway::Overloaded);
                try_again(refused)
            }
        }
    }

    async fn take_apart(&self, request: Request) -> Result<Unverified, StatusCode> {
        let own = format!("/hooks/{}", self.name);
        let suffix = request.uri().path().strip_prefix(own.as_str()).unwrap_or_default().to_owned();
        let query = request.uri().query().unwrap_or_default().to_owned();
        let (parts, body) = request.into_parts();
        let Ok(body) = to_bytes(body, self.max_body_bytes).await else {
            self.desk.turned_away(&self.name, TurnedAway::TooLarge);
            return Err(StatusCode::PAYLOAD_TOO_LARGE);
        };
        Ok(Unverified::new(parts.method, suffix, query, parts.headers, body))
    }

    /// Makes everything durable that an authentic request says, then answers it.
    async fn take(&self, request: &Verified) -> Result<Response, Refused> {
        let Some(reading) = read::read(&self.preset, request) else {
            self.keep(request).await?;
            return Ok(self.answer(None));
        };
        #[cfg(feature = "planting")]
        crate::planting::see(|| self.seen(&reading));
        let Reading { messages, statuses, events, poll, n_unread } = reading;
        // Pictures are not taken out of the request yet, so the whole request is kept for a person.
        let has_media = messages.iter().any(|message| !message.media.is_empty());
        let mut accepted: Option<Accepted> = None;
        for message in messages {
            let asks = self.keywords.find(&message.text).filter(|_| message.part.is_none());
            match asks {
                // Before the message is a case, so that the case holds no contact any more.
                Some(Keyword::Stop) => self.desk.opted_out(&self.name, Medium::Sms, &self.identity(&message.sender)).await?,
                Some(Keyword::Start) => self.desk.opted_in(&self.name, Medium::Sms, &self.identity(&message.sender)).await?,
                None => {}
            }
            let (inbound, is_part) = self.inbound(message);
            let taken = self.desk.submit(inbound).await?;
            // One answer holds one receipt, and a part of a message is no message.
            if !is_part {
                accepted = Some(taken);
            }
        }
        for event in events {
            self.tell(event).await?;
        }
        for status in statuses {
            if let Some(number) = &status.opted_out {
                self.desk.opted_out(&self.name, Medium::Sms, &self.identity(number)).await?;
            }
            self.desk.sent(&self.name, &status.into_report()).await?;
        }
        if n_unread > 0 || has_media {
            self.keep(request).await?;
        }
        if let Some(answer) = poll {
            return Ok(self.poll_answer(&answer));
        }
        let receipt = match accepted {
            Some(accepted) if self.receipts == Receipts::Answer => Some(accepted.receipt(RECEIPT_PATIENCE).await),
            Some(_) | None => None,
        };
        Ok(self.answer(receipt.as_ref()))
    }

    async fn keep(&self, request: &Verified) -> Result<(), Refused> {
        self.desk.quarantine(&self.name, &quarantined(request)).await
    }

    async fn tell(&self, event: read::Event) -> Result<(), Refused> {
        let identity = event.sender.as_deref().map(|sender| self.identity(sender));
        match (event.kind, identity) {
            (EventKind::OptOut, Some(identity)) => self.desk.opted_out(&self.name, Medium::Sms, &identity).await,
            (EventKind::Start, Some(identity)) => self.desk.opted_in(&self.name, Medium::Sms, &identity).await,
            (EventKind::Call, Some(identity)) => {
                // Calling and hanging up is free, and asks to be called back.
                let delivery = DeliveryId::new(format!("call\0{}", self.random_id()));
                self.desk.submit(self.report(delivery, identity, MISSED_CALL.to_owned(), None)).await.map(drop)
            }
            (EventKind::Device, _) | (EventKind::OptOut | EventKind::Start | EventKind::Call, None) => Ok(()),
        }
    }

    /// Closes a message: whom it is from and what it says are never plain again. Says whether it is only a part.
    fn inbound(&self, message: Message) -> (Inbound, bool) {
        let Message { sender, recipient, text, same, part, .. } = message;
        let text = self.without_prefix(text);
        let part = part.map(|part| Part {
            group: format!("parts\0{}\0{}\0{sender}\0{recipient}", part.reference, part.total),
            index: part.index,
            total: part.total,
        });
        let delivery = match (same, &part) {
            // Sender and text stand beside the id: a phone that was reset counts from one again, and its messages are new.
            (Some(same), None) => DeliveryId::new(format!("{same}\0{sender}\0{text}")),
            // The place tells two parts apart that say the same.
            (same, Some(part)) => {
                DeliveryId::new(format!("{}\0{}\0{}\0{text}", same.unwrap_or_default(), part.group, part.index))
            }
            // Nothing tells a repeated delivery from a repeated sentence: never drop, rather double.
            (None, None) => DeliveryId::new(format!("no\0{}", self.random_id())),
        };
        let is_part = part.is_some();
        (self.report(delivery, self.identity(&sender), text, part), is_part)
    }

    fn report(&self, delivery: DeliveryId, identity: Identity, text: String, part: Option<Part>) -> Inbound {
        Inbound {
            channel: self.name.clone(),
            medium: Medium::Sms,
            delivery,
            received_at: self.desk.now(),
            identity,
            subject: None,
            text: RawText::new(text),
            hints: Hints { language: None, country: self.country.clone(), site: None },
            part,
            attached: Vec::new(),
        }
    }

    /// A missing or strange sender is kept: only the answer becomes impossible.
    fn identity(&self, sender: &str) -> Identity {
        match self.sender_is {
            _ if sender.trim().is_empty() => Identity::nobody(&self.random_id()),
            SenderIs::Number => Identity::phone(sender, self.country.as_deref()),
            SenderIs::Account => Identity::account(sender),
        }
    }

    fn without_prefix(&self, text: String) -> String {
        let fits = |prefix: &&String| {
            text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix)) && text.len() > prefix.len()
        };
        match self.strip_text.iter().find(fits) {
            Some(prefix) => text[prefix.len()..].trim_start().to_owned(),
            None => text,
        }
    }

    fn random_id(&self) -> String {
        let mut bytes = [0; 16];
        self.desk.random(&mut bytes);
        hex::encode(bytes)
    }

    /// The exact answer the provider expects.
    fn answer(&self, receipt: Option<&Receipt>) -> Response {
        let answer = &self.preset.answer;
        let body = match (&answer.with_receipt, receipt) {
            (Some(template), Some(receipt)) => {
                let text = escape(&answer.content_type, &receipt.text);
                template.replace("{reference}", &receipt.reference).replace("{receipt}", &text)
            }
            (Some(_), None) | (None, _) => answer.body.clone(),
        };
        respond(&answer.content_type, body)
    }

    fn poll_answer(&self, template: &str) -> Response {
        let secret = self.poll_secret.as_ref().map_or("", |secret| secret.expose_secret());
        let content_type = &self.preset.answer.content_type;
        respond(content_type, template.replace("{secret}", &escape(content_type, secret)))
    }

    /// Where the provider shall tell what became of a message.
    fn callback(&self, own_id: &str) -> String {
        let secret = match self.status_verifier.as_ref().unwrap_or(&self.verifier) {
            Verifier::Secret { secrets } => secrets.first().map(|secret| format!("/{}", secret.expose_secret())),
            _ => None,
        };
        format!("{}{}/status?uuid={own_id}", self.public_url, secret.unwrap_or_default())
    }

    #[cfg(feature = "planting")]
    fn seen(&self, reading: &Reading) -> crate::planting::Seen {
        seen::seen(reading, self)
    }
}

#[cfg(feature = "planting")]
mod seen;

/// An empty body has no type: there is nothing to be one.
fn respond(content_type: &str, body: String) -> Response {
    let no_store = (header::CACHE_CONTROL, "no-store");
    if body.is_empty() {
        return (StatusCode::OK, [no_store]).into_response();
    }
    (StatusCode::OK, [(header::CONTENT_TYPE, content_type.to_owned()), (no_store.0, no_store.1.to_owned())], body).into_response()
}

/// Makes a text fit between the quotes or tags of an answer.
fn escape(content_type: &str, text: &str) -> String {
    let kind = content_type.split(';').next().unwrap_or_default().trim();
    if kind.ends_with("json") {
        let quoted = serde_json::Value::from(text).to_string();
        return quoted[1..quoted.len() - 1].to_owned();
    }
    if kind.ends_with("xml") {
        return text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    }
    text.to_owned()
}

#[async_trait]
impl Channel for Sms {
    fn name(&self) -> &ChannelName {
        &self.name
    }

    fn medium(&self) -> Medium {
        Medium::Sms
    }

    fn routes(self: Arc<Self>) -> Option<Router> {
        let path = format!("/hooks/{}", self.name);
        let receive = |State(channel): State<Arc<Self>>, request: Request| async move { channel.receive(request).await };
        let router = Router::new().route(&path, any(receive)).route(&format!("{path}/{{*more}}"), any(receive));
        Some(router.with_state(self))
    }

    fn replies_in_answer(&self) -> bool {
        self.receipts != Receipts::Send
    }

    async fn send(&self, opening: &Opening<'_>, text: &str) -> Result<(), ChannelError> {
        self.send_named(opening, text, "").await.map(drop)
    }

    async fn send_receipt(&self, sender: &Identity, text: &str) -> Result<(), ChannelError> {
        self.send_receipt_named(sender, text, "").await.map(drop)
    }

    async fn send_named(&self, opening: &Opening<'_>, text: &str, own_id: &str) -> Result<SentId, ChannelError> {
        let sender = self.sender.as_ref().ok_or(ChannelError::CannotSend)?;
        let to = open_contact(opening, &self.name)?;
        sender.send(&Outgoing { to: &to, text, own_id, callback: &self.callback(own_id) }).await
    }

    async fn send_receipt_named(&self, sender: &Identity, text: &str, own_id: &str) -> Result<SentId, ChannelError> {
        let way_out = self.sender.as_ref().ok_or(ChannelError::CannotSend)?;
        way_out.send(&Outgoing { to: &sender.address, text, own_id, callback: &self.callback(own_id) }).await
    }

    fn knows_own_ids(&self) -> bool {
        self.sender.as_ref().is_some_and(|sender| sender.config.knows_own_id)
    }

    fn send_pause(&self) -> Duration {
        self.sender.as_ref().map_or(Duration::ZERO, |sender| sender.config.pause)
    }
}

/// Everything an operator needs to read the request later.
fn quarantined(request: &Verified) -> Vec<u8> {
    let mut bytes = request.query().as_bytes().to_vec();
    bytes.push(b'\n');
    bytes.extend_from_slice(request.body());
    bytes
}

/// Tells the provider to come again, and says nothing else.
fn try_again(refused: Refused) -> Response {
    let wait_secs = match refused {
        Refused::Full | Refused::Storage => "60",
        Refused::Stopping => "5",
    };
    (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, wait_secs)]).into_response()
}
