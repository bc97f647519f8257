//! `process`: the pipeline as a filter. JSON lines in, anonymised and triaged JSON lines out, in the same order.
//!
//! Lines are worked on by every core in small batches; how many are in hand at once is bounded, so that a million lines
//! need no more memory than a thousand.

mod output;
mod parallel;

use std::io::{BufReader, BufWriter};
use std::path::Path;
use std::process::ExitCode;

use clap::Args;

use crate::clock::{Rng, SystemRng};

pub(super) const EXAMPLE: &str = "Example:
  echo '{\"id\":\"1\",\"channel\":\"sms\",\"from\":\"+84905550123\",\"text\":\"no pay for 3 months, call 0905550123\"}' | pmm-gateway process

Each line needs an id and a text (or eml, the path of a mail); channel, from, name, subject and hints may be added.
A bad line gives {\"id\":…,\"error\":…}, the rest goes on, and the exit status is 1 at the end.";

#[derive(Args)]
pub(super) struct ProcessArguments {
    /// How many lines are worked on at once [default: one for each core]
    #[arg(long, value_name = "N")]
    threads: Option<std::num::NonZeroUsize>,
}

pub(super) fn run(file: Option<&Path>, arguments: &ProcessArguments) -> anyhow::Result<ExitCode> {
    let config = super::load_untouched(file)?;
    let stages = config.stages()?;
    // A key of this run only: the same sender has the same pseudonym within it, and nobody can tell afterwards whose it was.
    let mut bytes = [0; 32];
    SystemRng.fill(&mut bytes);
    let pepper = channels::PseudonymKey::new(bytes);
    let cores = std::thread::available_parallelism().unwrap_or(std::num::NonZeroUsize::MIN);
    let n_threads = arguments.threads.unwrap_or(cores).get();
    let input = BufReader::with_capacity(1 << 16, std::io::stdin());
    let output = BufWriter::with_capacity(1 << 16, std::io::stdout());
    let all_good = parallel::run(input, output, n_threads, &|line| output::answer(line, &stages, &pepper))?;
    Ok(if all_good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
