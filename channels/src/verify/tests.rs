//! Every way of proof, right and wrong.

use super::*;

const URL: &str = "https://intake.example.org/hooks/line";

struct Draft {
    method: Method,
    suffix: &'static str,
    query: &'static str,
    headers: Vec<(&'static str, String)>,
    body: String,
}

fn post(headers: &[(&'static str, &str)], query: &'static str, body: &str) -> Draft {
    let headers = headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    Draft { method: Method::POST, suffix: "", query, headers, body: body.to_owned() }
}

fn at(secs: i64) -> Timestamp {
    Timestamp::from_second(secs).expect("a time")
}

impl Draft {
    fn verify(self, verifier: &Verifier) -> Result<Verified, TurnedAway> {
        let mut headers = HeaderMap::new();
        for (name, value) in &self.headers {
            headers.insert(*name, value.parse().expect("a valid header"));
        }
        let request =
            Unverified::new(self.method, self.suffix.to_owned(), self.query.to_owned(), headers, Bytes::from(self.body));
        request.verify(verifier, URL, at(1_700_000_000))
    }
}

fn secrets(list: &[&str]) -> Vec<SecretString> {
    list.iter().map(|secret| SecretString::from(*secret)).collect()
}

fn hex_mac(digest: Digest, key: &str, signed: &str) -> String {
    hex::encode(digest.mac(key.as_bytes(), &[signed.as_bytes()]))
}

fn base64_mac(digest: Digest, key: &str, signed: &str) -> String {
    BASE64.encode(digest.mac(key.as_bytes(), &[signed.as_bytes()]))
}

fn hmac(signed: &str, timestamp: Option<&str>, max_age_secs: Option<u64>) -> Verifier {
    Verifier::Hmac(Hmac {
        digest: Digest::Sha256,
        encoding: Encoding::Hex,
        header: "x-signature".into(),
        prefix: "sha256=".into(),
        is_list: false,
        signed: Template::parse(signed, timestamp.map(str::to_owned), None, max_age_secs).expect("a template"),
        secrets: secrets(&["k"]),
    })
}

#[test]
fn the_secret_is_taken_from_the_address_the_header_or_the_password() {
    let verifier = Verifier::Secret { secrets: secrets(&["new", "old"]) };
    assert!(post(&[("authorization", "Bearer old")], "", "x").verify(&verifier).is_ok());
    assert!(post(&[("authorization", "new")], "", "x").verify(&verifier).is_ok());
    assert!(post(&[("authorization", &format!("Basic {}", BASE64.encode("u:new")))], "", "x").verify(&verifier).is_ok());
    let in_address = Draft { suffix: "/old/status", ..post(&[], "", "x") }.verify(&verifier).expect("the secret is right");
    assert_eq!(in_address.last_word(), "status");
    assert_eq!(post(&[("authorization", "Bearer ol")], "", "x").verify(&verifier).err(), Some(TurnedAway::BadSignature));
    assert_eq!(post(&[("x-other", "old")], "", "x").verify(&verifier).err(), Some(TurnedAway::Unsigned));
    assert!(Draft { suffix: "/ol", ..post(&[], "", "x") }.verify(&verifier).is_err());
    assert!(Draft { suffix: "/status/old", ..post(&[], "", "x") }.verify(&verifier).is_err());
}

#[test]
fn the_secret_is_taken_from_a_field_of_any_kind_of_body() {
    let verifier = Verifier::Field { field: "secret".into(), secrets: secrets(&["s3"]) };
    for (media_type, body) in [
        ("application/x-www-form-urlencoded", "a=1&secret=s3"),
        ("application/json", "{\"secret\":\"s3\"}"),
        ("text/xml", "<payload><secret>s3</secret></payload>"),
        ("multipart/form-data; boundary=x", "--x\r\ncontent-disposition: form-data; name=\"secret\"\r\n\r\ns3\r\n--x--"),
    ] {
        assert!(post(&[("content-type", media_type)], "", body).verify(&verifier).is_ok(), "{media_type}");
        let wrong = body.replace("s3", "s4");
        assert!(post(&[("content-type", media_type)], "", &wrong).verify(&verifier).is_err(), "{media_type}");
    }
    assert!(post(&[], "secret=s3", "").verify(&verifier).is_ok());
    assert_eq!(post(&[], "", "a=1").verify(&verifier).err(), Some(TurnedAway::Unsigned));
}

#[test]
fn basic_authentication_has_one_user() {
    let verifier = Verifier::Basic { user: "hub".into(), secrets: secrets(&["pw"]) };
    let with = |pair: &str| post(&[("authorization", &format!("Basic {}", BASE64.encode(pair)))], "", "x").verify(&verifier);
    assert!(with("hub:pw").is_ok());
    assert!(with("hub:pw2").is_err());
    assert!(with("other:pw").is_err());
}

#[test]
fn an_hmac_covers_the_body_and_nothing_else_is_read() {
    let verifier = hmac("{body}", None, None);
    let right = hex_mac(Digest::Sha256, "k", "body");
    assert!(post(&[("x-signature", &right)], "", "body").verify(&verifier).is_ok());
    assert!(post(&[("x-signature", &format!("sha256={right}"))], "", "body").verify(&verifier).is_ok());
    assert_eq!(post(&[("x-signature", &right)], "", "other").verify(&verifier).err(), Some(TurnedAway::BadSignature));
    assert_eq!(post(&[("x-signature", "")], "", "").verify(&verifier).err(), Some(TurnedAway::BadSignature));
    let beside = post(&[("x-signature", &right)], "from=2", "body").verify(&verifier).expect("its body is signed");
    assert_eq!((beside.query(), beside.header("x-signature")), ("", None));
    let over_query = hex_mac(Digest::Sha256, "k", "from=2");
    let get = Draft { method: Method::GET, ..post(&[("x-signature", &over_query)], "from=2", "") };
    assert_eq!(get.verify(&verifier).expect("its query is signed").query(), "from=2");
}

#[test]
fn a_signature_from_another_hour_is_stale() {
    let verifier = hmac("{body}{timestamp}", Some("x-timestamp"), Some(300));
    let with = |time: &str| {
        let signature = hex_mac(Digest::Sha256, "k", &format!("b{time}"));
        post(&[("x-signature", &signature), ("x-timestamp", time)], "", "b").verify(&verifier).err()
    };
    assert_eq!(with("1700000300"), None);
    assert_eq!(with("1699999700"), None);
    assert_eq!(with("1700000301"), Some(TurnedAway::Stale));
    assert_eq!(with("1699999699"), Some(TurnedAway::Stale));
    assert_eq!(with("NaN"), Some(TurnedAway::Stale));
    assert_eq!(with("soon"), Some(TurnedAway::BadSignature));
}

#[test]
fn a_template_needs_the_body_and_its_headers() {
    for (written, has_time) in [("{timestamp}{body}", false), ("{timestamp}", true), ("{boby}", false), ("{nonce}{body}", false)]
    {
        let timestamp = has_time.then(|| "x-timestamp".to_owned());
        assert!(Template::parse(written, timestamp, None, None).is_none(), "{written}");
    }
}

#[test]
fn standard_webhooks_may_hold_several_signatures() {
    let verifier = |secret: &str| {
        Verifier::Hmac(Hmac {
            digest: Digest::Sha256,
            encoding: Encoding::Base64,
            header: "webhook-signature".into(),
            prefix: String::new(),
            is_list: true,
            signed: Template::parse(
                "{nonce}.{timestamp}.{body}",
                Some("webhook-timestamp".into()),
                Some("webhook-id".into()),
                Some(300),
            )
            .expect("a template"),
            secrets: secrets(&[secret]),
        })
    };
    let signature = base64_mac(Digest::Sha256, "key", "msg_1.1700000000.{}");
    let headers = [
        ("webhook-id", "msg_1"),
        ("webhook-timestamp", "1700000000"),
        ("webhook-signature", &format!("v1,AAAA v1,{signature}") as &str),
    ];
    assert!(post(&headers, "", "{}").verify(&verifier("key")).is_ok());
    assert!(post(&headers, "", "{}").verify(&verifier(&format!("whsec_{}", BASE64.encode("key")))).is_ok());
    assert!(post(&headers, "", "{ }").verify(&verifier("key")).is_err());
}

#[test]
fn twilio_signs_the_public_address_with_or_without_its_port() {
    let verifier =
        Verifier::Twilio { header: "x-twilio-signature".into(), secrets: secrets(&["token"]), shared_keys: Vec::new() };
    let host = |host: &str| format!("https://{host}/hooks/line?a=1Bodyhi thereFrom+15550100");
    let body = "From=%2B15550100&Body=hi+there";
    for signed in [host("intake.example.org"), host("intake.example.org:443")] {
        let signature = base64_mac(Digest::Sha1, "token", &signed);
        assert!(post(&[("x-twilio-signature", &signature)], "a=1", body).verify(&verifier).is_ok());
    }
    let elsewhere = base64_mac(Digest::Sha1, "token", &host("evil.example.org"));
    let forged =
        [("x-twilio-signature", elsewhere.as_str()), ("x-forwarded-host", "evil.example.org"), ("host", "evil.example.org")];
    assert!(post(&forged, "a=1", body).verify(&verifier).is_err());
}

#[test]
fn twilios_newer_setting_uses_the_shared_key_and_sha_256() {
    let verifier =
        Verifier::Twilio { header: "x-twilio-signature".into(), secrets: secrets(&["token"]), shared_keys: secrets(&["shared"]) };
    let signed = format!("{URL}Bodyhi");
    let with = |digest: Digest, key: &str, settings: &str| {
        let signature = base64_mac(digest, key, &signed);
        post(&[("x-twilio-signature", &signature), ("x-twilio-webhooks-signature-settings", settings)], "", "Body=hi")
            .verify(&verifier)
            .is_ok()
    };
    assert!(with(Digest::Sha256, "shared", "key=k_01,algorithm=HMAC_SHA256"));
    assert!(!with(Digest::Sha256, "token", "key=k_01,algorithm=HMAC_SHA256"));
    assert!(!with(Digest::Sha1, "shared", "algorithm=HMAC_SHA1"));
    assert!(!with(Digest::Md5, "token", "algorithm=HMAC_MD5"));
}

#[test]
fn a_body_that_twilio_did_not_sign_is_not_read() {
    let verifier =
        Verifier::Twilio { header: "x-twilio-signature".into(), secrets: secrets(&["token"]), shared_keys: Vec::new() };
    let signature = base64_mac(Digest::Sha1, "token", URL);
    let headers = [("x-twilio-signature", signature.as_str()), ("content-type", "application/json")];
    let verified = post(&headers, "", "{\"From\":\"forged\"}").verify(&verifier).expect("its address is signed");
    assert!(verified.body().is_empty());
}

#[test]
fn vonage_signs_every_field_and_the_last_of_a_name_counts() {
    let with = |digest, query: &'static str, body: &str, media_type: &str| {
        let verifier = Verifier::Vonage { digest, max_age_secs: 300, secrets: secrets(&["s"]) };
        post(&[("content-type", media_type)], query, body).verify(&verifier).map(|verified| verified.query().to_owned())
    };
    let signed = "&text=a_b&timestamp=1700000000";
    let form = "application/x-www-form-urlencoded";
    let sha256 = VonageDigest::Hmac(Digest::Sha256);
    let signature = hex_mac(Digest::Sha256, "s", signed);
    assert!(with(sha256, "", &format!("timestamp=1700000000&text=a%3Db&sig={signature}"), form).is_ok());
    assert!(with(sha256, "", &format!("timestamp=1700000000&text=a%26c&sig={signature}"), form).is_err());
    let smuggled = format!("text=forged&timestamp=1700000000&text=a%3Db&sig={signature}");
    assert!(with(sha256, "", &smuggled, form).is_ok(), "the forged one stands first, where nobody reads it");
    let json = format!("{{\"timestamp\":1700000000,\"text\":\"a=b\",\"sig\":\"{}\"}}", signature.to_uppercase());
    assert_eq!(with(sha256, "text=forged", &json, "application/json"), Ok(String::new()));
    let mut hash = md5::Md5::default();
    sha2::Digest::update(&mut hash, format!("{signed}s"));
    let plain = hex::encode(sha2::Digest::finalize(hash));
    assert!(with(VonageDigest::Md5Hash, "", &format!("timestamp=1700000000&text=a%3Db&sig={plain}"), form).is_ok());
    assert_eq!(with(sha256, "", "text=a", form), Err(TurnedAway::Unsigned));
}

#[test]
fn plivo_signs_address_fields_and_nonce() {
    let verifier = Verifier::Plivo { secrets: secrets(&["token"]) };
    let with = |signed: &str, method: Method, query: &'static str, body: &str| {
        let signature = format!("AAAA,{}", base64_mac(Digest::Sha256, "token", signed));
        let headers = [("x-plivo-signature-v3", signature.as_str()), ("x-plivo-signature-v3-nonce", "77")];
        Draft { method, ..post(&headers, query, body) }.verify(&verifier).is_ok()
    };
    assert!(with(&format!("{URL}?From1Texthi.77"), Method::POST, "", "Text=hi&From=1"));
    assert!(with(&format!("{URL}?a=1&b=2.From1Texthi.77"), Method::POST, "b=2&a=1", "Text=hi&From=1"));
    assert!(with(&format!("{URL}?a=1&b=2.77"), Method::GET, "b=2&a=1", ""));
    assert!(!with(&format!("{URL}?From1Texthi.78"), Method::POST, "", "Text=hi&From=1"));
}

#[test]
fn envaya_signs_address_fields_and_password() {
    let verifier = Verifier::Envaya { secrets: secrets(&["rose", "bud"]) };
    let with = |signed: &str, body: &str| {
        let signature = BASE64.encode(<sha1::Sha1 as sha1::Digest>::digest(signed));
        post(&[("x-request-signature", &signature)], "", body).verify(&verifier).is_ok()
    };
    assert!(with(&format!("{URL},a=1,b=x y,bud"), "b=x+y&a=1"));
    assert!(!with(&format!("{URL},a=1,b=x y,bud"), "b=x+z&a=1"));
    assert!(!with(&format!("{URL},a=1,b=x y,other"), "b=x+y&a=1"));
}

#[test]
fn ed25519_takes_two_keys_and_refuses_what_is_no_signature() {
    use ed25519_dalek::{Signer, SigningKey};

    let key = SigningKey::from_bytes(&[7; 32]);
    let other = SigningKey::from_bytes(&[8; 32]);
    let verifier = Verifier::Ed25519(Ed25519 {
        header: "telnyx-signature-ed25519".into(),
        signed: Template::parse("{timestamp}|{body}", Some("telnyx-timestamp".into()), None, Some(300)).expect("a template"),
        keys: vec![other.verifying_key(), key.verifying_key()],
    });
    let signature = BASE64.encode(key.sign(b"1700000000|{}").to_bytes());
    let with = |signature: &str, body: &str| {
        let headers = [("telnyx-signature-ed25519", signature), ("telnyx-timestamp", "1700000000")];
        post(&headers, "", body).verify(&verifier).is_ok()
    };
    assert!(with(&signature, "{}"));
    assert!(!with(&signature, "{ }"));
    assert!(!with("%%%", "{}"));
    assert!(Ed25519::key("short").is_none());
}

fn token(head: &str, claims: &str, key: &str, digest: Digest) -> String {
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(head), URL_SAFE_NO_PAD.encode(claims));
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(digest.mac(key.as_bytes(), &[signed.as_bytes()])))
}

