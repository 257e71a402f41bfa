//! An undo or a forget that is killed, or that meets a disk error, is complete or has no effect;
//! the next change completes it.
#![cfg(target_os = "linux")]

use crate::crashes::{LAYER, points};
use crate::forgetting::{traces, with_traces};
use crate::sandbox::{Run, Sandbox};
use std::fs;

fn copy_of(base: &Sandbox) -> Sandbox {
    let copy = Sandbox::new();
    for name in base.files() {
        fs::copy(base.path(&name), copy.path(&name)).unwrap();
    }
    copy
}

fn start(sandbox: &Sandbox, arguments: &[&str], faults: &[(&str, &str)]) -> Run {
    let mut command = sandbox.command(arguments);
    command.env("LD_PRELOAD", &LAYER.1).envs(faults.iter().copied()).output().unwrap().into()
}

/// How many file operations the command makes.
fn calls(base: &Sandbox, arguments: &[&str]) -> u64 {
    let trial = copy_of(base);
    let count = trial.path("count");
    assert_eq!(start(&trial, arguments, &[("FAULT_COUNT", count.to_str().unwrap())]).code, 0);
    trial.read("count").parse().unwrap()
}

fn faults(base: &Sandbox, arguments: &[&str], each: impl Fn(&Sandbox, &Run, &str)) {
    let calls = calls(base, arguments);
    for kind in ["kill", "half", "full", "sync"] {
        for point in points(calls) {
            let sandbox = copy_of(base);
            let at = point.to_string();
            let run = start(&sandbox, arguments, &[("FAULT_AT", &at), ("FAULT_KIND", kind)]);
            each(&sandbox, &run, &format!("{kind} at call {point} of {calls}"));
            let check = sandbox.run(&["check"]);
            assert_eq!(check.code, 0, "{kind} at call {point}: {check:?}");
        }
    }
}

#[test]
fn a_killed_undo_is_complete_or_absent() {
    let rows = |plan: &str| -> String {
        (0..300).fold("id,plan,device_token,device_platform\n".to_owned(), |all, id| {
            format!("{all}u{id},{plan},{plan}{id},ios\n")
        })
    };
    let base = Sandbox::with("u.csv", rows("Free"));
    base.run(&["import", "u.csv"]);
    let before = base.exported();
    base.write("u.csv", rows("Pro") + "new,Pro,n,ios\n");
    base.run(&["import", "u.csv"]);
    let after = base.exported();
    faults(&base, &["undo"], |sandbox, run, what| {
        let done = sandbox.history().iter().any(|line| line["kind"] == "undo");
        assert!(sandbox.exported() == *if done { &before } else { &after }, "{what}: {run:?}");
        if !done {
            let again = sandbox.run(&["undo"]);
            assert_eq!(again.code, 0, "{what}: {again:?}");
            assert_eq!(sandbox.exported(), before, "{what}");
        }
    });
}

#[test]
fn a_killed_forget_is_complete_or_absent_and_the_next_change_erases() {
    let base = with_traces();
    faults(&base, &["forget", "zebra-77"], |sandbox, run, what| {
        let customers = sandbox.count();
        let done = customers == 300;
        assert!(done || customers == 301, "{what}: {customers}");
        let pending = sandbox.sql("SELECT count(*) FROM settings WHERE name = 'erasing'") == ["1"];
        // After a fault later than the deletion, the command succeeds but has bytes left to erase.
        let codes: &[i32] = if done { &[-1, 0, 3] } else { &[-1, 1] };
        assert!(codes.contains(&run.code), "{what}: {run:?}");
        if !done || pending {
            let again = sandbox.run(&["forget", "zebra-77"]);
            assert_eq!(again.code, 0, "{what}: {again:?}");
        }
        assert_eq!(traces(sandbox), [""; 0], "{what}: {run:?}");
        assert_eq!(sandbox.count(), 300, "{what}");
    });
}
