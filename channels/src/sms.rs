//! Text messages over a provider's webhook.
//!
//! What differs between providers is data: a preset in `config/sms/` says where in a request the sender, the text and the
//! id stand, how the request proves itself and what the answer looks like. The order is always the same: verify, parse,
//! make durable, answer. An authentic request that cannot be parsed is kept in quarantine and answered like a good one,
//! because a refusal would lose it at most providers. Error answers have an empty body: some gateways send an answer's
//! body to the worker.

mod preset;
mod fields;
mod send;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::any;

use crate::channel::{Channel, ChannelError};
use crate::desk::{Desk, Receipt, Refused, TurnedAway};
use crate::identity::Identity;
use crate::inbound::{ChannelName, DeliveryId, Hints, Inbound, Medium, RawText};
use crate::seal::{Opening, open_contact};
use crate::verify::{Unverified, Verified, Verifier};

use fields::Fields;
pub use preset::{Answer, BodyKind, Preset, SmsConfig};
use send::Sender;

/// How long an answer waits for the receipt in the reporter's own language. Providers give up after 5 to 15 seconds.
const RECEIPT_PATIENCE: Duration = Duration::from_secs(3);

/// One SMS channel.
pub struct Sms {
    name: ChannelName,
    preset: Preset,
    verifier: Verifier,
    sender: Option<Sender>,
    country: Option<String>,
    max_body_bytes: usize,
    desk: Arc<dyn Desk>,
}

impl Sms {
    /// Builds the channel. `hook_url` is the public address of its webhook.
    #[must_use]
    pub fn new(name: ChannelName, config: SmsConfig, hook_url: &str, desk: Arc<dyn Desk>) -> Self {
        let verifier = config.verifier(hook_url);
        let SmsConfig { preset, sender, country, max_body_bytes, .. } = config;
        Self { name, preset, verifier, sender: sender.map(Sender::new), country, max_body_bytes, desk }
    }

    async fn receive(&self, request: Request) -> Response {
        let reads_query = matches!(self.preset.body, BodyKind::Query | BodyKind::Auto);
        if request.method() != Method::POST && !(reads_query && request.method() == Method::GET) {
            let allowed = if reads_query { "GET, POST" } else { "POST" };
            return (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, allowed)]).into_response();
        }
        let query = request.uri().query().unwrap_or_default().to_owned();
        let (parts, body) = request.into_parts();
        let Ok(body) = to_bytes(body, self.max_body_bytes).await else {
            self.desk.turned_away(&self.name, TurnedAway::TooLarge);
            return StatusCode::PAYLOAD_TOO_LARGE.into_response();
        };
        let verified = match Unverified::new(query, parts.headers, body).verify(&self.verifier) {
            Ok(verified) => verified,
            Err(why) => {
                self.desk.turned_away(&self.name, why);
                let status = if why == TurnedAway::Unsigned { StatusCode::UNAUTHORIZED } else { StatusCode::FORBIDDEN };
                return status.into_response();
            }
        };
        let taken = match self.read(&verified) {
            Some(inbound) => match self.desk.submit(inbound).await {
                Ok(accepted) if self.preset.answer == Answer::Empty => {
                    drop(accepted);
                    Ok(None)
                }
                Ok(accepted) => Ok(Some(accepted.receipt(RECEIPT_PATIENCE).await)),
                Err(refused) => Err(refused),
            },
            None => self.desk.quarantine(&self.name, &quarantined(&verified)).await.map(|()| None),
        };
        match taken {
            Ok(receipt) => self.answer(receipt.as_ref()),
            Err(refused) => {
                self.desk.turned_away(&self.name, TurnedAway::Overloaded);
                try_again(refused)
            }
        }
    }

    /// Finds sender, text and id where the preset says. `None` is an authentic request that cannot be read.
    fn read(&self, request: &Verified) -> Option<Inbound> {
        let fields = Fields::read(self.preset.body, request)?;
        let text = fields.first(&self.preset.text)?;
        let mut sender = fields.first(&self.preset.sender).unwrap_or_default();
        for prefix in &self.preset.strip_sender {
            if let Some(bare) = sender.strip_prefix(prefix.as_str()) {
                sender = bare.to_owned();
            }
        }
        let time = fields.first(&self.preset.time);
        let delivery = match fields.first(&self.preset.id).filter(|id| !id.is_empty()) {
            // Sender and text stand beside the id: a phone that was reset counts from one again, and its messages are new.
            Some(id) => DeliveryId::new(format!("id\0{id}\0{sender}\0{text}")),
            None => match time.as_deref().filter(|time| !time.is_empty()) {
                Some(time) => DeliveryId::new(format!("at\0{sender}\0{time}\0{text}")),
                // Nothing tells a repeated delivery from a repeated sentence: never drop, rather double.
                None => DeliveryId::new(format!("no\0{}", self.random_id())),
            },
        };
        // A missing or strange sender is kept: only the answer becomes impossible.
        let identity = if sender.trim().is_empty() {
            Identity::nobody(&self.random_id())
        } else {
            Identity::phone(&sender, self.country.as_deref())
        };
        Some(Inbound {
            channel: self.name.clone(),
            medium: Medium::Sms,
            delivery,
            received_at: self.desk.now(),
            identity,
            subject: None,
            text: RawText::new(text),
            hints: Hints { language: None, country: self.country.clone(), site: None },
            attached: Vec::new(),
        })
    }

    fn random_id(&self) -> String {
        let mut bytes = [0; 16];
        self.desk.random(&mut bytes);
        hex::encode(bytes)
    }

    /// The exact answer the provider expects.
    fn answer(&self, receipt: Option<&Receipt>) -> Response {
        let no_store = (header::CACHE_CONTROL, "no-store");
        match (self.preset.answer, receipt) {
            (Answer::Empty, _) | (Answer::Json, None) => (StatusCode::OK, [no_store]).into_response(),
            (Answer::Json, Some(receipt)) => {
                let body = serde_json::json!({ "reference": receipt.reference, "reply": receipt.text }).to_string();
                (StatusCode::OK, [(header::CONTENT_TYPE, "application/json"), no_store], body).into_response()
            }
            (Answer::Twiml, receipt) => {
                let message =
                    receipt.map(|receipt| format!("<Message>{}</Message>", escape_xml(&receipt.text))).unwrap_or_default();
                let body = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response>{message}</Response>");
                (StatusCode::OK, [(header::CONTENT_TYPE, "text/xml; charset=utf-8"), no_store], body).into_response()
            }
        }
    }
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
        Some(Router::new().route(&path, any(receive)).with_state(self))
    }

    fn replies_in_answer(&self) -> bool {
        self.preset.answer != Answer::Empty
    }

    async fn send(&self, opening: &Opening<'_>, text: &str) -> Result<(), ChannelError> {
        let sender = self.sender.as_ref().ok_or(ChannelError::CannotSend)?;
        let address = open_contact(opening, &self.name)?;
        sender.send(&address, text).await
    }

    async fn send_receipt(&self, sender: &Identity, text: &str) -> Result<(), ChannelError> {
        let way_out = self.sender.as_ref().ok_or(ChannelError::CannotSend)?;
        way_out.send(&sender.address, text).await
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

fn escape_xml(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
