//! `engage check`.

use crate::cli::Failure;
use crate::cli::Output;
use crate::cli::{Format, Global};
use crate::outcome::{CheckOutcome, CommandReport, Status, to_json};
use crate::report::terminal::check_summary;
use crate::store::sqlite::maintenance::repair;
use std::time::Duration;

/// Is the store sound?
///
/// SQLite's own check of the file, and the laws that engage keeps: ranks of devices, attributes
/// that are JSON, a true catalogue, before-images that can be read. Whoever wrote to the store
/// with another tool runs it with --repair: it drops all fingerprints, so that the next import
/// judges every record anew, and makes indexes, view and catalogue anew. Customers stay as they
/// are.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  engage check
  engage check --repair

Exit codes: 0 the store is sound, 1 it is not.")]
pub(crate) struct Args {
    /// Drop all fingerprints, and make anew what can be made from all else
    #[arg(long)]
    repair: bool,
    /// How long to wait for an import, to repair
    #[arg(long, value_name = "SECONDS", default_value_t = 10, requires = "repair")]
    wait: u64,
}

/// Runs the command; gives the exit code.
pub(crate) fn run(args: &Args, global: &Global, output: &mut Output) -> Result<u8, Failure> {
    global.format.of_one_result("check")?;
    if args.repair {
        repair(global.writer(Duration::from_secs(args.wait))?)?;
        output.mark_done();
    }
    let findings = global.reader()?.check()?;
    match global.format {
        Format::Human if findings.is_empty() => {
            output.summary(&check_summary(&global.store, &findings, output.screen()))?;
        }
        Format::Human => {
            output.result(&check_summary(&global.store, &findings, output.screen()))?;
        }
        _ => {
            let sound = findings.is_empty();
            let (status, exit_code) = if sound { (Status::Sound, 0) } else { (Status::Unsound, 1) };
            let found = CheckOutcome { sound, findings: findings.clone() };
            let report = CommandReport::new("check", status, exit_code, found);
            output.result(&format!("{}\n", to_json(&report)))?;
        }
    }
    if findings.is_empty() {
        return Ok(0);
    }
    let mut failure = Failure::failed(format!("{} is not sound", global.store.display()));
    if !args.repair && findings.iter().any(|finding| finding.repairable) {
        failure = failure.hint("engage check --repair makes anew what can be made from all else");
    }
    Err(failure.hint("restore a backup, or keep the file and ask who else writes to it"))
}
