//! The same behaviour on a folder and on an S3-compatible store.

use attachments::{Notice, Reason};
use channels::attached::words_of_a_file;
use object_store::memory::InMemory;

use super::*;
use crate::clock::SystemRng;

fn reference() -> Reference {
    Reference::from_seed([7; 16])
}

fn secret() -> FilesSecret {
    FilesSecret::from_seed(&[5; 32])
}

fn looked_at(number: u32, verdict: Verdict) -> LookedAt {
    let words = match &verdict {
        Verdict::Text { text, .. } => {
            let anonymiser = crate::anonymise::Anonymiser::new(Vec::new());
            let text = words_of_a_file(text.clone());
            Some(anonymiser.redact(&text, &channels::planting::nobody(), crate::language::Language::UNDETERMINED).text)
        }
        Verdict::Clean(_) | Verdict::Sealed(_) | Verdict::Refused(_) => None,
    };
    let original = channels::planting::attached(b"what was sent");
    LookedAt::new(number, original, Outcome { kind: Kind::Jpeg, verdict }, words)
}

fn picture(bytes: &[u8]) -> Picture {
    Picture { written: Written::Jpeg, bytes: bytes.to_vec() }
}

fn files(store: &Arc<dyn ObjectStore>, originals: Recipient) -> Files {
    Files::new(Arc::clone(store), "main", secret().public(), originals)
}

async fn check(store: Arc<dyn ObjectStore>) {
    let (reference, secret) = (reference(), secret());
    let files = files(&store, Recipient::Gateway);
    assert_eq!(files.list(&reference).await, Ok(Vec::new()));
    let kept = [
        looked_at(1, Verdict::Clean(picture(b"pixels"))),
        looked_at(2, Verdict::Text { text: "write to ann@example.org".into(), pictures: vec![picture(b"small")] }),
        looked_at(3, Verdict::Sealed(Notice::NotCleanable)),
        looked_at(4, Verdict::Refused(Reason::Macros)),
    ];
    files.keep(&reference, &kept, &SystemRng).await.expect("kept");
    files.keep(&reference, &kept[..1], &SystemRng).await.expect("the first index stands");
    let listed = files.list(&reference).await.expect("listed");
    assert_eq!(
        listed.iter().map(|file| file.attachment.state).collect::<Vec<_>>(),
        kept.iter().map(|file| file.attachment.state).collect::<Vec<_>>()
    );
    assert_eq!((listed[1].written.as_deref(), listed[1].n_pictures, listed[1].is_released), (Some("txt"), 1, false));

    // Nobody sees it before it is released, and then everybody the same.
    assert_eq!(files.read_released(&reference, 1, Wanted::Main, &secret).await.err(), Some(FilesError::NotReleased));
    assert_eq!(files.read(&reference, 1, Wanted::Main, &secret).await.expect("an operator may").as_slice(), b"pixels");
    files.release(&reference, 1).await.expect("released");
    files.release(&reference, 1).await.expect("released again");
    assert_eq!(files.read_released(&reference, 1, Wanted::Main, &secret).await.expect("released").as_slice(), b"pixels");
    assert_eq!(files.read_released(&reference, 1, Wanted::Original, &secret).await.err(), Some(FilesError::NotReleased));
    assert_eq!(files.read(&reference, 2, Wanted::Main, &secret).await.expect("words").as_slice(), b"write to [email-1]");
    assert_eq!(files.read(&reference, 2, Wanted::Picture(1), &secret).await.expect("a picture").as_slice(), b"small");
    assert_eq!(files.read(&reference, 2, Wanted::Picture(2), &secret).await.err(), Some(FilesError::Missing));
    for number in [3, 4] {
        assert_eq!(files.release(&reference, number).await, Err(FilesError::NothingClean));
        assert_eq!(files.read_released(&reference, number, Wanted::Main, &secret).await.err(), Some(FilesError::NothingClean));
        assert_eq!(
            files.read(&reference, number, Wanted::Original, &secret).await.expect("an operator may").as_slice(),
            b"what was sent"
        );
    }
    assert_eq!(files.release(&reference, 9).await, Err(FilesError::Missing));
    assert_eq!(
        files.read(&reference, 1, Wanted::Main, &FilesSecret::from_seed(&[6; 32])).await.err(),
        Some(FilesError::Unreadable)
    );

    assert_eq!(files.forget_originals(&reference).await, Ok(true));
    assert_eq!(files.forget_originals(&reference).await, Ok(false));
    assert_eq!(files.read(&reference, 3, Wanted::Original, &secret).await.err(), Some(FilesError::Missing));
    assert_eq!(files.read(&reference, 1, Wanted::Main, &secret).await.expect("the clean copy stays").as_slice(), b"pixels");
}

