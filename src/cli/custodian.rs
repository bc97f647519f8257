//! `custodian keygen`: makes the key pair of whoever may read originals.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use channels::CustodianSecret;
use clap::{Args, Subcommand};
use zeroize::Zeroizing;

use crate::clock::{Rng, SystemRng};

pub(super) const EXAMPLE: &str = "Example, on the custodian's own machine:
  pmm-gateway custodian keygen --out /media/stick";

#[derive(Args)]
pub(super) struct CustodianArguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Make a key pair: custodian.key, which opens originals, and custodian.pub, which seals them.
    Keygen {
        /// The folder for the two files
        #[arg(long, value_name = "DIR", default_value = ".")]
        out: PathBuf,
    },
}

pub(super) fn run(arguments: &CustodianArguments) -> anyhow::Result<ExitCode> {
    let Action::Keygen { out } = &arguments.action;
    let (secret_file, public_file) = (out.join("custodian.key"), out.join("custodian.pub"));
    // Both are looked at before one is made.
    for file in [&secret_file, &public_file] {
        if file.exists() {
            anyhow::bail!("{} is there already and is not overwritten: what it seals would be lost", file.display());
        }
    }
    let mut seed = Zeroizing::new([0; 32]);
    SystemRng.fill(seed.as_mut());
    let secret = CustodianSecret::from_seed(&seed);
    let public = secret.key().written();
    write(&secret_file, &secret.written(), 0o600)?;
    write(&public_file, &public, 0o644)?;
    Ok(super::print(&format!(
        "{secret}  opens originals. Keep it away from the gateway, and a copy of it somewhere safe:
    without it nobody can ever read them.
{public_name}  seals originals. Give it to whoever looks after the gateway.

Next, in the gateway's configuration, then restart it:

  [custodian]
  public_key = \"{public}\"

Reports that come in from then on keep a sealed original. To read one:

  pmm-gateway unseal K7MQ-4XPD --reason \"why\" --export original.sealed    at the gateway
  pmm-gateway unseal --blob original.sealed --key {secret}    on the custodian's machine
",
        secret = secret_file.display(),
        public_name = public_file.display(),
    )))
}

fn write(file: &Path, text: &str, mode: u32) -> anyhow::Result<()> {
    let cannot = |_| anyhow::anyhow!("{} cannot be written: check who owns the folder", file.display());
    let mut out = OpenOptions::new().write(true).create_new(true).mode(mode).open(file).map_err(cannot)?;
    out.write_all(text.as_bytes()).and_then(|()| out.write_all(b"\n")).and_then(|()| out.sync_all()).map_err(cannot)
}
