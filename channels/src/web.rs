//! The web form: a page, a post, a receipt with a reference.
//!
//! A post may bring files. Their bytes are taken and nothing else: no name, and not what the browser calls them.
//!
//! What the pages look like and in which languages they speak is the gateway's business: see [`Pages`].

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use axum::body::to_bytes;
use axum::extract::multipart::MultipartError;
use axum::extract::rejection::QueryRejection;
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Path, Query, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;

use crate::attached::{Attached, MAX_FILE_BYTES, MAX_FILES, MAX_FILES_BYTES};
use crate::channel::{Channel, ChannelError};
use crate::desk::{Desk, TurnedAway};
use crate::identity::Identity;
use crate::inbound::{ChannelName, DeliveryId, Hints, Inbound, Medium, RawText, SiteCode};
use crate::pages::{FormView, Pages, ReceiptView, WebProblem};
use crate::seal::Opening;

/// The most a report may hold, in characters; the form says so too.
const MAX_TEXT_CHARS: usize = 10_000;
/// The longest mail address there can be.
const MAX_CONTACT_CHARS: usize = 254;
/// The most a post without files may weigh; four bytes for each character and room for the rest.
const MAX_BODY_BYTES: usize = 64 * 1024;
/// How many posts with files are taken at once: each is held in memory until it is on disk.
const MAX_UPLOADS: usize = 8;
/// How long the receipt page waits for the case to be stored, so that it shows the reference that counts.
const RECEIPT_PATIENCE: Duration = Duration::from_secs(3);

/// The web form's channel.
pub struct Web {
    name: ChannelName,
    desk: Arc<dyn Desk>,
    pages: Arc<dyn Pages>,
    uploads: Semaphore,
}

/// What a browser posted.
#[derive(Default)]
struct Posted {
    text: String,
    contact: String,
    site: String,
    place: String,
    once: String,
    language: Option<String>,
    files: Vec<Attached>,
}

impl Posted {
    fn take(&mut self, name: &str, value: String) {
        match name {
            // Browsers send each line's end as two characters and count it as one.
            "text" => self.text = value.replace("\r\n", "\n"),
            "contact" => self.contact = value,
            "site" => self.site = value,
            "place" => self.place = value,
            "once" => self.once = value,
            "lang" => self.language = Some(value),
            // A browser extension may add fields of its own.
            _ => {}
        }
    }
}

impl Posted {
    /// The same for the same form with the same words: who presses the button twice makes one case, and who goes back and
    /// adds a line is not dropped. `None` when the form's token is missing.
    fn delivery(&self) -> Option<String> {
        let is_token = self.once.len() == 32 && self.once.bytes().all(|byte| byte.is_ascii_hexdigit());
        let mut words = Sha256::new();
        for field in [&self.text, &self.contact, &self.site, &self.place] {
            words.update(field.len().to_be_bytes());
            words.update(field);
        }
        for file in &self.files {
            words.update(file.digest());
        }
        is_token.then(|| format!("{}{}", self.once, hex::encode(words.finalize())))
    }
}

#[derive(Deserialize)]
struct FormQuery {
    lang: Option<String>,
    site: Option<String>,
}

#[derive(Default, Deserialize)]
struct ReceiptQuery {
    lang: Option<String>,
    answerable: Option<String>,
}

impl Web {
    /// Builds the channel.
    #[must_use]
    pub fn new(name: ChannelName, desk: Arc<dyn Desk>, pages: Arc<dyn Pages>) -> Self {
        Self { name, desk, pages, uploads: Semaphore::new(MAX_UPLOADS) }
    }

    fn language(&self, asked: Option<&str>, headers: &HeaderMap) -> String {
        let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        self.pages.choose_language(asked, accepted)
    }

    fn random_id(&self) -> String {
        let mut bytes = [0; 16];
        self.desk.random(&mut bytes);
        hex::encode(bytes)
    }

    fn form(&self, query: Option<FormQuery>, headers: &HeaderMap) -> Response {
        let query = query.unwrap_or(FormQuery { lang: None, site: None });
        let language = self.language(query.lang.as_deref(), headers);
        let site = query.site.as_deref().and_then(SiteCode::parse);
        let once = self.random_id();
        let view = FormView { language: &language, action: "/report", once: &once, site: site.as_ref() };
        Html(self.pages.form(&view)).into_response()
    }

