//! The report form in a real browser: without scripts, in another language, on a small phone, and when something goes wrong.

use std::path::Path;

use pmm_gateway::case::Reference;
use reqwest::header::{ACCEPT_ENCODING, CONTENT_ENCODING};
use serde_json::json;

use crate::harness::browser::Browser;
use crate::harness::canary::Canary;
use crate::harness::gateway::{Gateway, Setup, Store};

const SEND: &str = "button[type=submit]";
const NUMBER: &str = ".number";

/// Lists what does not fit a phone 360 wide or a thumb, and what is too small to read.
const FAULTS_ON_A_PHONE: &str = "
    const root = document.documentElement, faults = [];
    if (root.clientWidth !== 360 || root.scrollWidth > 360) faults.push(`${root.scrollWidth} of ${root.clientWidth} wide`);
    for (const target of document.querySelectorAll('a, button, input:not([type=hidden]), textarea')) {
        const box = target.getBoundingClientRect();
        if (box.height < 40 || box.left < 0 || box.right > 360) faults.push(`${target.outerHTML}: ${box.width} x ${box.height}`);
    }
    for (const element of document.body.querySelectorAll('*')) {
        const size = parseFloat(getComputedStyle(element).fontSize);
        if (size < 16) faults.push(`${element.outerHTML}: ${size} px`);
    }
    return faults;";

