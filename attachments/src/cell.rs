//! The child: shuts itself in, reads one file from standard input, writes one frame to standard output.
//!
//! What it gives up, before it reads a byte: new open files and sockets, files at all, new processes, core dumps, memory
//! beyond a bound, time beyond a bound, and every system call but the few that computing takes. A file that takes over the
//! parser finds itself in a process that can compute, answer and end.

use std::io::{Read, Write};

use crate::limits::MAX_BYTES_IN;
use crate::outcome::{Notice, Outcome, Verdict};
use crate::{Kind, clean, frame};

/// The machine cannot keep the child in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this machine cannot contain the process")]
pub struct NotContained;

/// Runs the child: shuts in, reads, cleans, answers. `false` when the answer could not be given.
#[must_use]
pub fn run(input: &mut dyn Read, output: &mut dyn Write) -> bool {
    let outcome = match shut_in() {
        Ok(()) => {
            let mut bytes = Vec::new();
            // One byte more than is looked at, so that a file that is too large is seen to be.
            let most = u64::try_from(MAX_BYTES_IN).unwrap_or(u64::MAX).saturating_add(1);
            match input.take(most).read_to_end(&mut bytes) {
                Ok(_) => clean(&bytes),
                Err(_) => return false,
            }
        }
        Err(NotContained) => Outcome { kind: Kind::Unknown, verdict: Verdict::Sealed(Notice::NotContained) },
    };
    frame::write(&outcome, output).is_ok()
}

/// Gives up every right that computing does not take. Cannot be undone in this process.
///
/// # Errors
/// [`NotContained`] when the machine does not do it: then no file may be read.
#[cfg(target_os = "linux")]
pub fn shut_in() -> Result<(), NotContained> {
    bound()?;
    forbid()
}

/// Other systems have no such thing that would hold.
///
/// # Errors
/// Always.
#[cfg(not(target_os = "linux"))]
pub fn shut_in() -> Result<(), NotContained> {
    Err(NotContained)
}

#[cfg(target_os = "linux")]
fn bound() -> Result<(), NotContained> {
    use rustix::process::{
        DumpableBehavior, Resource, Rlimit, Signal, set_dumpable_behavior, set_parent_process_death_signal, setrlimit,
    };

    use crate::limits::{CHILD_ADDRESS_SPACE_BYTES, PATIENCE};

    let limit =
        |resource, most: u64| setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) }).map_err(|_| NotContained);
    limit(Resource::As, CHILD_ADDRESS_SPACE_BYTES)?;
    limit(Resource::Cpu, PATIENCE.as_secs())?;
    limit(Resource::Fsize, 0)?;
    limit(Resource::Core, 0)?;
    limit(Resource::Nproc, 0)?;
    // Those that are open stay; no file and no socket can be opened any more.
    limit(Resource::Nofile, 0)?;
    // No other program of the same user may look into this one, and it does not outlive the gateway.
    set_dumpable_behavior(DumpableBehavior::NotDumpable).map_err(|_| NotContained)?;
    set_parent_process_death_signal(Some(Signal::KILL)).map_err(|_| NotContained)
}

/// Everything else that a program may ask of the system is answered with "not permitted".
#[cfg(target_os = "linux")]
fn forbid() -> Result<(), NotContained> {
    use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, TargetArch, apply_filter};

    let rules = ALLOWED.iter().map(|number| (*number, Vec::new())).collect();
    let architecture = TargetArch::try_from(std::env::consts::ARCH).map_err(|_| NotContained)?;
    let forbidden = u32::try_from(rustix::io::Errno::PERM.raw_os_error()).map_err(|_| NotContained)?;
    let filter = SeccompFilter::new(rules, SeccompAction::Errno(forbidden), SeccompAction::Allow, architecture);
    let program: BpfProgram = filter.map_err(|_| NotContained)?.try_into().map_err(|_| NotContained)?;
    apply_filter(&program).map_err(|_| NotContained)
}

/// Reading and writing what is open, memory, the clock, chance, signals of its own, and the end.
#[cfg(target_os = "linux")]
const ALLOWED: [libc::c_long; 27] = [
    libc::SYS_read,
    libc::SYS_readv,
    libc::SYS_write,
    libc::SYS_writev,
    libc::SYS_close,
    libc::SYS_brk,
    libc::SYS_mmap,
    libc::SYS_munmap,
    libc::SYS_mremap,
    libc::SYS_mprotect,
    libc::SYS_madvise,
    libc::SYS_futex,
    libc::SYS_getrandom,
    libc::SYS_clock_gettime,
    libc::SYS_gettimeofday,
    libc::SYS_sched_yield,
    libc::SYS_sched_getaffinity,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sigaltstack,
    libc::SYS_gettid,
    libc::SYS_getpid,
    libc::SYS_restart_syscall,
    libc::SYS_fstat,
    libc::SYS_exit,
    libc::SYS_exit_group,
];
