//! Originals: sealed when a report comes in, handed out only with an entry in the audit log, read by the custodian alone.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::harness::canary::Canary;
use crate::harness::gateway::{Gateway, Setup, Store};
use crate::harness::process::try_run;

/// Makes a custodian and gives the public key.
fn keygen(folder: &Path) -> String {
    let (is_good, said) = try_run(&["custodian", "keygen", "--out", folder.to_str().expect("text")], Path::new("none"), &[]);
    assert!(is_good, "{said}");
    let written = std::fs::read_to_string(folder.join("custodian.pub")).expect("it was made").trim().to_owned();
    assert!(said.contains(&written), "it says what to write where");
    written
}

async fn with_report(store: Store, custodian: &str, canary: &Canary, more: &str) -> (Gateway, String) {
    let settings = format!("[custodian]\npublic_key = \"{custodian}\"\n{more}");
    let gateway = Setup::new(store).with(&settings).start().await;
    let answer = gateway.send_sms(&canary.message_id, &canary.phone, &canary.report("the exit is locked.")).await;
    assert_eq!(answer.status.as_u16(), 200);
    gateway.drained().await;
    let reference = gateway.cases().await[0].reference.to_string();
    (gateway, reference)
}

fn path(folder: &Path, name: &str) -> String {
    folder.join(name).to_str().expect("text").to_owned()
}

crate::on_both_stores! {
    async fn the_custodian_reads_an_original_and_the_gateway_writes_it_down(store: Store) {
        let folder = tempfile::tempdir().expect("a folder");
        let key = keygen(folder.path());
        let canary = Canary::new();
        let (gateway, case) = with_report(store, &key, &canary, "").await;
        let (blob, key_file) = (path(folder.path(), "original.sealed"), path(folder.path(), "custodian.key"));
        // A night in between changes nothing.
        assert!(gateway.command(&["roll"]).0);

        for refused in [
            vec!["unseal", &case, "--export", &blob],
            vec!["unseal", &case, "--export", &blob, "--reason", "call 0905550123"],
            vec!["unseal", &case, "--export", &blob, "--reason", "x"],
            vec!["unseal", &case, "--reason", "life in danger"],
            vec!["unseal", &case, "--key", &key_file],
            vec!["unseal"],
            vec!["unseal", "--blob", &blob],
            vec!["unseal", "--blob", &blob, "--key", &key_file],
            vec!["unseal", &case, "--reason", "life in danger", "--key", &blob],
        ] {
            assert!(!gateway.command(&refused).0, "{refused:?}");
        }
        assert!(!Path::new(&blob).exists(), "a refused export leaves no file");
        assert!(!gateway.command(&["audit"]).1.contains("handed out"), "what was refused was not handed out");

        let (is_good, said) = gateway.command(&["unseal", &case, "--reason", "life in danger", "--export", &blob]);
        assert!(is_good, "{said}");
        assert_eq!(std::fs::metadata(&blob).expect("it is there").permissions().mode() & 0o777, 0o600);
        assert!(!gateway.command(&["unseal", &case, "--reason", "life in danger", "--export", &blob]).0, "nothing is overwritten");
        assert_eq!(canary.traces_in(&std::fs::read(&blob).expect("it reads")), [""; 0]);

        // The other machine: no configuration, no store, no folder.
        let (is_good, original) = try_run(&["unseal", "--blob", &blob, "--key", &key_file], Path::new("none"), &[]);
        assert!(is_good, "{original}");
        assert!(original.contains(&canary.email) && original.contains(&canary.phone), "{original}");
        let others = tempfile::tempdir().expect("a folder");
        keygen(others.path());
        let (is_good, said) = try_run(&["unseal", "--blob", &blob, "--key", &path(others.path(), "custodian.key")], Path::new("none"), &[]);
        assert!(!is_good && said.contains("another custodian") && canary.traces_in(said.as_bytes()).is_empty(), "{said}");

        // Both halves in one, where the key is at the gateway.
        let (is_good, original) =
            gateway.command_unsearched(&["unseal", &case, "--reason", "court order", "--key", &key_file]);
        assert!(is_good && original.contains(&canary.email));

        let (_, audit) = gateway.command(&["audit"]);
        assert_eq!(audit.matches(&format!("original of {case} handed out")).count(), 2, "{audit}");
        assert!(audit.contains("life in danger") && audit.contains("court order"));
        assert!(gateway.command(&["audit", "verify"]).1.contains("in one chain"));

        // Forgotten is forgotten for the custodian as well.
        assert!(gateway.command(&["forget", &case]).0);
        let (is_good, said) = gateway.command(&["unseal", &case, "--reason", "life in danger", "--key", &key_file]);
        assert!(!is_good && said.contains("nothing is kept"), "{said}");
        gateway.finish(&[&canary]).await;
    }

    async fn no_original_is_kept_without_a_custodian_or_for_no_days(store: Store) {
        let folder = tempfile::tempdir().expect("a folder");
        let key = keygen(folder.path());
        let canary = Canary::new();
        let (gateway, case) = with_report(store, &key, &canary, "original_days = 0").await;
        let case = pmm_gateway::case::Reference::parse(&case).expect("a reference");
        assert_eq!(gateway.store().original(&case).await, Ok(None));
        gateway.finish(&[&canary]).await;
    }
}