    async fn report(&self, request: Request) -> Response {
        let headers = request.headers().clone();
        // Whoever brings files waits for a place, so that many at once do not fill the memory.
        let place = if is_large(&headers) { self.uploads.try_acquire().map(Some) } else { Ok(None) };
        let Ok(_place) = place else {
            self.desk.turned_away(&self.name, TurnedAway::Overloaded);
            return self.problem(&self.language(None, &headers), WebProblem::TryAgain);
        };
        let mut posted = match read_post(request).await {
            Ok(posted) => posted,
            Err(problem) => {
                let is_too_large = matches!(problem, WebProblem::TooLong | WebProblem::FilesTooLarge);
                let why = if is_too_large { TurnedAway::TooLarge } else { TurnedAway::Malformed };
                self.desk.turned_away(&self.name, why);
                return self.problem(&self.language(None, &headers), problem);
            }
        };
        let language = self.language(posted.language.as_deref(), &headers);
        if posted.text.trim().is_empty() {
            return self.problem(&language, WebProblem::NothingWritten);
        }
        if posted.text.chars().count() > MAX_TEXT_CHARS {
            return self.problem(&language, WebProblem::TooLong);
        }
        let inbound = self.inbound(&mut posted, &language);
        let can_be_answered = inbound.identity().can_be_answered();
        let Ok(accepted) = self.desk.submit(inbound).await else {
            self.desk.turned_away(&self.name, TurnedAway::Overloaded);
            return self.problem(&language, WebProblem::TryAgain);
        };
        let receipt = accepted.receipt(RECEIPT_PATIENCE).await;
        // The answer sends the browser elsewhere: a browser keeps what it posted, words and all, beside the page it got for it.
        let answerable = if can_be_answered { "&answerable=yes" } else { "" };
        let place = format!("/receipt/{}?lang={language}{answerable}", receipt.reference);
        (StatusCode::SEE_OTHER, [(header::LOCATION, place)]).into_response()
    }

    /// Shows a reference again, looking nothing up: whoever makes one up learns nothing.
    fn receipt(&self, reference: &str, query: Option<ReceiptQuery>, headers: &HeaderMap) -> Response {
        let query = query.unwrap_or_default();
        let language = self.language(query.lang.as_deref(), headers);
        if !looks_like_a_reference(reference) {
            return self.problem(&language, WebProblem::NotFound);
        }
        let can_be_answered = query.answerable.as_deref() == Some("yes");
        let view = ReceiptView { language: &language, reference, can_be_answered };
        Html(self.pages.receipt(&view)).into_response()
    }

    fn inbound(&self, posted: &mut Posted, language: &str) -> Inbound {
        let delivery = posted.delivery().unwrap_or_else(|| self.random_id());
        // Longer than any address: it may hold a story, so it goes where the anonymiser reads.
        let is_address = posted.contact.trim().chars().count() <= MAX_CONTACT_CHARS;
        let (contact, told) = if is_address { (posted.contact.trim(), "") } else { ("", posted.contact.trim()) };
        let identity =
            if contact.is_empty() { Identity::nobody(&delivery) } else { crate::import::address_or_account(contact, None) };
        // What is no site code may hold a name or a number, so it goes where the anonymiser reads.
        let site = SiteCode::parse(&posted.site);
        let typed_site = if site.is_none() { posted.site.trim() } else { "" };
        let mut text = posted.text.trim().to_owned();
        for place in [typed_site, posted.place.trim(), told] {
            if !place.is_empty() {
                text.push_str("\n\n");
                text.push_str(place);
            }
        }
        Inbound {
            channel: self.name.clone(),
            medium: Medium::Web,
            delivery: DeliveryId::new(delivery),
            received_at: self.desk.now(),
            identity,
            subject: None,
            text: RawText::new(text),
            hints: Hints { language: Some(language.to_owned()), country: None, site },
            part: None,
            attached: std::mem::take(&mut posted.files),
        }
    }

    fn problem(&self, language: &str, problem: WebProblem) -> Response {
        let status = match problem {
            WebProblem::NothingWritten => StatusCode::UNPROCESSABLE_ENTITY,
            WebProblem::TooLong | WebProblem::FilesTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            WebProblem::Unreadable => StatusCode::BAD_REQUEST,
            WebProblem::TryAgain => StatusCode::SERVICE_UNAVAILABLE,
            WebProblem::NotFound => StatusCode::NOT_FOUND,
        };
        (status, Html(self.pages.problem(language, problem))).into_response()
    }
}