#[test]
fn a_token_is_bound_to_address_body_and_time() {
    use sha2::{Digest as _, Sha256};

    let verifier = Verifier::Jwt(Jwt {
        header: "authorization".into(),
        digests: vec![Digest::Sha256],
        issuer: "api.example.org".into(),
        binds_audience: true,
        binds_url: false,
        binds_body: true,
        max_age_secs: None,
        secrets: secrets(&["k"]),
    });
    let hash = hex::encode(Sha256::digest(b"{}"));
    let claims = |end: i64, audience: &str, hash: &str| {
        format!(
            "{{\"iss\":\"api.example.org\",\"aud\":\"{audience}\",\"nbf\":1699999000,\"exp\":{end},\"payload_hash\":\"{hash}\"}}"
        )
    };
    let head = "{\"alg\":\"HS256\"}";
    let with =
        |token: String, body: &str| post(&[("authorization", &format!("Bearer {token}"))], "", body).verify(&verifier).err();
    let sign = |claims: String| token(head, &claims, "k", Digest::Sha256);
    assert_eq!(with(sign(claims(1_700_000_060, URL, &hash)), "{}"), None);
    assert_eq!(with(sign(claims(1_699_999_900, URL, &hash)), "{}"), Some(TurnedAway::Stale));
    assert_eq!(with(sign(claims(1_700_000_060, "https://evil.example.org", &hash)), "{}"), Some(TurnedAway::BadSignature));
    assert_eq!(with(sign(claims(1_700_000_060, URL, &hash)), "{ }"), Some(TurnedAway::BadSignature));
    assert_eq!(with(token(head, &claims(1_700_000_060, URL, &hash), "x", Digest::Sha256), "{}"), Some(TurnedAway::BadSignature));
    let stronger = token("{\"alg\":\"HS512\"}", &claims(1_700_000_060, URL, &hash), "k", Digest::Sha512);
    assert_eq!(with(stronger, "{}"), Some(TurnedAway::BadSignature), "only what the preset names");
    let bare = sign(claims(1_700_000_060, URL, &hash));
    let unsigned = token("{\"alg\":\"none\"}", &claims(1_700_000_060, URL, &hash), "k", Digest::Sha256);
    assert_eq!(with(unsigned, "{}"), Some(TurnedAway::BadSignature));
    assert_eq!(with(bare.rsplit_once('.').expect("three pieces").0.to_owned() + ".", "{}"), Some(TurnedAway::BadSignature));
    assert_eq!(with("x".to_owned(), "{}"), Some(TurnedAway::BadSignature));
    let timeless = "{\"iss\":\"api.example.org\",\"aud\":\"https://intake.example.org/hooks/line\"}".to_owned();
    assert_eq!(with(sign(timeless), ""), Some(TurnedAway::Stale));
}