#[tokio::test]
async fn a_broken_audit_log_hands_nothing_out() {
    let folder = tempfile::tempdir().expect("a folder");
    let key = keygen(folder.path());
    let canary = Canary::new();
    let (gateway, case) = with_report(Store::Embedded, &key, &canary, "").await;
    let key_file = path(folder.path(), "custodian.key");
    let unseal = ["unseal", &case, "--reason", "life in danger", "--key", &key_file];
    for _ in 0..3 {
        assert!(gateway.command_unsearched(&unseal).0);
    }
    let log = gateway.folder().join("data/audit.log");
    assert_eq!(std::fs::metadata(&log).expect("it is there").permissions().mode() & 0o777, 0o600);
    let noted = gateway.command(&["audit", "verify"]).1.lines().last().expect("a hash").to_owned();
    let whole = std::fs::read_to_string(&log).expect("it reads");
    assert!(gateway.command(&["audit", "verify", "--noted", &noted]).0);

    std::fs::write(&log, whole.replacen("life in danger", "a mere routine", 1)).expect("it writes");
    let (is_good, said) = gateway.command(&["audit", "verify"]);
    assert!(!is_good && said.contains("broken at line 1"), "{said}");
    // Written anew from the start it is a chain, but not the one whose hash was noted.
    std::fs::remove_file(&log).expect("it goes");
    assert!(gateway.command_unsearched(&unseal).0);
    assert!(gateway.command(&["audit", "verify"]).0);
    let (is_good, said) = gateway.command(&["audit", "verify", "--noted", &noted]);
    assert!(!is_good && said.contains("not in the audit log"), "{said}");
    // A log that cannot be written to: nothing is shown.
    std::fs::write(&log, "no such line\n").expect("it writes");
    let (is_good, said) = gateway.command(&unseal);
    assert!(!is_good && canary.traces_in(said.as_bytes()).is_empty(), "{said}");
    gateway.finish(&[&canary]).await;
}

#[test]
fn keys_are_private_and_never_overwritten() {
    let folder = tempfile::tempdir().expect("a folder");
    let key = keygen(folder.path());
    let mode = |name: &str| std::fs::metadata(folder.path().join(name)).expect("it is there").permissions().mode() & 0o777;
    assert_eq!((mode("custodian.key"), mode("custodian.pub")), (0o600, 0o644));
    let again = |expect: &str| {
        let out = folder.path().to_str().expect("text");
        let (is_good, said) = try_run(&["custodian", "keygen", "--out", out], Path::new("none"), &[]);
        assert!(!is_good && said.contains(expect) && said.contains("not overwritten"), "{said}");
    };
    again("custodian.key");
    std::fs::remove_file(folder.path().join("custodian.key")).expect("it goes");
    again("custodian.pub");
    assert!(!folder.path().join("custodian.key").exists(), "half a pair was made");
    assert_eq!(std::fs::read_to_string(folder.path().join("custodian.pub")).expect("it reads").trim(), key);
}