/// Whether it has the shape of a case reference: `K7MQ-4XPD`.
fn looks_like_a_reference(written: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    written.len() == 9 && written.bytes().enumerate().all(|(at, byte)| if at == 4 { byte == b'-' } else { is_letter(byte) })
}

/// Whether a post may be larger than one without files; one that does not say is taken to be.
fn is_large(headers: &HeaderMap) -> bool {
    let length = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    length.is_none_or(|length| length > MAX_BODY_BYTES)
}

/// Reads a post of either form encoding.
async fn read_post(request: Request) -> Result<Posted, WebProblem> {
    let media_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if media_type.trim_start().to_ascii_lowercase().starts_with("multipart/form-data") {
        return read_parts(request).await;
    }
    let bytes = to_bytes(request.into_body(), MAX_BODY_BYTES).await.map_err(|_| WebProblem::TooLong)?;
    let mut posted = Posted::default();
    for (name, value) in form_urlencoded::parse(&bytes) {
        posted.take(&name, value.into_owned());
    }
    Ok(posted)
}

async fn read_parts(mut request: Request) -> Result<Posted, WebProblem> {
    DefaultBodyLimit::max(MAX_FILES_BYTES + MAX_BODY_BYTES).apply(&mut request);
    let mut parts = Multipart::from_request(request, &()).await.map_err(|_| WebProblem::Unreadable)?;
    let mut posted = Posted::default();
    let (mut n_word_bytes, mut n_file_bytes) = (0, 0);
    while let Some(mut part) = parts.next_field().await.map_err(|error| problem_of(&error))? {
        let name = part.name().unwrap_or_default().to_owned();
        if name == "files" {
            let mut file = Vec::new();
            while let Some(piece) = part.chunk().await.map_err(|error| problem_of(&error))? {
                file.extend_from_slice(&piece);
                if file.len() > MAX_FILE_BYTES || n_file_bytes + file.len() > MAX_FILES_BYTES {
                    return Err(WebProblem::FilesTooLarge);
                }
            }
            n_file_bytes += file.len();
            // A browser sends an empty file where none was chosen.
            if !file.is_empty() {
                posted.files.push(Attached::new(file));
            }
            if posted.files.len() > MAX_FILES {
                return Err(WebProblem::FilesTooLarge);
            }
            continue;
        }
        let mut value = Vec::new();
        while let Some(piece) = part.chunk().await.map_err(|error| problem_of(&error))? {
            n_word_bytes += piece.len();
            if n_word_bytes > MAX_BODY_BYTES {
                return Err(WebProblem::TooLong);
            }
            value.extend_from_slice(&piece);
        }
        posted.take(&name, String::from_utf8_lossy(&value).into_owned());
    }
    Ok(posted)
}

fn problem_of(error: &MultipartError) -> WebProblem {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE { WebProblem::FilesTooLarge } else { WebProblem::Unreadable }
}

#[async_trait]
impl Channel for Web {
    fn name(&self) -> &ChannelName {
        &self.name
    }

    fn medium(&self) -> Medium {
        Medium::Web
    }

    fn routes(self: Arc<Self>) -> Option<Router> {
        let form = |State(channel): State<Arc<Self>>, query: Result<Query<FormQuery>, QueryRejection>, headers: HeaderMap| async move {
            channel.form(query.ok().map(|Query(query)| query), &headers)
        };
        let report = |State(channel): State<Arc<Self>>, request: Request| async move { channel.report(request).await };
        let receipt = |State(channel): State<Arc<Self>>,
                       Path(reference): Path<String>,
                       query: Result<Query<ReceiptQuery>, QueryRejection>,
                       headers: HeaderMap| async move {
            channel.receipt(&reference, query.ok().map(|Query(query)| query), &headers)
        };
        let missing = |State(channel): State<Arc<Self>>, headers: HeaderMap| async move {
            channel.problem(&channel.language(None, &headers), WebProblem::NotFound)
        };
        Some(
            Router::new()
                .route("/", get(form))
                .route("/report", get(form).post(report))
                .route("/receipt/{reference}", get(receipt))
                .fallback(missing)
                .with_state(self),
        )
    }

    fn replies_in_answer(&self) -> bool {
        true
    }

    async fn send(&self, _: &Opening<'_>, _: &str) -> Result<(), ChannelError> {
        // The contact is a number or a mail address; it is answered over those channels once they can.
        Err(ChannelError::CannotSend)
    }

    async fn send_receipt(&self, _: &Identity, _: &str) -> Result<(), ChannelError> {
        // The receipt is the next page.
        Err(ChannelError::CannotSend)
    }
}