#[tokio::test]
async fn files_are_kept_released_and_forgotten_in_memory() {
    check(Arc::new(InMemory::new())).await;
}

#[tokio::test]
async fn files_are_kept_released_and_forgotten_in_a_folder() {
    let dir = tempfile::tempdir().expect("a folder");
    check(folder(dir.path()).expect("a folder")).await;
}

#[tokio::test]
async fn an_original_for_the_custodian_stays_shut_here() {
    let store: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
    let custodian = FilesSecret::from_seed(&[9; 32]);
    let files = files(&store, Recipient::Custodian(custodian.public()));
    files.keep(&reference(), &[looked_at(1, Verdict::Sealed(Notice::TooSlow))], &SystemRng).await.expect("kept");
    let opened = files.read(&reference(), 1, Wanted::Original, &secret()).await;
    assert_eq!(opened.err(), Some(FilesError::Custodian));
}

#[tokio::test]
async fn nothing_of_a_file_lies_open_on_disk() {
    let dir = tempfile::tempdir().expect("a folder");
    let files = files(&folder(dir.path()).expect("a folder"), Recipient::Gateway);
    files.keep(&reference(), &[looked_at(1, Verdict::Clean(picture(b"pixels in plain sight")))], &SystemRng).await.expect("kept");
    let mut n_files = 0;
    let mut folders = vec![dir.path().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
            if entry.path().is_dir() {
                folders.push(entry.path());
                continue;
            }
            n_files += 1;
            let bytes = std::fs::read(entry.path()).expect("a file");
            for words in [&b"pixels in"[..], b"what was"] {
                assert!(!bytes.windows(words.len()).any(|window| window == words), "{}", entry.path().display());
            }
        }
    }
    assert_eq!(n_files, 3);
}

/// As much of an S3-compatible store as is asked for: objects by path, conditional writes, a signature that is there.
async fn s3() -> String {
    use std::collections::HashMap;
    use std::sync::Mutex;

    use axum::body::Bytes;
    use axum::extract::{Path, State};
    use axum::http::{HeaderMap, Method, StatusCode, header};
    use axum::response::{IntoResponse, Response};

    type Objects = Arc<Mutex<HashMap<String, Bytes>>>;

    async fn answer(
        State(objects): State<Objects>,
        Path(path): Path<String>,
        method: Method,
        headers: HeaderMap,
        body: Bytes,
    ) -> Response {
        let signed = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        if !signed.is_some_and(|signed| signed.starts_with("AWS4-HMAC-SHA256 Credential=who/")) {
            return StatusCode::FORBIDDEN.into_response();
        }
        let mut objects = objects.lock().expect("unpoisoned");
        let etag = [(header::ETAG, "\"1\""), (header::LAST_MODIFIED, "Mon, 02 Nov 2026 10:20:30 GMT")];
        match method {
            Method::PUT if headers.contains_key(header::IF_NONE_MATCH) && objects.contains_key(&path) => {
                StatusCode::PRECONDITION_FAILED.into_response()
            }
            Method::PUT => {
                objects.insert(path, body);
                (etag, "").into_response()
            }
            // The router takes the body off for HEAD.
            Method::GET | Method::HEAD => match objects.get(&path) {
                Some(body) => (etag, body.clone()).into_response(),
                None => StatusCode::NOT_FOUND.into_response(),
            },
            Method::DELETE => {
                objects.remove(&path);
                StatusCode::NO_CONTENT.into_response()
            }
            _ => StatusCode::METHOD_NOT_ALLOWED.into_response(),
        }
    }

    let router = axum::Router::new().route("/{*path}", axum::routing::any(answer)).with_state(Objects::default());
    let socket = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = socket.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(socket, router).await });
    format!("http://{address}")
}

#[tokio::test]
async fn files_are_kept_released_and_forgotten_in_an_s3_compatible_store() {
    drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
    let settings = RemoteSettings {
        endpoint: s3().await,
        bucket: "attachments".to_owned(),
        region: "us-east-1".to_owned(),
        access_key: "who".into(),
        secret_key: "proof".into(),
    };
    check(remote(&settings).expect("a store")).await;
}
