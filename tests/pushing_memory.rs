//! The memory of a push does not depend on the number of customers.
#![cfg(target_os = "linux")]

use crate::engage_api::EngageApi;
use crate::pushing::{command, imported};
use std::fmt::Write as _;
use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// The limit in KiB.
const MOST: u64 = 60 << 10;

/// `ENGAGE_PUSH_CUSTOMERS=200000` pushes that many customers, and prints the rate and the memory.
#[test]
#[allow(clippy::print_stderr, reason = "the figures are for docs/push.md")]
fn many_customers_take_no_more_memory() {
    let customers = std::env::var("ENGAGE_PUSH_CUSTOMERS").ok();
    let customers: usize = customers.map_or(10_000, |count| count.parse().unwrap());
    let mut file = "id,first name,email,plan,city,monthly_usage\n".to_owned();
    for row in 0..customers {
        let _ = writeln!(file, "u-{row},Ada,c{row}@example.org,Pro,Lagos,{}.50", row % 900);
    }
    let (api, sandbox) = (EngageApi::start(), imported(&file));
    drop(file);
    api.forget_requests();
    for arguments in [&["push", "--rate", "0"][..], &["push", "--rate", "0", "--batch", "--all"]] {
        let started = Instant::now();
        let mut command = command(&sandbox, &api, arguments);
        command.stdout(Stdio::null()).stderr(Stdio::null()).env("ENGAGE_TIME_SCALE", "1");
        let mut child = command.spawn().unwrap();
        let status = format!("/proc/{}/status", child.id());
        let mut most = 0;
        let exit = loop {
            let text = std::fs::read_to_string(&status).unwrap_or_default();
            let peak = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            let peak = peak.and_then(|it| it.trim().trim_end_matches(" kB").parse::<u64>().ok());
            most = most.max(peak.unwrap_or_default());
            if let Some(exit) = child.try_wait().unwrap() {
                break exit;
            }
            sleep(Duration::from_millis(20));
        };
        assert_eq!(exit.code(), Some(0));
        let rate = customers as f64 / started.elapsed().as_secs_f64();
        eprintln!("{arguments:?}: {rate:.0} customers a second, {most} KiB");
        assert!(most > 1 << 10 && most <= MOST, "{most} KiB");
    }
    assert_eq!(api.user_count(), customers);
}
