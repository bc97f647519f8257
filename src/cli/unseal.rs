//! `unseal`: an original for the custodian. The gateway's half writes the request down and takes its own seal off; the
//! custodian's half, on any machine and without a network, takes off the other.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use channels::{Bound, CustodianSecret, HandedOut, VaultId};
use clap::Args;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::audit::Reason;
use crate::case::Reference;

pub(super) const EXAMPLE: &str = "Examples:
  pmm-gateway unseal K7MQ-4XPD --reason \"life in danger\" --export original.sealed    at the gateway
  pmm-gateway unseal --blob original.sealed --key custodian.key                        on the custodian's machine
  pmm-gateway unseal K7MQ-4XPD --reason \"life in danger\" --key custodian.key           both in one, if the key is here";

#[derive(Args)]
pub(super) struct UnsealArguments {
    /// The case's reference
    #[arg(value_parser = super::reference, required_unless_present = "blob", conflicts_with = "blob", requires = "reason")]
    reference: Option<Reference>,
    /// Why, in words that name nobody. It is written into the audit log
    #[arg(long, value_name = "WORDS", value_parser = reason)]
    reason: Option<Reason>,
    /// The custodian's secret key
    #[arg(long, value_name = "FILE", required_unless_present = "export")]
    key: Option<PathBuf>,
    /// Write the original here, still sealed to the custodian
    #[arg(long, value_name = "FILE", conflicts_with_all = ["key", "blob"])]
    export: Option<PathBuf>,
    /// Read what was exported
    #[arg(long, value_name = "FILE", conflicts_with = "reason", requires = "key")]
    blob: Option<PathBuf>,
}

/// A handed out original as a file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct BlobRecord {
    v: u32,
    vault: String,
    case: String,
    sealed: String,
}

const FORMAT: u32 = 1;

/// What the custodian's key is tried on.
struct Blob {
    vault: VaultId,
    case: Reference,
    handed_out: HandedOut,
}

fn reason(written: &str) -> Result<Reason, &'static str> {
    Reason::parse(written)
        .ok_or("say it in 3 to 200 characters on one line, without telephone numbers and addresses: the log is read by others")
}

pub(super) fn run(file: Option<&Path>, arguments: UnsealArguments) -> anyhow::Result<ExitCode> {
    // A key that is not one must be known before anything is written down or handed out.
    let secret = arguments.key.as_deref().map(read_key).transpose()?;
    if let (Some(blob), Some(secret)) = (&arguments.blob, &secret) {
        return show(&read_blob(blob)?, secret);
    }
    let (Some(case), Some(reason)) = (arguments.reference, arguments.reason) else {
        anyhow::bail!("name a case and a reason, or a blob and a key; `pmm-gateway unseal --help` shows how");
    };
    match (arguments.export, secret) {
        (Some(export), _) => {
            // Made before anything is handed out: a folder that takes no file would make an entry for nothing.
            let cannot = |_| anyhow::anyhow!("{} is there already, or cannot be written", export.display());
            let mut out = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&export).map_err(cannot)?;
            let written = hand_out(file, case, reason)
                .and_then(|blob| out.write_all(written(&blob).as_bytes()).and_then(|()| out.sync_all()).map_err(cannot));
            if let Err(error) = written {
                drop(fs::remove_file(&export));
                return Err(error);
            }
            Ok(super::print(&format!(
                "{} holds the original, sealed to the custodian. Take it there and say:\n\n  pmm-gateway unseal --blob {} --key custodian.key\n",
                export.display(),
                export.display()
            )))
        }
        (None, Some(secret)) => show(&hand_out(file, case, reason)?, &secret),
        (None, None) => anyhow::bail!("name the custodian's key with --key, or a file for it with --export"),
    }
}

/// The gateway's half.
fn hand_out(file: Option<&Path>, case: Reference, reason: Reason) -> anyhow::Result<Blob> {
    let config = super::load_untouched(file)?;
    super::runtime()?.block_on(async {
        let vault = super::vault(&config)?;
        let handed_out = vault.hand_out(&case, reason).await?;
        Ok(Blob { vault: vault.id(), case, handed_out })
    })
}

/// The custodian's half.
fn show(blob: &Blob, secret: &CustodianSecret) -> anyhow::Result<ExitCode> {
    let bound = Bound { vault: blob.vault, case: blob.case.as_str() };
    let mut words = Zeroizing::new(Vec::new());
    blob.handed_out.read_out(bound, secret, &mut *words).map_err(|_| {
        anyhow::anyhow!("this key does not open this original: it was sealed to another custodian, or is damaged")
    })?;
    let words = Zeroizing::new(super::tame(&String::from_utf8_lossy(&words)));
    Ok(super::print(&words))
}

fn read_key(file: &Path) -> anyhow::Result<CustodianSecret> {
    let text = fs::read_to_string(file).map(Zeroizing::new);
    let text = text.map_err(|_| anyhow::anyhow!("{} cannot be read: check its name and who may read it", file.display()))?;
    CustodianSecret::parse(&text)
        .ok_or_else(|| anyhow::anyhow!("{} holds no custodian's secret key: it is the file custodian.key", file.display()))
}

fn written(blob: &Blob) -> String {
    let record = BlobRecord {
        v: FORMAT,
        vault: hex::encode(blob.vault.to_bytes()),
        case: blob.case.to_string(),
        sealed: STANDARD.encode(blob.handed_out.as_bytes()),
    };
    serde_json::to_string(&record).expect("a record of strings is always valid JSON") + "\n"
}

fn read_blob(file: &Path) -> anyhow::Result<Blob> {
    let text = fs::read_to_string(file);
    let text = text.map_err(|_| anyhow::anyhow!("{} cannot be read: check its name and who may read it", file.display()))?;
    parse_blob(&text).ok_or_else(|| anyhow::anyhow!("{} was not written by `pmm-gateway unseal --export`", file.display()))
}

fn parse_blob(text: &str) -> Option<Blob> {
    let record: BlobRecord = serde_json::from_str(text).ok().filter(|record: &BlobRecord| record.v == FORMAT)?;
    let mut vault = [0; 32];
    hex::decode_to_slice(&record.vault, &mut vault).ok()?;
    Some(Blob {
        vault: VaultId::new(vault),
        case: Reference::parse(&record.case)?,
        handed_out: HandedOut::from_bytes(STANDARD.decode(&record.sealed).ok()?),
    })
}