/// Leaves a picture among the build's temporary files, for people to look at.
async fn picture(browser: &Browser, name: &str) {
    browser.screenshot(&Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.png"))).await;
}

/// Fails if the browser asked anybody but the gateway for anything, complained, or keeps a cookie. Returns how often it posted.
async fn assert_stayed_at_home(browser: &Browser, gateway: &Gateway) -> usize {
    let requests = browser.requests().await;
    let home = format!("{}/", gateway.public);
    let strangers: Vec<_> = requests.iter().filter(|request| !request.url.starts_with(&home)).collect();
    assert!(strangers.is_empty(), "{strangers:?}");
    assert_eq!(browser.complaints().await, [].into(), "the browser complained");
    assert_eq!(browser.cookies().await, json!([]));
    requests.iter().filter(|request| request.method == "POST").count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_browser_without_scripts_sends_a_report_and_reads_its_reference() {
    let gateway = Setup::new(Store::Embedded).start().await;
    let canary = Canary::new();
    let browser = Browser::phone_without_scripts().await;
    browser.go("data:text/html,<title>before</title><script>document.title='after'</script>").await;
    assert_eq!(browser.title().await, "before", "scripts run in this browser");

    browser.go(&format!("{}/?site=HN-07&lang=en", gateway.public)).await;
    assert_eq!(browser.title().await, "Write to us");
    assert_eq!(browser.value_of("#site").await, "HN-07");
    for (field, label) in [
        ("#text", "What happened?"),
        ("#site", "Place code from your link"),
        ("#place", "Where? (optional)"),
        ("#contact", "Phone number or e-mail (optional)"),
        (SEND, "Send"),
    ] {
        assert_eq!(browser.label_of(field).await, label);
    }
    browser.type_into("#text", &canary.report("They lock the fire exit at night.")).await;
    browser.type_into("#contact", &canary.email).await;
    browser.click(SEND).await;

    let reference = browser.text_of(NUMBER).await;
    assert!(Reference::parse(&reference).is_some(), "{reference}");
    browser.reload().await;
    assert_eq!(browser.text_of(NUMBER).await, reference);
    assert_eq!(browser.title().await, "Write to us");
    canary.assert_not_in_answers(&[browser.source().await]);
    assert!(browser.address().await.starts_with(&format!("{}/receipt/{reference}?", gateway.public)));
    assert_eq!(assert_stayed_at_home(&browser, &gateway).await, 1, "reloading posts nothing");
    // Whoever takes the phone finds in it that a page was open, not what was written there.
    let remembered = browser.close().await;
    assert!(remembered.iter().any(|(_, bytes)| String::from_utf8_lossy(bytes).contains("/receipt/")), "nothing was looked at");
    for (file, bytes) in remembered {
        assert_eq!(canary.traces_in(&bytes), [""; 0], "{} holds what was written", file.display());
    }

    gateway.drained().await;
    let cases = gateway.cases().await;
    assert_eq!(cases.len(), 1);
    assert_eq!(cases[0].reference.as_str(), reference);
    assert_eq!(cases[0].site.as_ref().map(channels::SiteCode::as_str), Some("HN-07"));
    assert!(cases[0].text.as_str().starts_with("They lock the fire exit at night."));
    assert!(cases[0].can_be_answered);
    assert_eq!(canary.traces_in(format!("{cases:?}").as_bytes()), [""; 0]);
    gateway.finish(&[&canary]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_form_speaks_chinese_when_asked() {
    let gateway = Setup::new(Store::Embedded).start().await;
    let canary = Canary::new();
    let browser = Browser::phone_without_scripts().await;
    browser.go(&format!("{}/?site=HN-07&lang=en", gateway.public)).await;
    browser.click(".top a[hreflang=zh-Hans]").await;

    // Found once the new page is there.
    assert_eq!(browser.label_of("html[lang=zh-Hans] #text").await, "发生了什么事？");
    assert_eq!(browser.title().await, "给我们写信");
    assert_eq!(browser.value_of("#site").await, "HN-07", "the place survives the change of language");
    browser.type_into("#text", &canary.report("老板三个月没有发工资，还扣了我们的身份证。")).await;
    browser.click(SEND).await;

    let reference = browser.text_of(NUMBER).await;
    assert_eq!(browser.attribute("html", "lang").await.as_deref(), Some("zh-Hans"));
    assert_eq!(browser.text_of("h1").await, "谢谢您，我们已收到您的信息。");
    assert_eq!(assert_stayed_at_home(&browser, &gateway).await, 1);
    gateway.drained().await;
    let cases = gateway.cases().await;
    assert_eq!(cases.len(), 1);
    assert_eq!(cases[0].reference.as_str(), reference);
    assert!(cases[0].text.as_str().starts_with("老板三个月没有发工资"));
    assert!(!cases[0].can_be_answered);
    gateway.finish(&[&canary]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_form_fits_a_small_phone_and_is_light() {
    let gateway = Setup::new(Store::Embedded).start().await;
    let canary = Canary::new();
    let browser = Browser::phone().await;
    browser.go(&gateway.public).await;
    let languages = browser.run("return [...document.querySelectorAll('.top [lang]')].map(element => element.lang);").await;
    let languages: Vec<String> = serde_json::from_value(languages).expect("a list of tags");
    assert!(languages.len() > 1);
    for language in languages {
        let path = format!("/?site=HN-07&lang={language}");
        browser.go(&format!("{}{path}", gateway.public)).await;
        assert_eq!(browser.run("return document.documentElement.lang;").await, language.as_str());
        assert_eq!(browser.run(FAULTS_ON_A_PHONE).await, json!([]), "in {language}");
        picture(&browser, &format!("form-{language}")).await;

        let request = gateway.request(reqwest::Method::GET, &path).header(ACCEPT_ENCODING, "gzip");
        let response = request.send().await.expect("the gateway answers");
        assert_eq!(response.headers()[CONTENT_ENCODING], "gzip");
        let size_bytes = response.bytes().await.expect("the answer is whole").len();
        assert!(size_bytes < 14 * 1024, "{size_bytes} bytes in {language} do not fit the first round trip");
    }
    browser.type_into("#text", &canary.report("The canteen food made twelve of us ill.")).await;
    browser.click(SEND).await;
    browser.text_of(NUMBER).await;
    assert_eq!(browser.run(FAULTS_ON_A_PHONE).await, json!([]), "on the receipt");
    picture(&browser, "receipt").await;
    assert_stayed_at_home(&browser, &gateway).await;
    browser.go(&format!("{}/no-such-page", gateway.public)).await;
    assert_eq!(browser.run(FAULTS_ON_A_PHONE).await, json!([]), "where there is no page");
    picture(&browser, "no-such-page").await;
    gateway.finish(&[&canary]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_problem_page_keeps_the_way_back() {
    let gateway = Setup::new(Store::Embedded).start().await;
    let canary = Canary::new();
    let browser = Browser::phone().await;
    browser.go(&format!("{}/?lang=en", gateway.public)).await;
    browser.click(SEND).await;
    assert_eq!(browser.run("return document.querySelector('#text').validity.valueMissing;").await, true);
    assert_eq!(browser.address().await, format!("{}/?lang=en", gateway.public), "the browser sends nothing without words");

    // Older browsers know nothing of `required`.
    browser.run("document.querySelector('#text').required = false;").await;
    browser.type_into("#contact", &canary.email).await;
    browser.click(SEND).await;
    // Only a problem page has two paragraphs there.
    assert_eq!(browser.text_of("h1 + p + p").await, "Go back with the Back button of your browser, and send again.");
    assert_eq!(browser.text_of("h1").await, "Nothing was written");
    assert_eq!(browser.text_of("h1 + p").await, "The large box was empty, so nothing was sent.");
    assert_eq!(browser.run(FAULTS_ON_A_PHONE).await, json!([]));
    picture(&browser, "problem").await;
    canary.assert_not_in_answers(&[browser.source().await]);
    assert!(gateway.cases().await.is_empty());

    browser.back().await;
    assert_eq!(browser.value_of("#contact").await, canary.email, "what was typed is still there");
    browser.type_into("#text", &canary.report("Now with words.")).await;
    browser.click(SEND).await;
    let reference = browser.text_of(NUMBER).await;
    gateway.drained().await;
    let cases = gateway.cases().await;
    assert_eq!(cases.len(), 1);
    assert_eq!(cases[0].reference.as_str(), reference);
    gateway.finish(&[&canary]).await;
}
