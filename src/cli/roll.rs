//! `roll`: does the nightly work now.

use std::path::Path;
use std::process::ExitCode;

pub(super) const EXAMPLE: &str = "Example:
  pmm-gateway forget K7MQ-4XPD && pmm-gateway roll

Run it on the machine with the reply folder. The gateway may be running.";

pub(super) fn run(file: Option<&Path>) -> anyhow::Result<ExitCode> {
    let config = super::load_untouched(file)?;
    super::runtime()?.block_on(async {
        let vault = super::vault(&config)?;
        vault.expire(config.vault.policy.retention).await?;
        let rolled = vault.roll(&mut |_| true).await?;
        let lost = match rolled.n_lost {
            0 => String::new(),
            n_lost => format!("{n_lost} could not be opened by anything in the reply folder and are lost.\n"),
        };
        Ok(super::print(&format!(
            "Epoch {} has begun; {} sealed keys were moved to it, and the older secrets are destroyed.\n{lost}",
            rolled.epoch, rolled.n_moved
        )))
    })
}
